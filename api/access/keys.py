"""Keys: shown once, kept as SHA-256 only, valid until they expire or are revoked.

A key is ``mk_`` and 43 characters of 256 random bits, so that a plain digest is as good as a slow one: there is nothing
to guess. A log-in is a key that is valid for hours.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from api.access.roles import Caller, Role
from api.clock import new_id, now
from api.errors import Missing, Unauthenticated
from api.store import chain
from api.store.schema import Key, User

PREFIX: Final = "mk_"
"""How keys begin, so that secret scanners find one that got lost."""

FORGET_AFTER: Final = timedelta(days=30)
"""How long the rows of log-ins that are over are kept."""

USED_EVERY: Final = timedelta(minutes=1)
"""How exactly a key's last use is known: a write for every request would make every reader a writer."""


def issue(
    session: Session, user: User, label: str, valid_for: timedelta, kind: str = "key"
) -> tuple[Key, str]:
    """A new key of a user, and its secret, which can never be shown again."""
    secret = PREFIX + secrets.token_urlsafe(32)
    at = now()
    key = Key(
        id=new_id(),
        user_id=user.id,
        label=label,
        kind=kind,
        digest=digest_of(secret),
        created_at=at,
        expires_at=at + valid_for,
        revoked_at=None,
        last_used_at=None,
    )
    session.add(key)
    session.flush()
    return key, secret


def digest_of(secret: str) -> str:
    """What is kept of a key."""
    return hashlib.sha256(secret.encode()).hexdigest()


def caller_of(session: Session, secret: str) -> tuple[Caller, Key]:
    """Whose key it is. Raises ``Unauthenticated``, with the same words whatever is wrong with it."""
    found = session.execute(
        select(Key, User).join(User, User.id == Key.user_id).where(Key.digest == digest_of(secret))
    ).one_or_none()
    if found is None:
        raise Unauthenticated(REFUSED)
    key, user = found
    if key.revoked_at is not None or key.expires_at <= now() or user.disabled_at is not None:
        raise Unauthenticated(REFUSED)
    return Caller(user.id, user.login, Role(user.role), user.organisation_id, key.id), key


REFUSED: Final = "The key is unknown, has expired or was revoked."


def is_use_stale(key: Key, at: datetime) -> bool:
    """Whether it is time to note down that the key was used."""
    return key.last_used_at is None or at - key.last_used_at > USED_EVERY


def note_use(session: Session, key_id: str) -> None:
    """Note down that a key was used."""
    session.execute(update(Key).where(Key.id == key_id).values(last_used_at=now()))


def revoke(session: Session, actor: str, user_id: str, key_id: str) -> None:
    """Refuse a key of a user from now on. Raises ``Missing``, also for a key of anybody else."""
    key = session.get(Key, key_id)
    if key is None or key.user_id != user_id:
        raise Missing
    if key.revoked_at is None:
        key.revoked_at = now()
        chain.record(session, actor, "key.revoke", key.id)


def end_sessions(session: Session, user_id: str) -> None:
    """End every log-in of a user; their keys stay."""
    theirs = (Key.user_id == user_id, Key.kind == "session", Key.revoked_at.is_(None))
    session.execute(update(Key).where(*theirs).values(revoked_at=now()))


def forget_sessions(session: Session, user_id: str) -> None:
    """Drop the rows of log-ins of a user that were over long ago."""
    over = (Key.user_id == user_id, Key.kind == "session", Key.expires_at < now() - FORGET_AFTER)
    session.execute(delete(Key).where(*over))
