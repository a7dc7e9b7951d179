"""Results: files as they were written, comparisons, explanations, changes by hand, and who learns what of them."""

from __future__ import annotations

import io
import json
import tempfile
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from openpyxl import load_workbook

from api.access.roles import Role
from api.rounds.pseudonyms import host_readers, key_of, pseudonym
from api.runs import leases, outcomes
from api.runs.leases import Ending
from api.runs.supervisor import Supervisors
from api.store import chain
from api.store.schema import RoundRecord, Run
from matcher import load, match
from tests.api.conftest import Service
from tests.api.rounds import TINY, ended, frozen, member


@cache
def solved(*goals: str) -> Ending:
    """What a run of the tiny round brings, with an order of goals; solved once."""
    rnd = load(TINY)
    result = match(rnd.replace(policy=rnd.policy.model_copy(update={"goals": goals})) if goals else rnd)
    with tempfile.TemporaryDirectory() as folder:
        result.save(Path(folder) / "out")
        files = {path.name: path.read_bytes() for path in (Path(folder) / "out").iterdir()}
    report = json.loads(files["report.json"])
    return Ending({name: report[name] for name in ("status", "goals", "method", "conflict")}, files)


@pytest.fixture
def cora(service: Service) -> TestClient:
    """The coordinator of the tiny round, frozen."""
    return member(service, "cora", Role.COORDINATOR, frozen(service.store))


def done(service: Service, cora: TestClient, *goals: str) -> str:
    """A run that has ended."""
    policy = {"goals": goals} if goals else None
    run_id: str = cora.post("/v1/rounds/tiny/runs", json={"name": "base", "policy": policy}).json()["id"]
    lease = leases.claim(service.store, "test", 60)
    assert lease is not None
    assert leases.conclude(service.store, lease, solved(*goals))
    return run_id


def test_files_are_got_as_they_were_written(service: Service, cora: TestClient) -> None:
    """Byte for byte, under a tag that is their digest; a page may only be looked at."""
    run_id, files = done(service, cora), solved().files
    listed = {one["name"]: one for one in cora.get(f"/v1/runs/{run_id}/files").json()}
    assert set(listed) == set(files)
    for name, content in files.items():
        got = cora.get(f"/v1/runs/{run_id}/files/{name}")
        assert got.content == content
        assert got.headers["etag"] == f'"{listed[name]["digest"]}"' == f'"{sha256(content).hexdigest()}"'
        assert f'filename="{name}"' in got.headers["content-disposition"]
        again = cora.get(f"/v1/runs/{run_id}/files/{name}", headers={"If-None-Match": got.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
    page = cora.get(f"/v1/runs/{run_id}/files/report.html")
    assert page.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert cora.get(f"/v1/runs/{run_id}/files/secrets.txt").status_code == 422


def test_placements_come_in_pages_and_as_a_workbook(service: Service, cora: TestClient) -> None:
    """The pages put together are the file; the workbook has the same cells, numbers as numbers."""
    run_id = done(service, cora)
    items: list[dict[str, Any]] = []
    cursor: str | None = ""
    while cursor is not None:
        found = cora.get(f"/v1/runs/{run_id}/placements?limit=3" + (f"&cursor={cursor}" if cursor else ""))
        items += found.json()["items"]
        cursor = found.json()["next"]
    expected = match(load(TINY)).placements
    assert [one["learner_id"] for one in items] == expected["learner_id"].tolist()
    assert [one["cost_eur"] for one in items] == expected["cost_eur"].tolist()
    got = cora.get(f"/v1/runs/{run_id}/result.xlsx")
    book = load_workbook(io.BytesIO(got.content))
    rows = list(book["placements"].iter_rows(values_only=True))
    assert [row[0] for row in rows[1:]] == expected["learner_id"].tolist()
    assert [row[-1] for row in rows[1:]] == expected["cost_eur"].tolist()
    assert not any(cell.data_type == "f" for sheet in book for row in sheet.iter_rows() for cell in row)


def test_a_learner_is_explained(service: Service, cora: TestClient) -> None:
    """Where somebody is, why somebody else has no place, and why not at a company; unknown ids are told apart."""
    run_id = done(service, cora)
    placed = cora.get(f"/v1/runs/{run_id}/learners/L1", params={"company": "works"}).json()
    assert placed["offer_id"]
    assert placed["asked_about"] == "works"
    assert placed["why_not"]
    left = cora.get(f"/v1/runs/{run_id}/learners/L6").json()
    assert (left["reason"], left["offer_id"]) == ("language", None)
    assert cora.get(f"/v1/runs/{run_id}/learners/L99").status_code == 404
    assert cora.get(f"/v1/runs/{run_id}/learners/L1", params={"company": "no"}).status_code == 422


@pytest.mark.parametrize("erased", ["L1", "L6"])
def test_a_learner_who_was_erased_is_not_explained(service: Service, cora: TestClient, erased: str) -> None:
    """Placed or left out: reasons would be reckoned from what stands in the place of the data. Unknown ids stay so."""
    run_id = done(service, cora)
    wanted = {"learner_id": erased, "reason": "the learner asked for it"}
    assert cora.post("/v1/rounds/tiny/erasures", json=wanted).status_code == 201
    found = cora.get(f"/v1/runs/{run_id}/learners/{erased}")
    assert found.status_code == 409, found.text
    assert "erased" in found.json()["detail"]
    assert cora.get(f"/v1/runs/{run_id}/learners/L99").status_code == 404


def test_two_runs_are_compared(service: Service, cora: TestClient) -> None:
    """Goals side by side, who is elsewhere by partner and host, what the policies say; names for coordinators only."""
    a, b = done(service, cora), done(service, cora, "cost")
    found = cora.get(f"/v1/runs/{a}/compare/{b}").json()
    goals = {goal["name"]: goal for goal in found["goals"]}
    assert goals["cost"]["a"] > goals["cost"]["b"] == 0
    assert (goals["placed"]["a"], goals["placed"]["b"]) == (4, None)
    assert found["counts"] == {
        "placed_a": 4,
        "placed_b": 0,
        "same": 0,
        "moved": 0,
        "only_a": 4,
        "only_b": 0,
    }
    assert [one["learner_id"] for one in found["learners"]] == ["L1", "L2", "L3", "L4"]
    assert sum(partner["elsewhere"] for partner in found["partners"]) == 4
    assert found["policy"] == [{"key": "goals", "a": ["placed", "fit", "cost"], "b": ["cost"]}]
    anna = member(service, "anna", Role.ANALYST, "tiny")
    seen = anna.get(f"/v1/runs/{a}/compare/{b}").json()
    assert (seen["goals"], seen["policy"], seen["learners"]) == (found["goals"], found["policy"], None)
    assert anna.get(f"/v1/runs/{a}/report").json()["counts"]["placed"] == 4
    assert anna.get(f"/v1/runs/{a}/placements").status_code == 403


def test_a_move_that_breaks_rules_is_refused_with_all_of_them(service: Service, cora: TestClient) -> None:
    """L6 has no language for the inn, and its seat is taken: both are told, and nothing is kept."""
    run_id = done(service, cora)
    wish = {
        "kind": "move",
        "learner_id": "L6",
        "reason": "asked",
        "place": {"offer_id": "inn-1", "flow_id": "f-bologna"},
    }
    refused = cora.post(f"/v1/runs/{run_id}/changes", json=wish)
    assert refused.status_code == 422
    assert {"language", "seats"} <= {fault["column"] for fault in refused.json()["errors"]}
    unknown = cora.post(
        f"/v1/runs/{run_id}/changes", json=wish | {"place": {"offer_id": "x", "flow_id": "y"}}
    )
    assert [fault["column"] for fault in unknown.json()["errors"]] == ["offer_id", "flow_id"]
    assert cora.get("/v1/rounds/tiny/changes").json()["items"] == []


def test_a_move_is_applied_kept_and_can_be_revoked(service: Service, cora: TestClient) -> None:
    """The new run has the learner at the new place and all files; later runs keep it until it is revoked."""
    run_id = done(service, cora, "cost")  # nobody is placed: that costs nothing
    wish = {
        "kind": "move",
        "learner_id": "L2",
        "reason": "asked",
        "place": {"offer_id": "inn-1", "flow_id": "f-bologna"},
    }
    made = cora.post(f"/v1/runs/{run_id}/changes", json=wish)
    assert made.status_code == 201, made.text
    with Supervisors(service.store, service.settings, 1):
        run = ended(cora, made.json()["new_run_id"])
    assert (run["state"], run["status"], run["solved_by"], run["base_run_id"]) == (
        "done",
        "feasible",
        "manual",
        run_id,
    )
    rows = {row["learner_id"]: row for row in cora.get(f"/v1/runs/{run['id']}/placements").json()["items"]}
    assert rows["L2"]["offer_id"] == "inn-1"
    assert len(cora.get(f"/v1/runs/{run['id']}/files").json()) == 5
    later = cora.post("/v1/rounds/tiny/runs", json={}).json()
    with service.store.reading() as session:
        locks = session.get_one(Run, later["id"]).request["locks"]
    assert locks == [{"learner_id": "L2", "kind": "pin", "offer_id": "inn-1", "flow_id": "f-bologna"}]
    assert cora.put("/v1/rounds/tiny/publication", json={"run_id": run_id}).status_code == 422
    assert cora.delete(f"/v1/rounds/tiny/changes/{made.json()['id']}").status_code == 204
    assert cora.put("/v1/rounds/tiny/publication", json={"run_id": run_id}).status_code == 200
    with service.store.reading() as session:
        assert not list(chain.verify(session))


def test_pins_need_an_option_and_say_whether_they_are_kept(service: Service, cora: TestClient) -> None:
    """A pin where the rules leave nothing is refused; one elsewhere is kept for the next run."""
    run_id = done(service, cora)

    def asked(kind: str, learner: str, company: str) -> Any:
        wish = {"kind": kind, "learner_id": learner, "reason": "agreed", "place": {"company_id": company}}
        return cora.post(f"/v1/runs/{run_id}/changes", json=wish)

    assert asked("pin", "L6", "inn").status_code == 422
    kept = asked("pin", "L2", "inn").json()
    assert (kept["honoured"], kept["new_run_id"]) == (True, None)
    assert asked("forbid", "L3", "works").json()["honoured"] is False
    assert [one["kind"] for one in cora.get("/v1/rounds/tiny/changes").json()["items"]] == ["forbid", "pin"]


def test_after_publication_partners_learn_what_is_theirs(service: Service, cora: TestClient) -> None:
    """Hosts see who comes, by pseudonym; senders their own learners; nobody anything before, or of others."""
    run_id = done(service, cora)
    rnd = load(TINY)
    partner = str(rnd.learners["partner_id"][0])
    host = member(service, "hanna", Role.HOST, "tiny", "bologna")
    sender = member(service, "sam", Role.SENDER, "tiny", partner)
    assert host.get("/v1/rounds/tiny/arrivals").status_code == 409
    assert sender.get("/v1/rounds/tiny/outcomes").status_code == 409
    assert cora.put("/v1/rounds/tiny/publication", json={"run_id": run_id}).status_code == 200
    coming = host.get("/v1/rounds/tiny/arrivals")
    with service.store.reading() as session:
        key = key_of(session.get_one(RoundRecord, "tiny"))
    expected = sorted(pseudonym(key, host_readers("bologna"), learner) for learner in ("L1", "L2"))
    assert [one["pseudonym"] for one in coming.json()["items"]] == expected
    assert "L1" not in coming.text
    own = [
        who for who, of in zip(rnd.learners["id"], rnd.learners["partner_id"], strict=True) if of == partner
    ]
    told = sender.get("/v1/rounds/tiny/outcomes").json()["items"]
    assert [one["learner_id"] for one in told] == own
    assert all(one["is_placed"] or one["reason"] for one in told)
    assert cora.delete("/v1/rounds/tiny/publication").status_code == 422
    assert (
        cora.delete("/v1/rounds/tiny/publication", params={"reason": "a company withdrew"}).status_code == 204
    )
    assert host.get("/v1/rounds/tiny/arrivals").status_code == 409


def test_sentences_about_others_are_kept_back() -> None:
    """A reason that mentions another partner's learner is not shown; one about one's own is."""
    others = frozenset({"L7", "p2"})
    for sentence in (
        "taken by L7",
        "L1, L7 (p1)",
        "pair L1:L7",
        "with L7.",
        "(L7)",
        "L7’s seat",
        "of p2: none",
    ):
        assert outcomes._for_partner(sentence, others) == outcomes.KEPT_BACK
    assert outcomes._for_partner("no seat left for 1 (works-1)", others) == "no seat left for 1 (works-1)"
