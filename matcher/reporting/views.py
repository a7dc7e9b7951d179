"""What the page's template draws: tables, bars, heat maps. Texts and numbers only; the template draws."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeVar

from matcher.reporting.words import number

Item = TypeVar("Item")

MOST_ROWS: Final = 500
"""How many rows of a list of learners are shown, and of other tables a fifth."""
MOST_LINES: Final = 100


class Column(NamedTuple):
    """A column: its heading, whether it holds numbers or sentences, whether a phone leaves it out."""

    label: str
    numeric: bool = False
    wide: bool = False
    spare: bool = False

    @property
    def classes(self) -> str:
        """The class names that a cell of it has."""
        return " ".join(
            name for name, on in (("num", self.numeric), ("wide", self.wide), ("spare", self.spare)) if on
        )


class Bar(NamedTuple):
    """A cell with a bar under its text: ``share`` of the full length, 0 to 1; ``mark`` chooses a pattern."""

    text: str
    share: float
    mark: str = "a"


class Range(NamedTuple):
    """A cell with a bar under its text and an interval over the bar; all from 0 to 1 of the full length."""

    text: str
    share: float
    low: float
    high: float


class Swatch(NamedTuple):
    """A cell with the pattern that stands for it elsewhere."""

    text: str
    mark: str


class Named(NamedTuple):
    """A cell with an id, a name for people, and where that is."""

    id: str
    name: str
    where: str = ""


Cell = str | Bar | Range | Swatch | Named


@dataclass(frozen=True)
class Table:
    """A table; the first cell of a row is its heading.

    ``note`` says what was left out and where it is; ``foot`` is a last row of sums.
    """

    caption: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    foot: Sequence[Cell] = ()
    note: str = ""


class HeatCell(NamedTuple):
    """What a place of a heat map says: ``text`` of ``limit``; ``level`` 0 (nothing) to 5 (nearly or quite full)."""

    text: str
    limit: str
    level: int
    full: bool


class HeatRow(NamedTuple):
    """A hosting partner's places in a heat map."""

    host: Named
    cells: Sequence[HeatCell]


class Piece(NamedTuple):
    """A part of a heat map's numbers, narrow enough for a page; headings say from when to when."""

    years: str
    headings: Sequence[tuple[str, str]]
    rows: Sequence[HeatRow]


@dataclass(frozen=True)
class Heat:
    """A heat map: a strip with every week under its ``months`` (a name, how many weeks), and the numbers in pieces."""

    caption: str
    months: Sequence[tuple[str, int]]
    strip: Sequence[HeatRow]
    pieces: Sequence[Piece]
    note: str = ""


def table(
    caption: str,
    columns: Sequence[Column],
    items: Iterable[Item],
    cells: Callable[[Item], Sequence[Cell]],
    *,
    most: int = MOST_LINES,
    rest: str = "all in report.json",
    foot: Sequence[Cell] = (),
) -> Table:
    """Return a table of the first ``most`` items, which says so when there are more."""
    listed = list(items)
    return Table(
        caption, columns, [cells(item) for item in listed[:most]], foot, cut_note(most, len(listed), rest)
    )


def cut_note(shown: int, total: int, rest: str) -> str:
    """What to say under a list that was cut; nothing under one that was not."""
    return f"The first {number(shown)} of {number(total)}; {rest}." if total > shown else ""


def share(part: float | None, whole: float | None) -> float:
    """Return part ÷ whole for a bar, 0 where there is nothing to divide, never more than 1."""
    return min(1.0, part / whole) if part and whole else 0.0
