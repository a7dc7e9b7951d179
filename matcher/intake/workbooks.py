"""Reads an Excel workbook through a child process, so that no workbook can take this process's memory or
time.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from matcher.intake import limits
from matcher.intake.findings import Findings, Unreadable
from matcher.intake.grids import Grid, place

_CHILD: Final = Path(__file__).with_name("workbook_child.py")


@dataclass(frozen=True)
class Workbook:
    """The wanted sheets as grids, by sheet name, and the names of all sheets with whether each is hidden."""

    sheets: tuple[tuple[str, bool], ...]
    grids: dict[str, Grid]


def read_workbook(path: Path, file: str, wanted: Collection[str], findings: Findings) -> Workbook:
    """Read the sheets whose plain names are ``wanted``; raises ``Unreadable``."""
    order = {
        "wanted": sorted(wanted),
        "memory": limits.WORKBOOK_MEMORY,
        "seconds": limits.WORKBOOK_SECONDS,
        "text": limits.WORKBOOK_TEXT,
        "parts": limits.WORKBOOK_PARTS,
        "unpacked": limits.UNPACKED_BYTES,
        "rows": limits.ROWS,
        "columns": limits.COLUMNS,
        "cells": limits.CELLS,
        "characters": limits.CELL_CHARACTERS,
    }
    with tempfile.TemporaryFile("w+", encoding="utf-8") as answer:
        ended_well = _run_child(path, order, answer)
        answer.seek(0)
        return _gather(answer, ended_well, file, findings)


def _run_child(path: Path, order: dict[str, Any], answer: IO[str]) -> bool:
    """Whether the child ended by itself; what it found stands in ``answer``."""
    command = [sys.executable, "-I", str(_CHILD), str(path.absolute())]
    try:
        done = subprocess.run(  # noqa: S603 - our own script; the file's name is an argument, never a command
            command,
            input=json.dumps(order),
            stdout=answer,
            stderr=subprocess.DEVNULL,
            text=True,
            check=False,
            timeout=4 * limits.WORKBOOK_SECONDS,
        )
    except subprocess.TimeoutExpired as error:
        raise Unreadable(
            f"reading the workbook takes more than {4 * limits.WORKBOOK_SECONDS} s, which is the limit"
        ) from error
    return done.returncode == 0


def _gather(answer: Iterable[str], ended_well: bool, file: str, findings: Findings) -> Workbook:
    if not ended_well:
        most = (
            f"{limits.WORKBOOK_MEMORY:,} bytes of memory or {limits.WORKBOOK_SECONDS} s, which is the limit"
        )
        raise Unreadable(f"the workbook is damaged, or reading it takes more than {most}")
    sheets: tuple[tuple[str, bool], ...] = ()
    grids: dict[str, Grid] = {}
    merged: dict[str, list[list[int]]] = {}
    current = ""
    for line in answer:
        match json.loads(line) if line.strip() else None:
            case list() as row:
                grids[current].rows.append(row)
            case {"error": reason}:
                raise Unreadable(str(reason))
            case {"sheets": names}:
                sheets = tuple((str(name), bool(hidden)) for name, hidden in names)
            case {"sheet": current, "merged": ranges, "formulas": formulas, "spoilt": spoilt}:
                grids[current] = Grid(f"{file}, sheet {current}", [], workbook=True, spoilt=_spoilt(spoilt))
                merged[current] = ranges
                _report_formulas(grids[current], formulas, findings)
    for name, grid in grids.items():
        _unmerge(grid, merged[name], findings)
    return Workbook(sheets, grids)


def _spoilt(cells: Iterable[tuple[int, int, str]]) -> dict[tuple[int, int], str]:
    never = "a formula without a stored result: open and save the workbook in a spreadsheet program"
    return {
        (row, column): f"the spreadsheet shows the error {what}" if what else never
        for row, column, what in cells
    }


def _report_formulas(grid: Grid, formulas: list[tuple[int, int]], findings: Findings) -> None:
    if formulas:
        row, column = formulas[0]
        more = f", and {len(formulas) - 1} more" if len(formulas) > 1 else ""
        text = f"formula in {place(row, column)}{more}: the results stored in the workbook are used"
        findings.warn(grid.file, text, row=row + 1)


def _unmerge(grid: Grid, ranges: Iterable[list[int]], findings: Findings) -> None:
    """A cell merged downwards stands for every row it covers; one merged sideways for nothing clear."""
    covered = 0
    for top, bottom, left, right in ranges:
        if top >= len(grid.rows) or not grid.cell(top, left):
            continue
        last = min(bottom, len(grid.rows) - 1)
        covered += (last - top + 1) + (min(right, limits.COLUMNS) - left + 1)
        if covered > limits.ROWS:
            raise Unreadable(f"merged cells cover more than {limits.ROWS:,} cells, which is the limit")
        where = f"{place(top, left)}:{place(bottom, right)}"
        if left == right:
            _fill_down(grid, top, last, left)
            text = f"merged cells {where}: the value counts for each of these rows"
            findings.warn(grid.file, text, row=top + 1)
        else:
            text = f"cells merged across columns ({where}): unmerge them"
            grid.spoilt |= {(top, column): text for column in range(left, min(right, limits.COLUMNS) + 1)}


def _fill_down(grid: Grid, top: int, bottom: int, column: int) -> None:
    value = grid.rows[top][column]
    for cells in grid.rows[top + 1 : bottom + 1]:
        cells.extend([""] * (column + 1 - len(cells)))
        cells[column] = value
