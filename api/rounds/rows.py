"""Rows of tables as JSON, as people read them and programs send them back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import islice
from typing import Any, Final

from api.rounds.packing import records
from api.rounds.parts import Part
from matcher.spreadsheets import restore
from models.columns import Decimal, Whole, YesNo
from models.round import is_list
from models.tables import TABLES, columns_of

Row = dict[str, Any]


def rows_between(parts: Sequence[Part], first: int, last: int) -> list[Row]:
    """The rows from ``first`` up to ``last`` (not included) of parts that follow each other."""
    return list(_rows(parts, first, last))


def _rows(parts: Sequence[Part], first: int, last: int) -> Iterator[Row]:
    before = 0
    for part in parts:
        begin, end = max(0, first - before), min(part.rows, last - before)
        if begin < end:
            lines = records(part.content)
            read = _readers(part.table, tuple(next(lines)))
            for cells in islice(lines, begin, end):
                yield {name: value(cell) for (name, value), cell in zip(read, cells, strict=True)}
        before += part.rows


@cache
def _readers(table: str, headings: tuple[str, ...]) -> tuple[tuple[str, Callable[[str], Any]], ...]:
    """How to read each cell of a row that the engine has written."""
    notes = columns_of(TABLES[table])
    return tuple(
        (name, _list if is_list(notes[name]) else _READERS.get(type(notes[name].kind), _text))
        for name in headings
    )


def _list(cell: str) -> list[str]:
    return restore(cell).split(";") if cell else []


def _text(cell: str) -> str | None:
    return restore(cell) if cell else None


def _whole(cell: str) -> int | None:
    return int(cell) if cell else None


def _decimal(cell: str) -> float | None:
    return float(cell) if cell else None


def _yes(cell: str) -> bool | None:
    return cell == "yes" if cell else None


_READERS: Final[dict[type, Callable[[str], Any]]] = {Whole: _whole, Decimal: _decimal, YesNo: _yes}
