"""Lists that come in pages, as if they were whole: pages are fetched when they are come to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, Generic, TypeVar

import pandas as pd
from pydantic import BaseModel

from matcher.client.frames import of_answers

T = TypeVar("T", bound=BaseModel)

SHOWN = 20
"""How many entries a notebook shows."""


class Listing(Generic[T]):
    """Everything of a kind, in the service's order; iterating again asks again.

    ``fetch`` gives the page that a cursor stands for (None: the first) and the cursor of the next one (None: none).
    """

    def __init__(self, what: str, fetch: Callable[[str | None], tuple[list[T], str | None]]) -> None:
        self.what = what
        self._fetch = fetch

    def __iter__(self) -> Iterator[T]:
        cursor: str | None = None
        while True:
            page, cursor = self._fetch(cursor)
            yield from page
            if cursor is None:
                return

    def first(self, count: int = 1) -> list[T]:
        """The first entries; no more pages are fetched than they take."""
        return list(islice(self, count))

    def frame(self) -> pd.DataFrame:
        """All of it, a row for each entry."""
        return of_answers(self)

    def __repr__(self) -> str:
        return f"<{self.what}: iterate, or .frame() for all of it>"

    def _repr_html_(self) -> str:
        some = self.first(SHOWN + 1)
        more = f"<p>The first {SHOWN}; <code>.frame()</code> has all.</p>" if len(some) > SHOWN else ""
        table: Any = of_answers(some[:SHOWN]).to_html(index=False)
        return f"{table}{more}"
