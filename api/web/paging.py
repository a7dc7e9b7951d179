"""Lists in pages: a page names the cursor that the next one begins after; it is stable while rows come and go."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Depends, Query
from pydantic import BaseModel, Field
from sqlalchemy import Select
from sqlalchemy.orm import InstrumentedAttribute, Session

from api.errors import Wrong
from models.errors import InputProblem

R = TypeVar("R")
T = TypeVar("T")


class Page(BaseModel, Generic[T]):
    """Some of a list; ``next`` is the cursor for what follows, null at the end."""

    items: list[T]
    next: str | None = Field(examples=["aDAx"], description="Send it as `cursor` for what follows.")


@dataclass(frozen=True)
class Paging:
    """Which page is wanted: so many items, after the one that the cursor names."""

    limit: int
    after: str | None


def paging(
    limit: Annotated[int, Query(ge=1, le=500, description="Items of a page, at most.", examples=[100])] = 100,
    cursor: Annotated[
        str | None,
        Query(
            max_length=400,
            pattern="^[A-Za-z0-9_-]+$",
            description="`next` of the page before.",
            examples=["aDAx"],
        ),
    ] = None,
) -> Paging:
    """The page that a request asks for."""
    return Paging(limit, None if cursor is None else _decoded(cursor))


ThePaging = Annotated[Paging, Depends(paging)]


def page_of(
    session: Session,
    query: Select[R],
    by: InstrumentedAttribute[str],
    wanted: Paging,
    shown: Callable[[R], T],
    *,
    newest_first: bool = False,
) -> Page[T]:
    """A page of a query's rows, ordered by a unique column; ``shown`` makes an item of a row."""
    if wanted.after is not None:
        query = query.where(by < wanted.after if newest_first else by > wanted.after)
    rows = session.scalars(query.order_by(by.desc() if newest_first else by).limit(wanted.limit + 1)).all()
    last = rows[wanted.limit - 1] if len(rows) > wanted.limit else None
    following = None if last is None else cursor_after(getattr(last, by.key))
    return Page[Any](items=[shown(row) for row in rows[: wanted.limit]], next=following)


def cursor_after(key: str) -> str:
    """The cursor for what follows an item."""
    return base64.urlsafe_b64encode(key.encode()).decode().rstrip("=")


def _decoded(cursor: str) -> str:
    try:
        key = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError):
        key = ""
    if not key.isprintable() or cursor_after(key) != cursor:
        text = "this is no cursor that the service gave"
        raise Wrong("1 error in the request.", [InputProblem("query", None, "cursor", None, text)])
    return key
