"""Runs: queued only when they make sense, solved in a child, with the very files that the command line writes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from api.access.roles import Role
from api.runs.supervisor import Supervisors
from api.store import chain
from api.store.schema import AuditEntry, ResultFile, RoundRecord, Run
from matcher import load, match
from tests.api.conftest import Service
from tests.api.rounds import TINY, ended, frozen, member
from tests.conftest import EXAMPLES

CSV = ("escorts.csv", "placements.csv", "unplaced.csv")


@pytest.fixture
def solving(service: Service) -> Iterator[Service]:
    """A service with a worker."""
    with Supervisors(service.store, service.settings, 1):
        yield service


def files(service: Service, run_id: str) -> dict[str, bytes]:
    """The files of a run's result."""
    with service.store.reading() as session:
        found = session.scalars(select(ResultFile).where(ResultFile.run_id == run_id))
        return {file.name: file.content for file in found}


@pytest.mark.parametrize("folder", [TINY, EXAMPLES / "example-03"], ids=["tiny", "contract"])
def test_the_results_are_the_command_lines_byte_for_byte(
    solving: Service, folder: Path, tmp_path: Path
) -> None:
    """A run with nothing changed writes the same placements, escorts and reasons as `matcher solve`."""
    round_id = frozen(solving.store, folder)
    cora = member(solving, "cora", Role.COORDINATOR, round_id)
    asked = cora.post(f"/v1/rounds/{round_id}/runs", json={"name": "first"})
    assert asked.status_code == 202
    assert asked.headers["location"] == f"/v1/runs/{asked.json()['id']}"
    run = ended(cora, asked.json()["id"])
    result = match(load(folder))
    result.save(tmp_path / "out")
    assert (run["state"], run["status"]) == ("done", str(result.status))
    assert [goal["value"] for goal in run["goals"]] == [goal.value for goal in result.goals]
    found = files(solving, run["id"])
    assert sorted(found) == sorted((*CSV, "report.html", "report.json"))
    assert all(found[name] == (tmp_path / "out" / name).read_bytes() for name in CSV)
    assert json.loads(found["report.json"])["input_digest"] == load(folder).digest


def test_the_policy_of_a_run_is_the_rounds_with_what_is_changed(solving: Service) -> None:
    """Another order of goals, and a rule switched off, hold for this run; whoever listens is told its whole story."""
    round_id = frozen(solving.store)
    cora = member(solving, "cora", Role.COORDINATOR, round_id)
    changes = {"goals": ["placed", "cost"], "rules": {"language": False}}
    run = cora.post(f"/v1/rounds/{round_id}/runs", json={"policy": changes}).json()
    assert run["policy_changes"] == changes
    insist_on_whole_story(cora, run["id"])
    run = ended(cora, run["id"])
    rnd = load(TINY)
    policy = rnd.policy.model_copy(
        update={"goals": ("placed", "cost"), "rules": {**rnd.policy.rules, "language": False}}
    )
    expected = match(rnd.replace(policy=policy))
    assert [(g["name"], g["value"]) for g in run["goals"]] == [(g.name, g.value) for g in expected.goals]


def insist_on_whole_story(client: TestClient, run_id: str) -> None:
    """The stream numbers what happens, ends with the run, and repeats only what a listener has missed."""
    text = client.get(f"/v1/runs/{run_id}/events")
    assert text.headers["content-type"].startswith("text/event-stream")
    events = [block for block in text.text.split("\n\n") if block.startswith("id:")]
    assert [block.splitlines()[0] for block in events] == [f"id: {n + 1}" for n in range(len(events))]
    kinds = [block.splitlines()[1].removeprefix("event: ") for block in events]
    assert (kinds[:2], kinds[-1]) == (["queued", "started"], "done")
    again = client.get(f"/v1/runs/{run_id}/events", headers={"Last-Event-ID": str(len(events) - 1)})
    assert [block for block in again.text.split("\n\n") if block.startswith("id:")] == events[-1:]


REFUSED: tuple[tuple[dict[str, Any], str], ...] = (
    ({"method": "exakt"}, "method"),
    ({"time_limit": 1e5}, "time_limit"),
    ({"policy": {"goals": ["placed", "fitt"]}}, "policy.goals"),
    ({"policy": {"weights": {"pleased": "1"}}}, "policy.weights"),
    ({"policy": {"weights": {"placed": "NaN"}}}, "body.policy.weights.placed"),
    ({"policy": {"rules": {"langage": False}}}, "policy.rules"),
    ({"policy": {"rules": {"one_placement": False}}}, "policy"),
    ({"policy": {"goals": ["fit", "fit"]}}, "policy"),
    ({"seed": False}, "body.seed"),
    ({"gap": "0.1"}, "body.gap"),
    ({"name": "a\x00b"}, "body.name"),
    ({"polizy": {}}, "body.polizy"),
)
"""Bodies that are wrong, and where."""


def test_what_the_engine_does_not_know_is_refused_at_once(service: Service) -> None:
    """Every name and number of a request is checked before a run is queued."""
    round_id = frozen(service.store)
    cora = member(service, "cora", Role.COORDINATOR, round_id)
    for body, column in REFUSED:
        refused = cora.post(f"/v1/rounds/{round_id}/runs", json=body)
        assert refused.status_code == 422, body
        assert column in {fault["column"] for fault in refused.json()["errors"]}
    assert cora.get(f"/v1/rounds/{round_id}/runs").json()["items"] == []


def test_only_a_frozen_round_is_run(service: Service) -> None:
    """A round that still collects answers 409."""
    round_id = frozen(service.store)
    cora = member(service, "cora", Role.COORDINATOR, round_id)
    with service.store.writing() as session:
        session.get_one(RoundRecord, round_id).state = "collecting"
    assert cora.post(f"/v1/rounds/{round_id}/runs", json={}).status_code == 409


def test_the_queue_is_served_in_order_and_can_be_left(service: Service) -> None:
    """Positions count from 1; a cancelled run leaves its place at once, and what is cancelled stays so."""
    round_id = frozen(service.store)
    cora = member(service, "cora", Role.COORDINATOR, round_id)
    first, second = (cora.post(f"/v1/rounds/{round_id}/runs", json={}).json() for _ in range(2))
    assert (first["position"], second["position"]) == (1, 2)
    for _ in range(2):
        left = cora.delete(f"/v1/runs/{first['id']}")
        assert (left.status_code, left.json()["state"]) == (200, "cancelled")
    assert cora.get(f"/v1/runs/{second['id']}").json()["position"] == 1
    with service.store.reading() as session:
        actions = session.scalars(select(AuditEntry.action).order_by(AuditEntry.number)).all()
        assert actions[-3:] == ["run.create", "run.create", "run.cancel"]
        assert not list(chain.verify(session))


def test_an_infeasible_round_is_a_result_with_its_conflict(solving: Service) -> None:
    """No allocation is possible: the run is done, and says what conflicts, to coordinators only."""
    offer = str(load(TINY).offers["id"][0])
    locks = [{"learner_id": who, "kind": "pin", "offer_id": offer} for who in load(TINY).learners["id"]]
    round_id = frozen(solving.store)
    cora, anna = (
        member(solving, "cora", Role.COORDINATOR, round_id),
        member(solving, "anna", Role.ANALYST, round_id),
    )
    run_id = cora.post(f"/v1/rounds/{round_id}/runs", json={}).json()["id"]
    with solving.store.writing() as session:
        run = session.get_one(Run, run_id)
        run.request = {**run.request, "locks": locks}
    found = ended(cora, run_id)
    assert (found["state"], found["status"]) == ("done", "infeasible")
    assert found["conflict"]
    assert anna.get(f"/v1/runs/{run_id}").json()["conflict"] is None


def test_a_method_that_does_not_take_the_round_ends_the_run_clearly(solving: Service) -> None:
    """`flow` takes pure networks only: the run fails with what the engine says of it."""
    round_id = frozen(solving.store, EXAMPLES / "example-03")
    cora = member(solving, "cora", Role.COORDINATOR, round_id)
    run_id = cora.post(f"/v1/rounds/{round_id}/runs", json={"method": "flow"}).json()["id"]
    run = ended(cora, run_id)
    assert (run["state"], run["failure"]["kind"]) == ("failed", "input")
    assert "network" in run["failure"]["detail"]


def test_runs_of_others_cannot_be_told_from_none(service: Service) -> None:
    """A coordinator who is no member, and an id that was never given, get the same answer."""
    round_id = frozen(service.store)
    cora = member(service, "cora", Role.COORDINATOR, round_id)
    run_id = cora.post(f"/v1/rounds/{round_id}/runs", json={}).json()["id"]
    other = service.person("olga", Role.COORDINATOR)
    for method, path in (("GET", ""), ("GET", "/events"), ("DELETE", "")):
        foreign = other.request(method, f"/v1/runs/{run_id}{path}")
        unknown = other.request(method, f"/v1/runs/{'0' * 26}{path}")
        assert (foreign.status_code, foreign.json()) == (404, unknown.json())
    foreign = other.post(f"/v1/rounds/{round_id}/runs", json={})
    assert (foreign.status_code, foreign.json()) == (404, other.post("/v1/rounds/none/runs", json={}).json())
