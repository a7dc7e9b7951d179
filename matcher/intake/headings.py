"""Finds the row of headings and says which of the file's columns is which of the table's; reports every
name that is not ours.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import islice
from typing import Final

from matcher.intake import limits
from matcher.intake.findings import Findings
from matcher.intake.grids import Grid, letters
from models.tables import TABLES, Row, columns_of, is_required
from models.vocabulary import Suggester, fold

_WITHHELD: Final = {
    "health": "health data do not belong in a round: refused, its values are neither kept nor shown",
    "person": "personal data that a round does not use: ignored, its values are neither kept nor shown",
}


@dataclass(frozen=True)
class Layout:
    """Where a table's columns stand: position of the heading row, and of each column, counted from 0.

    ``withheld`` are the positions of columns whose values must not be kept, ``unnamed`` of those without a heading.
    """

    heading_row: int
    columns: Mapping[str, int]
    width: int
    withheld: tuple[int, ...] = ()
    unnamed: tuple[int, ...] = ()


def lay_out(grid: Grid, row: type[Row], findings: Findings) -> Layout | None:
    """The layout of a table's grid, or ``None`` when it has no headings; what is missing or odd is
    reported.
    """
    found = heading_row(grid, row)
    if found is None:
        wanted = ", ".join(columns_of(row))
        findings.error(grid.file, f"nothing in it: a row of headings is expected ({wanted})")
        return None
    headings = [_bare(cell) for cell in grid.rows[found]]
    while headings and not headings[-1]:
        headings.pop()
    if found and any(map(any, grid.rows[:found])):
        findings.warn(
            grid.file,
            f"the headings stand in row {found + 1}; what stands above them is ignored",
            row=found + 1,
        )
    columns = _claim(headings, grid, row, found, findings)
    withheld = _report_rest(headings, columns, grid, row, found, findings)
    _report_missing(headings, columns, grid, row, findings)
    unnamed = tuple(place for place, heading in enumerate(headings) if not heading)
    return Layout(found, columns, len(headings), withheld, unnamed)


def heading_row(grid: Grid, row: type[Row]) -> int | None:
    """The position of the row of headings: the first with two that are known, else the first that is not
    blank.
    """
    candidates = list(islice(grid.filled(), limits.HEADING_ROWS))
    known = (position for position in candidates if recognised(grid.rows[position], row) >= 2)
    return next(known, candidates[0] if candidates else None)


def recognised(cells: Sequence[str], row: type[Row]) -> int:
    """How many of the cells are headings of the table."""
    known = _known(row)
    return sum(plain(cell) in known for cell in cells)


def plain(heading: str) -> str:
    """A heading without case, diacritics, blanks and signs: ``ISCED-F code`` → ``iscedfcode``."""
    return "".join(char for char in fold(_bare(heading)) if char.isalnum())


def withheld_kind(heading: str) -> str | None:
    """``health`` or ``person`` where a heading announces such data, else ``None``."""
    words = f" {' '.join(''.join(c if c.isalnum() else ' ' for c in fold(_bare(heading))).split())} "
    health, person = _stems()["health"], _stems()["person"]
    if any(stem in words for stem in health):
        return "health"
    return "person" if any(f" {stem}" in words for stem in person) else None


def _bare(heading: str) -> str:
    return " ".join(heading.replace("\ufeff", "").split())


@cache
def _stems() -> Mapping[str, tuple[str, ...]]:
    return {entry["kind"]: tuple(entry["stems"].split(";")) for entry in _data("withheld_headings.csv")}


@cache
def _known(row: type[Row]) -> Mapping[str, str]:
    """Plain headings to columns: the table's own names before its aliases before those of all tables."""
    own = columns_of(row)
    found = {plain(name): name for name in own}
    for table in (row.table, "*"):
        for entry in _data("column_aliases.csv"):
            if entry["table"] == table and entry["column"] in own:
                for alias in entry["aliases"].split(";"):
                    found.setdefault(plain(alias), entry["column"])
    return found


@cache
def _data(name: str) -> tuple[dict[str, str], ...]:
    text = (files("matcher.intake") / "data" / name).read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))


def _claim(
    headings: Sequence[str], grid: Grid, row: type[Row], at: int, findings: Findings
) -> dict[str, int]:
    """Columns by position. A column's own name goes before an alias; two headings for one column are an
    error.
    """
    exact = [(name, place) for place, name in enumerate(headings) if name in columns_of(row)]
    loose = [
        (_known(row)[plain(name)], place) for place, name in enumerate(headings) if plain(name) in _known(row)
    ]
    columns: dict[str, int] = {}
    for name, place in exact:
        if name in columns:
            text = f"two columns have this heading ({letters(columns[name])} and {letters(place)})"
            findings.error(grid.file, text, row=at + 1, column=name)
        columns.setdefault(name, place)
    owned = frozenset(columns)
    for name, place in loose:
        if name in owned or place in columns.values():
            continue
        if name in columns:
            text = f"this heading and {headings[columns[name]]!r} both mean {name}: keep one"
            findings.error(grid.file, text, row=at + 1, column=headings[place])
            continue
        columns[name] = place
        findings.warn(grid.file, f"read as the column {name}", row=at + 1, column=headings[place])
    return columns


def _report_rest(
    headings: Sequence[str],
    columns: Mapping[str, int],
    grid: Grid,
    row: type[Row],
    at: int,
    findings: Findings,
) -> tuple[int, ...]:
    """Report every other column; the positions of those whose values must not be kept."""
    withheld = []
    suggest = Suggester([name for name in columns_of(row) if name not in columns])
    for place, heading in enumerate(headings):
        if place in columns.values():
            continue
        kind = withheld_kind(heading)
        if kind is not None:
            withheld.append(place)
            findings.warn(grid.file, _WITHHELD[kind], row=at + 1, column=heading)
        elif heading:
            findings.warn(
                grid.file, "unknown column, ignored", row=at + 1, column=heading, nearest=suggest(heading)
            )
    return tuple(withheld)


def _report_missing(
    headings: Sequence[str], columns: Mapping[str, int], grid: Grid, row: type[Row], findings: Findings
) -> None:
    rest = [name for place, name in enumerate(headings) if name and place not in columns.values()]
    suggest = Suggester([name for name in rest if withheld_kind(name) is None])
    for name in _required(row):
        if name not in columns:
            findings.error(grid.file, "this required column is missing", column=name, nearest=suggest(name))


def _required(row: type[Row]) -> Iterator[str]:
    return (name for name in columns_of(row) if is_required(row, name))


def known_tables() -> Mapping[str, str]:
    """Plain names of tables to tables: ``sendingpartners`` → ``sending_partners``."""
    return {plain(table): table for table in TABLES}
