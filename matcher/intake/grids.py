"""A table as it stands in a file: rows of text cells, numbered as a spreadsheet numbers them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field


@dataclass
class Grid:
    """A CSV file or one sheet of a workbook.

    ``file`` is what messages call it; ``rows[0]`` is spreadsheet row 1. ``spoilt`` says what is wrong with
    a cell that has no value to read, by (row, column) counted from 0: a formula without a stored result, an
    error value, a merge. ``workbook`` tells that numbers may be dates, and that rows end where their last
    value stands.
    """

    file: str
    rows: list[list[str]]
    workbook: bool = False
    spoilt: dict[tuple[int, int], str] = field(default_factory=dict)

    def filled(self) -> Iterator[int]:
        """The positions of the rows that hold anything."""
        return (position for position, row in enumerate(self.rows) if holds_anything(row))

    def cell(self, row: int, column: int) -> str:
        """The text of a cell; blank beyond the end of its row."""
        cells = self.rows[row]
        return cells[column] if column < len(cells) else ""

    def wipe(self, column: int, below: int) -> None:
        """Forget a column's values below a row; they are not to be read, kept or repeated."""
        for row in self.rows[below + 1 :]:
            if column < len(row):
                row[column] = ""


def holds_anything(cells: Iterable[str]) -> bool:
    """Whether any of the cells is more than blanks."""
    return any(cell and not cell.isspace() for cell in cells)


def place(row: int, column: int) -> str:
    """A cell's name in spreadsheets, from positions counted from 0: ``B3``."""
    return f"{letters(column)}{row + 1}"


def letters(column: int) -> str:
    """A column's name in spreadsheets, from its position counted from 0: ``A``, ``AB``."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name
