"""Pages of long lists: a limit, and a cursor that says where the next page begins.

A cursor is opaque to clients: it holds the place after which to go on, and is taken only by the list that gave it.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, Generic, TypeVar

from fastapi import Depends, Query
from pydantic import BaseModel, Field
from sqlalchemy import Select
from sqlalchemy.orm import InstrumentedAttribute, Session

from api.errors import Wrong

Item = TypeVar("Item")
Shown = TypeVar("Shown")

MOST: Final = 1_000
"""Most items of a page."""

USUAL: Final = 100
"""Items of a page where the client does not say."""

Place = Sequence[str | int]
"""Where a page ends: whatever the list is ordered by."""


class Page(BaseModel, Generic[Item]):
    """A part of a list; ``next`` is the cursor of the page that follows, and null at the end."""

    items: list[Item]
    next: str | None = Field(examples=["WyIwMWs4bTBjMnE1aDR2Il0"], description="Send it back as `cursor`.")


@dataclass(frozen=True)
class Window:
    """What part of a list is asked for: ``after`` is the place where the page before it ended."""

    limit: int = USUAL
    after: tuple[str | int, ...] | None = None

    def place(self, *kinds: type[str | int]) -> tuple[Any, ...] | None:
        """Where to go on: values of these kinds (None: from the beginning). Raises ``Wrong`` for another list's."""
        if self.after is None:
            return None
        if [type(value) for value in self.after] != list(kinds):
            raise _nonsense()
        return self.after


async def window_of(
    limit: Annotated[
        int, Query(ge=1, le=MOST, description="Most items of the page.", examples=[100])
    ] = USUAL,
    cursor: Annotated[
        str | None,
        Query(
            max_length=500,
            pattern=r"^[A-Za-z0-9_-]+$",
            description="`next` of the page before.",
            examples=["WyIwMWs4bTBjMnE1aDR2Il0"],
        ),
    ] = None,
) -> Window:
    """The part of the list that the request asks for. Raises ``Wrong`` for what is no cursor."""
    return Window(limit, None if cursor is None else decode(cursor))


TheWindow = Annotated[Window, Depends(window_of)]


def encode(place: Place) -> str:
    """A place as a cursor."""
    text = json.dumps(list(place), separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def decode(cursor: str) -> tuple[str | int, ...]:
    """The place that a cursor holds. Raises ``Wrong``."""
    try:
        found = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error, RecursionError) as error:
        raise _nonsense() from error
    if not isinstance(found, list) or not all(_is_part(value) for value in found):
        raise _nonsense()
    return tuple(found)


def _is_part(value: object) -> bool:
    """Texts that a database can be asked for, and whole numbers that it can count to."""
    if isinstance(value, str):
        return value.isprintable() and len(value) <= 255
    return type(value) is int and 0 <= value < 2**63


def page(items: Sequence[Item], window: Window, place_of: Callable[[Item], Place]) -> Page[Item]:
    """A page of what was found when one more item than the limit was asked for."""
    kept = list(items[: window.limit])
    more = len(items) > window.limit
    return Page[Any](items=kept, next=encode(place_of(kept[-1])) if more else None)


def page_by(
    session: Session,
    query: Select[Item],
    column: InstrumentedAttribute[Any],
    window: Window,
    shown: Callable[[Item], Shown],
    *,
    newest_first: bool = False,
) -> Page[Shown]:
    """A page of a query's rows in the order of a column whose values (text, or a number) are unique."""
    kind = column.type.python_type
    after = window.place(int if kind is int else str)
    if after is not None:
        query = query.where(column < after[0] if newest_first else column > after[0])
    ordered = query.order_by(column.desc() if newest_first else column)
    found = session.scalars(ordered.limit(window.limit + 1)).all()
    part = page(found, window, lambda item: [getattr(item, column.key)])
    return Page[Any](items=[shown(item) for item in part.items], next=part.next)


def _nonsense() -> Wrong:
    return Wrong("This is no cursor of this list: begin again without one.")
