"""Runs as coordinators see them: asked for, looked at, waited for, cancelled."""

from __future__ import annotations

import io
import tomllib
import zipfile
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from api.access.roles import Caller
from api.clock import new_id, now
from api.errors import Conflict, Missing
from api.rounds.visibility import known_to
from api.runs import events, wishes
from api.runs.states import ENDED, EventKind, State
from api.runs.wishes import NewRun
from api.settings import Settings
from api.store import chain
from api.store.schema import Change, RoundRecord, Run, Snapshot
from models.policy import Policy

FROZEN = "frozen"
"""The state of a round in which it can be run."""


def the_run(session: Session, caller: Caller, run_id: str, *, lock: bool = False) -> Run:
    """A run of a round that the caller may know of. Raises ``Missing``."""
    query = (
        select(Run)
        .join(RoundRecord, RoundRecord.id == Run.round_id)
        .where(Run.id == run_id, known_to(caller))
    )
    found = session.scalar(query.with_for_update(of=Run) if lock else query)
    if found is None:
        raise Missing
    return found


def enqueue(session: Session, caller: Caller, record: RoundRecord, wanted: NewRun, settings: Settings) -> Run:
    """Put a run of a round at the end of the queue.

    The round's row is locked by the caller, so that it stays frozen until the run is there. Raises ``Conflict`` for a
    round that is not frozen, ``Wrong`` for what the engine does not know.
    """
    snapshot_id = frozen_snapshot(record)
    own = policy_of(session, snapshot_id)
    policy = wishes.check(wanted, own, settings.run_seconds)
    request = {
        "method": wanted.method,
        "time_limit": wanted.time_limit or float(settings.run_seconds),
        "gap": wanted.gap,
        "seed": wanted.seed,
        "changes": None if wanted.policy is None else wanted.policy.given(),
        "policy": None if policy == own else policy.model_dump(mode="json"),
        "locks": locks_of(session, record.id),
    }
    return add(session, caller, record, wanted.name, request)


def add(
    session: Session,
    caller: Caller,
    record: RoundRecord,
    name: str,
    request: dict[str, Any],
    base_run_id: str | None = None,
) -> Run:
    """Put a run with a request that has been checked at the end of the queue."""
    run = Run(
        id=new_id(),
        round_id=record.id,
        snapshot_id=frozen_snapshot(record),
        base_run_id=base_run_id,
        name=name,
        request=request,
        state=State.QUEUED.value,
        progress={},
        attempts=0,
        lease=None,
        lease_until=None,
        worker=None,
        cancel=False,
        failure=None,
        created_by=caller.login,
        created_at=now(),
        started_at=None,
        ended_at=None,
    )
    session.add(run)
    session.flush()
    events.append(session, run.id, EventKind.QUEUED)
    chain.record(
        session,
        caller.login,
        "run.create",
        run.id,
        round_id=record.id,
        method=request["method"],
        base=base_run_id,
    )
    return run


def frozen_snapshot(record: RoundRecord) -> str:
    """The snapshot that runs of the round read. Raises ``Conflict`` for a round that is not frozen."""
    if record.state != FROZEN or record.snapshot_id is None:
        raise Conflict(f"Round {record.id} is {record.state}: runs are made of a frozen round.")
    return record.snapshot_id


def insist_on_snapshot(record: RoundRecord, run: Run) -> None:
    """Raise ``Conflict`` for a run of what the round was before it was frozen anew."""
    if run.snapshot_id != frozen_snapshot(record):
        raise Conflict(f"Run {run.id} is of an earlier state of the round.")


def policy_of(session: Session, snapshot_id: str) -> Policy:
    """The policy of a round as it was frozen."""
    content = session.execute(select(Snapshot.content).where(Snapshot.id == snapshot_id)).scalar_one()
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        text = packed.read("round.toml").decode("utf-8")
    return Policy.model_validate(tomllib.loads(text, parse_float=Decimal).get("policy", {}))


def active_changes(session: Session, round_id: str) -> Sequence[Change]:
    """The changes made by hand that hold, oldest first."""
    query = select(Change).where(Change.round_id == round_id, Change.revoked_at.is_(None))
    return session.scalars(query.order_by(Change.id)).all()


def locks_of(session: Session, round_id: str) -> list[dict[str, Any]]:
    """The changes made by hand that hold, as rows of the table ``locks``; a move is a pin to its place."""
    return [as_lock(change) for change in active_changes(session, round_id)]


def as_lock(change: Change) -> dict[str, Any]:
    """A change as a row of the table ``locks``."""
    kind = "forbid" if change.kind == "forbid" else "pin"
    return {"learner_id": change.learner_id, "kind": kind, **change.place}


def position(session: Session, run: Run) -> int | None:
    """How many runs are served before this one, and one for itself; None when it does not wait."""
    if run.state != State.QUEUED:
        return None
    earlier = or_(Run.created_at < run.created_at, (Run.created_at == run.created_at) & (Run.id < run.id))
    query = select(func.count()).select_from(Run).where(Run.state == State.QUEUED.value, earlier)
    return session.scalars(query).one() + 1


def cancel(session: Session, caller: Caller, run: Run) -> None:
    """End a run without a result, at once: its worker finds that it has lost it, and ends the solving.

    Raises ``Conflict`` for a run that has ended in another way; to cancel twice is to cancel.
    """
    ended = [state.value for state in ENDED]
    change = (
        update(Run)
        .where(Run.id == run.id, Run.state.not_in(ended))
        .values(state=State.CANCELLED.value, cancel=True, lease=None, lease_until=None, ended_at=now())
    )
    if session.execute(change).rowcount:  # type: ignore[attr-defined]  # an update has it
        events.append(session, run.id, EventKind.CANCELLED)
        chain.record(session, caller.login, "run.cancel", run.id, round_id=run.round_id)
    session.refresh(run)
    if run.state != State.CANCELLED:
        raise Conflict(f"Run {run.id} is {run.state}.")
