"""Learners of a snapshot, with the columns that results may be shown with."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Mapping
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api.runs.kept import Kept
from api.store.schema import Erasure, Run, Snapshot
from matcher.spreadsheets import restore

SHOWN: Final = ("partner_id", "school_id", "field", "eqf_level", "stay", "languages", "group_id", "needs")
"""The columns that are read; all others stay where they are."""

Learners = Mapping[str, Mapping[str, str]]
"""By id."""


def learners_of(session: Session, run: Run) -> Learners:
    """The learners of the snapshot that a run has read, without what was erased since."""
    erased = session.scalar(select(func.count()).where(Erasure.round_id == run.round_id))
    return _LEARNERS.get((run.snapshot_id, erased), lambda: _read(session, run.snapshot_id))


_LEARNERS: Final = Kept[Learners](2)


NOBODY: Final = dict.fromkeys(SHOWN, "")
"""What is shown of a learner who was erased."""


def _read(session: Session, snapshot_id: str) -> Learners:
    content = session.execute(select(Snapshot.content).where(Snapshot.id == snapshot_id)).scalar_one()
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        text = packed.read("learners.csv").decode("utf-8")
    rows = csv.DictReader(io.StringIO(text, newline=""))
    return {restore(row["id"]): {name: restore(row.get(name) or "") for name in SHOWN} for row in rows}
