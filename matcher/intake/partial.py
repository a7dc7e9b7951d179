"""Examines a part of a round: the tables of one partner, or one of them, where the rest is not known or not hers.

What a partner loads is judged by the same readers and checks as a whole round. References to tables that are not given
are not judged, as if those tables could not be read; what is given *beside* is judged, but its ids are not suggested.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from matcher.intake import files
from matcher.intake.checks import CHECKS
from matcher.intake.checks.owning import not_again, rows_of
from matcher.intake.drafts import Draft, DraftRound, nothing
from matcher.intake.findings import Findings, Unreadable
from matcher.intake.grids import Grid
from matcher.intake.headings import known_tables
from matcher.intake.loading import uncollected
from matcher.intake.reading import read_table
from matcher.intake.sources import insist_on_workbook, read_csv
from matcher.intake.structured import read_json
from matcher.intake.workbooks import Workbook, read_workbook
from models.columns import Ref, RefList
from models.errors import InputProblem
from models.rates import Rates
from models.round import Table
from models.tables import TABLES, columns_of


@dataclass(frozen=True)
class PartialExamination:
    """What was found: every error and warning, and the tables that were read when there is no error."""

    tables: Mapping[str, Table]
    errors: tuple[InputProblem, ...]
    warnings: tuple[InputProblem, ...]


def examine_table(
    path: Path,
    table: str,
    *,
    owner: str | None = None,
    known: Mapping[str, Path] | None = None,
    erased: frozenset[str] = frozenset(),
) -> PartialExamination:
    """Examine the one table in a file (``.csv``, ``.xlsx`` or ``.json``).

    Parameters
    ----------
    owner
        The partner whose rows these are (None: rows that no partner owns). A row of anybody else is an error.
    known
        CSV files of the owner's other tables, by table: what the rows may refer to, and what refers to them. What is
        now wrong in *those* is a warning, as the next file may put it right.
    erased
        Learners who may not be loaded again.
    """
    findings, unheard = Findings(), Findings()
    with uncollected():
        try:
            grid = _grid(path, table, findings)
        except Unreadable as error:
            findings.unreadable(files.label(path), error)
            return PartialExamination({}, findings.errors, findings.warnings)
        drafts = {table: read_table(grid, TABLES[table], findings)}
        for name, file in (known or {}).items():
            drafts[name] = read_table(read_csv(file, TABLES[name], unheard), TABLES[name], unheard)
        return _judged(drafts, [table], owner, None, erased, findings)


def examine_own(
    own: Mapping[str, Path], owner: str | None, beside: Mapping[str, Path], rates: Rates | None
) -> PartialExamination:
    """Examine everything that one partner has loaded, as CSV files by table.

    ``beside`` holds tables of others that the rows may refer to: references to them are judged.
    """
    findings, unheard = Findings(), Findings()
    with uncollected():
        drafts = {
            name: read_table(read_csv(file, TABLES[name], findings), TABLES[name], findings)
            for name, file in own.items()
        }
        for name, file in beside.items():
            drafts[name] = read_table(read_csv(file, TABLES[name], unheard), TABLES[name], unheard)
        found = _judged(drafts, list(own), owner, rates, frozenset(), findings)
    return replace(
        found,
        errors=tuple(_unsuggested(one, beside) for one in found.errors),
        warnings=tuple(_unsuggested(one, beside) for one in found.warnings),
    )


def read_csv_table(path: Path, table: str) -> Table:
    """The table in a CSV file that this module has found to be right before."""
    findings = Findings()
    with uncollected():
        draft = read_table(read_csv(path, TABLES[table], findings), TABLES[table], findings)
    assert not findings.errors, f"{table}: {findings.errors[0]}"
    return draft.table


def _judged(
    drafts: Mapping[str, Draft],
    judged: Collection[str],
    owner: str | None,
    rates: Rates | None,
    erased: frozenset[str],
    findings: Findings,
) -> PartialExamination:
    """Run every check over what is known, and keep what is said of the tables that are to be judged."""
    whole = {
        name: drafts[name] if name in drafts else nothing(row, name, lost=True)
        for name, row in TABLES.items()
    }
    if owner is not None:
        rows_of(owner, (drafts[name] for name in judged), findings)
    if "learners" in judged:
        not_again(erased, drafts["learners"], findings)
    rnd = DraftRound(whole, rates)
    for check in CHECKS:
        check(rnd, findings)
    mine = {drafts[name].file for name in judged}
    errors = tuple(one for one in findings.errors if one.file in mine)
    left = tuple(one for one in findings.errors if one.file not in mine)
    warnings = (*(one for one in findings.warnings if one.file in mine), *left)
    tables = {} if errors else {name: drafts[name].table for name in judged}
    return PartialExamination(tables, errors, warnings)


def _unsuggested(problem: InputProblem, beside: Collection[str]) -> InputProblem:
    """Without the suggestion, where that would be an id of somebody else."""
    table = Path(problem.file).stem
    note = columns_of(TABLES[table]).get(problem.column or "") if table in TABLES else None
    kind = note.kind if note is not None else None
    if isinstance(kind, Ref):
        targets: tuple[str, ...] = (kind.table,)
    else:
        targets = kind.tables if isinstance(kind, RefList) else ()
    return replace(problem, nearest=None) if set(targets) & set(beside) else problem


def _grid(path: Path, table: str, findings: Findings) -> Grid:
    match path.suffix:
        case ".json":
            return read_json(path, TABLES[table], findings)
        case ".xlsx":
            return _sheet(path, table, findings)
        case _:
            return read_csv(path, TABLES[table], findings)


def _sheet(path: Path, table: str, findings: Findings) -> Grid:
    """The sheet that bears the table's name, or the only one that there is. Raises ``Unreadable``."""
    insist_on_workbook(path)
    file = files.label(path)
    book = read_workbook(path, file, {name for name, of in known_tables().items() if of == table}, findings)
    if not book.grids and len(book.sheets) == 1:
        book = read_workbook(path, file, {_child_plain(book.sheets[0][0])}, findings)
    if len(book.grids) != 1:
        raise Unreadable(_no_sheet(book, table))
    ((sheet, grid),) = book.grids.items()
    if sheet != table:
        findings.warn(grid.file, f"read as the table {table}")
    return grid


def _no_sheet(book: Workbook, table: str) -> str:
    if book.grids:
        return f"{len(book.grids)} sheets for the table {table}: keep one"
    count = len(book.sheets)
    return f"there is no sheet {table}: name one of the {count} sheets so, or send a workbook with one sheet"


def _child_plain(sheet: str) -> str:
    """A sheet's name as the reader of workbooks compares it."""
    return "".join(char for char in sheet.casefold() if char.isalnum())
