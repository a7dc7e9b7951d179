"""Erasure of a learner's personal data: from every revision of every table, every snapshot, every result.

The learner's rows go from the uploads. In snapshots the row stays with the id, the sending partner and the stay, and
neutral values elsewhere; what is needed to verify the figures of runs is attested before (``attesting``). Of results,
what says why a learner has no place is taken out, and so are reports for people. The log says which fields were
erased, never what stood in them; the digests of before stay on record.

Everything is worked out from one state of the store and written in one transaction that first makes sure that the
state is still the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from api.access.roles import OF_AN_ORGANISATION, Caller
from api.clock import now
from api.errors import Conflict, Missing
from api.rounds import erasure_jobs as jobs
from api.rounds import replays
from api.rounds.attesting import AVAILABLE, PERSONAL, Facts, RunFacts
from api.rounds.children import children
from api.rounds.ownership import NOBODY
from api.rounds.packing import Packed, unpack_text
from api.rounds.visibility import the_round
from api.store import chain
from api.store.engine import Store
from api.store.schema import Change, Erasure, ResultFile, RoundRecord, Run, Sheet, Snapshot, Upload

ATTEMPTS: Final = 3
"""How often an erasure is worked out anew because something changed in between."""

PLACEMENTS, UNPLACED, REPORT = "placements.csv", "unplaced.csv", "report.json"
FOR_PEOPLE: Final = ".html"
"""Results that hold sentences about learners: they go, and can be made again from what is left."""

GONE: Final = b"Erased with a learner's personal data.\n"


@dataclass
class Plan:
    """What an erasure changes, and the state that it was worked out from."""

    state: tuple[object, ...]
    uploads: dict[str, Packed] = field(default_factory=dict)
    snapshots: dict[str, jobs.ErasedSnapshot] = field(default_factory=dict)
    fields: set[str] = field(default_factory=set)
    owners: set[str] = field(default_factory=set)


def erase(store: Store, caller: Caller, round_id: str, learner_id: str, reason: str) -> Erasure:
    """Erase a learner's personal data from a round.

    Raises ``Missing`` for a learner who is not there or not of the caller's organisation, ``Conflict`` for one who was
    erased before, and where the round keeps changing.
    """
    for _attempt in range(ATTEMPTS):
        with store.reading() as session:
            record = the_round(session, caller, round_id)
            plan = _planned(session, caller, record, learner_id)
        with store.writing() as session:
            record = the_round(session, caller, round_id, lock=True)
            if _state(session, record) == plan.state:
                return _carried_out(session, caller, record, learner_id, reason, plan)
    raise Conflict("The round changed while the data were being erased: try again.")


def erasures(session: Session, record: RoundRecord) -> Mapping[str, Erasure]:
    """Who has been erased from a round, by learner."""
    found = session.scalars(select(Erasure).where(Erasure.round_id == record.id).order_by(Erasure.learner_id))
    return {one.learner_id: one for one in found}


def attested_of(erased: Mapping[str, Erasure], run_id: str) -> dict[str, Facts]:
    """What is attested of the erased in a run."""
    return {
        key: one.attested["runs"][run_id] for key, one in erased.items() if run_id in one.attested["runs"]
    }


def facts_of(session: Session, run: Run) -> RunFacts | None:
    """What a run was asked and its placements (None: it has none)."""
    content = session.scalar(
        select(ResultFile.content).where(ResultFile.run_id == run.id, ResultFile.name == PLACEMENTS)
    )
    if content is None:
        return None
    return RunFacts(run.request.get("policy"), run.request.get("locks") or (), content)


def _state(session: Session, record: RoundRecord) -> tuple[object, ...]:
    """What must not change between working an erasure out and carrying it out."""
    uploads = select(Upload.id).where(Upload.round_id == record.id).order_by(Upload.id)
    snapshots = select(Snapshot.id).where(Snapshot.round_id == record.id).order_by(Snapshot.id)
    results = select(ResultFile.run_id).join(Run, Run.id == ResultFile.run_id)
    results = results.where(Run.round_id == record.id, ResultFile.name == PLACEMENTS).order_by(Run.id)
    learners = select(Erasure.learner_id).where(Erasure.round_id == record.id).order_by(Erasure.learner_id)
    return tuple(tuple(session.scalars(query)) for query in (uploads, snapshots, results, learners))


def _planned(session: Session, caller: Caller, record: RoundRecord, learner_id: str) -> Plan:
    """What is to be changed; for a sender only what is of its own learner, should others use the same id."""
    own = caller.organisation if caller.role in OF_AN_ORGANISATION else None
    erased = erasures(session, record)
    plan = Plan(_state(session, record))
    _plan_snapshots(session, record, learner_id, own, erased, plan)
    _plan_uploads(session, record, learner_id, own, plan)
    if not plan.owners:
        raise Missing
    if learner_id in erased:
        raise Conflict("This learner's data have been erased from the round.")
    return plan


def _plan_uploads(
    session: Session, record: RoundRecord, learner_id: str, own: str | None, plan: Plan
) -> None:
    query = select(Upload).where(Upload.round_id == record.id, Upload.table.in_(jobs.NAMED_IN))
    if own is not None:
        query = query.where(Upload.owner.in_((own, NOBODY)))
    for upload in session.scalars(query.options(undefer(Upload.content))).yield_per(10):
        if learner_id not in unpack_text(upload.content):
            continue
        changed = children().run(jobs.without_rows, (upload.table, upload.content, learner_id))
        if changed is not None:
            packed, headings = changed
            plan.uploads[upload.id] = packed
            plan.fields |= {f"{upload.table}.{heading}" for heading in headings}
            if upload.table == "learners":
                plan.owners.add(upload.owner)


def _plan_snapshots(
    session: Session,
    record: RoundRecord,
    learner_id: str,
    own: str | None,
    erased: Mapping[str, Erasure],
    plan: Plan,
) -> None:
    query = select(Snapshot).where(Snapshot.round_id == record.id)
    for snapshot in session.scalars(query.options(undefer(Snapshot.content))):
        if not snapshot.content:
            continue
        runs = session.scalars(select(Run).where(Run.snapshot_id == snapshot.id).order_by(Run.id)).all()
        facts = {run.id: held for run in runs if (held := facts_of(session, run)) is not None}
        earlier = {key: attested_of(erased, key) for key in facts}
        order = jobs.SnapshotOrder(snapshot.content, learner_id, facts, earlier)
        found = children().run(jobs.from_snapshot, order)
        if found is not None and own in (None, found.partner_id):
            plan.snapshots[snapshot.id] = found
            plan.fields |= {f"learners.{name}" for name in (*PERSONAL, *AVAILABLE)}
            plan.owners.add(found.partner_id)


def _carried_out(
    session: Session, caller: Caller, record: RoundRecord, learner_id: str, reason: str, plan: Plan
) -> Erasure:
    for upload_id, packed in plan.uploads.items():
        upload = session.get_one(Upload, upload_id)
        upload.content, upload.rows = (
            packed.content,
            packed.rows,
        )  # the digest stays that of what was uploaded
    for sheet in session.scalars(select(Sheet).where(Sheet.upload_id.in_(plan.uploads))):
        sheet.version += 1  # so that nobody who has read the rows can put them back unawares
    digests = {}
    runs: dict[str, Facts] = {}
    for snapshot_id, found in plan.snapshots.items():
        snapshot = session.get_one(Snapshot, snapshot_id)
        snapshot.content = found.content
        digests[snapshot_id] = snapshot.digest
        runs |= found.runs
    _clean_results(session, record, learner_id)
    _clean_changes(session, record, learner_id)
    replays.forget(session, record)
    erasure = Erasure(
        round_id=record.id,
        learner_id=learner_id,
        attested={"partner_id": min(plan.owners), "runs": runs},
        reason=reason,
        erased_by=caller.login,
        erased_at=now(),
    )
    session.add(erasure)
    chain.record(
        session,
        caller.login,
        "learner.erase",
        learner_id,
        round_id=record.id,
        fields=sorted(plan.fields),
        uploads=len(plan.uploads),
        snapshots=digests,
    )
    return erasure


def _clean_results(session: Session, record: RoundRecord, learner_id: str) -> None:
    """Take out of the results of all runs what is said about the learner, and what is written for people."""
    query = select(ResultFile).join(Run, Run.id == ResultFile.run_id).where(Run.round_id == record.id)
    for file in session.scalars(query.options(undefer(ResultFile.content))):
        if file.name == UNPLACED:
            content = jobs.without_reasons(file.content, learner_id)
        elif file.name.endswith(FOR_PEOPLE) and learner_id.encode() in file.content:
            content = GONE
        else:
            continue
        if content != file.content:
            file.content, file.size = content, len(content)
            file.digest = hashlib.sha256(content).hexdigest()


def _clean_changes(session: Session, record: RoundRecord, learner_id: str) -> None:
    """Revoke what was changed by hand for the learner, without the words that say why."""
    changes = select(Change).where(Change.round_id == record.id, Change.learner_id == learner_id)
    for change in session.scalars(changes):
        change.reason = "erased"
        change.revoked_at = change.revoked_at or now()
    for run in session.scalars(select(Run).where(Run.round_id == record.id)):
        locks: list[dict[str, Any]] = run.request.get("locks") or []
        kept = [lock for lock in locks if lock.get("learner_id") != learner_id]
        if len(kept) < len(locks):
            run.request = run.request | {"locks": kept}
