"""What every request and every answer passes, from the outside in: headers, watching, gzip, deadlines,
bodies.

Each is a plain ASGI application around the next one.
"""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.middleware.gzip import GZipMiddleware

from api.settings import Settings
from api.web.layers.bodies import Bodies
from api.web.layers.deadline import Deadline
from api.web.layers.headers import SafeHeaders
from api.web.layers.watching import Watching

SMALLEST = 1_000
"""Bytes below which gzip costs more than it saves."""


def wrap(app: FastAPI, settings: Settings) -> None:
    """Put the layers around an application; the last one added is the outermost."""
    app.add_middleware(Bodies, settings=settings)
    app.add_middleware(Deadline, settings=settings)
    app.add_middleware(GZipMiddleware, minimum_size=SMALLEST, compresslevel=5)
    app.add_middleware(Watching)
    app.add_middleware(SafeHeaders, is_https=(settings.public_url or "").startswith("https:"))
