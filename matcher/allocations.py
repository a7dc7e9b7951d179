"""An allocation in a file: reading ``placements.csv``, and holding what it states beside the tables.

The three ids of a placement are what counts. The other columns of the contract's file are for people: a file
may leave them out, but where it states one it has to be right. Any further column is the writer's own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
from matcher.options import Options
from matcher.placements import Placements
from matcher.result import Result
from matcher.spreadsheets import restore
from models.errors import InputErrors, InputProblem
from models.outcome import Breach, GoalValue, Outcome, Placement, Status
from models.round import Round
from models.vocabulary import nearest

NEEDED = {"learner_id": "learners", "offer_id": "offers", "flow_id": "flows"}
"""The columns that a file must have, and the tables that they point to."""

STATED = ("host_id", "company_id", "start", "end", "fit", "cost_eur")
"""The columns that say what the tables say already."""

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
    right = _right(placed)
    for line in lines:
        for column, value in zip(STATED, right.get(line.placement, ()), strict=False):
            cell = line.cells.get(column, value)
            if value not in (cell, restore(cell)):
                message = f"row {line.row}, column {column}: states {cell!r}, the tables say {value}"
                yield Breach(MISSTATED, message, (line.placement.learner_id,))


def _right(placed: Placements) -> Mapping[Placement, tuple[str, ...]]:
    """What the file has to state of every placement, in the order of ``STATED``."""
    rnd, seated = placed.rnd, placed.seated
    places = placements_of(Options(rnd, seated.learner, seated.offer, seated.flow), np.arange(len(seated)))
    columns = (
        rnd.hosting_partners["id"][seated.host],
        rnd.companies["id"][seated.company],
        seated.first.astype(str),
        seated.last.astype(str),
        placed.fits.astype(str),
        placed.costs_eur.astype(str),
    )
    return dict(zip(places, zip(*(column.tolist() for column in columns), strict=True), strict=True))


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


def digest_of(placements: Iterable[Placement]) -> str:
    """The SHA-256 of an allocation: of the three ids of its placements, in their order. Equal for no other."""
    lines = "".join(f"{one.learner_id},{one.offer_id},{one.flow_id}\n" for one in sorted(placements))
    return hashlib.sha256(lines.encode("utf-8")).hexdigest()


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
    seated = audited.placed.seated
    held = Options(rnd, seated.learner, seated.offer, seated.flow)
    chosen = np.flatnonzero(np.isin(options.keys, held.keys))
    goals = tuple(GoalValue(name, value, None, proven=False) for name, value in audited.goals.items())
    outcome = Outcome(Status.FEASIBLE, chosen, goals, method="file")
    return Result(rnd, options, barred, compile_problem(rnd, options), outcome, audited)
