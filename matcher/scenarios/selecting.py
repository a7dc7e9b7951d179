"""Which rows of a table a scenario means: those whose columns have certain values.

A column may also be one of the rows that a row refers to: ``country`` of an offer is that of its company's host.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any, Final

import numpy as np

from matcher.intake.findings import Bad
from matcher.intake.readers import reader_of
from matcher.intake.reading import clean
from matcher.rules.base import Mask
from matcher.scenarios.noting import Place, is_number, shown, text_of
from models.columns import Codes, Day, Decimal, Isced, IscedList, Kind, Languages, Ref, RefList, Whole
from models.round import Array, IntArray, Round
from models.tables import TABLES, columns_of
from models.vocabulary import Cefr, nearest

BOUNDS: Final = ("min", "max")
"""The keys of a range of numbers or days, both ends included."""

Test = Callable[[Any], bool]


def select(rnd: Round, table: str, where: object, place: Place) -> Mask | None:
    """The rows that agree with every column of ``where``; None when something is wrong with it, which is taken down.

    A list of values means any of them, ``{ min = …, max = … }`` a range, ``""`` a blank. Lists in cells agree with each
    of their entries, languages with their code, and fields of study with each that begins like them.
    """
    if not isinstance(where, dict):
        place.wrong("expected the columns and their values: { column = value }", where)
        return None
    masks = [_agreeing(rnd, table, name, wanted, place) for name, wanted in where.items()]
    if any(mask is None for mask in masks):
        return None
    found = np.ones(len(rnd.tables[table]), bool)
    for mask in masks:
        assert mask is not None
        found &= mask
    if not found.any():
        place.wrong(f"no row of {table} agrees with all of this" if where else f"{table} has no rows")
        return None
    return found


def _agreeing(rnd: Round, table: str, name: str, wanted: object, place: Place) -> Mask | None:
    """The rows that agree in one column."""
    ways = dict(_ways(table))
    if name not in ways:
        place.unknown(name, ways)
        return None
    kind, cells = _cells(rnd, table, ways[name])
    here = place.at(name)
    if isinstance(wanted, dict):
        return _within(kind, cells, wanted, here)
    found = np.zeros(len(cells), bool)
    right = True
    for value in wanted if isinstance(wanted, list) else [wanted]:
        test = _test(kind, value, here)
        mask = None if test is None else np.array([test(cell) for cell in cells], bool)
        if mask is not None and not mask.any():
            here.wrong(f"no row of {table} has this", value, _near(cells, shown(value) or ""))
        right &= mask is not None and bool(mask.any())
        found |= False if mask is None else mask
    return found if right else None


def _ways(table: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every column that rows can be selected by, with the columns to follow: its own first, then the nearest."""
    known: set[str] = set()
    front: list[tuple[str, tuple[str, ...]]] = [(table, ())]
    while front:
        beyond: list[tuple[str, tuple[str, ...]]] = []
        for name, path in front:
            for column, note in columns_of(TABLES[name]).items():
                if column not in known and not (path and column in {"id", "name"}):
                    known.add(column)
                    yield column, (*path, column)
                if isinstance(note.kind, Ref):
                    beyond.append((note.kind.table, (*path, column)))
        front = beyond


def _cells(rnd: Round, table: str, path: tuple[str, ...]) -> tuple[Kind, list[Any]]:
    """A column's kind and its cells, one per row of the table, through the references of a path."""
    rows: IntArray = np.arange(len(rnd.tables[table]))
    for column in path[:-1]:
        to = rnd.ref(table, column)
        rows = np.where(rows >= 0, to[rows] if len(to) else -1, -1)
        kind = columns_of(TABLES[table])[column].kind
        assert isinstance(kind, Ref)
        table = kind.table
    cells = rnd.tables[table].cells(path[-1])
    kind = columns_of(TABLES[table])[path[-1]].kind
    return kind, [cells[row] if row >= 0 else None for row in rows.tolist()]


def _within(kind: Kind, cells: list[Any], wanted: Mapping[str, object], here: Place) -> Mask | None:
    """The rows within a range of numbers or days."""
    if not isinstance(kind, Whole | Decimal | Day):
        here.wrong("a range is for numbers and days only; expected a value or a list of values", wanted)
        return None
    fits = (lambda one: type(one) is date) if isinstance(kind, Day) else is_number
    for key, value in wanted.items():
        if key not in BOUNDS:
            here.unknown(key, BOUNDS)
            return None
        if not fits(value):
            here.at(key).wrong(
                "expected a day: 2022-05-09" if isinstance(kind, Day) else "expected a number", value
            )
            return None
    low, high = (wanted.get(key) for key in BOUNDS)

    def inside(cell: Any) -> bool:
        return cell is not None and (low is None or cell >= low) and (high is None or cell <= high)

    return np.array([inside(cell) for cell in cells], bool)


def _test(kind: Kind, value: object, here: Place) -> Test | None:
    """Whether a cell agrees with a value."""
    text = text_of(value) if not isinstance(value, list) else None
    if text is None:
        here.wrong("expected a text, a number, a day, true or false", value)
        return None
    text = clean(text)
    if not text:
        return lambda cell: cell is None or cell == ()
    if isinstance(kind, Isced | IscedList):
        return lambda cell: any(
            _alike(code, text) for code in ((cell,) if isinstance(cell, str) else cell or ())
        )
    if isinstance(kind, Languages):
        return lambda cell: text.lower() in dict(cell or ())
    if isinstance(kind, Codes | RefList):
        return lambda cell: text in (cell or ())
    read = reader_of(kind, workbook=False)(text)
    if isinstance(read, Bad):
        here.bad(read, value)
        return None
    right = read.value
    return lambda cell: bool(cell == right)


def _alike(code: str, asked: str) -> bool:
    """Whether of two fields of study one begins with the other."""
    return code.startswith(asked) or asked.startswith(code)


def _near(cells: Array | list[Any], value: str) -> str | None:
    """The nearest entry of a column's cells."""
    known: set[str] = set()
    for cell in cells:
        entries = cell if isinstance(cell, tuple) else (cell,)
        known |= {_entry(one) for one in entries if one is not None}
    return nearest(value, known) or (", ".join(sorted(known)) if 0 < len(known) <= 6 else None)


def _entry(one: Any) -> str:
    if isinstance(one, tuple):
        return f"{one[0]}:{Cefr(one[1]).name}"
    return "yes" if one is True else "no" if one is False else str(one)
