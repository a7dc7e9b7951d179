"""Writes a round's tables back as one workbook with the faulty cells marked, for ``matcher check
--fix-report``.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill

from matcher.disk import staged, writing
from matcher.intake import limits
from matcher.intake.grids import Grid
from matcher.intake.loading import Examination, inspect
from matcher.spreadsheets import neutralise, saved
from models.errors import InputProblem

FIRST_SHEET: Final = "problems"
"""The sheet that lists every problem; the tables follow, each under its own name."""

_ERROR: Final = PatternFill("solid", fgColor="FFC7CE")
_WARNING: Final = PatternFill("solid", fgColor="FFEB9C")
_HEADING: Final = Font(bold=True)
_NUMBER: Final = re.compile(r"[+-]?\d+(?:[.,]\d+)?")
_ILLEGAL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_AUTHOR: Final = "matcher check"
_WIDTHS: Final = (9, 34, 7, 22, 30, 70, 30)

Marks = Mapping[tuple[int, int], Sequence[tuple[str, InputProblem]]]


def fix_report(path: str | Path, out_xlsx: str | Path) -> Examination:
    """Examine the round at ``path`` and write the workbook ``out_xlsx``; returns the examination.

    The first sheet lists every problem. Each table that could be read follows as a sheet with its cells as
    they stand in the file; faulty cells are filled and carry the message and the nearest valid thing as a
    comment. Values of columns that are refused or hold data of persons (see ``headings``) are not copied.
    Text that a spreadsheet program would take for a formula is neutralised. Raises ``OSError`` when the disk refuses;
    nothing is written then.
    """
    found = inspect(Path(path))
    book = Workbook(write_only=True)
    problems = [("error", one) for one in found.examination.errors]
    problems += [("warning", one) for one in found.examination.warnings]
    _list_problems(book, problems)
    by_file = defaultdict(list)
    for kind, one in problems:
        by_file[one.file].append((kind, one))
    for table, grid in found.grids.items():
        _copy_table(book, table, grid, _marks(grid, by_file[grid.file]))
    with writing(Path(out_xlsx), "the marked workbook"), staged(Path(out_xlsx).parent) as place:
        (place / Path(out_xlsx).name).write_bytes(saved(book))
    return found.examination


def _list_problems(book: Any, problems: Iterable[tuple[str, InputProblem]]) -> None:
    sheet = book.create_sheet(FIRST_SHEET)
    for letter, width in zip("ABCDEFG", _WIDTHS, strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = "A2"
    sheet.append(
        [_bold(sheet, name) for name in ("kind", "file", "row", "column", "value", "message", "nearest")]
    )
    for kind, one in problems:
        texts = [_text(part) for part in (one.column, one.value, one.message, one.nearest)]
        sheet.append([kind, _text(one.file), one.row, *texts])


def _bold(sheet: Any, text: str) -> Any:
    cell = WriteOnlyCell(sheet, text)
    cell.font = _HEADING
    return cell


def _marks(grid: Grid, problems: Iterable[tuple[str, InputProblem]]) -> Marks:
    """The problems of a table by position: row and column counted from 0."""
    headings: dict[str, int] = {}
    for cells in grid.rows[:20]:
        for place, cell in enumerate(cells):
            headings.setdefault(" ".join(cell.split()), place)
    marks = defaultdict(list)
    for kind, one in problems:
        row = one.row - 1 if one.row is not None else next(grid.filled(), 0)
        marks[row, headings.get(one.column or "", 0)].append((kind, one))
    return marks


def _copy_table(book: Any, table: str, grid: Grid, marks: Marks) -> None:
    sheet = book.create_sheet(table)
    marked: dict[int, dict[int, Sequence[tuple[str, InputProblem]]]] = defaultdict(dict)
    for (row, column), problems in marks.items():
        marked[row][column] = problems
    commented = 0
    for position, cells in enumerate(grid.rows):
        here = marked.get(position, {})
        comment = commented + len(here) <= limits.COMMENTS
        commented += len(here)
        sheet.append(_marked_row(sheet, cells, here, comment=comment) if here else list(map(_text, cells)))


def _marked_row(
    sheet: Any,
    cells: Sequence[str],
    marks: Mapping[int, Sequence[tuple[str, InputProblem]]],
    *,
    comment: bool,
) -> list[Any]:
    width = max([len(cells), *(place + 1 for place in marks)])
    padded = [*cells, *[""] * (width - len(cells))]
    return [
        _marked_cell(sheet, cell, marks[place], comment=comment) if place in marks else _text(cell)
        for place, cell in enumerate(padded)
    ]


def _marked_cell(
    sheet: Any, text: str, problems: Sequence[tuple[str, InputProblem]], *, comment: bool
) -> Any:
    cell = WriteOnlyCell(sheet, _text(text))
    cell.fill = _ERROR if any(kind == "error" for kind, _ in problems) else _WARNING
    if not comment:
        return cell
    words = "\n".join(
        f"{one.message}{f' (nearest: {one.nearest})' if one.nearest else ''}" for _, one in problems
    )
    cell.comment = Comment(_ILLEGAL.sub("\ufffd", words)[:1000], _AUTHOR, width=320, height=90)
    return cell


def _text(text: str | None) -> str | None:
    """A cell's text as it may stand in a workbook; what reads as a number is no formula."""
    if not text:
        return None
    legal = _ILLEGAL.sub("\ufffd", text)
    return legal if _NUMBER.fullmatch(legal) else neutralise(legal)
