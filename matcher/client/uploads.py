"""What is loaded of a round, typed: sheets, their revisions, uploads, the demand as counts, what was erased."""

from __future__ import annotations

from datetime import datetime

import pandas as pd

from matcher.client.answers import Answer, Fault


class SheetInfo(Answer):
    """Somebody's rows of a table, as they count now; ``owner`` is '' for rows that no partner owns."""

    table: str
    owner: str
    rows: int
    revision: int
    etag: str
    digest: str
    uploaded_by: str
    uploaded_at: datetime


class UploadInfo(Answer):
    """One revision of somebody's rows of a table."""

    table: str
    owner: str
    revision: int
    rows: int
    digest: str
    source: str
    restored_from: int | None = None
    uploaded_by: str
    uploaded_at: datetime


class UploadReport(Answer):
    """What became of an upload: ``upload`` is None where it was only checked."""

    rows: int
    digest: str
    warnings: list[Fault]
    upload: UploadInfo | None = None

    def frame(self) -> pd.DataFrame:
        """What is doubtful, a row each."""
        return pd.DataFrame([fault.model_dump() for fault in self.warnings], columns=list(Fault.model_fields))


class DemandCell(Answer):
    """So many learners of a field (three digits of ISCED-F) and level."""

    field: str
    eqf_level: int
    learners: int


class DemandMonth(Answer):
    """The learners of one stay who can be away in a month; what would single anybody out is not listed."""

    stay: str
    month: str
    learners: int | None = None
    cells: list[DemandCell]


class ErasureInfo(Answer):
    """A learner whose personal data were erased."""

    learner_id: str
    erased_by: str
    erased_at: datetime
    reason: str


class FigureCheck(Answer):
    """A goal of a run, as its report states it and as it follows from what the service holds."""

    goal: str
    reported: int | None = None
    recomputed: int | None = None


class RunCheck(Answer):
    """A run's figures; ``equal`` says that all are as reported and every rule holds."""

    run_id: str
    snapshot_digest: str
    equal: bool
    goals: list[FigureCheck]
    placed: int
    breaches: list[str]


class Verification(Answer):
    """Whether the figures of all runs follow from what the service holds; who is erased counts as attested."""

    equal: bool
    erased: int
    runs: list[RunCheck]

    def frame(self) -> pd.DataFrame:
        """A row for each run and goal: as reported, and recomputed."""
        rows = [{"run_id": run.run_id, **goal.model_dump()} for run in self.runs for goal in run.goals]
        return pd.DataFrame(rows, columns=["run_id", *FigureCheck.model_fields])
