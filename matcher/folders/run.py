"""A run read back from its folder: what its files say, held against the round and against each other."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import pandas as pd

from matcher import allocations
from matcher.auditing import Audit, audit
from matcher.folders import words
from matcher.intake.files import read_bytes
from matcher.intake.findings import Unreadable
from matcher.reporting import frames
from matcher.reporting.model import Report
from matcher.spreadsheets import restore
from models.errors import InputErrors, InputProblem
from models.outcome import Placement
from models.round import Round

REPORT: Final = "report.json"
PLACEMENTS: Final = "placements.csv"
UNPLACED: Final = "unplaced.csv"


@dataclass(frozen=True)
class Run:
    """What lies in a run's folder, of the round that was solved.

    ``audit`` is None where the run has no allocation; ``placed`` are its placements; ``unplaced`` the rows of
    ``unplaced.csv``; ``report`` the content of ``report.json``.
    """

    folder: Path
    round: Round
    report: Mapping[str, Any]
    audit: Audit | None
    placed: tuple[Placement, ...]
    unplaced: pd.DataFrame

    @cached_property
    def placements(self) -> pd.DataFrame:
        """The rows of ``placements.csv``."""
        return frames.placements(self)

    @cached_property
    def escorts(self) -> pd.DataFrame:
        """The rows of ``escorts.csv``."""
        return frames.escorts(self)


def is_run(folder: Path) -> bool:
    """Whether a folder holds what a run leaves."""
    return (folder / REPORT).is_file()


def standing_in(folder: Path | None, rnd: Round) -> Run | None:
    """The run in a folder that a study is to be written into; None: there is none, and the study is on its own.

    Raises ``InputErrors`` as ``read`` does: a study cannot stand in the report of another round.
    """
    return read(folder, rnd) if folder is not None and is_run(folder) else None


def read(folder: Path, rnd: Round) -> Run:
    """Read a run back.

    Raises
    ------
    InputErrors
        When there is no run in the folder, when it is of another round (or of this one before a change), or when its
        files are not those that were written together.
    """
    report = _report(folder)
    if report.input_digest != rnd.digest:
        raise InputErrors(
            [InputProblem(REPORT, None, None, None, words.other_round(report.round.id, rnd.id))]
        )
    content = report.model_dump(mode="json")
    if report.counts.placed is None:
        return Run(folder, rnd, content, None, (), pd.DataFrame([], columns=list(frames.UNPLACED)))
    _insist_on_digests(folder, report.files)
    placed = tuple(line.placement for line in allocations.read(folder / PLACEMENTS, rnd))
    audited = audit(rnd, placed)
    if not audited.valid:
        raise InputErrors(
            [InputProblem(PLACEMENTS, None, None, None, breach.message) for breach in audited.breaches]
        )
    return Run(folder, rnd, content, audited, placed, _unplaced(folder))


def insist_on_allocation(run: Run | None, placements: Iterable[Placement], file: str) -> None:
    """A study of a run's folder is one of the run's allocation. Raises ``InputErrors`` where it is not."""
    if run is not None and sorted(placements) != sorted(run.placed):
        message = words.other_allocation(str(run.folder / PLACEMENTS))
        raise InputErrors([InputProblem(file, None, None, None, message)])


def _report(folder: Path) -> Report:
    if not is_run(folder):
        raise InputErrors([InputProblem(str(folder), None, None, None, words.NO_RUN)])
    try:
        return Report.model_validate(json.loads((folder / REPORT).read_text("utf-8")))
    except (ValueError, RecursionError) as wrong:  # among others what pydantic finds
        raise InputErrors([InputProblem(REPORT, None, None, None, words.UNREADABLE_RUN)]) from wrong


def _insist_on_digests(folder: Path, files: Mapping[str, str]) -> None:
    problems = []
    for name in (PLACEMENTS, UNPLACED):
        try:
            content = read_bytes(folder / name)
        except Unreadable as wrong:
            problems.append(InputProblem(name, None, None, None, str(wrong)))
            continue
        if hashlib.sha256(content).hexdigest() != files.get(name):
            problems.append(InputProblem(name, None, None, None, words.OTHER_FILE))
    if problems:
        raise InputErrors(problems)


def _unplaced(folder: Path) -> pd.DataFrame:
    text = (folder / UNPLACED).read_bytes().decode("utf-8")
    header, *rows = csv.reader(io.StringIO(text, newline=""))
    cells = [[restore(cell) or None for cell in row] for row in rows]
    return pd.DataFrame(cells, columns=[restore(name) for name in header], dtype=object)
