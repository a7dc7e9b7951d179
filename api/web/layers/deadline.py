"""A request that is not answered in time is answered with 503, whatever it still does.

The time runs while the body is whole and no answer has begun; what is being answered (a large file, a stream of
events) may take as long as it takes. Work in a thread cannot be stopped: it goes on and may still take effect, which
a retry with the same ``Idempotency-Key`` finds out safely.
"""

from __future__ import annotations

import asyncio
import time

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import Unavailable
from api.traces import frames_of
from api.web import problems
from api.web.trace import operation_in, trace_of

log = structlog.get_logger()


class Deadline:
    """The layer that does not wait for ever."""

    def __init__(self, app: ASGIApp, seconds: float) -> None:
        self._app, self._seconds = app, seconds
        self._left: set[asyncio.Task[None]] = set()
        """What goes on after its request was given up; held here, or it would be collected as it runs."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, or give it up in time."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        course = Course(receive, send)
        task: asyncio.Task[None] = asyncio.ensure_future(self._app(scope, course.receive, course.send))
        try:
            if await self._is_in_time(task, course):
                await task
                return
        except asyncio.CancelledError:
            task.cancel()
            raise
        course.is_given_up = True
        self._left.add(task)
        task.add_done_callback(self._let_go)
        log.warning("given_up", operation=operation_in(scope), request_id=trace_of(scope).request_id)
        text = f"There was no answer within {self._seconds:g} seconds; the request may still take effect."
        await problems.of(Unavailable(text))(scope, receive, send)

    async def _is_in_time(self, task: asyncio.Task[None], course: Course) -> bool:
        """Wait until the request is answered, its answer has begun, or its time is over."""
        while not task.done() and not course.has_begun:
            left = course.since + self._seconds - time.monotonic()
            if course.is_reading:
                left = self._seconds  # how long a body may take is looked at where it is read
            elif left <= 0:
                return False
            await asyncio.wait({task}, timeout=left)
        return True

    def _let_go(self, task: asyncio.Task[None]) -> None:
        self._left.discard(task)
        if not task.cancelled() and (wrong := task.exception()) is not None:
            log.error("fault", kind=type(wrong).__name__, frames=frames_of(wrong))


class Course:
    """How far one request has come."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive, self._send = receive, send
        self.since = time.monotonic()
        self.is_reading = self.has_begun = self.is_given_up = False

    async def receive(self) -> Message:
        """The next piece of the body; the time starts anew when it is there."""
        self.is_reading = True
        try:
            return await self._receive()
        finally:
            self.is_reading, self.since = False, time.monotonic()

    async def send(self, message: Message) -> None:
        """Pass the answer on, unless another was given."""
        if not self.is_given_up:
            self.has_begun = True
            await self._send(message)
