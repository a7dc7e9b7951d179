"""The order of things: find the files, read settings and tables, check them together, build the round."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from matcher.intake import files
from matcher.intake.checks import CHECKS
from matcher.intake.drafts import Draft, DraftRound, nothing
from matcher.intake.findings import Findings
from matcher.intake.grids import Grid
from matcher.intake.reading import read_table
from matcher.intake.settings import Settings, read_rates, read_settings
from matcher.intake.sources import Source, open_source, unread
from models.errors import InputErrors, InputProblem
from models.rates import Rates
from models.round import Round
from models.tables import TABLES


@dataclass(frozen=True)
class Examination:
    """What was found in a round's files: every error, every warning, and the round itself when there is no
    error.
    """

    round: Round | None
    errors: tuple[InputProblem, ...]
    warnings: tuple[InputProblem, ...]


@dataclass(frozen=True)
class Inspection:
    """An examination with the tables as they stand in the files, for the fix report."""

    examination: Examination
    grids: dict[str, Grid]


def load(path: str | Path) -> Round:
    """Read a round from a folder of CSV files or a workbook beside its ``round.toml``.

    Raises ``InputErrors`` with everything that is wrong. What was read otherwise than written, and what was
    ignored, is in the warnings of :func:`examine`. Contract: "Tables".
    """
    found = examine(path)
    if found.round is None:
        raise InputErrors(found.errors)
    return found.round


def examine(path: str | Path) -> Examination:
    """Read a round and report everything about it: errors, warnings, and the round when there are no
    errors.
    """
    return inspect(Path(path)).examination


def inspect(path: Path) -> Inspection:
    """Examine a round and keep its tables as they stand in the files."""
    with uncollected():
        return _inspect(path)


@contextmanager
def uncollected() -> Iterator[None]:
    """Without looking for cycles of garbage: rows and cells make none, and of a large round's millions of them the
    search would look at each again and again.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _inspect(path: Path) -> Inspection:
    findings = Findings()
    source = open_source(path, findings)
    if source is None:
        return Inspection(Examination(None, findings.errors, findings.warnings), {})
    settings, rates = _read_settings(source, findings)
    draft = DraftRound(_read_tables(source, files.label(path), findings), rates, settings.policy)
    for check in CHECKS:
        check(draft, findings)
    rnd = None if findings.errors else _build(settings, rates, draft)
    return Inspection(Examination(rnd, findings.errors, findings.warnings), source.grids)


def _read_settings(source: Source, findings: Findings) -> tuple[Settings, Rates | None]:
    settings = read_settings(source.settings, files.label(source.settings), findings)
    name = files.label(source.rates) if source.rates else ""
    return settings, read_rates(source.rates, name, settings.call_year, findings)


def _read_tables(source: Source, label: str, findings: Findings) -> dict[str, Draft]:
    missing = dict(unread(source, label))
    for table, place in missing.items():
        findings.error(place, f"the required table {table} is missing")
    drafts = {}
    for table, row in TABLES.items():
        if table in source.grids:
            drafts[table] = read_table(source.grids[table], row, findings)
        else:
            gone = table in source.lost or table in missing
            drafts[table] = nothing(row, source.lost.get(table, table), lost=gone)
    return drafts


def _build(settings: Settings, rates: Rates | None, draft: DraftRound) -> Round:
    assert settings.id is not None, "a round without errors has an id"
    assert settings.call_year is not None, "a round without errors has a call year"
    assert settings.policy is not None, "a round without errors has a policy"
    assert rates is not None, "a round without errors has rates"
    tables = {table: one.table for table, one in draft.tables.items()}
    name = settings.name if settings.name is not None else settings.id
    return Round(settings.id, name, settings.call_year, settings.policy, rates, tables, settings.budget_eur)
