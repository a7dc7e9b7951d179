"""Reads a ``placements.csv`` that anybody may have written, and verifies it against the round.

Contract: "What comes out", ``matcher verify``. The file is UTF-8 (a BOM is accepted) and comma separated,
columns in any order; ``learner_id``, ``offer_id`` and ``flow_id`` are needed, the other columns of the contract
are held against the tables where they are there, any further column is the writer's own.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from matcher.auditing.allocation import Audit, audit
from matcher.placements import Placed, Placements
from models.errors import InputErrors, InputProblem
from models.outcome import Breach, Placement
from models.round import Round
from models.vocabulary import nearest

FILE = "file"
"""The name of the breaches of cells that say something else than the tables."""

NEEDED = {"learner_id": "learners", "offer_id": "offers", "flow_id": "flows"}
"""The columns that a file must have, and the tables that they point to."""

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a cell begins with that a spreadsheet takes for a formula: written after an apostrophe."""


class Line(NamedTuple):
    """A row of the file: its number as a spreadsheet counts, its cells by column."""

    row: int
    cells: Mapping[str, str]


def read_placements(path: Path, rnd: Round) -> tuple[Placement, ...]:
    """The placements of a file, in its order, whether they are valid or not.

    Raises ``InputErrors`` with everything for which the file cannot be read.
    """
    return tuple(_placement(line, rnd) for line in _lines(path))


def verify(rnd: Round, path: Path) -> Audit:
    """Audit the allocation in a file; cells that contradict the tables are breaches named ``file``.

    Raises ``InputErrors`` with everything for which the file cannot be read.
    """
    lines = _lines(path)
    placements = [_placement(line, rnd) for line in lines]
    verdict = audit(rnd, placements)
    found = {(place.learner.id, place.offer.id, place.flow.id): place for place in verdict.placed}
    wrong: list[Breach] = []
    for line, placement in zip(lines, placements, strict=True):
        place = found.get((placement.learner_id, placement.offer_id, placement.flow_id))
        if place is not None:
            wrong += _contradictions(path.name, line, place, verdict.placed)
    return replace(verdict, breaches=(*wrong, *verdict.breaches))


def _contradictions(file: str, line: Line, place: Placed, placed: Placements) -> Iterator[Breach]:
    """The cells of a line that say something else than the tables."""
    stated = {
        "host_id": place.host.id,
        "company_id": place.company.id,
        "start": str(place.flow.start),
        "end": str(place.flow.end),
        "fit": str(placed.fit(place)),
        "cost_eur": str(placed.cost_eur(place)),
    }
    for column, right in stated.items():
        cell = line.cells.get(column, right)
        if right not in (cell, _unguarded(cell)):
            message = f"{file}, row {line.row}, column {column}: {cell!r}: the round's tables say {right}"
            yield Breach(FILE, message, (place.learner.id,))


def _placement(line: Line, rnd: Round) -> Placement:
    return Placement(*(_known(line.cells[column], rnd, table) for column, table in NEEDED.items()))


def _known(cell: str, rnd: Round, table: str) -> str:
    """The id that a cell means."""
    bare = _unguarded(cell)
    return bare if cell not in rnd.tables[table].position and bare in rnd.tables[table].position else cell


def _unguarded(cell: str) -> str:
    """A cell without the apostrophe that keeps a spreadsheet from taking it for a formula."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULA) else cell


def _lines(path: Path) -> list[Line]:
    """The file's rows that are not blank, all of them readable."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.reader(file, strict=True)
            header = [name.strip() for name in next(rows, [])]
            _check_header(path.name, header)
            numbered = [(number, cells) for number, cells in enumerate(rows, start=2) if any(cells)]
    except UnicodeDecodeError as error:
        raise InputErrors([InputProblem(path.name, None, None, None, "not UTF-8 text")]) from error
    except csv.Error as error:
        raise InputErrors([InputProblem(path.name, None, None, None, f"not a CSV file: {error}")]) from error
    except OSError as error:
        raise InputErrors(
            [InputProblem(path.name, None, None, None, error.strerror or str(error))]
        ) from error
    problems = [
        problem for number, cells in numbered for problem in _faults(path.name, number, header, cells)
    ]
    if problems:
        raise InputErrors(problems)
    return [Line(number, dict(zip(header, map(str.strip, cells), strict=True))) for number, cells in numbered]


def _check_header(file: str, header: list[str]) -> None:
    """Raise for needed columns that are missing and for columns that are there twice."""
    problems = [
        InputProblem(file, 1, column, None, "this column is missing", nearest(column, header))
        for column in NEEDED
        if column not in header
    ]
    twice = sorted({name for name in header if header.count(name) > 1})
    problems += [InputProblem(file, 1, name, None, "this column is there more than once") for name in twice]
    if problems:
        raise InputErrors(problems)


def _faults(file: str, row: int, header: list[str], cells: list[str]) -> Iterator[InputProblem]:
    """What makes a row unreadable: too few or too many cells, or a blank where an id is needed."""
    if len(cells) != len(header):
        yield InputProblem(file, row, None, None, f"{len(cells)} cells, the header has {len(header)}")
        return
    for column, cell in zip(header, cells, strict=True):
        if column in NEEDED and not cell.strip():
            yield InputProblem(file, row, column, cell, "an id is needed here")
