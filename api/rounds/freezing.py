"""What is loaded of a round, checked at any time, and frozen into a snapshot.

Freezing reads what is loaded, lets a child make the snapshot of it, and stores that only if nothing has changed
meanwhile: then the state, the snapshot and the log's entry appear together. An upload that arrives in between is in the
snapshot, because the snapshot is made anew, or it finds the round frozen and is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from api.access.roles import OF_AN_ORGANISATION, Caller
from api.clock import new_id, now
from api.errors import Conflict, Wrong
from api.rounds import jobs, life
from api.rounds.children import children
from api.rounds.jobs import Checked, Frozen
from api.rounds.ownership import tables_of
from api.rounds.parts import Loaded
from api.rounds.preconditions import ANYTHING, Precondition
from api.rounds.registry import participants
from api.rounds.uploads import part_of
from api.rounds.visibility import the_round
from api.store.engine import Store
from api.store.schema import RoundRecord, Sheet, Snapshot, Upload
from models.tables import TABLES

ATTEMPTS: Final = 3
"""How often a snapshot is made anew because uploads came in between."""


Writing = Callable[[], AbstractContextManager[Session]]
"""Opens a transaction."""


class _Changed(Exception):
    """Not an error: what is loaded has changed since it was gathered."""


@dataclass(frozen=True)
class Gathered:
    """What is loaded, and the versions by which a change of it is noticed."""

    loaded: Loaded
    versions: tuple[object, ...]


@dataclass(frozen=True)
class Absence:
    """A table that a participant has not loaded although no round is without it."""

    owner: str
    table: str


def gather(session: Session, record: RoundRecord) -> Gathered:
    """Everything that is loaded of a round."""
    query = (
        select(Sheet, Upload)
        .join(Upload, Upload.id == Sheet.upload_id)
        .where(Sheet.round_id == record.id)
        .order_by(Sheet.table, Sheet.owner)
    )
    found = session.execute(query.options(undefer(Upload.content))).all()
    parts = tuple(part_of(upload) for _, upload in found)
    return Gathered(Loaded(record.settings, record.rates, parts), _versions(session, record))


def _versions(session: Session, record: RoundRecord) -> tuple[object, ...]:
    query = select(Sheet.table, Sheet.owner, Sheet.version).where(Sheet.round_id == record.id)
    return record.revision, *map(tuple, session.execute(query.order_by(Sheet.table, Sheet.owner)).all())


def _insist_on(versions: tuple[object, ...], session: Session, record: RoundRecord) -> None:
    """Raise ``_Changed`` unless what is loaded still has these versions."""
    if _versions(session, record) != versions:
        raise _Changed


def check(store: Store, caller: Caller, round_id: str) -> Checked:
    """Everything that is wrong with what is loaded so far.

    A coordinator is told of all of it. A partner is told of its own tables, in words that name nobody else's rows:
    that two partners use the same id is told to the coordinator alone, as it tells one what the other has.
    """
    with store.reading() as session:
        record = the_round(session, caller, round_id)
        loaded = gather(session, record).loaded
    if caller.role in OF_AN_ORGANISATION:
        beside = tuple(part for part in loaded.parts if part.table in jobs.BESIDE)
        own = tuple(part for part in loaded.of(caller.owner) if part not in beside)
        return children().run(jobs.check_own, (replace(loaded, parts=beside + own), caller.owner))
    return children().run(jobs.check_all, loaded)


def absences(session: Session, caller: Caller, record: RoundRecord) -> list[Absence]:
    """Who has not yet loaded a table that no round is without; partners are told of themselves."""
    query = select(Sheet.owner, Sheet.table).where(Sheet.round_id == record.id)
    there = {(owner, table) for owner, table in session.execute(query)}
    own = caller.role in OF_AN_ORGANISATION
    return [
        Absence(partner.id, table)
        for partner in participants(session, record)
        if not own or partner.id == caller.organisation
        for table in tables_of(partner.kind)
        if TABLES[table].needed and (partner.id, table) not in there
    ]


def freeze(
    store: Store,
    caller: Caller,
    round_id: str,
    precondition: Precondition,
    reason: str | None = None,
    writing: Writing | None = None,
) -> Frozen:
    """Freeze a round: what is loaded becomes a snapshot that nothing changes any more.

    ``writing`` opens the transaction that stores it; it is left by an exception where it has to be opened again.

    Raises ``Wrong`` with everything that is wrong with it, ``Conflict`` in another state and where uploads keep coming.
    """
    asked = precondition
    for _attempt in range(ATTEMPTS):
        with store.reading() as session:
            record = the_round(session, caller, round_id)
            asked.check(record.revision)
            life.check_step(record, life.State.FROZEN, reason)
            gathered = gather(session, record)
        found = children().run(jobs.freeze, gathered.loaded)
        if found.errors:
            number = len(found.errors)
            detail = f"{number} error{'s' if number > 1 else ''} in what is loaded; the round stays as it is."
            raise Wrong(detail, found.errors, found.warnings)
        try:
            with (writing or store.writing)() as session:
                record = the_round(session, caller, round_id, lock=True)
                asked.check(record.revision)
                life.check_step(record, life.State.FROZEN, reason)
                _insist_on(gathered.versions, session, record)
                _keep(session, caller, record, found, reason)
                return found
        except _Changed:
            continue
    raise Conflict("Uploads arrived while the round was being frozen: try again.")


def _keep(session: Session, caller: Caller, record: RoundRecord, found: Frozen, reason: str | None) -> None:
    """Store the snapshot with the round's new state, in one transaction."""
    snapshot = Snapshot(
        id=new_id(),
        round_id=record.id,
        digest=found.digest,
        counts=found.counts,
        content=found.content,
        made_by=caller.login,
        made_at=now(),
    )
    session.add(snapshot)
    record.snapshot_id = snapshot.id
    life.step(
        session,
        caller,
        record,
        life.State.FROZEN,
        reason,
        snapshot=snapshot.id,
        digest=found.digest,
        counts=found.counts,
    )


def move(
    store: Store,
    caller: Caller,
    round_id: str,
    to: life.State,
    reason: str | None,
    precondition: Precondition = ANYTHING,
    writing: Writing | None = None,
) -> None:
    """Take a round a step through its life. Raises ``Conflict`` for steps that there are not, or not this way."""
    if to is life.State.FROZEN and _comes_from_loading(store, caller, round_id):
        freeze(store, caller, round_id, precondition, reason, writing)
        return
    with (writing or store.writing)() as session:
        record = the_round(session, caller, round_id, lock=True)
        precondition.check(record.revision)
        if (record.state, to) in life.BY_PUBLICATION:
            raise Conflict(
                "A round is published by publishing one of its runs, and taken back in the same way."
            )
        life.step(session, caller, record, to, reason)


def _comes_from_loading(store: Store, caller: Caller, round_id: str) -> bool:
    with store.reading() as session:
        return the_round(session, caller, round_id).state in life.LOADING
