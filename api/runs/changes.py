"""Changes that coordinators make by hand: tried out on a run's allocation, kept as locks for later runs, revoked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from api.access.roles import Caller
from api.clock import new_id, now
from api.errors import Conflict, Missing, Wrong
from api.runs import queue
from api.runs.tasks import MANUAL
from api.store import chain
from api.store.schema import Change, RoundRecord, Run
from models.errors import InputProblem

Locks = list[dict[str, Any]]


@dataclass(frozen=True)
class Wish:
    """A change that is wanted: ``kind`` is pin, forbid or move; ``place`` has the ids that are given, by column."""

    kind: str
    learner_id: str
    place: Mapping[str, str]
    reason: str

    @property
    def lock(self) -> dict[str, str]:
        """As a row of the table ``locks``."""
        kind = "forbid" if self.kind == "forbid" else "pin"
        return {"learner_id": self.learner_id, "kind": kind, **self.place}


def locks_beside(session: Session, round_id: str, wish: Wish) -> Locks:
    """The locks that hold beside a change: a move takes the place of earlier moves of the same learner."""
    gone = {change.id for change in _replaced(session, round_id, wish)}
    return [
        queue.as_lock(change) for change in queue.active_changes(session, round_id) if change.id not in gone
    ]


def _replaced(session: Session, round_id: str, wish: Wish) -> list[Change]:
    if wish.kind != "move":
        return []
    own = (
        change for change in queue.active_changes(session, round_id) if change.learner_id == wish.learner_id
    )
    return [change for change in own if change.kind == "move"]


def make(
    session: Session, caller: Caller, record: RoundRecord, run: Run, wish: Wish, tried_beside: Locks
) -> tuple[Change, Run | None]:
    """Keep a change that was tried out beside some locks; for a move, also queue the run that has it applied.

    Raises ``Conflict`` where other changes were made meanwhile.
    """
    if locks_beside(session, record.id, wish) != tried_beside:
        raise Conflict("Other changes were made meanwhile: try again.")
    for old in _replaced(session, record.id, wish):
        _revoke(session, caller, old)
    change = Change(
        id=new_id(),
        round_id=record.id,
        run_id=run.id,
        kind=wish.kind,
        learner_id=wish.learner_id,
        place=dict(wish.place),
        reason=wish.reason,
        made_by=caller.login,
        made_at=now(),
        revoked_at=None,
    )
    session.add(change)
    chain.record(
        session,
        caller.login,
        "change.create",
        change.id,
        round_id=record.id,
        run=run.id,
        change=wish.kind,
        learner=wish.learner_id,
        place=dict(wish.place),
    )
    return change, _derived(session, caller, record, run, wish) if wish.kind == "move" else None


def _derived(session: Session, caller: Caller, record: RoundRecord, run: Run, wish: Wish) -> Run:
    """A run that takes the allocation over, with the learner at the new place."""
    request = {
        "task": "adopt",
        "method": MANUAL,
        "changes": run.request.get("changes"),
        "policy": run.request.get("policy"),
        "locks": queue.locks_of(session, record.id),
        "moves": [{"learner_id": wish.learner_id, **wish.place}],
    }
    name = (run.name or run.id)[:230]
    return queue.add(session, caller, record, f"{name}, changed", request, run.id)


def revoke(session: Session, caller: Caller, record: RoundRecord, change_id: str) -> None:
    """Later runs need not keep the change any more. Raises ``Missing``; to revoke twice is to revoke."""
    change = session.get(Change, change_id)
    if change is None or change.round_id != record.id:
        raise Missing
    if change.revoked_at is None:
        _revoke(session, caller, change)


def _revoke(session: Session, caller: Caller, change: Change) -> None:
    change.revoked_at = now()
    chain.record(session, caller.login, "change.revoke", change.id, round_id=change.round_id)


def insist_on_kept(session: Session, run: Run, rows: Mapping[str, Mapping[str, str]]) -> None:
    """Raise ``Wrong`` with the changes that a run's placements (by learner) do not keep."""
    problems = [
        InputProblem(
            "changes",
            None,
            change.kind,
            change.learner_id,
            f"change {change.id} is not kept by the run: run the round again, or revoke the change",
        )
        for change in queue.active_changes(session, run.round_id)
        if _is_met(change, rows.get(change.learner_id)) != (change.kind != "forbid")
    ]
    if problems:
        raise Wrong(f"{len(problems)} changes made by hand are not kept.", problems)


def _is_met(change: Change, row: Mapping[str, str] | None) -> bool:
    """Whether a placement agrees with every id that the change names."""
    return row is not None and all(row[name] == value for name, value in change.place.items())
