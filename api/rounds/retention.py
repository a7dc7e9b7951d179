"""Retention: some time after a round's end, everything about its learners is deleted.

What stays: the round's row and settings, its log, its runs with their figures (``report.json`` without the sentences
that may name learners) and that they ended, its snapshots' digests and counts. What goes: every upload, the snapshots'
content, placements and every other result, what was changed by hand, what was attested of the erased, answers kept for
retries, and the key of the pseudonyms. A run that has not ended is cancelled.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from api.clock import now
from api.rounds import forgetting, replays
from api.rounds.life import State
from api.settings import Settings
from api.store import chain
from api.store.engine import Store
from api.store.schema import (
    Change,
    Erasure,
    ResultFile,
    RoundRecord,
    Run,
    RunEvent,
    Sheet,
    Snapshot,
    Upload,
)

ACTOR = "retention"
"""Who the log says it was."""

KEPT = ("report.json",)
"""Results that stay: figures of the whole."""


def purge_expired(store: Store, settings: Settings, at: datetime | None = None) -> list[str]:
    """Purge every round whose retention has ended; their ids. Safe to call often, and from several processes.

    Answers that are remembered for retries go too, once they are too old for any.
    """
    moment = now() if at is None else at
    with store.writing() as session:
        replays.drop_old(session, moment)
    with store.reading() as session:
        due = [record.id for record in _closed(session) if _ended(record, settings, moment)]
    return [round_id for round_id in due if _purged(store, settings, round_id, moment)]


def _closed(session: Session) -> list[RoundRecord]:
    query = select(RoundRecord).where(RoundRecord.state == State.CLOSED, RoundRecord.purged_at.is_(None))
    return list(session.scalars(query.order_by(RoundRecord.id)))


def _ended(record: RoundRecord, settings: Settings, at: datetime) -> bool:
    days = settings.retention_days if record.retention_days is None else record.retention_days
    return record.closed_at is not None and record.closed_at + timedelta(days=days) <= at


def _purged(store: Store, settings: Settings, round_id: str, at: datetime) -> bool:
    """Purge a round in a transaction of its own; whether it was still due."""
    with store.writing() as session:
        record = session.scalars(
            select(RoundRecord).where(RoundRecord.id == round_id).with_for_update()
        ).one()
        due = record.state == State.CLOSED and record.purged_at is None
        if not due or not _ended(record, settings, at):
            return False
        purge(session, record, at)
    return True


def purge(session: Session, record: RoundRecord, at: datetime) -> None:
    """Delete what a round holds of learners, within the caller's transaction and with the log's entry."""
    forgetting.hold(session, record)
    forgetting.give_up(session, record)
    runs = select(Run.id).where(Run.round_id == record.id)
    gone = {
        "sheets": delete(Sheet).where(Sheet.round_id == record.id),
        "uploads": delete(Upload).where(Upload.round_id == record.id),
        "results": delete(ResultFile).where(ResultFile.run_id.in_(runs), ResultFile.name.not_in(KEPT)),
        "events": delete(RunEvent).where(RunEvent.run_id.in_(runs), RunEvent.kind.not_in(forgetting.LAST)),
        "changes": delete(Change).where(Change.round_id == record.id),
        "erasures": delete(Erasure).where(Erasure.round_id == record.id),
    }
    counts = {name: session.execute(statement).rowcount for name, statement in gone.items()}  # type: ignore[attr-defined]
    session.execute(update(RunEvent).where(RunEvent.run_id.in_(runs)).values(data={}))
    session.execute(update(Snapshot).where(Snapshot.round_id == record.id).values(content=b""))
    forgetting.forget_sentences(session, record)
    replays.forget(session, record)
    record.pseudonym_key, record.purged_at = None, at
    record.revision += 1
    chain.record(session, ACTOR, "round.purge", record.id, round_id=record.id, deleted=counts)
