"""What happens to runs, numbered from 1 within each: what listeners are told, from where they left off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api.clock import now
from api.runs.states import EventKind
from api.store.schema import RunEvent


def append(session: Session, run_id: str, kind: EventKind, data: Mapping[str, Any] | None = None) -> None:
    """Add an event. The caller has changed the run's row in the same transaction, so that nobody else counts too."""
    last = session.scalar(select(func.max(RunEvent.number)).where(RunEvent.run_id == run_id)) or 0
    session.add(RunEvent(run_id=run_id, number=last + 1, at=now(), kind=kind.value, data=dict(data or {})))
    session.flush()


def after(session: Session, run_id: str, number: int, most: int = 1_000) -> Sequence[RunEvent]:
    """The events of a run that follow a number, at most so many."""
    query = select(RunEvent).where(RunEvent.run_id == run_id, RunEvent.number > number)
    return session.scalars(query.order_by(RunEvent.number).limit(most)).all()
