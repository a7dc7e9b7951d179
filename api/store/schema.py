"""Every table of the database, one class each. Times are UTC; ids sort by time; content is bytes with its digest.

What partners upload is kept as *uploads*: one immutable, numbered revision of the rows of one table that one
organisation owns in one round. A *sheet* points to the revision that counts. Freezing gathers the sheets into a
*snapshot*, and runs read nothing but snapshots, so that nothing that is uploaded later can change a result.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Utc(TypeDecorator[datetime]):
    """A moment in UTC; SQLite gives it back without its zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: object) -> datetime | None:
        """Only moments with a zone are taken."""
        if value is not None and value.tzinfo is None:
            raise ValueError("a moment without its zone")
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: object) -> datetime | None:
        """The moment, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Serial = BigInteger().with_variant(Integer, "sqlite")
"""A number that counts up; SQLite counts only plain integers up."""


class Base(DeclarativeBase):
    """The root of the tables."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: Utc(),
        dict[str, Any]: JSON(),
        list[Any]: JSON(),
        bytes: LargeBinary(),
        str: String(255),
    }


# --- who -----------------------------------------------------------------------------------------------------------


class Organisation(Base):
    """A hosting or sending partner by its code: the id that it has in rounds' tables."""

    __tablename__ = "organisations"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))  # host, sender
    name: Mapped[str]
    created_at: Mapped[datetime]


class User(Base):
    """Somebody who can act, in one role, for one organisation where the role is of one."""

    __tablename__ = "users"
    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    login: Mapped[str] = mapped_column(unique=True)
    role: Mapped[str] = mapped_column(String(16))
    organisation_id: Mapped[str | None] = mapped_column(ForeignKey("organisations.id"), index=True)
    password_hash: Mapped[str | None]
    subject: Mapped[str | None] = mapped_column(unique=True)  # the identity provider's name for the user
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]


class Key(Base):
    """A key: only its digest is kept. A log-in is a key that is valid for hours."""

    __tablename__ = "keys"
    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), index=True)
    label: Mapped[str]
    kind: Mapped[str] = mapped_column(String(8))  # key, session
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]


class Failure(Base):
    """Failed log-ins in a row of a login or an address; each makes the next wait longer."""

    __tablename__ = "failures"
    subject: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]
    last_at: Mapped[datetime]


# --- rounds --------------------------------------------------------------------------------------------------------


def _new_key() -> bytes:
    """32 random bytes: what a round's pseudonyms are made with."""
    return secrets.token_bytes(32)


class RoundRecord(Base):
    """A round: its id, the content of its ``round.toml`` and ``rates.toml``, where it is in its life."""

    __tablename__ = "rounds"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str]
    state: Mapped[str] = mapped_column(String(16))
    settings: Mapped[str] = mapped_column(Text)  # round.toml
    rates: Mapped[str | None] = mapped_column(Text)  # rates.toml
    revision: Mapped[int]  # counts changes of this row: the ETag
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    retention_days: Mapped[int | None]
    snapshot_id: Mapped[str | None] = mapped_column(String(26))
    published_run_id: Mapped[str | None] = mapped_column(String(26))
    pseudonym_key: Mapped[bytes | None] = mapped_column(
        default=_new_key
    )  # forgotten when the round is purged
    purged_at: Mapped[datetime | None]


class Participant(Base):
    """An organisation that takes part in a round: it may see that the round is there, and load its tables."""

    __tablename__ = "participants"
    round_id: Mapped[str] = mapped_column(ForeignKey("rounds.id"), primary_key=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"), primary_key=True, index=True)


class Member(Base):
    """A coordinator or analyst of a round."""

    __tablename__ = "members"
    round_id: Mapped[str] = mapped_column(ForeignKey("rounds.id"), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), primary_key=True, index=True)


class Upload(Base):
    """One revision of an organisation's rows of one table; ``owner`` is '' for rows that no partner owns.

    ``content`` is the table's CSV as the engine writes it, compressed. It never changes, save that erasure takes a
    learner's rows out; ``digest`` is the SHA-256 of that CSV as it was when it was uploaded.
    """

    __tablename__ = "uploads"
    __table_args__ = (UniqueConstraint("round_id", "table", "owner", "revision"),)
    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    round_id: Mapped[str] = mapped_column(ForeignKey("rounds.id"))
    table: Mapped[str] = mapped_column(String(32))
    owner: Mapped[str] = mapped_column(String(64))
    revision: Mapped[int]
    rows: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    source: Mapped[str]
    restored_from: Mapped[int | None]
    uploaded_by: Mapped[str]
    uploaded_at: Mapped[datetime]


class Sheet(Base):
    """Which upload counts, for each round, table and owner; ``version`` counts its changes, erasures too: the ETag."""

    __tablename__ = "sheets"
    round_id: Mapped[str] = mapped_column(ForeignKey("rounds.id"), primary_key=True)
    table: Mapped[str] = mapped_column(String(32), primary_key=True)
    owner: Mapped[str] = mapped_column(String(64), primary_key=True)
    revision: Mapped[int]
    upload_id: Mapped[str] = mapped_column(ForeignKey("uploads.id"))
    version: Mapped[int] = mapped_column(default=1)


class Snapshot(Base):
    """A round as it was frozen: a zip of its files as the engine writes them, with the contract's digest.

    Erasure blanks a learner's cells in ``content``; ``digest`` stays what it was before.
    """

    __tablename__ = "snapshots"
    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    round_id: Mapped[str] = mapped_column(ForeignKey("rounds.id"), index=True)
    digest: Mapped[str] = mapped_column(String(64))
    counts: Mapped[dict[str, Any]]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    made_by: Mapped[str]
    made_at: Mapped[datetime]


class Erasure(Base):
    """A learner whose personal fields were erased, and what their placement was worth, so that figures still add up.

    Two partners may have used the same id: each erases, and has erased, its own learner.
    """

    __tablename__ = "erasures"
    round_id: Mapped[str] = mapped_column(ForeignKey("rounds.id"), primary_key=True)
    partner_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    learner_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    attested: Mapped[dict[str, Any]]
    reason: Mapped[str]
    erased_by: Mapped[str]
    erased_at: Mapped[datetime]


# --- runs ----------------------------------------------------------------------------------------------------------


class Run(Base):
    """A run of the engine on a snapshot: what was asked for, where it stands, who works on it until when.

    ``lease`` is a random word of the worker that has the run; every word of it about the run carries that word,
    and what comes after the run was given to another is thrown away.
    """

    __tablename__ = "runs"
    __table_args__ = (Index("ix_runs_state_created_at", "state", "created_at"),)
    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    round_id: Mapped[str] = mapped_column(ForeignKey("rounds.id"), index=True)
    snapshot_id: Mapped[str] = mapped_column(ForeignKey("snapshots.id"))
    base_run_id: Mapped[str | None] = mapped_column(String(26))  # a run that this one changes by hand
    name: Mapped[str]
    request: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(16))
    progress: Mapped[dict[str, Any]]
    attempts: Mapped[int]
    lease: Mapped[str | None] = mapped_column(String(64))
    lease_until: Mapped[datetime | None]
    worker: Mapped[str | None]
    cancel: Mapped[bool]
    failure: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class RunEvent(Base):
    """Something that happened to a run, numbered from 1: what server-sent events repeat."""

    __tablename__ = "run_events"
    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(16))
    data: Mapped[dict[str, Any]]


class ResultFile(Base):
    """One file of a run's result, as the command line would have written it."""

    __tablename__ = "result_files"
    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)


class Change(Base):
    """A change that a coordinator made by hand: it holds for later runs as a lock, until it is revoked."""

    __tablename__ = "changes"
    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    round_id: Mapped[str] = mapped_column(ForeignKey("rounds.id"), index=True)
    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id"))
    kind: Mapped[str] = mapped_column(String(8))  # pin, forbid, move
    learner_id: Mapped[str] = mapped_column(String(64))
    place: Mapped[dict[str, Any]]
    reason: Mapped[str] = mapped_column(Text)
    made_by: Mapped[str]
    made_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


# --- the service itself --------------------------------------------------------------------------------------------


class Replay(Base):
    """The answer to a request that carried an ``Idempotency-Key``, to be given again to a retry."""

    __tablename__ = "replays"
    user_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    round_id: Mapped[str | None] = mapped_column(String(64))
    """The round of whose learners the answer may speak: it is forgotten with them."""
    fingerprint: Mapped[str] = mapped_column(String(64))
    status: Mapped[int]
    headers: Mapped[dict[str, Any]]
    body: Mapped[bytes]
    at: Mapped[datetime]


class AuditEntry(Base):
    """One entry of the append-only audit log; ``digest`` covers the entry and the digest of the one before it."""

    __tablename__ = "audit_log"
    number: Mapped[int] = mapped_column(Serial, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor: Mapped[str]
    action: Mapped[str] = mapped_column(String(64))
    round_id: Mapped[str | None] = mapped_column(String(64), index=True)
    subject: Mapped[str]
    details: Mapped[dict[str, Any]]
    previous: Mapped[str] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(64))


class AuditHead(Base):
    """The last entry's number and digest, in the one row that every writer of the log updates first."""

    __tablename__ = "audit_head"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(Serial)
    digest: Mapped[str] = mapped_column(String(64))
