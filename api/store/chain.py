"""The append-only audit log: every entry's digest covers the digest of the one before it.

An entry that is changed, taken out or put in breaks the chain from there on, which ``verify`` shows. Entries are
written in the transaction of what they tell of, so that there is never one without the other. They carry ids and
numbers, never names.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from api.clock import now
from api.store.schema import AuditEntry, AuditHead

BEGINNING = "0" * 64
"""What stands in the place of a digest before the first entry."""


def record(
    session: Session, actor: str, action: str, subject: str, *, round_id: str | None = None, **details: Any
) -> AuditEntry:
    """Append an entry to the log, within the caller's transaction.

    The head's row is updated before anything is read: writers wait for each other there, on either database.
    """
    session.flush()
    session.execute(update(AuditHead).where(AuditHead.id == 1).values(number=AuditHead.number + 1))
    head = session.execute(select(AuditHead).execution_options(populate_existing=True)).scalar_one()
    entry = AuditEntry(
        number=head.number,
        at=now(),
        actor=actor,
        action=action,
        round_id=round_id,
        subject=subject,
        details=details,
        previous=head.digest,
    )
    entry.digest = head.digest = digest_of(entry)
    session.add(entry)
    session.flush()
    return entry


def digest_of(entry: AuditEntry) -> str:
    """SHA-256 over everything in an entry but its digest."""
    content = [
        entry.number,
        _moment(entry.at),
        entry.actor,
        entry.action,
        entry.round_id,
        entry.subject,
        entry.details,
        entry.previous,
    ]
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _moment(at: datetime) -> str:
    return at.isoformat(timespec="microseconds")


def verify(session: Session) -> Iterator[str]:
    """Everything that is wrong with the chain, a sentence each; nothing when it is whole."""
    last, previous = 0, BEGINNING
    for entry in session.scalars(select(AuditEntry).order_by(AuditEntry.number)).yield_per(1_000):
        if entry.number != last + 1:
            yield f"entry {entry.number} follows entry {last}: what stood between them is gone"
        if entry.previous != previous:
            yield f"entry {entry.number} does not continue entry {last}"
        if entry.digest != digest_of(entry):
            yield f"entry {entry.number} is not what it was when it was written"
        last, previous = entry.number, entry.digest
    head = session.execute(select(AuditHead)).scalar_one()
    if (head.number, head.digest) != (last, previous):
        yield f"the log ends with entry {last}, the head says {head.number}: entries at the end are gone"
