"""Large bodies: received into a file as they arrive; the layer before them checks size and time while they do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from api import scratch
from api.errors import NoSuchFormat, Refused
from api.rounds.formats import CSV, ENDINGS, JSON, XLSX
from api.web.context import TheSettings
from api.web.fields import TableName
from api.web.layers.bodies import UPLOAD

CHUNK: Final = 1 << 20
"""How much is written at a time."""


@dataclass(frozen=True)
class Received:
    """A body in a file of its own folder, which is removed when the request has been answered."""

    path: Path
    media_type: str


async def received(request: Request, table: TableName, settings: TheSettings) -> AsyncIterator[Received]:
    """The request's body as a file ``<table>.<ending>``.

    Raises ``NoSuchFormat`` for a content type that tables do not have.
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in ENDINGS:
        raise NoSuchFormat(f"A table comes as {', '.join(ENDINGS)}.")
    with ExitStack() as held:
        folder = await run_in_threadpool(held.enter_context, scratch.folder(settings.scratch))
        try:
            path = folder / f"{table}{ENDINGS[media_type]}"
            await _receive(request, path)
            yield Received(path, media_type)
        finally:
            await run_in_threadpool(held.close)


TheBody = Annotated[Received, Depends(received)]


async def _receive(request: Request, path: Path) -> None:
    """Write the body to a file, a piece at a time, in threads: a slow disk holds nobody else up."""
    waiting = bytearray()
    await run_in_threadpool(path.touch)
    try:
        async for chunk in request.stream():
            waiting += chunk
            if len(waiting) >= CHUNK:
                await run_in_threadpool(_append, path, bytes(waiting))
                waiting.clear()
    except ClientDisconnect as error:
        raise Refused("The body ended too early.") from error
    await run_in_threadpool(_append, path, bytes(waiting))


def _append(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)


def documented_table() -> dict[str, Any]:
    """The request body of an upload, as OpenAPI describes it."""
    cell = {
        "oneOf": [
            {"type": "string"},
            {"type": "number"},
            {"type": "boolean"},
            {"type": "null"},
            {"type": "array", "items": {"type": "string"}},
        ]
    }
    rows = {"type": "array", "items": {"type": "object", "additionalProperties": cell}}
    example = [{"id": "f1", "host_id": "zni", "stay": "short", "start": "2022-09-12", "end": "2022-10-09"}]
    text = "id,host_id,stay,start,end\nf1,zni,short,2022-09-12,2022-10-09\n"
    content = {
        CSV: {"schema": {"type": "string"}, "example": text},
        XLSX: {"schema": {"type": "string", "format": "binary"}, "example": "(a workbook)"},
        JSON: {"schema": rows, "example": example},
    }
    return {**UPLOAD, "requestBody": {"required": True, "content": content}}
