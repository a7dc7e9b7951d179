"""An allocation in a file: reading ``placements.csv``, and holding what it states beside the tables.

The three ids of a placement are what counts. The other columns of the contract's file are for people: a file
may leave them out, but where it states one it has to be right. Any further column is the writer's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from matcher.auditing import audit
from matcher.compiling import compile_problem, options_of
from matcher.engine import placements_of
from matcher.intake.delimited import rows_of, separator_of
from matcher.intake.encodings import decode
from matcher.intake.files import read_bytes
from matcher.intake.findings import Unreadable
from matcher.placements import Placed, Placements
from matcher.result import Result
from matcher.spreadsheets import restore
from models.errors import InputErrors, InputProblem
from models.outcome import Breach, GoalValue, Outcome, Placement, Status
from models.round import Round
from models.vocabulary import nearest

NEEDED = {"learner_id": "learners", "offer_id": "offers", "flow_id": "flows"}
"""The columns that a file must have, and the tables that they point to."""

MISSTATED = "stated"
"""The name of the breaches of cells that say something else than the tables do."""


class Line(NamedTuple):
    """A row of the file: its number as a spreadsheet counts, its placement, its cells by column."""

    row: int
    placement: Placement
    cells: Mapping[str, str]


def read(path: Path, rnd: Round) -> tuple[Line, ...]:
    """The lines of a placements file, whether they are valid placements or not.

    Raises
    ------
    InputErrors
        Everything that keeps the file from being read as placements, with rows and columns.
    """
    try:
        text = decode(read_bytes(path)).text
        rows = rows_of(text, separator_of(text, lambda cells: len(NEEDED.keys() & set(cells))))
    except Unreadable as wrong:
        raise InputErrors([InputProblem(path.name, wrong.row, None, None, str(wrong))]) from wrong
    header = [name.strip() for name in rows[0]] if rows else []
    lines = [(number, cells) for number, cells in enumerate(rows[1:], start=2) if any(cells)]
    problems = [*_header_faults(path.name, header)] or [*_row_faults(path.name, header, lines)]
    if problems:
        raise InputErrors(problems)
    return tuple(
        _line(rnd, number, dict(zip(header, map(str.strip, cells), strict=True))) for number, cells in lines
    )


def misstatements(placed: Placements, lines: Sequence[Line]) -> Iterator[Breach]:
    """Every cell that states something else than follows from the tables."""
    found = {Placement(row.learner.id, row.offer.id, row.flow.id): row for row in placed}
    for line in lines:
        if line.placement in found:
            yield from _contradictions(line, found[line.placement], placed)


def _contradictions(line: Line, row: Placed, placed: Placements) -> Iterator[Breach]:
    right = {
        "host_id": row.host.id,
        "company_id": row.company.id,
        "start": row.flow.start.isoformat(),
        "end": row.flow.end.isoformat(),
        "fit": str(placed.fit(row)),
        "cost_eur": str(placed.cost_eur(row)),
    }
    for column, value in right.items():
        cell = line.cells.get(column, value)
        if value not in (cell, restore(cell)):
            message = f"row {line.row}, column {column}: states {cell!r}, the tables say {value}"
            yield Breach(MISSTATED, message, (row.learner.id,))


def _header_faults(file: str, header: Sequence[str]) -> Iterator[InputProblem]:
    for column in NEEDED:
        if column not in header:
            yield InputProblem(file, 1, column, None, "this column is missing", nearest(column, header))
    for column in sorted({name for name in header if name and header.count(name) > 1}):
        yield InputProblem(file, 1, column, None, "this column is there more than once")


def _row_faults(
    file: str, header: Sequence[str], lines: Sequence[tuple[int, Sequence[str]]]
) -> Iterator[InputProblem]:
    for row, cells in lines:
        if len(cells) != len(header):
            yield InputProblem(file, row, None, None, f"{len(cells)} cells, the header has {len(header)}")
            continue
        for column, cell in zip(header, cells, strict=True):
            if column in NEEDED and not cell.strip():
                yield InputProblem(file, row, column, cell, "an id is needed here")


def _line(rnd: Round, row: int, cells: Mapping[str, str]) -> Line:
    ids = (_known(cells[column], rnd, table) for column, table in NEEDED.items())
    return Line(row, Placement(*ids), cells)


def _known(cell: str, rnd: Round, table: str) -> str:
    """The id that a cell means, with or without the apostrophe of an export."""
    ids = rnd.tables[table].position
    return restore(cell) if cell not in ids and restore(cell) in ids else cell


def adopted(rnd: Round, placements: Sequence[Placement]) -> Result:
    """An allocation from outside as a result: audited, with nothing claimed about whether it is best.

    Raises
    ------
    InputErrors
        When the allocation breaks a rule: ``matcher verify`` says which.
    """
    audited = audit(rnd, placements)
    if not audited.valid:
        problems = [
            InputProblem("placements", None, None, None, breach.message) for breach in audited.breaches
        ]
        raise InputErrors(problems)
    options, barred = options_of(rnd)
    numbers = {
        placement: number for number, placement in enumerate(placements_of(options, range(len(options))))
    }
    chosen = np.array(sorted(numbers[placement] for placement in placements), np.int64)
    goals = tuple(GoalValue(name, value, None, proven=False) for name, value in audited.goals.items())
    outcome = Outcome(Status.FEASIBLE, chosen, goals, method="file")
    return Result(rnd, options, barred, compile_problem(rnd, options), outcome, audited)
