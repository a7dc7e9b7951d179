"""Uploads: one organisation's rows of one table replaced, whole or not at all, and their history.

What is loaded is examined in a child process before the database is touched; what is stored is checked against the
sheet that it replaces in the one transaction that stores it. So an upload is in the round or it is not, and nobody's
is lost to somebody who had not seen it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from api import scratch
from api.access.roles import Caller
from api.clock import new_id, now
from api.errors import Missing, Wrong
from api.rounds.children import children
from api.rounds.jobs import Examined, UploadOrder, examine_upload
from api.rounds.life import insist_on_loading
from api.rounds.ownership import owner_of_upload, tables_of
from api.rounds.packing import Packed, empty, unpack_text
from api.rounds.parts import Part
from api.rounds.preconditions import Precondition
from api.rounds.visibility import the_round
from api.store import chain
from api.store.engine import Store
from api.store.schema import Erasure, Organisation, RoundRecord, Sheet, Upload


@dataclass(frozen=True)
class Target:
    """What an upload is for."""

    round_id: str
    table: str
    owner: str | None  # as the caller names it


@dataclass(frozen=True)
class Stored:
    """An upload that counts now, and the version of its sheet."""

    upload: Upload
    version: int
    is_first: bool


def examine(store: Store, caller: Caller, target: Target, precondition: Precondition, file: Path) -> Examined:
    """Examine a file (of the table's name, with the format's ending) as the caller's rows of a table.

    Whatever refuses an upload refuses it before the file is read, and errors in it are found. Raises ``Wrong``.
    """
    with store.reading() as session:
        record, owner = _allowed(session, caller, target)
        precondition.check(_version(session, record.id, target.table, owner))
        known = _other_parts(session, record.id, target.table, owner)
        erased = _erased(session, record, owner) if target.table == "learners" else frozenset()
    found = children().run(
        examine_upload, UploadOrder(file.name, target.table, owner, known, erased), file.parent
    )
    if found.packed is None:
        raise _wrong(found, target.table)
    return found


def keep(
    session: Session,
    caller: Caller,
    target: Target,
    precondition: Precondition,
    packed: Packed,
    source: str,
    restored_from: int | None = None,
) -> Stored:
    """Store rows that were examined, as the next revision, and make them count. Everything is checked once more."""
    record, owner = _allowed(session, caller, target, lock=True)
    sheet = session.get(Sheet, (record.id, target.table, owner), populate_existing=True)
    precondition.check(None if sheet is None else sheet.version)
    upload = Upload(
        id=new_id(),
        round_id=record.id,
        table=target.table,
        owner=owner,
        revision=1 if sheet is None else sheet.revision + 1,
        rows=packed.rows,
        digest=packed.digest,
        content=packed.content,
        source=source,
        restored_from=restored_from,
        uploaded_by=caller.login,
        uploaded_at=now(),
    )
    session.add(upload)
    session.flush()
    version = _point(session, sheet, upload)
    chain.record(
        session,
        caller.login,
        "table.restore" if restored_from else "table.upload",
        f"{owner or '-'}/{target.table}",
        round_id=record.id,
        revision=upload.revision,
        rows=upload.rows,
        digest=upload.digest,
        **({"restored_from": restored_from} if restored_from else {}),
    )
    return Stored(upload, version, sheet is None)


def clear(session: Session, caller: Caller, target: Target, precondition: Precondition) -> Stored:
    """Take all rows out: a revision without rows. Raises ``Missing`` where nothing was ever loaded."""
    record, owner = _allowed(session, caller, target)
    if _version(session, record.id, target.table, owner) is None:
        raise Missing
    return keep(session, caller, target, precondition, empty(target.table), "cleared")


def history(session: Session, record: RoundRecord, table: str, owner: str) -> Sequence[Upload]:
    """Every revision of an owner's rows of a table, newest first."""
    query = select(Upload).where(Upload.round_id == record.id, Upload.table == table, Upload.owner == owner)
    return session.scalars(query.order_by(Upload.revision.desc())).all()


def revision_of(session: Session, record: RoundRecord, table: str, owner: str, revision: int) -> Upload:
    """One revision with its content. Raises ``Missing``."""
    query = select(Upload).where(
        Upload.round_id == record.id,
        Upload.table == table,
        Upload.owner == owner,
        Upload.revision == revision,
    )
    found = session.scalar(query.options(undefer(Upload.content)))
    if found is None:
        raise Missing
    return found


def sheets(session: Session, record: RoundRecord) -> Sequence[tuple[Sheet, Upload]]:
    """Every sheet of a round with the upload that counts, by table and owner, without contents."""
    query = (
        select(Sheet, Upload)
        .join(Upload, Upload.id == Sheet.upload_id)
        .where(Sheet.round_id == record.id)
        .order_by(Sheet.table, Sheet.owner)
    )
    return [(sheet, upload) for sheet, upload in session.execute(query)]


def part_of(upload: Upload) -> Part:
    """An upload (with its content) as a part of its round."""
    return Part(upload.table, upload.owner, upload.rows, upload.content)


def _allowed(
    session: Session, caller: Caller, target: Target, *, lock: bool = False
) -> tuple[RoundRecord, str]:
    record = the_round(session, caller, target.round_id, lock=lock)
    owner = owner_of_upload(session, caller, record, target.table, target.owner)
    insist_on_loading(record)
    return record, owner


def _version(session: Session, round_id: str, table: str, owner: str) -> int | None:
    found: int | None = session.scalar(
        select(Sheet.version).where(Sheet.round_id == round_id, Sheet.table == table, Sheet.owner == owner)
    )
    return found


def _point(session: Session, sheet: Sheet | None, upload: Upload) -> int:
    """Make the sheet point to an upload; the sheet's version."""
    if sheet is None:
        session.add(
            Sheet(
                round_id=upload.round_id,
                table=upload.table,
                owner=upload.owner,
                revision=upload.revision,
                upload_id=upload.id,
                version=1,
            )
        )
        return 1
    sheet.revision, sheet.upload_id = upload.revision, upload.id
    sheet.version += 1
    return sheet.version


def _erased(session: Session, record: RoundRecord, owner: str) -> frozenset[str]:
    """The owner's learners who may not be loaded again."""
    query = select(Erasure.learner_id).where(Erasure.round_id == record.id, Erasure.partner_id == owner)
    return frozenset(session.scalars(query))


def _other_parts(session: Session, round_id: str, table: str, owner: str) -> tuple[Part, ...]:
    """What the owner has loaded beside a table: what its rows may refer to, or may be referred to from."""
    if not owner:
        return ()
    own = tables_of(session.get_one(Organisation, owner).kind)
    query = (
        select(Upload)
        .join(Sheet, Sheet.upload_id == Upload.id)
        .where(Sheet.round_id == round_id, Sheet.owner == owner, Sheet.table.in_(own), Sheet.table != table)
        .order_by(Sheet.table)
    )
    return tuple(map(part_of, session.scalars(query.options(undefer(Upload.content)))))


def _wrong(found: Examined, table: str) -> Wrong:
    number = len(found.errors)
    return Wrong(f"{number} error{'s' if number > 1 else ''} in {table}.", found.errors, found.warnings)


def examine_revision(
    store: Store, caller: Caller, target: Target, precondition: Precondition, revision: int
) -> Examined:
    """Examine the rows of an old revision as if they came today. Raises ``Wrong`` where they no longer fit others."""
    with store.reading() as session:
        record, owner = _allowed(session, caller, target)
        text = unpack_text(revision_of(session, record, target.table, owner, revision).content)
    with scratch.folder(None) as folder:
        file = folder / f"{target.table}.csv"
        file.write_text(text, encoding="utf-8", newline="")
        return examine(store, caller, target, precondition, file)
