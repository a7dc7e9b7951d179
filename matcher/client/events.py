"""What happens to a run, as it happens: server-sent events, taken up again where a connection broke off."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import httpx2

from matcher.client.refusals import Refused, Unreachable
from matcher.client.retrying import AGAIN, Retrying

if TYPE_CHECKING:
    from matcher.client.connection import Connection


class _Absence:
    """How long the service has been away, and how often it was asked in vain meanwhile."""

    def __init__(self, patience: Retrying) -> None:
        self._patience = patience
        self._tried = 0
        self._since: float | None = None

    def end(self) -> None:
        """The service is there."""
        self._tried, self._since = 0, None

    def lost(self, held: float, asked: float | None) -> float | None:
        """Seconds until the next try, after a connection that held for so many; None: it is enough.

        One that held for longer than any wait was the service itself, though it had nothing to tell.
        """
        if held > self._patience.longest:
            self.end()
        now = time.monotonic()
        self._since = now if self._since is None else self._since
        wait = self._patience.wait(self._tried, now - self._since, asked)
        self._tried += 1
        return wait


def follow(
    connection: Connection, operation: str, *path: str, after: str | None = None
) -> Iterator[httpx2.ServerSentEvent]:
    """Every event after the one with the id ``after``, once and in order, until the service ends the stream.

    A connection that breaks is made again with ``Last-Event-ID``. Raises ``Unreachable`` when the service stays away
    for longer than the connection's patience, ``Refused`` when it refuses.
    """
    last, absence = after, _Absence(connection.patience)
    while True:
        wrong: Exception
        asked, held, opened = None, 0.0, None
        headers = {"Accept": "text/event-stream", **({} if last is None else {"Last-Event-ID": last})}
        try:
            with connection.stream(operation, *path, headers=headers) as response:
                opened = time.monotonic()
                for event in _events(response):
                    last = event.id or last
                    absence.end()
                    yield event
        except httpx2.TransportError as lost:
            wrong = Unreachable(f"{connection.http.base_url}: {str(lost) or type(lost).__name__}")
            wrong.__cause__ = lost
            # who was silent until the time was over was not there: the service gives signs of life
            if opened is not None and not isinstance(lost, httpx2.TimeoutException):
                held = time.monotonic() - opened
        except Refused as refused:
            if refused.status not in AGAIN:
                raise
            wrong, asked = refused, refused.seconds
        else:
            return
        wait = absence.lost(held, asked)
        if wait is None:
            raise wrong
        connection.patience.sleep(wait)


def _events(response: httpx2.Response) -> Iterator[httpx2.ServerSentEvent]:
    """The events of one connection."""
    # a block that only says after how long to come back is no event (it has no data)
    return (event for event in httpx2.EventSource(response) if event.data)
