"""Studies of a run's allocation: asked for, answered by the engine in a child, fetched as files, no allocation."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.access.roles import Role
from api.rounds import forgetting
from api.runs.supervisor import Supervisors
from api.store.schema import RoundRecord, Run
from tests.api.conftest import Service
from tests.api.rounds import ended, frozen, member
from tests.api.test_results import done


@pytest.fixture
def cora(service: Service) -> TestClient:
    """The coordinator of the tiny round, frozen."""
    return member(service, "cora", Role.COORDINATOR, frozen(service.store))


def answered(service: Service, cora: TestClient, run_id: str, wanted: dict[str, object]) -> dict[str, bytes]:
    """The files of a study, by name."""
    made = cora.post(f"/v1/runs/{run_id}/studies", json=wanted)
    assert made.status_code == 202, made.text
    assert made.headers["location"] == f"/v1/runs/{made.json()['id']}"
    with Supervisors(service.store, service.settings, 1):
        run = ended(cora, made.json()["id"])
    assert (run["state"], run["base_run_id"], run["method"]) == ("done", run_id, wanted["kind"]), run[
        "failure"
    ]
    listed = cora.get(f"/v1/runs/{run['id']}/files").json()
    return {one["name"]: cora.get(f"/v1/runs/{run['id']}/files/{one['name']}").content for one in listed}


def somebody_placed(cora: TestClient, run_id: str) -> str:
    """The id of a placed learner."""
    found: str = cora.get(f"/v1/runs/{run_id}/placements").json()["items"][0]["learner_id"]
    return found


def test_a_repair_is_proposed(service: Service, cora: TestClient) -> None:
    """A drop-out: what changes, and the allocation that is proposed, without the learner who dropped out."""
    run_id = done(service, cora)
    gone = somebody_placed(cora, run_id)
    files = answered(service, cora, run_id, {"kind": "rematch", "drop_outs": [gone]})
    report = json.loads(files["rematch_report.json"])
    assert report["repair"]["dropped"] == 1
    placed = {
        row["learner_id"] for row in csv.DictReader(io.StringIO(files["rematch_placements.csv"].decode()))
    }
    assert placed
    assert gone not in placed
    assert {"changes.csv", "rematch_report.html"} <= set(files)


def test_a_study_is_no_allocation(service: Service, cora: TestClient) -> None:
    """It cannot be published, changed by hand or studied itself."""
    run_id = done(service, cora)
    made = cora.post(f"/v1/runs/{run_id}/studies", json={"kind": "rematch"}).json()
    with Supervisors(service.store, service.settings, 1):
        assert ended(cora, made["id"])["state"] == "done"
    asked = cora.post(f"/v1/runs/{made['id']}/studies", json={"kind": "rematch"})
    assert asked.status_code == 409
    assert "is a study" in asked.json()["detail"]
    published = cora.put("/v1/rounds/tiny/publication", json={"run_id": made["id"]})
    assert published.status_code == 409, published.text
    assert cora.get(f"/v1/runs/{made['id']}/placements").status_code == 404


def test_what_the_engine_does_not_know_ends_the_study(service: Service, cora: TestClient) -> None:
    """An id that the round does not have: a clear state with the nearest that it has."""
    run_id = done(service, cora)
    made = cora.post(f"/v1/runs/{run_id}/studies", json={"kind": "rematch", "drop_outs": ["L99"]}).json()
    with Supervisors(service.store, service.settings, 1):
        run = ended(cora, made["id"])
    assert run["state"] == "failed"
    assert run["failure"]["kind"] == "input"
    assert "L99" in run["failure"]["detail"]


def test_who_is_erased_is_erased_from_studies(service: Service, cora: TestClient) -> None:
    """A file of a study that names the learner goes; the others stay."""
    run_id = done(service, cora)
    gone = somebody_placed(cora, run_id)
    made = cora.post(f"/v1/runs/{run_id}/studies", json={"kind": "rematch", "drop_outs": []}).json()
    with Supervisors(service.store, service.settings, 1):
        ended(cora, made["id"])
    erased = cora.post("/v1/rounds/tiny/erasures", json={"learner_id": gone, "reason": "asked for"})
    assert erased.status_code == 201, erased.text
    left = cora.get(f"/v1/runs/{made['id']}/files").json()
    assert left
    for one in left:
        assert gone.encode() not in cora.get(f"/v1/runs/{made['id']}/files/{one['name']}").content


STUDIES: list[tuple[dict[str, Any], str]] = [
    ({"kind": "shortages", "top": 2, "places": 2}, "shortages.json"),
    (
        {"kind": "scenarios", "scenarios": '[scenarios.other]\npolicy = { goals = ["placed", "cost"] }\n'},
        "scenarios.html",
    ),
    ({"kind": "frontier", "first": "placed", "second": "cost", "points": 3}, "frontier.json"),
    ({"kind": "metrics", "against": ["best", "first_come"]}, "metrics.json"),
    ({"kind": "why", "about": "learner", "id": "L6"}, "why.json"),
    ({"kind": "why", "about": "offer", "id": "inn-1"}, "why.json"),
]


@pytest.mark.parametrize(
    ("wanted", "file"), STUDIES, ids=[f"{one['kind']}-{one.get('about')}" for one, _ in STUDIES]
)
def test_every_kind_is_answered(
    service: Service, cora: TestClient, wanted: dict[str, object], file: str
) -> None:
    """Each leaves its file, which names what was asked; none leaves a file that could be taken for a run's."""
    files = answered(service, cora, done(service, cora), wanted)
    assert len(files[file]) > 100
    assert not {"placements.csv", "report.json", "report.html", "unplaced.csv", "escorts.csv"} & set(files)


def test_what_makes_no_sense_is_refused_at_once(service: Service, cora: TestClient) -> None:
    """A goal that there is not, text that is no TOML, a kind that is none: 422, and nothing is queued."""
    run_id = done(service, cora)
    for wanted in (
        {"kind": "frontier", "first": "placd", "second": "cost"},
        {"kind": "scenarios", "scenarios": "[scenarios"},
        {"kind": "scenarios", "scenarios": "format = 1"},
        {"kind": "wheel"},
    ):
        assert cora.post(f"/v1/runs/{run_id}/studies", json=wanted).status_code == 422
    assert len(cora.get("/v1/rounds/tiny/runs").json()["items"]) == 1


def test_an_allocation_of_somebody_erased_is_not_studied(service: Service, cora: TestClient) -> None:
    """It would be reckoned from what stands in the place of the data; what solves the round anew may be asked."""
    run_id = done(service, cora)
    wanted = {"learner_id": somebody_placed(cora, run_id), "reason": "asked for"}
    assert cora.post("/v1/rounds/tiny/erasures", json=wanted).status_code == 201
    refused = cora.post(f"/v1/runs/{run_id}/studies", json={"kind": "shortages"})
    assert refused.status_code == 409
    assert "erased" in refused.json()["detail"]
    anew = {"kind": "frontier", "first": "placed", "second": "cost", "points": 2}
    assert cora.post(f"/v1/runs/{run_id}/studies", json=anew).status_code == 202


def test_what_was_asked_goes_when_retention_ends(service: Service, cora: TestClient) -> None:
    """A study's question may name a learner."""
    run_id = done(service, cora)
    asked = {"kind": "why", "about": "learner", "id": somebody_placed(cora, run_id)}
    study = cora.post(f"/v1/runs/{run_id}/studies", json=asked).json()["id"]
    with service.store.writing() as session:
        forgetting.forget_sentences(session, session.get_one(RoundRecord, "tiny"))
    with service.store.reading() as session:
        assert session.get_one(Run, study).request["study"] == {}


def test_nothing_is_explained_of_somebody_erased(service: Service, cora: TestClient) -> None:
    """Not of those who were left out either, by whom nothing of the allocation was lost."""
    run_id = done(service, cora)
    erased = cora.post("/v1/rounds/tiny/erasures", json={"learner_id": "L6", "reason": "asked for"})
    assert erased.status_code == 201
    asked = cora.post(f"/v1/runs/{run_id}/studies", json={"kind": "why", "about": "learner", "id": "L6"})
    assert asked.status_code == 409, asked.text
