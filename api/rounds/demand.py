"""The demand that hosts see: how many learners there are by field, level, stay and month, never who.

A learner counts in every month on a day of which they can be away. Fields are narrowed to ISCED-F detailed groups of
three digits. For every stay and month it is said how many there are at least; cells are suppressed as ``suppression``
says. There are no totals over months, as one learner stands in several.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from api.rounds.parts import Part, write_parts
from api.rounds.suppression import suppressed
from matcher.intake import read_csv_table
from models.round import Table

YEARS: Final = (-1, 2)
"""Months from so many years after the call year to so many: a learner who is free for decades adds no more."""


class Cell(NamedTuple):
    """What learners are counted by, within a stay and a month."""

    field: str
    eqf_level: int


@dataclass(frozen=True)
class Demand:
    """The learners of one stay in one month (``2022-09``): how many at least, and the cells that are shown."""

    stay: str
    month: str
    at_least: int
    cells: dict[Cell, int]


def demand(folder: Path, order: tuple[tuple[Part, ...], int]) -> list[Demand]:
    """The demand of learners that are loaded, by stay and month."""
    parts, call_year = order
    if not parts:
        return []
    return demand_of(read_csv_table(write_parts(folder, parts)["learners"], "learners"), call_year)


def demand_of(learners: Table, call_year: int) -> list[Demand]:
    """The demand of a table of learners."""
    counts: defaultdict[tuple[str, str], Counter[Cell]] = defaultdict(Counter)
    for (stay, field, level, first, last), number in _kinds(learners, call_year).items():
        for counted in range(first, last + 1):
            counts[stay, str(np.datetime64(counted, "M"))][Cell(field, level)] += number
    found = []
    for (stay, month), cells in sorted(counts.items()):
        shown = suppressed(cells)
        if shown.at_least:  # a month with too few learners cannot be told from one without any
            found.append(Demand(stay, month, shown.at_least, dict(sorted(shown.cells.items()))))
    return found


def _kinds(learners: Table, call_year: int) -> Counter[tuple[str, str, int, int, int]]:
    """How many learners there are of each kind: stay, field, level, first and last month."""
    early, late = (_month(np.datetime64(f"{call_year + years}-01", "M")) for years in YEARS)
    return Counter(
        (stay, field[:3], level, max(first, early), min(last, late + 11))
        for stay, field, level, first, last in zip(
            learners["stay"].tolist(),
            learners["field"].tolist(),
            learners["eqf_level"].tolist(),
            _months(learners["available_from"]),
            _months(learners["available_to"]),
            strict=True,
        )
    )


def _months(days: Iterable[object]) -> Iterator[int]:
    return (int(month) for month in np.asarray(days, "datetime64[M]").astype(np.int64).tolist())


def _month(month: np.datetime64) -> int:
    return int(month.astype(np.int64))
