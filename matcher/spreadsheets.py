"""Keeps text from turning into formulas when an export is opened in a spreadsheet program.

The rule, which every export follows: a text cell that begins with ``=``, ``+``, ``-``, ``@``, a tab or a
carriage return (after any apostrophes) gets one apostrophe in front. ``restore`` takes it away again, so
the rule can be reversed and a round that is written and read stays the same. Numbers are never touched:
−5.98 is a number, not a formula. Source: OWASP, "CSV Injection".
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from typing import IO, TYPE_CHECKING, Final

if TYPE_CHECKING:
    from openpyxl import Workbook

FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")
"""What makes a spreadsheet program take a text cell for a formula."""

_AT_RISK: Final = re.compile(r"'*[=+\-@\t\r]")
_PROTECTED: Final = re.compile(r"'+[=+\-@\t\r]")


def neutralise(text: str) -> str:
    """The text as it may stand in a cell: with an apostrophe in front where it would be taken for a
    formula.
    """
    return f"'{text}" if _AT_RISK.match(text) else text


def restore(text: str) -> str:
    """The text that ``neutralise`` was given."""
    return text[1:] if text.startswith("'") and _PROTECTED.match(text) else text


def safe_cell(value: object) -> object:
    """A cell for an export: text neutralised, nothing as a blank, anything else as it is."""
    if value is None:
        return ""
    return neutralise(value) if isinstance(value, str) else value


def safe_cells(cells: Iterable[object]) -> list[object]:
    """A column's cells for an export."""
    at_risk = _AT_RISK.match
    return [
        (f"'{cell}" if at_risk(cell) else cell)
        if isinstance(cell, str)
        else ""
        if cell is None or cell != cell  # what is not given: NaN and NaT are not equal to themselves
        else cell
        for cell in cells
    ]


def saved(book: Workbook) -> bytes:
    """A workbook as the bytes of its file: openpyxl cannot close a file in peace that the disk had no room for."""
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def write_csv(stream: IO[str], header: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    """Write rows as CSV with line feeds at the ends of lines; every text cell is neutralised."""
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([safe_cell(name) for name in header])
    writer.writerows([safe_cell(value) for value in row] for row in rows)
