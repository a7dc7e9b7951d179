"""Erasure of a learner's personal data: from every revision of every table, every snapshot, every result.

The learner's rows go from the uploads. In snapshots the row stays with the id, the sending partner and the stay, and
neutral values elsewhere; what is needed to verify the figures of runs is attested before (``attesting``). Of results,
what says why a learner has no place is taken out, and so are reports for people; runs that are under way begin anew
(``forgetting``). The log says which fields were erased, never what stood in them; the digests of before stay on record.

Everything is worked out from one state of the store and written in one transaction that first makes sure that the
state is still the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from api.access.roles import OF_AN_ORGANISATION, Caller
from api.clock import now
from api.errors import Conflict, Missing
from api.rounds import erasure_jobs as jobs
from api.rounds import forgetting, replays
from api.rounds.attesting import AVAILABLE, PERSONAL, Facts, RunFacts
from api.rounds.children import children
from api.rounds.ownership import NOBODY
from api.rounds.packing import Packed, unpack_text
from api.rounds.visibility import the_round
from api.store import chain
from api.store.engine import Store
from api.store.schema import Erasure, ResultFile, RoundRecord, Run, Sheet, Snapshot, Upload

ATTEMPTS: Final = 3
"""How often an erasure is worked out anew because something changed in between."""

PLACEMENTS: Final = "placements.csv"


@dataclass
class Plan:
    """What an erasure changes, and the state that it was worked out from."""

    state: tuple[object, ...]
    learner_id: str
    own: str | None
    """The sender who erases; None: a coordinator, for everybody who uses the id."""
    is_others: bool = False
    """Whether a learner of another partner bears the same id in a snapshot."""
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
            forgetting.hold(session, record)
            if _state(session, record) == plan.state:
                return _carried_out(session, caller, record, learner_id, reason, plan)
    raise Conflict("The round changed while the data were being erased: try again.")


def erasures(session: Session, record: RoundRecord) -> Sequence[Erasure]:
    """Who has been erased from a round, by learner and sending partner."""
    query = select(Erasure).where(Erasure.round_id == record.id)
    return session.scalars(query.order_by(Erasure.learner_id, Erasure.partner_id)).all()


def is_erased(session: Session, round_id: str, learner_id: str, caller: Caller) -> bool:
    """Whether a learner whom the caller may see was erased: a sender's own, else anybody's of that id.

    Where two partners used an id and one has erased theirs, a sender learns nothing of the other's; a coordinator gets
    no explanation of either, as which of them a run meant is not looked up.
    """
    query = select(Erasure.learner_id).where(Erasure.round_id == round_id, Erasure.learner_id == learner_id)
    if caller.role in OF_AN_ORGANISATION:
        query = query.where(Erasure.partner_id == caller.owner)
    return session.scalars(query).first() is not None


def attested_of(erased: Sequence[Erasure], run_id: str) -> dict[str, Facts]:
    """What is attested of the erased in a run, by learner: in one snapshot an id is one partner's."""
    return {one.learner_id: one.attested["runs"][run_id] for one in erased if run_id in one.attested["runs"]}


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
    state = [tuple(session.scalars(query)) for query in (uploads, snapshots, results)]
    return (*state, tuple((one.partner_id, one.learner_id) for one in erasures(session, record)))


def _planned(session: Session, caller: Caller, record: RoundRecord, learner_id: str) -> Plan:
    """What is to be changed; for a sender only what is of its own learner, should others use the same id."""
    own = caller.organisation if caller.role in OF_AN_ORGANISATION else None
    erased = erasures(session, record)
    plan = Plan(_state(session, record), learner_id, own)
    _plan_snapshots(session, record, erased, plan)
    _plan_uploads(session, record, plan)
    if not plan.owners:
        raise Missing
    plan.owners -= {one.partner_id for one in erased if one.learner_id == learner_id}
    if not plan.owners:
        raise Conflict("This learner's data have been erased from the round.")
    plan.snapshots = {key: one for key, one in plan.snapshots.items() if one.partner_id in plan.owners}
    return plan


def _plan_uploads(session: Session, record: RoundRecord, plan: Plan) -> None:
    query = select(Upload).where(Upload.round_id == record.id, Upload.table.in_(jobs.NAMED_IN))
    if plan.own is not None:
        query = query.where(Upload.owner.in_(_owners(session, record, plan)))
    for upload in session.scalars(query.options(undefer(Upload.content))).yield_per(10):
        changed = _without(upload, plan.learner_id)
        if changed is not None:
            packed, headings = changed
            plan.uploads[upload.id] = packed
            plan.fields |= {f"{upload.table}.{heading}" for heading in headings}
            if upload.table == "learners":
                plan.owners.add(upload.owner)


def _owners(session: Session, record: RoundRecord, plan: Plan) -> tuple[str, ...]:
    """Whose rows speak of a sender's learner: its own, and nobody's unless another partner's learner is meant there."""
    assert plan.own is not None, "coordinators erase everybody's"
    query = (
        select(Upload)
        .join(Sheet, Sheet.upload_id == Upload.id)
        .where(Sheet.round_id == record.id, Sheet.table == "learners", Sheet.owner != plan.own)
        .options(undefer(Upload.content))
    )
    is_others = plan.is_others or any(_without(one, plan.learner_id) for one in session.scalars(query))
    return (plan.own,) if is_others else (plan.own, NOBODY)


def _without(upload: Upload, learner_id: str) -> tuple[Packed, Sequence[str]] | None:
    """An upload without the rows that name the learner, and its columns (None: none does)."""
    if learner_id not in unpack_text(upload.content):
        return None
    return children().run(jobs.without_rows, (upload.table, upload.content, learner_id))


def _plan_snapshots(session: Session, record: RoundRecord, erased: Sequence[Erasure], plan: Plan) -> None:
    query = select(Snapshot).where(Snapshot.round_id == record.id)
    for snapshot in session.scalars(query.options(undefer(Snapshot.content))):
        if not snapshot.content:
            continue
        runs = session.scalars(select(Run).where(Run.snapshot_id == snapshot.id).order_by(Run.id)).all()
        facts = {run.id: held for run in runs if (held := facts_of(session, run)) is not None}
        earlier = {key: attested_of(erased, key) for key in facts}
        order = jobs.SnapshotOrder(snapshot.content, plan.learner_id, facts, earlier)
        found = children().run(jobs.from_snapshot, order)
        if found is None:
            continue
        if plan.own not in (None, found.partner_id):
            plan.is_others = True
            continue
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
    attested: dict[str, dict[str, Facts]] = {owner: {} for owner in sorted(plan.owners)}
    for snapshot_id, found in plan.snapshots.items():
        snapshot = session.get_one(Snapshot, snapshot_id)
        snapshot.content = found.content
        digests[snapshot_id] = snapshot.digest
        attested[found.partner_id] |= found.runs
    forgetting.begin_anew(session, record, plan.snapshots)
    forgetting.clean_results(session, plan.snapshots, learner_id)
    forgetting.clean_runs(session, plan.snapshots, learner_id)
    replays.forget(session, record)
    made = [
        Erasure(
            round_id=record.id,
            partner_id=owner,
            learner_id=learner_id,
            attested={"runs": runs},
            reason=reason,
            erased_by=caller.login,
            erased_at=now(),
        )
        for owner, runs in attested.items()
    ]
    session.add_all(made)
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
    return made[0]
