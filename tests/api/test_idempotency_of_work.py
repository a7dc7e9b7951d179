"""Retries of what is worth most: an upload is stored once, a round frozen once, a run queued once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy import func, select

from api.access.roles import Role
from api.store.schema import Run, Snapshot, Upload
from tests.api.collecting.people import CSV, FIRST, People
from tests.api.conftest import Service
from tests.api.rounds import frozen, member

KEY = {"Idempotency-Key": "8e03978e-40d5-43dd-bc93-6894a57f9324"}
TOGETHER = 4


@pytest.fixture
def people(service: Service) -> People:
    """A round in ``draft`` whose partners take part, with nothing loaded."""
    return People(service)


def count(service: Service, kind: type[Any]) -> int:
    """How many there are of something."""
    with service.store.reading() as session:
        return session.scalar(select(func.count()).select_from(kind)) or 0


def at_once(send: Callable[[], Response]) -> list[Response]:
    """The answers to one request that is sent several times at one moment."""
    with ThreadPoolExecutor(TOGETHER) as threads:
        return [sent.result() for sent in [threads.submit(send) for _ in range(TOGETHER)]]


def is_one_answer(answers: list[Response], status: int) -> bool:
    """Whether all answers are the same, and only one of them was not a replay."""
    fresh = [one for one in answers if "idempotent-replayed" not in one.headers]
    return {(one.status_code, one.content) for one in answers} == {(status, answers[0].content)} and len(
        fresh
    ) == 1


def upload(people: People, text: str | None = None) -> Response:
    """The first schools of a sender, or others, with the key."""
    content = people.parts["schools", "ccis"] if text is None else text
    return people.partner("ccis").put(
        people.url("/tables/schools"), content=content, headers=CSV | FIRST | KEY
    )


def test_an_upload_that_is_sent_again_is_stored_once(people: People) -> None:
    """The retry gets the first answer, ETag and all; other rows under the same key are refused and change nothing."""
    first, again = upload(people), upload(people)
    assert is_one_answer([first, again], 201)
    assert first.headers["etag"] == again.headers["etag"] == '"1"'
    other = upload(people, people.parts["schools", "ccis"].splitlines()[0] + "\n")
    assert (other.status_code, other.headers["content-type"]) == (422, "application/problem+json")
    assert "Idempotency-Key" in other.json()["detail"]
    assert count(people.service, Upload) == 1


def test_an_upload_that_is_sent_several_times_at_once_is_stored_once(people: People) -> None:
    """All get the answer of the one that was stored."""
    people.partner("ccis")
    assert is_one_answer(at_once(lambda: upload(people)), 201)
    assert count(people.service, Upload) == 1


def test_a_roll_back_that_is_sent_again_is_one_revision(people: People) -> None:
    """The retry names the version that the first has replaced, and gets its answer all the same."""
    people.load("schools", "ccis")
    url, headers = people.url("/tables/schools/uploads/1/restore"), KEY | {"If-Match": '"1"'}
    answers = at_once(lambda: people.partner("ccis").post(url, headers=headers))
    assert is_one_answer(answers, 200)
    assert count(people.service, Upload) == 2


def test_a_round_that_is_frozen_several_times_at_once_is_frozen_once(people: People) -> None:
    """One snapshot, one answer."""
    people.load_all()
    people.move("collecting")
    headers = KEY | {"If-Match": people.coordinator.get(people.url()).headers["ETag"]}
    url = people.url("/transitions")
    answers = at_once(lambda: people.coordinator.post(url, json={"to": "frozen"}, headers=headers))
    assert is_one_answer(answers, 200)
    assert count(people.service, Snapshot) == 1


def start(cora: TestClient, name: str = "base") -> Response:
    """A run, asked for with the key."""
    return cora.post("/v1/rounds/tiny/runs", json={"name": name}, headers=KEY)


def test_a_run_that_is_asked_for_again_is_queued_once(service: Service) -> None:
    """The retry names the same run; another one under the same key is refused and not queued."""
    cora = member(service, "cora", Role.COORDINATOR, frozen(service.store))
    first, again = start(cora), start(cora)
    assert is_one_answer([first, again], 202)
    assert first.headers["location"] == again.headers["location"]
    other = start(cora, "other")
    assert (other.status_code, other.headers["content-type"]) == (422, "application/problem+json")
    assert "Idempotency-Key" in other.json()["detail"]
    assert count(service, Run) == 1


def test_a_run_that_is_asked_for_several_times_at_once_is_queued_once(service: Service) -> None:
    """All are told of the one run."""
    cora = member(service, "cora", Role.COORDINATOR, frozen(service.store))
    assert is_one_answer(at_once(lambda: start(cora)), 202)
    assert count(service, Run) == 1
