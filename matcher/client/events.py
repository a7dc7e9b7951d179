"""What happens to a run, as it happens: server-sent events, taken up again where a connection broke off."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import httpx2

from matcher.client.refusals import Refused, Unreachable
from matcher.client.retrying import AGAIN

if TYPE_CHECKING:
    from matcher.client.connection import Connection


def follow(
    connection: Connection, operation: str, *path: str, after: str | None = None
) -> Iterator[httpx2.ServerSentEvent]:
    """Every event after the one with the id ``after``, once and in order, until the service ends the stream.

    A connection that breaks is made again with ``Last-Event-ID``. Raises ``Unreachable`` when the service stays away
    for longer than the connection's patience, ``Refused`` when it refuses.
    """
    last, tried, lost_at = after, 0, time.monotonic()
    while True:
        wrong: Exception
        asked = None
        try:
            for event in _events(connection, operation, *path, after=last):
                last, tried, lost_at = event.id or last, 0, time.monotonic()
                yield event
        except httpx2.TransportError as lost:
            wrong = Unreachable(f"{connection.http.base_url}: {str(lost) or type(lost).__name__}")
            wrong.__cause__ = lost
        except Refused as refused:
            if refused.status not in AGAIN:
                raise
            wrong, asked = refused, refused.seconds
        else:
            return
        wait = connection.patience.wait(tried, time.monotonic() - lost_at, asked)
        if wait is None:
            raise wrong
        connection.patience.sleep(wait)
        tried += 1


def _events(
    connection: Connection, operation: str, *path: str, after: str | None
) -> Iterator[httpx2.ServerSentEvent]:
    """The events of one connection."""
    headers = {"Accept": "text/event-stream", **({} if after is None else {"Last-Event-ID": after})}
    with connection.stream(operation, *path, headers=headers) as response:
        # a block that only says after how long to come back is no event (it has no data)
        yield from (event for event in httpx2.EventSource(response) if event.data)
