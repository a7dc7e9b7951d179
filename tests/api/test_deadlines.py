"""Long requests: what was given up has no effect, what has taken effect is told, long work has a time of its own."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from sqlalchemy import func, select

from api.access.roles import Role
from api.rounds.children import Children
from api.store import chain
from api.store.engine import Store
from api.store.schema import AuditEntry
from api.web.layers.deadline import LONG, is_long
from tests.api.collecting.people import People
from tests.api.conftest import Service

Make = Callable[..., Service]
pytestmark = pytest.mark.usefixtures("own_application")
SLOW = "test.slow"


def entries(store: Store) -> int:
    """How many changes of this module's routes the log holds."""
    with store.reading() as session:
        query = select(func.count()).select_from(AuditEntry).where(AuditEntry.action == SLOW)
        return session.scalar(query) or 0


def add_route(service: Service, endpoint: Callable[..., Any], **options: Any) -> None:
    """Add ``POST /slow`` to a service, open to all."""
    assert isinstance(service.client.app, FastAPI)
    service.client.app.post("/slow", operation_id="livez", **options)(endpoint)


def changing(store: Store, before: float = 0.0, after: float = 0.0) -> Callable[[], dict[str, str]]:
    """A route that makes a change, some seconds into its work, and goes on working for some."""

    def change() -> dict[str, str]:
        time.sleep(before)
        with store.writing() as session:
            chain.record(session, "ana", SLOW, "x")
        time.sleep(after)
        return {"made": "yes"}

    return change


def test_what_was_given_up_takes_no_effect(make_service: Make) -> None:
    """Who was told 503 is told the truth: the change that would have been made later is not made."""
    service = make_service(request_seconds=0.3)
    add_route(service, changing(service.store, before=0.8))
    client = service.client
    found = client.post("/slow")
    assert found.status_code == 503
    assert "nothing was changed" in found.json()["detail"]
    time.sleep(1.0)
    assert entries(service.store) == 0


def test_what_has_taken_effect_is_told(make_service: Make) -> None:
    """Once the change is made, the answer is waited for, however long it takes."""
    service = make_service(request_seconds=0.7)
    add_route(service, changing(service.store, after=1.2))
    client = service.client
    assert client.post("/slow").json() == {"made": "yes"}
    assert entries(service.store) == 1


def test_a_change_that_fails_leaves_the_deadline(make_service: Make) -> None:
    """What was rolled back has not taken effect: the request may still be given up."""
    service = make_service(request_seconds=0.3)

    def failing() -> None:
        with suppress(ZeroDivisionError), service.store.writing() as session:
            chain.record(session, "ana", SLOW, "x")
            raise ZeroDivisionError
        time.sleep(0.8)

    add_route(service, failing)
    client = service.client
    assert client.post("/slow").status_code == 503
    time.sleep(0.8)


def test_noting_that_a_key_was_used_is_no_effect(make_service: Make) -> None:
    """The first request of a key writes its use down, and has its deadline all the same."""
    service = make_service(request_seconds=0.3)
    ana = service.person("ana", Role.ANALYST)
    assert isinstance(service.client.app, FastAPI)
    service.client.app.get("/slow", operation_id="who_am_i")(lambda: time.sleep(0.8))
    assert ana.get("/slow").status_code == 503
    time.sleep(0.8)


def test_long_work_has_a_deadline_of_its_own(make_service: Make) -> None:
    """A route that says so is given ``work_seconds``; and given up after them."""
    service = make_service(request_seconds=0.2, work_seconds=20.0)
    add_route(service, changing(service.store, before=0.5), openapi_extra=LONG)
    client = service.client
    assert client.post("/slow").status_code == 200
    assert entries(service.store) == 1


def test_long_work_is_given_up_too(make_service: Make) -> None:
    """After ``work_seconds`` it is."""
    service = make_service(request_seconds=0.1, work_seconds=0.3)
    add_route(service, changing(service.store, before=0.8), openapi_extra=LONG)
    client = service.client
    assert client.post("/slow").status_code == 503
    time.sleep(0.8)
    assert entries(service.store) == 0


def test_every_operation_that_works_in_a_child_is_long(service: Service) -> None:
    """Whoever may be told that something takes too much memory may have to wait for it as well."""
    assert isinstance(service.client.app, FastAPI)
    routes = [found.original_route for found in iter_route_contexts(service.client.app.routes)]
    working = {
        route.operation_id: route
        for route in routes
        if isinstance(route, APIRoute) and 413 in route.responses
    }
    assert {"put_table", "restore_upload", "move_round", "check_round", "erase_learner"} <= set(working)
    assert [name for name, route in working.items() if not is_long(route)] == []


@pytest.fixture
def slowly(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Makes child processes take a second for everything, from when it is called."""
    run = Children.run

    def late(self: Children, *order: Any) -> Any:
        time.sleep(1.0)
        return run(self, *order)

    return lambda: monkeypatch.setattr(Children, "run", late)


def test_uploads_checks_and_freezing_outlast_the_ordinary_deadline(
    make_service: Make, slowly: Callable[[], None]
) -> None:
    """They are answered although they take longer than any other request may."""
    people = People(make_service(request_seconds=0.9))
    people.load_all()
    assert people.move("collecting").status_code == 200
    slowly()
    assert people.load("schools", "ccis", If_Match='"1"').status_code == 200
    assert people.coordinator.get(people.url("/check")).status_code == 200
    assert people.move("frozen").status_code == 200
    assert people.state() == "frozen"


def test_freezing_that_was_given_up_leaves_the_round_as_it_was(
    make_service: Make, slowly: Callable[[], None]
) -> None:
    """Who was told 503 finds the round as it was loaded, and freezes it by sending the same again."""
    people = People(make_service())
    people.load_all()
    assert people.move("collecting").status_code == 200
    sent = people.coordinator.headers | {"If-Match": people.coordinator.get(people.url()).headers["ETag"]}
    slowly()
    client = make_service(work_seconds=0.5).client
    found = client.post(people.url("/transitions"), json={"to": "frozen"}, headers=sent)
    assert found.status_code == 503
    time.sleep(2.0)
    assert people.state() == "collecting"
    assert people.move("frozen").status_code == 200
