"""Publishing one run of a round, and taking that back."""

from __future__ import annotations

from sqlalchemy.orm import Session

from api.access.roles import Caller
from api.errors import Wrong
from api.rounds.life import State, insist_on, step
from api.runs.changes import insist_on_kept
from api.runs.queue import insist_on_snapshot
from api.runs.results import insist_on_allocation, rows_of
from api.store.schema import RoundRecord, Run


def publish(session: Session, caller: Caller, record: RoundRecord, run_id: str) -> None:
    """Show a run's result to those whom it concerns; the round's row is locked by the caller.

    Raises ``Conflict`` where the round is not frozen, or the run is not one of its snapshot or has no allocation;
    ``Wrong`` where the round has no such run, or the run does not keep what was changed by hand. To publish what is
    published changes nothing.
    """
    run = session.get(Run, run_id)
    if run is None or run.round_id != record.id:
        raise Wrong("The round has no such run.")
    if record.state == State.PUBLISHED and record.published_run_id == run.id:
        return
    insist_on(record, State.FROZEN)
    insist_on_snapshot(record, run)
    insist_on_allocation(run)
    rows = rows_of(session, run, "placements.csv")
    insist_on_kept(session, run, {learner: rows.row(number) for learner, number in rows.place.items()})
    record.published_run_id = run.id
    step(session, caller, record, State.PUBLISHED, run=run.id)


def unpublish(session: Session, caller: Caller, record: RoundRecord, reason: str) -> None:
    """Take the publication back, with a reason, which the log keeps. Raises ``Conflict``."""
    insist_on(record, State.PUBLISHED)
    run_id, record.published_run_id = record.published_run_id, None
    step(session, caller, record, State.FROZEN, reason, run=run_id)
