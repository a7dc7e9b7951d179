"""Turns a grid into a draft of its table: typed columns, and everything that is wrong with their cells.

Every distinct text of a column is read once, so that the cost is that of the distinct texts.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from matcher.intake import limits
from matcher.intake.drafts import Draft, Mask, nothing, where
from matcher.intake.findings import Bad, Findings
from matcher.intake.grids import Grid, holds_anything, letters
from matcher.intake.headings import Layout, lay_out
from matcher.intake.readers import Read, Reader, reader_of
from matcher.intake.readers.plain import PLAIN
from matcher.spreadsheets import restore
from models.columns import Column, Text
from models.round import Array, IntArray, column_array, is_list
from models.tables import Row, columns_of, default_of, is_required

_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_BLANK: Final = Bad("a value is required")
_FILLERS: Final = {"i": 0, "f": None, "M": None, "b": False, "O": None}


def read_table(grid: Grid, row: type[Row], findings: Findings) -> Draft:
    """The draft of a table; what cannot be read is reported."""
    layout = lay_out(grid, row, findings)
    if layout is None:
        return nothing(row, grid.file, lost=True)
    for place in layout.withheld:
        grid.wipe(place, layout.heading_row)
    if not layout.columns:  # without a heading of ours nothing can be said of the rows
        return nothing(row, grid.file, lost=True)
    positions = [at for at in range(layout.heading_row + 1, len(grid.rows)) if holds_anything(grid.rows[at])]
    draft = _outline(grid, row, layout, positions)
    whole = _whole_rows(grid, layout, positions, findings)
    across = _columns(grid, layout, positions)
    for place in layout.unnamed:
        if holds_anything(across[place]):
            text = f"column {letters(place)} has values but no heading, ignored"
            findings.warn(grid.file, text, row=layout.heading_row + 1)
    for column, place in layout.columns.items():
        cells = np.array(across[place], object)
        spoilt = _spoilt(draft, grid, column, place, positions, findings)
        _read_column(draft, grid, column, cells, whole & ~spoilt, findings)
    return draft


def clean(text: str) -> str:
    """A cell's text as it counts: composed letters, plain line ends, no blanks around it, no protecting
    apostrophe.
    """
    plain = text if text.isascii() else unicodedata.normalize("NFC", text).replace("\ufeff", "")
    return restore(plain.replace("\r\n", "\n").replace("\r", "\n").strip())


def _columns(grid: Grid, layout: Layout, positions: Sequence[int]) -> list[tuple[str, ...]]:
    """The cells of each column, blank where a row ends too early."""
    width = layout.width
    rows = (grid.rows[at] for at in positions)
    padded = [cells if len(cells) == width else (cells + [""] * width)[:width] for cells in rows]
    return list(zip(*padded, strict=True)) if padded else [()] * width


def _outline(grid: Grid, row: type[Row], layout: Layout, positions: Sequence[int]) -> Draft:
    """A draft in which every column has its default; required columns are not good until they are read."""
    count = len(positions)
    values = {name: column_array(row, name, [_default(row, name)] * count) for name in columns_of(row)}
    good = {name: np.full(count, not is_required(row, name)) for name in columns_of(row)}
    headings = {
        name: " ".join(grid.cell(layout.heading_row, place).split()) for name, place in layout.columns.items()
    }
    numbers = np.array(positions, np.int64) + 1
    lost = "id" in values and "id" not in layout.columns
    return Draft(row, grid.file, headings, numbers, {}, values, good, lost)


def _default(row: type[Row], column: str) -> object:
    """The meaning of a blank; for a required column a filler that is never used."""
    if not is_required(row, column):
        return default_of(row, column)
    return _FILLERS[column_array(row, column, []).dtype.kind]


def _whole_rows(grid: Grid, layout: Layout, positions: Sequence[int], findings: Findings) -> Mask:
    """Which rows have as many cells as there are headings; blank cells beyond the last heading do not
    count.
    """
    whole = np.ones(len(positions), bool)
    for number, at in enumerate(positions):
        cells = grid.rows[at]
        if len(cells) == layout.width or (len(cells) < layout.width and grid.workbook):
            continue
        if len(cells) > layout.width and not holds_anything(cells[layout.width :]):
            continue
        whole[number] = False
        if grid.workbook:
            place = next(i for i in range(layout.width, len(cells)) if cells[i].strip())
            findings.error(grid.file, f"a value in column {letters(place)}, which has no heading", row=at + 1)
        else:
            few = "few" if len(cells) < layout.width else "many"
            findings.error(
                grid.file, f"too {few} cells: {len(cells)}, but there are {layout.width} headings", row=at + 1
            )
    return whole


def _spoilt(
    draft: Draft, grid: Grid, column: str, place: int, positions: Sequence[int], findings: Findings
) -> Mask:
    """Which cells have no value to read; they are reported here and not again."""
    mask = np.zeros(len(positions), bool)
    if grid.spoilt:
        for number, at in enumerate(positions):
            message = grid.spoilt.get((at, place))
            if message is not None:
                mask[number] = True
                findings.error(grid.file, message, row=at + 1, column=draft.headings[column])
    return mask


@dataclass(frozen=True)
class _Outcomes:
    """What became of the distinct texts of a column; ``code`` is each row's text."""

    code: IntArray
    texts: list[str]
    found: list[Read | Bad]

    def mask(self, which: Sequence[bool]) -> Mask:
        """The rows whose text is one of ``which``."""
        return np.array(which, bool)[self.code] if self.texts else np.zeros(0, bool)


def _read_column(
    draft: Draft, grid: Grid, column: str, cells: Array, wanted: Mask, findings: Findings
) -> None:
    outcomes = _outcomes(draft.row, grid, column, cells)
    bad = outcomes.mask([isinstance(one, Bad) for one in outcomes.found])
    if outcomes.texts:
        filler = _default(draft.row, column)
        distinct = [one.value if isinstance(one, Read) else filler for one in outcomes.found]
        draft.values[column] = column_array(draft.row, column, distinct)[outcomes.code]
    draft.texts = {**draft.texts, column: cells}
    draft.good[column] = wanted & ~bad
    for position in where(bad & wanted):
        fault = outcomes.found[outcomes.code[position]]
        assert isinstance(fault, Bad)
        draft.fault(findings, column, position, fault)
    _report_notes(draft, column, outcomes, wanted & ~bad, findings)


def _outcomes(row: type[Row], grid: Grid, column: str, cells: Array) -> _Outcomes:
    code, texts = pd.factorize(cells)
    listed = [str(text) for text in texts]
    kind = columns_of(row)[column].kind
    reader, plain = reader_of(kind, workbook=grid.workbook), PLAIN.get(type(kind))
    blank = _BLANK if is_required(row, column) else Read(default_of(row, column))
    longest = _longest(columns_of(row)[column])
    found = [
        Read(plain.value(text))
        if plain is not None and plain.pattern.fullmatch(text)
        else _read(text, reader, blank, longest)
        for text in listed
    ]
    return _Outcomes(code.astype(np.int64), listed, found)


def _longest(note: Column) -> int:
    """How long a cell may be: readers of words and lists need not be fast on endless text."""
    if isinstance(note.kind, Text):
        return limits.CELL_CHARACTERS
    return limits.LIST_CHARACTERS if is_list(note) else limits.WORD_CHARACTERS


def _read(text: str, reader: Reader, blank: Read | Bad, longest: int) -> Read | Bad:
    cleaned = clean(text)
    if not cleaned:
        return blank
    if len(cleaned) > longest:
        return Bad(f"{len(cleaned):,} characters; a cell of this column has at most {longest:,}")
    if _CONTROL.search(cleaned):
        return Bad("control characters in the cell: write it again", _CONTROL.sub("", cleaned), shown=False)
    return reader(cleaned)


def _report_notes(draft: Draft, column: str, outcomes: _Outcomes, wanted: Mask, findings: Findings) -> None:
    """One warning for each way in which cells were read otherwise than written."""
    ways = dict.fromkeys(one.how for one in outcomes.found if isinstance(one, Read) and one.how)
    for how in ways:
        mask = outcomes.mask([isinstance(one, Read) and one.how == how for one in outcomes.found]) & wanted
        places = np.flatnonzero(mask)
        if len(places):
            _report_note(draft, column, outcomes, places, str(how), findings)


def _report_note(
    draft: Draft, column: str, outcomes: _Outcomes, places: IntArray, how: str, findings: Findings
) -> None:
    first = outcomes.found[outcomes.code[places[0]]]
    assert isinstance(first, Read)
    more = f"; so were {len(places) - 1:,} more cells of the column" if len(places) > 1 else ""
    message = f"{first.note if first.shown else 'read in the usual form'} ({how}){more}"
    value = draft.text(column, int(places[0])) if first.shown else None
    findings.warn(
        draft.file, message, row=int(draft.numbers[places[0]]), column=draft.headings[column], value=value
    )
