"""Server-sent events of runs: many listeners, one look at the database a second for each run that is listened to.

A listener costs no thread: it is a coroutine that sleeps. Whoever comes back with ``Last-Event-ID`` is told what they
missed, from the store.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from starlette.concurrency import run_in_threadpool

from api.errors import Refused
from api.runs import events
from api.runs.states import EventKind
from api.store.engine import Store

EVERY: Final = 1.0
"""Seconds between two looks at the database for one run."""

GLANCE: Final = 0.25
"""Seconds between two looks of a listener at what has been found."""

HEARTBEAT: Final = 15.0
"""Seconds of silence after which a comment is sent, so that nobody in between takes the connection for dead."""

LAST: Final = frozenset({EventKind.DONE.value, EventKind.FAILED.value, EventKind.CANCELLED.value})
"""The events that nothing follows."""


@dataclass(frozen=True)
class Told:
    """An event as it stands in the store."""

    number: int
    kind: str
    data: dict[str, Any]

    def as_text(self) -> str:
        """As it stands in the stream."""
        return f"id: {self.number}\nevent: {self.kind}\ndata: {json.dumps(self.data)}\n\n"


@dataclass
class Feed:
    """The events of one run, in order: number n stands at n − 1."""

    store: Store
    run_id: str
    listeners: int = 0
    found: list[Told] = field(default_factory=list)
    looked: float = -EVERY
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def is_over(self) -> bool:
        """Whether nothing can follow."""
        return bool(self.found) and self.found[-1].kind in LAST

    async def after(self, number: int) -> list[Told]:
        """What is known to have happened after an event."""
        async with self.turn:
            if not self.is_over and time.monotonic() - self.looked >= EVERY:
                self.found += await run_in_threadpool(self._look)
                self.looked = time.monotonic()
        return self.found[number:]

    def _look(self) -> list[Told]:
        known = len(self.found)
        with self.store.reading() as session:
            new = events.after(session, self.run_id, known)
            return [Told(one.number, one.kind, {**one.data, "at": one.at.isoformat()}) for one in new]


class Feeds:
    """The runs that are being listened to."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._feeds: dict[str, Feed] = {}

    @contextmanager
    def listening(self, run_id: str) -> Iterator[Feed]:
        """The feed of a run, shared by all who listen to it."""
        feed = self._feeds.setdefault(run_id, Feed(self._store, run_id))
        feed.listeners += 1
        try:
            yield feed
        finally:
            feed.listeners -= 1
            if not feed.listeners:
                self._feeds.pop(run_id, None)

    async def stream(
        self, run_id: str, number: int, shown: Callable[[Told], Told], allowed: Callable[[], None]
    ) -> AsyncIterator[str]:
        """The events of a run after a number, as text, until the run ends.

        ``allowed`` is asked at every heartbeat, in a thread; where it raises ``Refused`` the stream ends.
        """
        spoken = asked = time.monotonic()
        with self.listening(run_id) as feed:
            yield "retry: 1000\n\n"
            while True:
                for told in await feed.after(number):
                    number, spoken = told.number, time.monotonic()
                    yield shown(told).as_text()
                if feed.is_over and number >= len(feed.found):
                    return
                if time.monotonic() - asked >= HEARTBEAT:
                    asked = time.monotonic()
                    try:
                        await run_in_threadpool(allowed)
                    except Refused:
                        return
                if time.monotonic() - spoken >= HEARTBEAT:
                    spoken = time.monotonic()
                    yield ": still here\n\n"
                await asyncio.sleep(GLANCE)
