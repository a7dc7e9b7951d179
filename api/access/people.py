"""Organisations and users: made, changed, found. Every change is recorded in the audit log, by ids."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from sqlalchemy import ColumnElement, Select, select, true
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api.access import keys, passwords
from api.access.roles import OF_AN_ORGANISATION, Caller, Role
from api.access.table import Scope, scope_of
from api.clock import new_id, now
from api.errors import Conflict, Missing, Wrong
from api.store import chain
from api.store.schema import Organisation, User
from models.errors import InputProblem

Kind = Literal["host", "sender"]


class Unchanged:
    """What a change does not touch, where None means: take it away."""


UNCHANGED: Final = Unchanged()


@dataclass(frozen=True)
class NewUser:
    """Who is to be made; a password, a subject of the identity provider, or neither: then keys only."""

    login: str
    role: Role
    organisation: str | None = None
    password: str | None = None
    subject: str | None = None


def add_organisation(session: Session, actor: str, code: str, kind: Kind, name: str) -> Organisation:
    """A partner by its code. Raises ``Conflict`` when the code is taken."""
    made = Organisation(id=code, kind=kind, name=name, created_at=now())
    _insert(session, made, f"There is an organisation {code} already.")
    chain.record(session, actor, "organisation.create", code, kind=kind)
    return made


def ensure_organisation(session: Session, actor: str, code: str, role: Role, name: str) -> None:
    """Make a partner of the kind that a role is of, unless there is one of this code."""
    if role in OF_AN_ORGANISATION and session.get(Organisation, code) is None:
        add_organisation(session, actor, code, "host" if role is Role.HOST else "sender", name)


def rename_organisation(session: Session, actor: str, code: str, name: str) -> Organisation:
    """Another name for a partner; its code never changes. Raises ``Missing``."""
    found = session.get(Organisation, code)
    if found is None:
        raise Missing
    if found.name != name:
        found.name = name
        chain.record(session, actor, "organisation.rename", code)
    return found


def organisations_known_to(caller: Caller, operation: str) -> Select[Organisation]:
    """The organisations on which the caller may carry out an operation."""
    return select(Organisation).where(_within(caller, operation))


def _within(caller: Caller, operation: str) -> ColumnElement[bool]:
    if scope_of(operation, caller.role) is Scope.ALL:
        return true()
    return Organisation.id == caller.organisation


def add_user(session: Session, actor: str, wanted: NewUser) -> User:
    """A user in one role. Raises ``Wrong`` for an organisation that does not suit, ``Conflict`` for a taken login."""
    problems = problems_with(session, wanted)
    if problems:
        raise Wrong(f"{len(problems)} error{'s' * (len(problems) > 1)} in the user.", problems)
    made = User(
        id=new_id(),
        login=wanted.login,
        role=wanted.role.value,
        organisation_id=wanted.organisation,
        password_hash=None if wanted.password is None else passwords.hash_of(wanted.password),
        subject=wanted.subject,
        created_at=now(),
        disabled_at=None,
    )
    _insert(session, made, "The login or the subject is taken.")
    chain.record(
        session, actor, "user.create", made.id, role=wanted.role.value, organisation=wanted.organisation
    )
    return made


def problems_with(
    session: Session, wanted: NewUser, place: str = "user", row: int | None = None
) -> list[InputProblem]:
    """What is wrong with a user to be made, save what only the database can tell when it inserts."""
    problems = []
    if wanted.role in OF_AN_ORGANISATION:
        found = wanted.organisation and session.get(Organisation, wanted.organisation)
        if not found or found.kind != wanted.role.value:
            text = f"a {wanted.role} is of an organisation of that kind, which there has to be"
            problems.append(InputProblem(place, row, "organisation", wanted.organisation, text))
    elif wanted.organisation is not None:
        text = f"a {wanted.role} is of no organisation"
        problems.append(InputProblem(place, row, "organisation", wanted.organisation, text))
    if wanted.password is not None and not is_long_enough(wanted.password):
        text = f"a password has {passwords.SHORTEST} to {passwords.LONGEST} characters"
        problems.append(InputProblem(place, row, "password", None, text))
    return problems


def is_long_enough(password: str) -> bool:
    """Whether a password is one that is taken."""
    return passwords.SHORTEST <= len(password) <= passwords.LONGEST


def the_user(session: Session, user_id: str) -> User:
    """A user by id. Raises ``Missing``."""
    found = session.get(User, user_id)
    if found is None:
        raise Missing
    return found


def named(session: Session, login: str) -> User:
    """A user by login. Raises ``Missing``."""
    found = session.scalar(select(User).where(User.login == login))
    if found is None:
        raise Missing("There is no user of this login.")
    return found


def set_disabled(session: Session, actor: str, user: User, disabled: bool) -> None:
    """Shut a user out at once, or let them in again. Raises ``Conflict`` for the last admin who is left."""
    if (user.disabled_at is not None) == disabled:
        return
    if disabled and user.role == Role.ADMIN and _admins(session) == 1:
        raise Conflict("This is the only admin: make another one first.")
    user.disabled_at = now() if disabled else None
    chain.record(session, actor, "user.disable" if disabled else "user.enable", user.id)


def set_password(session: Session, actor: str, user: User, password: str | None) -> None:
    """Another password, or None; every log-in made with the old one ends."""
    user.password_hash = None if password is None else passwords.hash_of(password)
    keys.end_sessions(session, user.id)
    chain.record(session, actor, "user.password", user.id)


def set_subject(session: Session, actor: str, user: User, subject: str | None) -> None:
    """Link a user to an account of the identity provider, or to none. Raises ``Conflict`` when it is taken."""
    user.subject = subject
    _flush(session, "The subject is taken.")
    chain.record(session, actor, "user.subject", user.id)


def _admins(session: Session) -> int:
    """How many admins are left; they are locked, so that two cannot leave at the same moment."""
    query = select(User.id).where(User.role == Role.ADMIN, User.disabled_at.is_(None))
    return len(session.scalars(query.with_for_update()).all())


def _insert(session: Session, made: User | Organisation, taken: str) -> None:
    session.add(made)
    _flush(session, taken)


def _flush(session: Session, taken: str) -> None:
    """What only the database can tell for certain: whether a name is taken."""
    try:
        session.flush()
    except IntegrityError as wrong:
        raise Conflict(taken) from wrong
