"""Every request gets its line in the log and its place in the metrics; faults end here.

The log says which operation, by whose key, how it ended and how long it took: ids only, never a path as it was sent, a
query, a body or a name.
"""

from __future__ import annotations

import time

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.traces import frames_of
from api.web import problems
from api.web.metrics import Metrics
from api.web.trace import Trace, operation_in, trace_of

log = structlog.get_logger()

UNWRITTEN = frozenset({"livez", "readyz", "metrics"})
"""Asked every few seconds: written down only when they fail."""


class Watching:
    """The layer that sees how everything ends."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, whatever happens, and write down how it ended."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        trace, started, statuses = trace_of(scope), time.monotonic(), list[int]()

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                statuses.append(message["status"])
            await send(message)

        try:
            await self._app(scope, receive, noting)
        except Exception as wrong:  # noqa: BLE001 - nothing of ours is further out: what is left here is our fault
            _write_fault(scope, trace, wrong)
            if not statuses:
                await problems.our_fault(trace.request_id)(scope, receive, noting)
        finally:
            seconds = time.monotonic() - started
            status = statuses[0] if statuses else 499  # nobody was there to be answered
            metrics: Metrics = scope["app"].state.metrics
            metrics.note_request(operation_in(scope), status, seconds)
            _write(scope, trace, status, seconds)


def _write(scope: Scope, trace: Trace, status: int, seconds: float) -> None:
    operation = operation_in(scope)
    if operation in UNWRITTEN and status < 400:
        return
    log.info(
        "request",
        request_id=trace.request_id,
        method=scope["method"] if operation else None,
        operation=operation,
        status=status,
        seconds=round(seconds, 4),
        user_id=trace.caller.user_id if trace.caller else None,
        key_id=trace.caller.key_id if trace.caller else None,
    )


def _write_fault(scope: Scope, trace: Trace, wrong: Exception) -> None:
    log.error(
        "fault",
        request_id=trace.request_id,
        operation=operation_in(scope),
        kind=type(wrong).__name__,
        frames=frames_of(wrong),
    )
