"""Reads a table from JSON: an array of objects, one per row, whose keys are the columns' names."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from matcher.intake import encodings, files, limits
from matcher.intake.findings import Findings, Unreadable
from matcher.intake.grids import Grid
from models.tables import Row, columns_of

_EXPECTED: Final = "expected an array of objects, one per row, whose keys are the columns' names"
_CELL: Final = "expected a text, a number, true, false, null or an array of texts"


class _Number(str):
    """A number as it was written: no digit is lost, whatever its size."""

    __slots__ = ()


def read_json(path: Path, row: type[Row], findings: Findings) -> Grid:
    """The grid of a JSON file, as if its objects were the rows of a CSV file: the first is row 2.

    Lists become cells whose entries are separated by ``;``; ``null`` and a key that is missing are blanks. An empty
    array is a table without rows. Raises ``Unreadable``.
    """
    name, decoded = files.label(path), encodings.decode(files.read_bytes(path))
    if decoded.encoding != "utf-8":
        findings.warn(name, f"read as {encodings.NAMES[decoded.encoding]}; UTF-8 is expected")
    rows = _parsed(decoded.text)
    headings = list(dict.fromkeys(key for one in rows for key in one)) or list(columns_of(row))
    _within_limits(len(rows), headings)
    grid = Grid(name, [headings])
    for number, one in enumerate(rows, start=1):
        grid.rows.append([_cell(grid, (number, at), one.get(key)) for at, key in enumerate(headings)])
    return grid


def _parsed(text: str) -> Sequence[Mapping[str, Any]]:
    try:
        found = json.loads(text, parse_float=_Number, parse_int=_Number, parse_constant=_Number)
    except json.JSONDecodeError as error:
        raise Unreadable(
            f"not valid JSON: {error.msg} (line {error.lineno}, column {error.colno})"
        ) from error
    except RecursionError as error:
        raise Unreadable("not valid JSON: arrays or objects are nested too deeply") from error
    if not isinstance(found, list):
        raise Unreadable(_EXPECTED)
    for number, one in enumerate(found, start=2):
        if not isinstance(one, dict):
            raise Unreadable(_EXPECTED, number)
    return found


def _within_limits(rows: int, headings: Sequence[str]) -> None:
    if rows >= limits.ROWS:
        raise Unreadable(f"more than {limits.ROWS:,} rows, which is the limit")
    if len(headings) > limits.COLUMNS:
        raise Unreadable(f"{len(headings):,} columns; the limit is {limits.COLUMNS}")
    if (rows + 1) * len(headings) > limits.CELLS:
        raise Unreadable(f"more than {limits.CELLS:,} cells, which is the limit")
    if not all(map(_is_text, headings)):
        raise Unreadable("a key is not valid Unicode text")


def _cell(grid: Grid, place: tuple[int, int], value: object) -> str:
    """The cell's text; what no cell can hold is marked in the grid, to be reported where it is read."""
    text = _text(value)
    if text is not None and len(text) <= limits.CELL_CHARACTERS and _is_text(text):
        return text
    if text is None:
        grid.spoilt[place] = _CELL
    elif len(text) > limits.CELL_CHARACTERS:
        grid.spoilt[place] = f"{len(text):,} characters; the limit is {limits.CELL_CHARACTERS:,}"
    else:
        grid.spoilt[place] = "not valid Unicode text"
    return ""


def _text(value: object) -> str | None:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case str():
            return str(value)
        case list() if all(isinstance(one, str) for one in value):
            return ";".join(value)
        case _:
            return None


def _is_text(text: str) -> bool:
    return text.isascii() or not any("\ud800" <= char <= "\udfff" for char in text)
