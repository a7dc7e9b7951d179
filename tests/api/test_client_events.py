"""Events that the client follows: whose they are, and how long it waits for a service that is away."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import pytest

from api.access.roles import Role
from api.store.engine import Store
from api.web.app import put_on
from matcher.client import Client, Retrying, Unreachable
from matcher.client.connection import Connection
from matcher.client.events import follow
from matcher.client.retrying import NEVER
from tests.api.conftest import Service, empty_database
from tests.api.rounds import frozen, member
from tests.api.servers import app_of, listening

BRIEF = Retrying(times=3, seconds=0.2, longest=0.1, sleep=lambda _seconds: None)
"""Waits for nothing, and for a fifth of a second at most."""

Answer = Callable[[], Iterator[bytes]]


def test_events_are_those_of_the_store_that_the_service_is_on(
    service: Service, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """Somebody has listened when the application is put on another store: listeners there hear of its runs."""

    def told(store: Store) -> list[str]:
        put_on(app_of(service), store, service.settings)
        there = Service(store, service.settings, service.client, service.portal)
        round_id = frozen(store)
        member(there, "cora", Role.COORDINATOR, round_id)
        with Client(url, there.secrets["cora"], timeout=5, patience=NEVER) as cora:
            run = cora.runs.cancel(cora.runs.create(round_id))
            return [event.kind for event in cora.runs.events(run)]

    (folder := tmp_path / "other").mkdir()
    with listening(app_of(service)) as url, empty_database(request, "sqlite", folder) as other:
        assert told(service.store) == ["queued", "cancelled"]
        second = Store.at(other)
        assert told(second) == ["queued", "cancelled"]
        second.close()


class Stream(httpx2.SyncByteStream):
    """An answer that comes piece by piece."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces

    def __iter__(self) -> Iterator[bytes]:
        yield from self._pieces


def numbers(*answers: Answer) -> list[str]:
    """The ids of the events that a client follows over connections that go like this; the last one goes on so."""
    left = list(answers)

    def answer(_request: httpx2.Request) -> httpx2.Response:
        pieces = left.pop(0) if len(left) > 1 else left[0]
        return httpx2.Response(200, headers={"Content-Type": "text/event-stream"}, stream=Stream(pieces()))

    transport = httpx2.MockTransport(answer)
    connection = Connection("http://service", None, timeout=5, patience=BRIEF, transport=transport)
    return [event.id for event in follow(connection, "run_events", "r1")]


def quiet() -> Iterator[bytes]:
    """A connection on which nothing happens for longer than a client waits for an absent service; then it breaks."""
    time.sleep(0.25)
    yield b": still here\n\n"
    raise httpx2.ReadError("broken")


def one_and_quiet() -> Iterator[bytes]:
    """One event, and then nothing."""
    yield b"id: 1\ndata: {}\n\n"
    yield from quiet()


def last() -> Iterator[bytes]:
    """The last event, and the end."""
    yield b"id: 2\ndata: {}\n\n"


def broken() -> Iterator[bytes]:
    """A connection that breaks at once."""
    yield b"retry: 1000\n\n"
    raise httpx2.ReadError("broken")


def silent() -> Iterator[bytes]:
    """A connection without any sign of life, until the client's time is over."""
    yield b"retry: 1000\n\n"
    time.sleep(0.15)
    raise httpx2.ReadTimeout("timed out")


def test_a_run_that_tells_nothing_for_long_is_not_absent() -> None:
    """The patience counts while there is no connection: a long solve without news may break and be taken up."""
    assert numbers(one_and_quiet, last) == ["1", "2"]
    assert numbers(quiet, quiet, quiet, quiet, quiet, last) == ["2"]


@pytest.mark.parametrize("answer", [broken, silent])
def test_a_service_that_answers_and_is_not_there_is_given_up(answer: Answer) -> None:
    """Connections that break at once, or say nothing, are no service: the patience ends."""
    with pytest.raises(Unreachable):
        numbers(answer)
