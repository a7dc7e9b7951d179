"""Who works on a run, until when: taken, kept, given back, concluded, each in one transaction.

A worker that takes a run writes a random word into it. Everything that it writes about the run afterwards is written
only where that word still stands. A worker that was taken for dead, and is not, thus finds that the run is not its own
any more, and what it brings is thrown away: every run ends once. Times are those of the database where it has a clock
of its own, so that machines need not agree on the time.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.orm import Session

from api.clock import now
from api.runs import events
from api.runs.states import EventKind, FailureKind, State
from api.store import chain
from api.store.engine import Store
from api.store.schema import ResultFile, Run

ATTEMPTS = 3
"""How many workers may die over a run before it is given up."""


@dataclass(frozen=True)
class Lease:
    """A run that a worker has, under the word that says so."""

    run_id: str
    round_id: str
    snapshot_id: str
    base_run_id: str | None
    request: Mapping[str, Any]
    attempt: int
    word: str
    worker: str


@dataclass(frozen=True)
class Ending:
    """How a run ended: in a result with its files (name → content), or in a failure {kind, detail}."""

    progress: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)
    failure: Mapping[str, str] | None = None

    @classmethod
    def failed(cls, kind: FailureKind, detail: str) -> Ending:
        """A failure."""
        return cls(failure={"kind": kind.value, "detail": detail})


def moment(session: Session) -> datetime:
    """Now, by the clock that all workers share."""
    if session.get_bind().dialect.name == "postgresql":
        told: datetime = session.execute(select(func.clock_timestamp())).scalar_one()
        return told
    return now()


def claim(store: Store, worker: str, seconds: float) -> Lease | None:
    """Take the oldest run that waits, or whose worker has not been heard of until its lease ended; None: no such run.

    Of several workers that ask at the same time each gets another one.
    """
    with store.reading() as session:  # who only looks holds up nobody
        if session.scalar(select(Run.id).where(_free(moment(session))).limit(1)) is None:
            return None
    with store.writing() as session:
        while (run := _oldest(session)) is not None:
            if run.attempts < ATTEMPTS:
                return _taken(session, run, worker, seconds)
            _give_up(session, run)
        return None


def _free(at: datetime) -> ColumnElement[bool]:
    abandoned = and_(Run.state == State.RUNNING.value, Run.lease_until < at)
    return or_(Run.state == State.QUEUED.value, abandoned)


def _oldest(session: Session) -> Run | None:
    query = select(Run).where(_free(moment(session))).order_by(Run.created_at, Run.id).limit(1)
    return session.scalar(query.with_for_update(skip_locked=True))


def _taken(session: Session, run: Run, worker: str, seconds: float) -> Lease:
    at, word = moment(session), secrets.token_hex(16)
    run.state, run.lease, run.worker = State.RUNNING.value, word, worker
    run.lease_until = at + timedelta(seconds=seconds)
    run.attempts += 1
    run.started_at = run.started_at or at
    run.progress = {"phase": "starting", "goals": []}
    session.flush()
    events.append(session, run.id, EventKind.STARTED, {"attempt": run.attempts})
    request = dict(run.request)
    return Lease(run.id, run.round_id, run.snapshot_id, run.base_run_id, request, run.attempts, word, worker)


def _give_up(session: Session, run: Run) -> None:
    detail = f"{run.attempts} workers that had the run died."
    failure = {"kind": FailureKind.LOST.value, "detail": detail}
    run.state, run.failure, run.ended_at = State.FAILED.value, failure, now()
    run.lease = run.lease_until = None
    session.flush()
    _tell(session, run.id, run.round_id, EventKind.FAILED, "worker", failure)


def is_held(store: Store, lease: Lease) -> bool:
    """Whether the run is still the worker's: False once it was cancelled or given to another."""
    with store.reading() as session:
        return session.scalar(select(Run.id).where(_own(lease))) is not None


def beat(store: Store, lease: Lease, seconds: float, progress: Mapping[str, Any] | None = None) -> bool:
    """Keep the run for so many seconds from now, and tell how far it is; False: it is not the worker's any more."""
    with store.writing() as session:
        values: dict[str, Any] = {"lease_until": moment(session) + timedelta(seconds=seconds)}
        if progress is not None:
            values["progress"] = dict(progress)
        if not _changed(session, lease, values):
            return False
        if progress is not None:
            events.append(session, lease.run_id, EventKind.PROGRESS, progress)
        return True


def give_back(store: Store, lease: Lease) -> None:
    """Put the run back to where it was in the queue, as its worker has to stop."""
    with store.writing() as session:
        values: dict[str, Any] = {
            "state": State.QUEUED.value,
            "lease": None,
            "lease_until": None,
            "attempts": lease.attempt - 1,
            "progress": {},
        }
        if _changed(session, lease, values):
            events.append(session, lease.run_id, EventKind.RETURNED)


def conclude(store: Store, lease: Lease, ending: Ending) -> bool:
    """Write down how the run ended, with all its files; False: it was not the worker's any more, nothing changed."""
    state = State.DONE if ending.failure is None else State.FAILED
    with store.writing() as session:
        values: dict[str, Any] = {
            "state": state.value,
            "lease": None,
            "lease_until": None,
            "progress": dict(ending.progress),
            "failure": None if ending.failure is None else dict(ending.failure),
            "ended_at": now(),
        }
        if not _changed(session, lease, values):
            return False
        digests = {name: sha256(content).hexdigest() for name, content in ending.files.items()}
        for name, content in ending.files.items():
            file = ResultFile(
                run_id=lease.run_id, name=name, digest=digests[name], size=len(content), content=content
            )
            session.add(file)
        session.flush()
        told: Mapping[str, Any] = ending.failure or {
            name: ending.progress.get(name) for name in ("status", "goals")
        }
        kind = EventKind.DONE if ending.failure is None else EventKind.FAILED
        _tell(session, lease.run_id, lease.round_id, kind, "worker", told, digests)
        return True


def _tell(
    session: Session,
    run_id: str,
    round_id: str,
    kind: EventKind,
    actor: str,
    told: Mapping[str, Any],
    files: Mapping[str, str] | None = None,
) -> None:
    events.append(session, run_id, kind, told)
    lasting = {name: value for name, value in told.items() if name != "detail"}  # it may speak of learners
    chain.record(session, actor, f"run.{kind}", run_id, round_id=round_id, files=dict(files or {}), **lasting)


def _own(lease: Lease) -> ColumnElement[bool]:
    return and_(Run.id == lease.run_id, Run.state == State.RUNNING.value, Run.lease == lease.word)


def _changed(session: Session, lease: Lease, values: Mapping[str, Any]) -> bool:
    """Change the run if it is still the worker's."""
    found = session.execute(update(Run).where(_own(lease)).values(**values))
    return bool(found.rowcount)  # type: ignore[attr-defined]  # an update has it
