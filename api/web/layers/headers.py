"""The outermost layer: a request gets its id, and every answer its headers. Nothing is guessed, framed, kept by caches
or sent on, and clients are told what a limit leaves them.
"""

from __future__ import annotations

from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.web.trace import begin

ALWAYS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "Cache-Control": "no-store",
}
"""A route that answers with a page sets a policy of its own, and one whose answer never changes its own caching."""

HSTS: Final = "max-age=63072000; includeSubDomains"


class SafeHeaders:
    """The layer that adds them."""

    def __init__(self, app: ASGIApp, *, is_https: bool) -> None:
        self._app = app
        self._headers = ALWAYS | ({"Strict-Transport-Security": HSTS} if is_https else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request; its answer gets the headers that the route has not set."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        trace = begin(scope)

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in (self._headers | trace.rates).items():
                    headers.setdefault(name, value)
                headers["X-Request-Id"] = trace.request_id
            await send(message)

        await self._app(scope, receive, with_headers)
