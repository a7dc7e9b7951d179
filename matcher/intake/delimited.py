"""Turns the text of a CSV file into rows of cells; recognises the separator and stops at what is no table."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from typing import Final

from matcher.intake import limits
from matcher.intake.findings import Unreadable

SEPARATORS: Final = {",": "comma", ";": "semicolon", "\t": "tab"}
"""The separators that are recognised, with their names."""

_HINT: Final = "sep="
_LINE: Final = re.compile(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+")


def separator_of(text: str, recognised: Callable[[list[str]], int]) -> str:
    """The separator under which the first rows have the most recognised headings (none: the most cells)."""
    first = "".join(line for line, _ in zip(_lines(text), range(limits.HEADING_ROWS), strict=False))
    if first.lower().startswith(_HINT) and first[len(_HINT) : len(_HINT) + 1] in SEPARATORS:
        return first[len(_HINT)]

    def score(separator: str) -> tuple[int, int]:
        rows = list(_lenient(first, separator))
        return max(map(recognised, rows), default=0), max(map(len, rows), default=0)

    return max(SEPARATORS, key=score)


def rows_of(text: str, separator: str) -> list[list[str]]:
    """Every row of the file, blank ones too, so that row numbers are a spreadsheet's; raises
    ``Unreadable``.
    """
    rows: list[list[str]] = []
    reader = csv.reader(_lines(text), delimiter=separator, strict=True)
    cells = 0
    try:
        for row in reader:
            cells += len(row)
            _within_limits(row, len(rows) + 1, cells)
            rows.append(row)
    except csv.Error as error:
        raise Unreadable(_in_words(error), len(rows) + 1) from error
    if rows and "".join(rows[0]).lower().strip() in {_HINT, f"{_HINT}{separator}"}:
        rows[0] = []
    return rows


def _lines(text: str) -> Iterator[str]:
    """The lines with their ends; not through ``StringIO``, which takes four bytes for every character."""
    for number, found in enumerate(_LINE.finditer(text), start=1):
        length = found.end() - found.start()
        if length > limits.LINE_CHARACTERS:
            said = f"line {number:,} has {length:,} characters"
            raise Unreadable(f"{said}; the limit is {limits.LINE_CHARACTERS:,}")
        yield found[0]


def _lenient(text: str, separator: str) -> Iterator[list[str]]:
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    except csv.Error:
        return


def _within_limits(row: list[str], number: int, cells: int) -> None:
    if number > limits.ROWS:
        raise Unreadable(f"more than {limits.ROWS:,} rows, which is the limit", number)
    if cells > limits.CELLS:
        raise Unreadable(f"more than {limits.CELLS:,} cells, which is the limit", number)
    if len(row) > limits.COLUMNS:
        raise Unreadable(f"{len(row):,} columns; the limit is {limits.COLUMNS}", number)
    if sum(map(len, row)) > limits.CELL_CHARACTERS and len(max(row, key=len)) > limits.CELL_CHARACTERS:
        longest = len(max(row, key=len))
        raise Unreadable(f"a cell of {longest:,} characters; the limit is {limits.CELL_CHARACTERS:,}", number)


def _in_words(error: csv.Error) -> str:
    text = str(error)
    if "field limit" in text:
        limit = f"{limits.CELL_CHARACTERS:,} characters, which is the limit"
        return f"a cell is longer than {limit} (a quotation mark left open?)"
    if "unexpected end" in text:
        return "a quotation mark is opened in this row and never closed"
    return 'a quotation mark inside a cell: put the cell in "…" and double the marks inside it'
