"""What runs know of learners: taken out of their results and requests, or the run begun anew without it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Mapping
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session, undefer

from api.clock import now
from api.rounds import erasure_jobs as jobs
from api.store.schema import Change, ResultFile, RoundRecord, Run, RunEvent

UNPLACED, REPORT = "unplaced.csv", "report.json"
FOR_PEOPLE: Final = ".html"
"""Results that hold sentences about learners: they go, and can be made again from what is left."""

GONE: Final = b"Erased with a learner's personal data.\n"
ERASED: Final = "erased with a learner's personal data"
"""In the place of a sentence that names the learner."""

QUEUED, RUNNING, CANCELLED = "queued", "running", "cancelled"
"""States of runs, as ``api.runs.states`` has them."""

STUDY = "study"
"""The task of runs whose files are no allocation, as ``api.runs.studies`` has it."""

LAST: Final = ("done", "failed", "cancelled")
"""Events that end a run: whoever follows one waits for them."""


def hold(session: Session, record: RoundRecord) -> None:
    """Keep workers from taking or ending any run of the round until the transaction ends.

    A run that was ending just now has ended when this returns, and its result is there to be seen.
    """
    query = select(Run.id).where(Run.round_id == record.id, Run.state.in_((QUEUED, RUNNING)))
    session.execute(query.order_by(Run.id).with_for_update()).all()


def begin_anew(session: Session, record: RoundRecord, snapshots: Collection[str]) -> None:
    """Put runs that have read these snapshots back into the queue: what they would bring tells of what was there."""
    query = select(Run).where(Run.round_id == record.id, Run.state == RUNNING, Run.snapshot_id.in_(snapshots))
    for run in session.scalars(query.order_by(Run.id)):
        run.state, run.lease, run.lease_until, run.progress = QUEUED, None, None, {}
        run.attempts -= 1
        _tell(session, run, "returned")


def give_up(session: Session, record: RoundRecord) -> None:
    """Cancel whatever has not ended: there will be nothing to read for it, and what it brings must not stay."""
    query = select(Run).where(Run.round_id == record.id, Run.state.in_((QUEUED, RUNNING)))
    for run in session.scalars(query.order_by(Run.id)):
        run.state, run.cancel, run.lease, run.lease_until = CANCELLED, True, None, None
        run.ended_at = now()
        _tell(session, run, "cancelled")


def _tell(session: Session, run: Run, kind: str) -> None:
    """Tell those who follow the run."""
    session.flush()
    last = session.scalar(select(func.max(RunEvent.number)).where(RunEvent.run_id == run.id)) or 0
    session.add(RunEvent(run_id=run.id, number=last + 1, at=now(), kind=kind, data={}))


def clean_results(session: Session, snapshots: Collection[str], learner_id: str) -> None:
    """Take out of the results of runs on these snapshots what is said about the learner."""
    query = select(ResultFile).join(Run, Run.id == ResultFile.run_id).where(Run.snapshot_id.in_(snapshots))
    runs = session.scalars(select(Run).where(Run.snapshot_id.in_(snapshots)))
    studies = {run.id for run in runs if run.request.get("task") == STUDY}
    for file in session.scalars(query.options(undefer(ResultFile.content))):
        if file.run_id in studies and learner_id.encode() in file.content:
            session.delete(file)  # asked again, it is answered without the learner
            continue
        if file.name == UNPLACED:
            content = jobs.without_reasons(file.content, learner_id)
        elif file.name == REPORT:
            content = _without_sentences(file.content, learner_id)
        elif file.name.endswith(FOR_PEOPLE) and learner_id.encode() in file.content:
            content = GONE
        else:
            continue
        _replace(file, content)


def clean_runs(session: Session, snapshots: Collection[str], learner_id: str) -> None:
    """Revoke what was changed by hand for the learner, without the words that say why; and what runs say of them."""
    of_runs = select(Run.id).where(Run.snapshot_id.in_(snapshots))
    changes = select(Change).where(Change.run_id.in_(of_runs), Change.learner_id == learner_id)
    for change in session.scalars(changes):
        change.reason = "erased"
        change.revoked_at = change.revoked_at or now()
    for run in session.scalars(select(Run).where(Run.snapshot_id.in_(snapshots))):
        locks: list[dict[str, Any]] = run.request.get("locks") or []
        kept = [lock for lock in locks if lock.get("learner_id") != learner_id]
        if len(kept) < len(locks):
            run.request = run.request | {"locks": kept}
        run.progress = run.progress | _silenced(run.progress, learner_id)
        if run.failure is not None:
            run.failure = run.failure | _silenced(run.failure, learner_id)
    failed = select(RunEvent).where(RunEvent.run_id.in_(of_runs), RunEvent.kind == "failed")
    for event in session.scalars(failed):
        event.data = event.data | _silenced(event.data, learner_id)


def forget_sentences(session: Session, record: RoundRecord) -> None:
    """Take every sentence that may name a learner out of what stays of a round's runs."""
    of_runs = select(Run.id).where(Run.round_id == record.id)
    query = select(ResultFile).where(ResultFile.run_id.in_(of_runs), ResultFile.name == REPORT)
    for file in session.scalars(query.options(undefer(ResultFile.content))):
        _replace(file, _without_sentences(file.content, None))
    for run in session.scalars(select(Run).where(Run.round_id == record.id)):
        run.progress = run.progress | _silenced(run.progress, None)
        if run.failure is not None:
            run.failure = run.failure | _silenced(run.failure, None)
        if run.request.get("locks"):
            run.request = run.request | {"locks": []}
        if run.request.get("task") == STUDY:
            run.request = run.request | {"study": {}}  # it may have asked about a learner


def _replace(file: ResultFile, content: bytes) -> None:
    if content != file.content:
        file.content, file.size = content, len(content)
        file.digest = hashlib.sha256(content).hexdigest()


def _without_sentences(content: bytes, learner_id: str | None) -> bytes:
    """``report.json`` whose conflict does not name the learner (None: nobody)."""
    report = json.loads(content)
    told = report | _silenced(report, learner_id)
    return content if told == report else (json.dumps(told, indent=1, ensure_ascii=False) + "\n").encode()


def _silenced(told: Mapping[str, Any], learner_id: str | None) -> dict[str, Any]:
    """What is told of a run in sentences (a conflict, a failure), without those that name the learner (None: all)."""
    named = re.compile("" if learner_id is None else rf"(?<![\w-]){re.escape(learner_id)}(?![\w-])")
    found: dict[str, Any] = {}
    if told.get("conflict"):
        found["conflict"] = [ERASED if named.search(one) else one for one in told["conflict"]]
    if told.get("detail"):
        found["detail"] = ERASED if named.search(told["detail"]) else told["detail"]
    return found
