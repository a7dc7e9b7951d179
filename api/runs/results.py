"""What a run has brought: its files, and the rows of its tables by learner."""

from __future__ import annotations

import csv
import io
import json
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from api.errors import Conflict, Missing
from api.runs.kept import Kept
from api.runs.states import State
from api.store.schema import ResultFile, Run
from matcher.spreadsheets import restore

MEDIA_TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "html": "text/html; charset=utf-8",
}
"""By the ends of names."""

WITH_ALLOCATION: Final = frozenset({"optimal", "feasible"})
"""The statuses of runs that place somebody, if anybody can be placed."""

Row = Mapping[str, str]


@dataclass(frozen=True)
class Rows:
    """The rows of one file, in its order, which is that of their first column (learners, for two of the three)."""

    names: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...]

    @cached_property
    def place(self) -> Mapping[str, int]:
        """Where the row of each learner stands."""
        return {row[0]: number for number, row in enumerate(self.cells)}

    def __len__(self) -> int:
        return len(self.cells)

    def row(self, number: int) -> Row:
        """One row by column."""
        return dict(zip(self.names, self.cells[number], strict=True))

    def after(self, key: str | None, most: int) -> list[Row]:
        """The rows whose first cell follows a key, which need not be there; at most so many."""
        first = 0 if key is None else bisect_right(self.cells, key, key=lambda row: row[0])
        return [self.row(number) for number in range(first, min(first + most, len(self)))]

    def of(self, learner: str) -> Row | None:
        """The row of a learner."""
        return self.row(self.place[learner]) if learner in self.place else None


def insist_on_end(run: Run) -> None:
    """Raise ``Conflict`` for a run that has brought nothing."""
    if run.state != State.DONE:
        raise Conflict(f"Run {run.id} is {run.state}: it has no result.")


def insist_on_allocation(run: Run) -> None:
    """Raise ``Conflict`` for a run that has brought no allocation."""
    insist_on_end(run)
    if run.progress["status"] is None:
        raise Conflict(f"Run {run.id} is a study of another run: it has no allocation of its own.")
    if run.progress["status"] not in WITH_ALLOCATION:
        raise Conflict(f"Run {run.id} ended as {run.progress['status']}: it has no allocation.")


def listed(session: Session, run: Run) -> Sequence[ResultFile]:
    """The files of a run, without their content, by name."""
    query = select(ResultFile).where(ResultFile.run_id == run.id).order_by(ResultFile.name)
    return session.scalars(query).all()


def the_file(session: Session, run: Run, name: str) -> ResultFile:
    """A file of a run with its content. Raises ``Missing``."""
    found = session.get(ResultFile, (run.id, name), options=[undefer(ResultFile.content)])
    if found is None:
        raise Missing
    return found


def media_type(name: str) -> str:
    """What a file is."""
    return MEDIA_TYPES[name.rsplit(".", maxsplit=1)[-1]]


def report_of(session: Session, run: Run) -> dict[str, Any]:
    """The content of ``report.json``."""
    found: dict[str, Any] = json.loads(the_file(session, run, "report.json").content)
    return found


def rows_of(session: Session, run: Run, name: str) -> Rows:
    """The rows of a CSV file, cells as the engine has them; those of the last few files are kept."""
    digest = session.scalar(
        select(ResultFile.digest).where(ResultFile.run_id == run.id, ResultFile.name == name)
    )
    if digest is None:
        raise Missing
    return _ROWS.get(digest, lambda: _read(the_file(session, run, name).content))


_ROWS: Final = Kept[Rows](4)


def _read(content: bytes) -> Rows:
    rows = csv.reader(io.StringIO(content.decode("utf-8"), newline=""))
    return Rows(tuple(next(rows)), tuple(tuple(map(restore, row)) for row in rows))
