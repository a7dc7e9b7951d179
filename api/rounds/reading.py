"""What somebody may read of a round's tables: their own rows, or as a coordinator everybody's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, undefer

from api.access.roles import OF_AN_ORGANISATION, Caller
from api.errors import Missing
from api.rounds import jobs
from api.rounds.children import children
from api.rounds.ownership import owner_of_upload, tables_of
from api.rounds.parts import Part, joined_text
from api.rounds.uploads import part_of, revision_of, sheets
from api.rounds.visibility import the_round
from api.store.schema import RoundRecord, Sheet, Upload


@dataclass(frozen=True)
class Reading:
    """Rows of a table in the order of their owners; ``version`` is the sheet's, where it is one owner's rows."""

    table: str
    parts: tuple[Part, ...]
    version: int | None
    stamp: int
    """Changes whenever any of the parts does."""

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return sum(part.rows for part in self.parts)

    @property
    def csv(self) -> str:
        """The whole table."""
        return joined_text(self.table, self.parts)

    @property
    def xlsx(self) -> bytes:
        """The whole table as a workbook, written by a child."""
        return children().run(jobs.workbook, (self.table, self.parts))


def overview(session: Session, caller: Caller, record: RoundRecord) -> Sequence[tuple[Sheet, Upload]]:
    """The sheets that the caller may read."""
    own = caller.role in OF_AN_ORGANISATION
    return [pair for pair in sheets(session, record) if not own or pair[0].owner == caller.organisation]


def loaded(record: RoundRecord, table: str) -> Select[Sheet, Upload]:
    """The query for what is loaded of a table now, by owner, with the content."""
    return (
        select(Sheet, Upload)
        .join(Upload, Upload.id == Sheet.upload_id)
        .where(Sheet.round_id == record.id, Sheet.table == table)
        .order_by(Sheet.owner)
        .options(undefer(Upload.content))
    )


def read(session: Session, caller: Caller, round_id: str, table: str, owner: str | None) -> Reading:
    """Rows of a table: one owner's, or for coordinators who name none all that there are.

    Raises ``Missing`` where one owner's rows were never loaded.
    """
    record = the_round(session, caller, round_id)
    query = loaded(record, table)
    whole = caller.role not in OF_AN_ORGANISATION and not owner
    if not whole:
        query = query.where(Sheet.owner == readable_owner(session, caller, record, table, owner))
    found = session.execute(query).all()
    if not found and not whole:
        raise Missing
    parts = tuple(part_of(upload) for _, upload in found)
    versions = [sheet.version for sheet, _ in found]
    one = versions[0] if len(versions) == 1 else None
    return Reading(table, parts, one, sum(versions))


def read_revision(
    session: Session, caller: Caller, round_id: str, table: str, owner: str | None, revision: int
) -> Reading:
    """One revision of an owner's rows. Raises ``Missing``."""
    record = the_round(session, caller, round_id)
    whose = readable_owner(session, caller, record, table, owner)
    upload = revision_of(session, record, table, whose, revision)
    return Reading(table, (part_of(upload),), None, revision)


def readable_owner(
    session: Session, caller: Caller, record: RoundRecord, table: str, owner: str | None
) -> str:
    """Whose rows the caller means, as for an upload; a table of another kind holds none of theirs."""
    if caller.role in OF_AN_ORGANISATION and table not in tables_of(caller.role):
        raise Missing
    return owner_of_upload(session, caller, record, table, owner)
