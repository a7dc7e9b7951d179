"""Erasure of a learner, figures that can still be verified, and retention."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from api.clock import new_id, now
from api.rounds import attesting, retention, snapshots
from api.rounds.attesting import RunFacts, figures
from api.rounds.packing import unpack_text
from api.runs import leases
from api.runs.leases import Ending
from api.runs.states import FailureKind
from api.store import chain
from api.store.schema import (
    AuditEntry,
    Change,
    Erasure,
    Replay,
    ResultFile,
    RoundRecord,
    Run,
    RunEvent,
    Snapshot,
    Upload,
)
from api.web.routes import erasures
from matcher import match
from models.round import Round
from tests.api.collecting.people import CSV, FIRST, People
from tests.strategies import random_round


def run_on(people: People, **request: Any) -> str:
    """A finished run on the round's snapshot, with the files that the command line would write."""
    with people.service.store.writing() as session:
        record = session.get_one(RoundRecord, people.round_id)
        assert record.snapshot_id is not None
        snapshot = session.get_one(Snapshot, record.snapshot_id)
        facts = RunFacts(request.get("policy"), request.get("locks", ()), b"")
        result = match(attesting.asked(snapshots.unpack(snapshot.content), facts))
        run = Run(
            id=new_id(),
            round_id=record.id,
            snapshot_id=snapshot.id,
            base_run_id=None,
            name="a run",
            request=request,
            state="finished",
            progress={},
            attempts=1,
            lease=None,
            lease_until=None,
            worker=None,
            cancel=False,
            failure=None,
            created_by="cora",
            created_at=now(),
            started_at=None,
            ended_at=now(),
        )
        session.add(run)
        session.flush()
        names = "".join(result.round.learners["id"].tolist())
        page = f"<p>{names}</p>".encode()
        files = dict(result.files) | {
            "report.json": json.dumps(result.report).encode(),
            "report.html": page,
        }
        for name, content in files.items():
            digest = hashlib.sha256(content).hexdigest()
            session.add(
                ResultFile(run_id=run.id, name=name, digest=digest, size=len(content), content=content)
            )
        return run.id


def wish(learner: str) -> dict[str, str]:
    """A request for erasure."""
    return {"learner_id": learner, "reason": "the learner asked for it"}


def everything(people: People) -> str:
    """All that the store holds of the round, as text."""
    with people.service.store.reading() as session:
        texts = [unpack_text(one.content) for one in session.query(Upload)]
        for snapshot in session.query(Snapshot):
            if snapshot.content:
                rnd = snapshots.unpack(snapshot.content)
                texts += [str(table.frame().to_dict()) for table in rnd.tables.values()]
        texts += [one.content.decode() for one in session.query(ResultFile)]
        texts += [one.reason for one in session.query(Change)]
        return "\n".join(texts)


def test_nothing_personal_is_left_and_figures_still_verify(people: People) -> None:
    """A placed learner is erased: no value of theirs is anywhere, digests stay, every run's figures are equal."""
    people.parts = dict(people.parts) | {
        ("micro_credentials", "ccis"): "learner_id,title,field\nL2,Secret welding,0715\n",
        ("affinity", ""): "learner_id,host_id,score\nL2,zni,77\n",
        ("locks", ""): "learner_id,kind,host_id\nL2,pin,zni\n",
    }
    people.freeze()
    plain = run_on(people)
    run_on(people, policy={"goals": ["placed", "equity", "kept", "fit", "cost"], "min_profile_fit": 0})
    url = people.url("/verification")
    before = people.coordinator.get(url).json()
    assert before["equal"], before
    assert len(before["runs"]) == 2
    with people.service.store.reading() as session:
        digest = session.query(Snapshot).one().digest
    answer = people.partner("ccis").post(people.url("/erasures"), json=wish("L2"))
    assert answer.status_code == 201, answer.text
    left = everything(people)
    for secret in ("2005-01-31", "Secret welding", "rural", "L2,77"):
        assert secret not in left, secret
    after = people.coordinator.get(url).json()
    assert after["equal"], after
    assert after["erased"] == 1
    assert [one["goals"] for one in after["runs"]] == [one["goals"] for one in before["runs"]]
    assert {one["snapshot_digest"] for one in after["runs"]} == {digest}
    entry = people.coordinator.get(people.url("/log?limit=1")).json()["items"][0]
    assert (entry["action"], entry["subject"]) == ("learner.erase", "L2")
    assert "learners.birth_date" in entry["details"]["fields"]
    assert digest in entry["details"]["snapshots"].values()
    assert "2005" not in json.dumps(entry["details"])
    with people.service.store.reading() as session:
        assert not list(chain.verify(session))
        facts = session.query(Erasure).one().attested["runs"][plain]
        assert facts["placed"] in {True, False}
        assert set(facts["rules"]) >= {"profile", "dates", "language", "age", "needs"}


def test_figures_that_were_changed_are_noticed(people: People) -> None:
    """A report, or a fact that was attested, with another number: not equal."""
    people.freeze()
    run = run_on(people)
    with people.service.store.writing() as session:
        file = session.get_one(ResultFile, (run, "report.json"))
        report = json.loads(file.content)
        report["goals"][0]["value"] += 1
        file.content = json.dumps(report).encode()
    assert not people.coordinator.get(people.url("/verification")).json()["equal"]


def test_analysts_learn_that_a_rule_is_broken_but_not_by_whom(people: People) -> None:
    """The sentences of a verification name learners: they are the coordinators'."""
    people.freeze()
    run = run_on(people)
    with people.service.store.writing() as session:
        file = session.get_one(ResultFile, (run, "placements.csv"))
        file.content = file.content.splitlines()[0] + b"\nL3,zni,c1,o1,f1,2022-09-12,2022-10-09,1,1\n"
    url = people.url("/verification")
    whole, part = (one.get(url).json() for one in (people.coordinator, people.analyst))
    assert any("L3" in sentence for sentence in whole["runs"][0]["breaches"])
    run_seen = part["runs"][0]
    assert (part["equal"], run_seen["equal"], run_seen["breaches"]) == (False, False, [erasures.KEPT_BACK])


def test_an_erased_learner_cannot_be_put_back(people: People) -> None:
    """Old versions are stale, the id is refused in later uploads, and rolling back brings nothing back."""
    people.load_all()
    people.load("learners", "ccis", If_Match='"1"')
    ccis, url = people.partner("ccis"), people.url("/tables/learners")
    assert ccis.post(people.url("/erasures"), json=wish("L2")).status_code == 201
    assert people.load("learners", "ccis", If_Match='"2"').status_code == 412
    refused = people.load("learners", "ccis", If_Match='"3"')
    assert refused.status_code == 422
    assert [(one["row"], one["column"]) for one in refused.json()["errors"]] == [(3, "id")]
    restored = ccis.post(f"{url}/uploads/1/restore", headers={"If-Match": '"3"'})
    assert restored.status_code == 200, restored.text
    assert [one["id"] for one in ccis.get(url).json()["items"]] == ["L1"]
    assert [one["rows"] for one in ccis.get(f"{url}/uploads").json()] == [1, 1, 1]
    people.move("collecting")
    assert people.move("frozen").status_code == 200


def test_only_the_sender_and_the_coordinator_erase(people: People) -> None:
    """A foreign learner cannot be told from none; hosts and analysts never; again there is nothing left to erase."""
    people.freeze()
    cem, url = people.partner("cem"), people.url("/erasures")
    foreign, unknown = cem.post(url, json=wish("L1")), cem.post(url, json=wish("none"))
    assert (foreign.status_code, foreign.json()) == (unknown.status_code, unknown.json())
    assert foreign.status_code == 404
    assert people.partner("zni").post(url, json=wish("L1")).status_code == 403
    assert people.analyst.post(url, json=wish("L1")).status_code == 403
    assert people.coordinator.post(url, json=wish("L1")).status_code == 201
    assert people.coordinator.post(url, json=wish("L1")).status_code == 409
    assert [one["learner_id"] for one in people.coordinator.get(url).json()] == ["L1"]


@pytest.mark.parametrize("seed", range(25))
def test_figures_of_random_rounds_verify_whoever_is_erased(seed: int, tmp_path: Path) -> None:
    """Rounds with every rule and goal in play: learners are erased one after another; the figures never change."""
    rnd = random_round(seed)
    goals = ("placed", "equity", "fit", "cost", "kept")
    result = match(rnd.replace(policy=rnd.policy.model_copy(update={"goals": goals, "weights": None})))
    if result.audit is None:
        return
    run = RunFacts(result.round.policy.model_dump(mode="json"), (), result.files["placements.csv"])
    expected = figures(rnd, run, {})
    assert not expected.breaches
    assert expected.goals == {goal.name: goal.value for goal in result.goals}
    erased: dict[str, attesting.Facts] = {}
    changed: Round = rnd
    for learner in sorted(rnd.learners["id"].tolist())[:4]:
        erased[learner] = attesting.attest(changed, run, learner, erased)
        changed = attesting.without(changed, learner)
        assert figures(changed, run, erased) == expected, learner
    for facts in erased.values():
        if facts["placed"]:
            facts["fit"] += 1
            assert figures(changed, run, erased) != expected
            break


def test_a_round_is_purged_when_its_retention_ends(people: People) -> None:
    """Not a day before; then uploads, snapshots and placements are gone; figures and the log stay."""
    people.freeze()
    run = run_on(people)
    match_ = {"If-Match": people.coordinator.get(people.url()).headers["ETag"]}
    people.coordinator.patch(people.url(), json={"retention_days": 30}, headers=match_)
    store, settings = people.service.store, people.service.settings
    assert retention.purge_expired(store, settings, now() + timedelta(days=9_999)) == []  # it is not closed
    assert people.move("closed", "over").status_code == 200
    assert retention.purge_expired(store, settings, now() + timedelta(days=29)) == []
    assert retention.purge_expired(store, settings, now() + timedelta(days=31)) == ["spring"]
    assert retention.purge_expired(store, settings, now() + timedelta(days=32)) == []
    with store.reading() as session:
        assert session.query(Upload).count() == 0
        assert [one.name for one in session.query(ResultFile)] == ["report.json"]
        snapshot = session.query(Snapshot).one()
        assert (snapshot.content, len(snapshot.digest)) == (b"", 64)
        assert session.get_one(Run, run).state == "finished"
        assert session.get_one(RoundRecord, "spring").pseudonym_key is None
        assert not list(chain.verify(session))
    entry = people.coordinator.get(people.url("/log?limit=1")).json()["items"][0]
    assert (entry["action"], entry["actor"]) == ("round.purge", "retention")
    assert people.move("frozen", "again").status_code == 409
    assert people.coordinator.get(people.url("/verification")).status_code == 409
    assert people.analyst.get(people.url("/pseudonymised/learners")).status_code == 409


def test_a_sender_erases_nothing_of_another_who_uses_the_same_id(people: People) -> None:
    """A sender once had an id that another partner's learner bears: the other's learner stays as they are, the other
    may erase them as if nobody else had, and the figures verify.
    """
    once = people.parts["learners", "cem"].replace("L3", "L2")
    people.parts = dict(people.parts) | {
        ("affinity", ""): "learner_id,host_id,score\nL2,zni,77\n",
        ("locks", ""): "learner_id,kind,host_id\nL2,forbid,zni\n",
    }
    assert people.load("learners", "cem", once).status_code == 201
    assert people.load("learners", "cem", If_Match="*").status_code == 200
    for table, owner in people.parts:
        if (table, owner) != ("learners", "cem"):
            assert people.load(table, owner).status_code == 201
    people.move("collecting")
    assert people.move("frozen").status_code == 200
    run = run_on(people)
    with people.service.store.writing() as session:
        session.add(by_hand(run, "L2"))
    cem, ccis, url = people.partner("cem"), people.partner("ccis"), people.url("/erasures")
    seen = people.analyst.get(people.url("/pseudonymised/learners")).json()
    before = everything(people)
    assert cem.post(url, json=wish("L2")).status_code == 201
    kept = [line for line in before.splitlines() if not line.startswith("L2,cem,")]
    assert sorted(everything(people).splitlines()) == sorted(kept)
    assert len(kept) == len(before.splitlines()) - 1
    assert people.analyst.get(people.url("/pseudonymised/learners")).json() == seen
    again, other = cem.post(url, json=wish("L2")), ccis.post(url, json=wish("L2"))
    assert (again.status_code, other.status_code) == (404, 201)  # nothing is left of cem's
    assert ccis.post(url, json=wish("L2")).status_code == 409
    assert "by telephone" not in everything(people)
    assert "L2,zni,77" not in everything(people)
    assert people.coordinator.get(people.url("/verification")).json()["equal"]
    assert len(people.coordinator.get(url).json()) == 2


def test_a_coordinator_erases_everybody_who_bears_an_id(people: People) -> None:
    """Two partners have used an id: neither of them can load it again."""
    people.load("learners", "cem", people.parts["learners", "cem"].replace("L3", "L2"))
    for table in ("schools", "groups", "learners"):
        people.load(table, "ccis")
    assert people.coordinator.post(people.url("/erasures"), json=wish("L2")).status_code == 201
    for owner in ("ccis", "cem"):
        text = people.parts["learners", owner].replace("L3", "L2")
        refused = people.load("learners", owner, text, If_Match="*")
        assert refused.status_code == 422
        assert any(one["value"] == "L2" for one in refused.json()["errors"]), owner


def by_hand(run: str, learner: str) -> Change:
    """A change made by hand for a learner."""
    return Change(
        id=new_id(),
        round_id="spring",
        run_id=run,
        kind="pin",
        learner_id=learner,
        place={"host_id": "zni"},
        reason="agreed by telephone",
        made_by="cora",
        made_at=now(),
        revoked_at=None,
    )


def test_a_run_under_way_begins_anew_when_a_learner_is_erased(people: People) -> None:
    """What it has read holds the learner's data: what it brings is thrown away, and the run made again."""
    people.freeze()
    queued = people.coordinator.post(people.url("/runs"), json={"name": "under way"}).json()["id"]
    store = people.service.store
    lease = leases.claim(store, "worker", 60)
    assert lease is not None
    assert lease.run_id == queued
    assert people.partner("ccis").post(people.url("/erasures"), json=wish("L2")).status_code == 201
    told = {"status": "optimal", "goals": []}
    files = {"unplaced.csv": b"learner_id,reason,detail,nearest_fix\nL2,needs,wheelchair,\n"}
    assert not leases.is_held(store, lease)
    assert not leases.conclude(store, lease, Ending(told, files))
    run = people.coordinator.get(f"/v1/runs/{queued}").json()
    assert (run["state"], run["attempts"]) == ("queued", 0)
    assert "wheelchair" not in everything(people)
    again = leases.claim(store, "worker", 60)
    assert again is not None
    assert (again.run_id, again.attempt) == (queued, 1)


def test_sentences_about_a_learner_go_too(people: People) -> None:
    """Why no allocation is possible, why a run failed: neither speaks of an erased learner, and the log never did."""
    people.freeze()
    run = run_on(people)
    sentences = ["locks: learner L2 is pinned to host zni, but needs bar it", "L22: something else"]
    with people.service.store.writing() as session:
        session.get_one(Run, run).progress = {"conflict": sentences}
        file = session.get_one(ResultFile, (run, "report.json"))
        file.content = json.dumps(json.loads(file.content) | {"conflict": sentences}).encode()
    failed = people.coordinator.post(people.url("/runs"), json={}).json()["id"]
    lease = leases.claim(people.service.store, "worker", 60)
    assert lease is not None
    leases.conclude(people.service.store, lease, Ending.failed(FailureKind.INPUT, "learner L2: rural"))
    assert people.partner("ccis").post(people.url("/erasures"), json=wish("L2")).status_code == 201
    with people.service.store.reading() as session:
        kept = json.loads(session.get_one(ResultFile, (run, "report.json")).content)["conflict"]
        assert kept == session.get_one(Run, run).progress["conflict"]
        assert kept == ["erased with a learner's personal data", "L22: something else"]
        assert "rural" not in str(session.get_one(Run, failed).failure)
        assert "rural" not in str([one.data for one in session.query(RunEvent)])
        assert "rural" not in str([one.details for one in session.query(AuditEntry)])


def test_a_purge_cancels_runs_and_whoever_follows_one_learns_that_it_ended(people: People) -> None:
    """A worker that still has a run of a purged round brings nothing any more; the stream of events ends."""
    people.freeze()
    queued = people.coordinator.post(people.url("/runs"), json={}).json()["id"]
    store, settings = people.service.store, people.service.settings
    lease = leases.claim(store, "worker", 60)
    assert lease is not None
    assert people.move("closed", "over").status_code == 200
    assert retention.purge_expired(store, settings, now() + timedelta(days=9_999)) == ["spring"]
    assert not leases.conclude(store, lease, Ending({"status": "optimal"}, {"placements.csv": b"L1"}))
    assert people.coordinator.get(f"/v1/runs/{queued}").json()["state"] == "cancelled"
    with people.coordinator.stream("GET", f"/v1/runs/{queued}/events") as stream:
        assert "event: cancelled" in "".join(stream.iter_text())


KEY = {"Idempotency-Key": "8e03978e-40d5-43dd-bc93-6894a57f9324"}


def test_answers_that_are_kept_for_retries_forget_the_learner(people: People) -> None:
    """An upload's answer holds cells as they were sent. After erasure they are nowhere, and nothing is done again."""
    head, *rows = people.parts["learners", "ccis"].splitlines()
    sent = "\n".join([head, *(row.replace("2005-01-31", "31.01.2005") for row in rows)]) + "\n"
    people.parts = dict(people.parts) | {("learners", "ccis"): sent}
    sender, url = people.partner("ccis"), people.url("/tables/learners")
    for table, owner in people.parts:
        if (table, owner) != ("learners", "ccis"):
            people.load(table, owner)
    first = sender.put(url, content=sent, headers=CSV | FIRST | KEY)
    assert first.status_code == 201
    assert "31.01.2005" in first.text, "the answer has to hold what is to be forgotten"
    assert sender.post(people.url("/erasures"), json=wish("L2")).status_code == 201
    with people.service.store.reading() as session:
        assert all(b"31.01.2005" not in one.body for one in session.query(Replay))
    again = sender.put(url, content=sent, headers=CSV | FIRST | KEY)
    assert (again.status_code, "31.01.2005" in again.text) == (409, False)
    assert "carried out" in again.json()["detail"]
    with people.service.store.reading() as session:
        assert session.query(Upload).where(Upload.table == "learners", Upload.owner == "ccis").count() == 1


def test_answers_of_other_rounds_stay(people: People) -> None:
    """Forgetting a round's answers leaves those of others, and those that speak of no learner."""
    people.load_all()
    other = {"id": "other", "name": "Other", "call_year": 2022}
    first = people.coordinator.post("/v1/rounds", json=other, headers=KEY)
    assert people.partner("ccis").post(people.url("/erasures"), json=wish("L2")).status_code == 201
    again = people.coordinator.post("/v1/rounds", json=other, headers=KEY)
    assert (again.status_code, again.content) == (201, first.content)


def test_old_answers_go_every_day(people: People) -> None:
    """Whoever never sends a request again leaves none behind."""
    people.partner("ccis").put(
        people.url("/tables/schools"), content=people.parts["schools", "ccis"], headers=CSV | FIRST | KEY
    )
    store = people.service.store
    for hours, left in ((23, 1), (25, 0)):
        retention.purge_expired(store, people.service.settings, now() + timedelta(hours=hours))
        with store.reading() as session:
            assert session.query(Replay).count() == left
