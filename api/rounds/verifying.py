"""Whether the figures of a round's runs still follow from what the store holds, erased learners included."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from api.access.roles import Caller
from api.errors import Conflict
from api.rounds import erasure_jobs as jobs
from api.rounds.children import children
from api.rounds.erasing import attested_of, erasures, facts_of
from api.rounds.forgetting import REPORT
from api.rounds.visibility import the_round
from api.store.engine import Store
from api.store.schema import ResultFile, RoundRecord, Run, Snapshot


@dataclass(frozen=True)
class VerifiedRun:
    """A run with its figures as reported and as recomputed."""

    run_id: str
    snapshot_digest: str
    figures: jobs.Verified


def verify_figures(store: Store, caller: Caller, round_id: str) -> list[VerifiedRun]:
    """Recompute the figures of every run of the round that has placements, oldest first.

    Goals and rules are reckoned from the tables for everybody whose data are there, and from the attested facts for
    those who were erased. Raises ``Conflict`` for a round that was purged.
    """
    with store.reading() as session:
        record = the_round(session, caller, round_id)
        if record.purged_at is not None:
            raise Conflict("The round's tables were deleted when its retention ended.")
        orders = _orders(session, record)
    return [
        VerifiedRun(run_id, digest, children().run(jobs.verify, order)) for run_id, digest, order in orders
    ]


def _orders(session: Session, record: RoundRecord) -> list[tuple[str, str, jobs.FiguresOrder]]:
    erased = erasures(session, record)
    found = []
    for run in session.scalars(select(Run).where(Run.round_id == record.id).order_by(Run.id)):
        facts = facts_of(session, run)
        report = session.scalar(
            select(ResultFile.content).where(ResultFile.run_id == run.id, ResultFile.name == REPORT)
        )
        if facts is None or report is None:
            continue
        snapshot = session.scalars(
            select(Snapshot).where(Snapshot.id == run.snapshot_id).options(undefer(Snapshot.content))
        ).one()
        order = jobs.FiguresOrder(snapshot.content, facts, report, attested_of(erased, run.id))
        found.append((run.id, snapshot.digest, order))
    return found
