"""Log-in with a password: slowed down for a login and for an address that fail, silent about which logins exist.

An attempt is charged to both before the password is looked at, in a transaction of its own, so that many attempts at
one moment are counted as many; a right password takes its own charge back. The charges are in the database: a fleet
of servers shares them.
"""

from __future__ import annotations

import hashlib
import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from api.access import keys, passwords
from api.clock import now
from api.errors import TooMany, Unauthenticated
from api.store import chain
from api.store.engine import Store
from api.store.schema import Failure, Key, User
from api.store.writing import insert_or_lock


@dataclass(frozen=True)
class Patience:
    """So many failures are free; each after them makes the next wait twice as long, up to ``longest`` seconds."""

    free: int
    longest: float

    def seconds(self, failures: int) -> float:
        """How long after the last failure the next attempt is heard."""
        over = failures - self.free
        return 0.0 if over < 0 else min(self.longest, 2.0 ** min(over, 30))


OF_A_LOGIN: Final = Patience(free=3, longest=60)
"""Short at the longest: who knows a login must not be able to shut its owner out."""

OF_AN_ADDRESS: Final = Patience(free=20, longest=900)
"""Many people may share an address."""

FORGOTTEN: Final = timedelta(hours=24)
"""After so long without another one, failures are forgotten."""

REFUSED: Final = "The login or the password is wrong, or the account is closed."


def log_in(store: Store, login: str, password: str, address: str, valid_for: timedelta) -> tuple[Key, str]:
    """A token that is valid for some hours, and its secret. Raises ``Unauthenticated`` or ``TooMany``."""
    user_id = prove(store, login, password, address)
    with store.writing() as session:
        return begin_session(session, user_id, valid_for)


def prove(store: Store, login: str, password: str, address: str) -> str:
    """The id of the user whose password it is. Raises ``Unauthenticated`` or ``TooMany``."""
    of_login, of_address = f"login:{_digest(login)}", f"address:{network_of(address)}"
    with store.writing() as session:
        at = now()
        charge(session, of_login, OF_A_LOGIN, at)
        charge(session, of_address, OF_AN_ADDRESS, at)
    with store.reading() as session:
        asked = select(User.id, User.password_hash, User.disabled_at).where(User.login == login)
        found = session.execute(asked).one_or_none()
    user_id, hashed, disabled_at = found or (None, None, None)
    if not passwords.is_right(password, hashed) or user_id is None or disabled_at is not None:
        raise Unauthenticated(REFUSED)
    with store.writing() as session:
        session.execute(delete(Failure).where(Failure.subject == of_login))
        take_back(session, of_address)
    return user_id


def begin_session(session: Session, user_id: str, valid_for: timedelta) -> tuple[Key, str]:
    """A token of a user who has shown who they are. Raises ``Unauthenticated`` for one who is shut out."""
    user = session.get_one(User, user_id)
    if user.disabled_at is not None:
        raise Unauthenticated(REFUSED)
    keys.forget_sessions(session, user.id)
    key, secret = keys.issue(session, user, "log-in", valid_for, "session")
    chain.record(session, user.login, "session.begin", key.id)
    return key, secret


def charge(session: Session, subject: str, patience: Patience, at: datetime) -> None:
    """Count an attempt. Raises ``TooMany`` when it comes too early; then it is not counted.

    ``at`` may be before the last one: clocks differ between servers, and it is read before the row is waited for.
    """
    insert_or_lock(session, Failure, subject=subject, count=0, last_at=at)
    failure = session.get_one(Failure, subject, populate_existing=True)
    since = max(timedelta(0), at - failure.last_at)
    if since > FORGOTTEN:
        failure.count = 0
    wait = patience.seconds(failure.count) - since.total_seconds()
    if wait > 0:
        raise TooMany("Too many log-ins failed.", wait)
    failure.count += 1
    failure.last_at += since


def take_back(session: Session, subject: str) -> None:
    """Take one charge back: the attempt was right."""
    failure = session.get(Failure, subject, with_for_update=True)
    if failure is not None:
        failure.count = max(0, failure.count - 1)


def network_of(address: str) -> str:
    """What counts as one address: of IPv6 the /64, as anybody who has one address there has them all."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is None:
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(getattr(found, "ipv4_mapped", None) or found)


def _digest(login: str) -> str:
    """Logins that do not exist may be anything, a password typed into the wrong field among them."""
    return hashlib.sha256(login.encode()).hexdigest()
