"""Bodies as they come in: whose they are, what they may be, how large, how slow; their digest for retries.

All of it is looked at when the route asks for the first piece, so the route is known and says what it takes; nothing
is read of what comes from somebody who may not send it, and no more than the limit of what is too large.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from typing import Final

from fastapi.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import Late, NoSuchFormat, TooLarge
from api.settings import Settings
from api.web.admission import admit
from api.web.trace import operation_in, route_of, trace_of

IS_UPLOAD: Final = "x-upload"
"""In ``openapi_extra`` of a route: its body may be as large, and take as long, as an upload."""

UPLOAD: Final[dict[str, bool]] = {IS_UPLOAD: True}
"""For routes that take uploads: ``openapi_extra=UPLOAD``."""


class Bodies:
    """The innermost layer."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app, self._settings = app, settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request whose body is looked at."""
        if scope["type"] == "http":
            receive = Incoming(scope, receive, self._settings).receive
        await self._app(scope, receive, send)


class Incoming:
    """One body on its way in."""

    def __init__(self, scope: Scope, receive: Receive, settings: Settings) -> None:
        self._scope, self._receive, self._settings = scope, receive, settings
        self._size, self._digest, self._is_whole = 0, hashlib.sha256(), False
        self._largest: int | None = None
        self._until = 0.0

    async def receive(self) -> Message:
        """The next piece. Raises what is wrong with it, and what is wrong with who sends it."""
        if self._is_whole:
            return await self._receive()  # somebody listens for the client's leaving
        if self._largest is None:
            self._largest = await self._begin()
        try:
            message = await asyncio.wait_for(self._receive(), max(0.0, self._until - time.monotonic()))
        except TimeoutError:
            raise Late("The body did not arrive in time.") from None
        if message["type"] == "http.request":
            self._take(message, self._largest)
        return message

    async def _begin(self) -> int:
        """Look at everything but the body; the most that is read of it, in bytes."""
        if operation_in(self._scope) is not None:
            await run_in_threadpool(admit, self._scope)
        headers, route = Headers(scope=self._scope), route_of(self._scope)
        is_upload = bool((getattr(route, "openapi_extra", None) or {}).get(IS_UPLOAD))
        largest = self._settings.upload_bytes if is_upload else self._settings.body_bytes
        seconds = self._settings.upload_seconds if is_upload else self._settings.request_seconds
        self._until = time.monotonic() + seconds
        length = headers.get("content-length", "")
        if length.isdecimal() and int(length) > largest:
            raise too_large(largest)
        if headers.get("content-encoding", "identity").strip().lower() != "identity":
            raise NoSuchFormat("Bodies are taken as they are, without Content-Encoding.")
        has_body = length not in {"", "0"} or "transfer-encoding" in headers
        if has_body and takes_json(route) and not is_json(headers.get("content-type", "")):
            raise NoSuchFormat("Taken here: application/json.")
        return largest

    def _take(self, message: Message, largest: int) -> None:
        piece = message.get("body", b"")
        self._size += len(piece)
        if self._size > largest:
            raise too_large(largest)
        self._digest.update(piece)
        if not message.get("more_body", False):
            self._is_whole = True
            trace_of(self._scope).body_digest = self._digest.hexdigest()


def too_large(largest: int) -> TooLarge:
    """The refusal of a body above a limit in bytes."""
    return TooLarge(f"At most {largest} bytes are taken here.")


def takes_json(route: object) -> bool:
    """Whether the framework reads the route's body as JSON."""
    field = getattr(route, "body_field", None)
    return field is not None and getattr(field.field_info, "media_type", "") == "application/json"


def is_json(content_type: str) -> bool:
    """Whether a content type is JSON's."""
    kind = content_type.split(";", maxsplit=1)[0].strip().lower()
    return kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json"))
