"""Checking what is loaded, and freezing it: the snapshot is what the command line would have read."""

from __future__ import annotations

import itertools
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.rounds import freezing, jobs, snapshots
from api.rounds.children import Children
from api.store.schema import Snapshot
from matcher.intake import load, write_round
from models.round import Round
from tests.api.collecting.people import People, split
from tests.api.conftest import Service
from tests.strategies import random_round


def snapshot_of(people: People) -> tuple[str, dict[str, int], Round]:
    """The snapshot of a frozen round: digest and counts as the store has them, and unpacked."""
    found = people.coordinator.get(people.url()).json()["snapshot_id"]
    with people.service.store.reading() as session:
        snapshot = session.get_one(Snapshot, found)
        return snapshot.digest, snapshot.counts, snapshots.unpack(snapshot.content)


def folder_of(people: People, path: Path) -> Path:
    """The same round as a folder of the command line."""
    path.mkdir()
    (path / "round.toml").write_text(people.settings)
    tables = sorted({table for table, _ in people.parts})
    for table in tables:
        texts = [text for (name, _), text in people.parts.items() if name == table]
        head = texts[0].splitlines()[0]
        rows = itertools.chain.from_iterable(text.splitlines()[1:] for text in texts)
        (path / f"{table}.csv").write_text("\n".join([head, *rows]) + "\n")
    return path


def test_the_snapshot_is_what_the_command_line_reads(people: People, tmp_path: Path) -> None:
    """The digest is the one of the folder, on record and of what is unpacked; counts are the tables' rows."""
    people.freeze()
    digest, counts, rnd = snapshot_of(people)
    expected = load(folder_of(people, tmp_path / "round"))
    assert digest == rnd.digest == expected.digest
    assert counts == {name: len(table) for name, table in expected.tables.items()}
    entry = people.coordinator.get(people.url("/log?limit=1")).json()["items"][0]
    assert entry["details"]["digest"] == expected.digest


@pytest.mark.parametrize("seed", range(6))
def test_random_rounds_arrive_as_they_are(service: Service, tmp_path: Path, seed: int) -> None:
    """Rounds with every table in play, split among their partners, are frozen with the folder's digest."""
    rnd = random_round(seed)
    folder = write_round(rnd, tmp_path / "round")
    files = {path.name: path.read_text() for path in folder.glob("*.csv")}
    parts = {key: text for key, text in split(files).items() if text}
    people = People(service, (folder / "round.toml").read_text(), parts)
    rates = folder / "rates.toml"
    if rates.exists():
        match = {"If-Match": people.coordinator.get(people.url()).headers["ETag"]}
        changed = people.coordinator.patch(
            people.url(), json={"rates_toml": rates.read_text()}, headers=match
        )
        assert changed.status_code == 200, changed.text
    people.freeze()
    digest, _, _ = snapshot_of(people)
    assert digest == load(folder).digest


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_order_of_uploads_gives_the_same_snapshot(
    service: Service, tmp_path: Path, data: st.DataObject
) -> None:
    """Whoever loads first, however often each table is replaced, cleared and restored before: the same digest."""
    people = People.__new__(People)
    name = f"r{uuid4().hex[:8]}"
    settings_toml = f'format = 1\nid = "{name}"\ncall_year = 2022\n'
    people.__init__(service, settings_toml)  # type: ignore[misc]  # a new round for each example
    keys = list(people.parts)
    order = data.draw(st.permutations(keys + data.draw(st.lists(st.sampled_from(keys), max_size=6))))
    versions: dict[tuple[str, str], int] = {}
    for table, owner in order:
        before = versions.get((table, owner), 0)
        headers = {"If_Match": f'"{before}"'} if before else {"If_None_Match": "*"}
        answer = people.load(table, owner, **headers)
        assert answer.status_code in {200, 201}, answer.text
        versions[table, owner] = before + 1
    assert people.move("collecting").status_code == 200
    frozen = people.move("frozen")
    assert frozen.status_code == 200, frozen.text
    digest, _, _ = snapshot_of(people)
    folder = folder_of(people, tmp_path / name)
    assert digest == load(folder).digest


def test_a_round_that_is_wrong_is_not_frozen(people: People) -> None:
    """Every error by owner, table and row; the round stays as it is, without a snapshot."""
    people.load_all()
    people.load("offers", "zni", people.parts["offers", "zni"].splitlines()[0] + "\n", If_Match='"1"')
    text = people.parts["learners", "cem"].replace(",c2,", ",c9,")
    people.load("learners", "cem", text, If_Match='"1"')
    people.move("collecting")
    answer = people.move("frozen")
    assert answer.status_code == 422
    assert [(one["file"], one["row"], one["column"], one["value"]) for one in answer.json()["errors"]] == [
        ("cem/learners.csv", 2, "preferences", "c9"),
        ("previous.csv", 2, "offer_id", "o1"),
    ]
    assert people.state() == "collecting"


def test_everybody_is_told_of_their_own_tables(people: People) -> None:
    """The sender of the wrong row is told, with no foreign id; the others are not; the coordinator is told all."""
    people.load_all()
    text = people.parts["learners", "cem"].replace(",c2,", ",c1x,")
    people.load("learners", "cem", text, If_Match='"1"')
    (mine,) = people.partner("cem").get(people.url("/check")).json()["errors"]
    assert (mine["file"], mine["row"], mine["value"], mine["nearest"]) == ("learners.csv", 2, "c1x", None)
    for other in ("ccis", "zni", "uniser"):
        found = people.partner(other).get(people.url("/check")).json()
        assert found == {"valid": True, "errors": [], "warnings": [], "absent": []}
    (told,) = people.coordinator.get(people.url("/check")).json()["errors"]
    assert (told["file"], told["nearest"]) == ("cem/learners.csv", "c1")


def test_an_id_that_two_partners_use_is_told_to_the_coordinator(people: People) -> None:
    """Neither partner learns what the other has; freezing is refused."""
    people.load_all()
    text = people.parts["learners", "cem"].replace("L3,", "L1,")
    people.load("learners", "cem", text, If_Match='"1"')
    for owner in ("ccis", "cem"):
        assert people.partner(owner).get(people.url("/check")).json()["errors"] == []
    errors = people.coordinator.get(people.url("/check")).json()["errors"]
    assert [(one["file"], one["column"]) for one in errors if "stands twice" in one["message"]] == [
        ("cem/learners.csv", "id")
    ] or [(one["file"], one["column"]) for one in errors if "stands twice" in one["message"]] == [
        ("ccis/learners.csv", "id")
    ]
    people.move("collecting")
    assert people.move("frozen").status_code == 422


def test_rows_that_refer_to_another_owners_are_found_before_freezing(people: People) -> None:
    """An offer that was loaded before its companies and names another host's: right as a whole, wrong all the same."""
    offers = people.parts["offers", "zni"].replace(",c1,", ",c2,")
    assert people.load("offers", "zni", offers).status_code == 201
    for table, owner in people.parts:
        if (table, owner) != ("offers", "zni"):
            assert people.load(table, owner).status_code == 201
    (mine,) = people.partner("zni").get(people.url("/check")).json()["errors"]
    assert (mine["file"], mine["column"], mine["value"]) == ("offers.csv", "company_id", "c2")
    (told,) = people.coordinator.get(people.url("/check")).json()["errors"]
    assert told["file"] == "zni/offers.csv"
    people.move("collecting")
    assert people.move("frozen").status_code == 422


def test_what_is_missing_is_named(people: People) -> None:
    """Each partner hears of its own tables that no round is without, the coordinator of everybody's."""
    assert people.partner("zni").get(people.url("/check")).json()["absent"] == [
        {"owner": "zni", "table": table} for table in ("hosting_partners", "flows", "companies", "offers")
    ]
    found = people.coordinator.get(people.url("/check")).json()
    assert not found["valid"]
    assert {"owner": "cem", "table": "learners"} in found["absent"]


def test_an_upload_beside_freezing_is_in_it_or_refused(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that comes while the snapshot is being made is in the snapshot; one that comes after is refused."""
    people.load_all()
    people.move("collecting")
    more = people.parts["learners", "cem"] + people.parts["learners", "cem"].splitlines()[1].replace(
        "L3", "L4"
    )
    arrived: list[int] = []
    real = Children.run

    def with_an_upload(self: Children, job: object, order: object, *rest: object) -> object:
        answer: object = real(self, job, order, *rest)  # type: ignore[arg-type]  # as it was called
        if job is jobs.freeze and not arrived:
            arrived.append(people.load("learners", "cem", more, If_Match='"1"').status_code)
        return answer

    monkeypatch.setattr(Children, "run", with_an_upload)
    assert people.move("frozen").status_code == 200
    assert arrived == [200]
    _, _, rnd = snapshot_of(people)
    assert rnd.learners["id"].tolist() == ["L1", "L2", "L3", "L4"]
    assert people.load("learners", "cem", more, If_Match='"2"').status_code == 409


def test_uploads_that_keep_coming_put_freezing_off(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a few attempts the coordinator is told to try again; nothing is frozen and nothing is lost."""
    people.load_all()
    people.move("collecting")
    version = itertools.count(1)
    real = Children.run

    def with_an_upload(self: Children, job: object, order: object, *rest: object) -> object:
        answer: object = real(self, job, order, *rest)  # type: ignore[arg-type]  # as it was called
        if job is jobs.freeze:
            assert people.load("learners", "cem", If_Match=f'"{next(version)}"').status_code == 200
        return answer

    monkeypatch.setattr(Children, "run", with_an_upload)
    assert people.move("frozen").status_code == 409
    assert people.state() == "collecting"
    assert next(version) == freezing.ATTEMPTS + 1


def test_of_uploads_and_a_freeze_at_once_nothing_is_lost(people: People) -> None:
    """Every upload that was accepted is in the snapshot, whole; every other was refused."""
    people.load_all()
    people.move("collecting")
    start = threading.Barrier(5)
    row = people.parts["learners", "cem"].splitlines()[1]

    def load(number: int) -> tuple[int, int]:
        start.wait()
        text = people.parts["learners", "cem"] + row.replace("L3", f"N{number}") + "\n"
        return number, people.load("learners", "cem", text, If_Match="*").status_code

    def freeze() -> int:
        start.wait()
        return people.move("frozen").status_code

    with ThreadPoolExecutor(5) as pool:
        loads = [pool.submit(load, number) for number in range(4)]
        frozen = pool.submit(freeze).result()
        outcomes = [one.result() for one in loads]
    assert {status for _, status in outcomes} <= {200, 409}
    if frozen == 200:
        _, counts, rnd = snapshot_of(people)
        stored = people.coordinator.get(people.url("/tables/learners?owner=cem")).json()["items"]
        assert [one["id"] for one in stored] == [key for key in rnd.learners["id"] if key not in {"L1", "L2"}]
        assert counts["learners"] == len(rnd.learners)
    else:
        assert frozen == 409
