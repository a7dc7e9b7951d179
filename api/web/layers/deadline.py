"""A request that is not answered in time is answered with 503, and has no effect.

The time runs while the body is whole and no answer has begun; what is being answered (a large file, a stream of
events) may take as long as it takes. Work in a thread cannot be stopped, but its transaction asks before it is
committed: given up, it is rolled back; committed, the request is not given up any more. So 503 never stands for
something that was done.
"""

from __future__ import annotations

import asyncio
import threading
import time
from typing import Final

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import Unavailable
from api.settings import Settings
from api.store.engine import before_commit
from api.traces import frames_of
from api.web import problems
from api.web.trace import operation_in, route_of, trace_of

log = structlog.get_logger()

IS_LONG: Final = "x-long"
"""In ``openapi_extra`` of a route: its work grows with the tables of a round."""

LONG: Final[dict[str, bool]] = {IS_LONG: True}
"""For routes whose work may take long: ``openapi_extra=LONG``."""


def is_long(route: object) -> bool:
    """Whether a route's work may take long; nothing is known before a request is matched with one."""
    return bool((getattr(route, "openapi_extra", None) or {}).get(IS_LONG))


class Deadline:
    """The layer that does not wait for ever."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app, self._settings = app, settings
        self._left: set[asyncio.Task[None]] = set()
        """What goes on after its request was given up; held here, or it would be collected as it runs."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, or give it up in time."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        course = Course(receive, send)
        token = before_commit.set(course.take_effect)
        try:
            task: asyncio.Task[None] = asyncio.ensure_future(self._app(scope, course.receive, course.send))
        finally:
            before_commit.reset(token)  # the task has a copy
        try:
            if await self._is_in_time(task, course, scope):
                await task
                return
        except asyncio.CancelledError:
            task.cancel()
            raise
        self._left.add(task)
        task.add_done_callback(self._let_go)
        log.warning("given_up", operation=operation_in(scope), request_id=trace_of(scope).request_id)
        text = f"There was no answer within {self._seconds(scope):g} seconds, and nothing was changed."
        await problems.of(Unavailable(text))(scope, receive, send)

    async def _is_in_time(self, task: asyncio.Task[None], course: Course, scope: Scope) -> bool:
        """Wait until the request is answered, its answer has begun, or its time is over."""
        while not task.done() and not course.has_begun:
            left: float | None = course.since + self._seconds(scope) - time.monotonic()
            if course.is_reading or route_of(scope) is None:
                # how long a body may take is looked at where it is read; what is asked is known soon
                left = self._seconds(scope)
            elif left is not None and left <= 0:
                if course.give_up():
                    return False
                left = None
            await asyncio.wait({task}, timeout=left)
        return True

    def _seconds(self, scope: Scope) -> float:
        """How long a request may take; as long as its route is not known, when to look again."""
        ordinary, long, route = self._settings.request_seconds, self._settings.work_seconds, route_of(scope)
        if route is None:
            return min(ordinary, long)
        return long if is_long(route) else ordinary

    def _let_go(self, task: asyncio.Task[None]) -> None:
        self._left.discard(task)
        if not task.cancelled() and (wrong := task.exception()) is not None:
            log.error("fault", kind=type(wrong).__name__, frames=frames_of(wrong))


class Course:
    """How far one request has come."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive, self._send = receive, send
        self.since = time.monotonic()
        self.is_reading = self.has_begun = False
        self._is_given_up = self._has_effect = False
        self._deciding = threading.Lock()
        """The work is in a thread of its own: of giving up and taking effect, one comes first."""

    def give_up(self) -> bool:
        """Let the request have no effect; whether it has none yet."""
        with self._deciding:
            self._is_given_up = not self._has_effect
            return self._is_given_up

    def take_effect(self) -> None:
        """Say that a change is about to be committed. Raises ``Unavailable`` where the request was given up."""
        with self._deciding:
            if self._is_given_up:
                raise Unavailable("The request was given up before it took effect.")
            self._has_effect = True

    async def receive(self) -> Message:
        """The next piece of the body; the time starts anew when it is there."""
        self.is_reading = True
        try:
            return await self._receive()
        finally:
            self.is_reading, self.since = False, time.monotonic()

    async def send(self, message: Message) -> None:
        """Pass the answer on, unless another was given."""
        if not self._is_given_up:
            self.has_begun = True
            await self._send(message)
