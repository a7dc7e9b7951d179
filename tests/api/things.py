"""Things that paths name, one builder for each path parameter: the caller's own, somebody else's, and none at all.

The walk over all routes (``test_access.py``) finds the parameters in the description of the interface; one that is not
in ``BUILDERS`` fails there. What stands before a parameter in its path is given to its builder, so that a key is made
for the user whose path it stands under.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from api.access import keys
from api.access.roles import OF_AN_ORGANISATION, Role
from api.clock import new_id, now
from api.store.schema import Organisation, User
from tests.api.conftest import Service

Path = dict[str, str]
"""Parameters by name, in the order of the path."""


@dataclass
class Person:
    """Somebody who calls, in one role."""

    service: Service
    role: Role
    user_id: str
    organisation: str | None
    client: Any
    extra: dict[str, Any] = field(default_factory=dict)
    """What builders want to find again."""


@dataclass(frozen=True)
class Builder:
    """Makes what a path parameter names; ``unknown`` has the right form and names nothing."""

    own: Callable[[Person, Path], str]
    foreign: Callable[[Person, Path], str]
    unknown: str
    stands_alone: bool = True
    """Whether it can be made without what stands before it in a path."""


def person(service: Service, role: Role) -> Person:
    """A caller in a role, with an organisation of their own where the role is of one."""
    organisation = f"{role[0]}01" if role in OF_AN_ORGANISATION else None
    client = service.person(f"walker-{role}", role, organisation)
    me = client.get("/v1/me").json()
    return Person(service, role, me["id"], organisation, client)


def _organisation(somebody: Person, kind: str = "host") -> str:
    code = f"x{new_id()}"
    with somebody.service.store.writing() as session:
        session.add(Organisation(id=code, kind=kind, name="Somebody's", created_at=now()))
    return code


def _own_organisation(somebody: Person, _path: Path) -> str:
    return somebody.organisation or _organisation(somebody)


def a_user(service: Service, role: Role = Role.ANALYST, organisation: str | None = None) -> str:
    """The id of a new user."""
    made = User(
        id=new_id(),
        login=f"u{new_id()}",
        role=role.value,
        organisation_id=organisation,
        password_hash=None,
        subject=None,
        created_at=now(),
        disabled_at=None,
    )
    with service.store.writing() as session:
        session.add(made)
    return made.id


def _user(somebody: Person, _path: Path) -> str:
    return a_user(somebody.service)


def _key_of(somebody: Person, user_id: str) -> str:
    with somebody.service.store.writing() as session:
        return keys.issue(session, session.get_one(User, user_id), "walk", timedelta(days=1))[0].id


def _own_key(somebody: Person, path: Path) -> str:
    return _key_of(somebody, path.get("user_id", somebody.user_id))


def _foreign_key(somebody: Person, _path: Path) -> str:
    return _key_of(somebody, a_user(somebody.service))


NO_ID = "0" * 26

BUILDERS: dict[str, Builder] = {
    "organisation_id": Builder(_own_organisation, lambda one, _path: _organisation(one), "x-none"),
    "user_id": Builder(_user, _user, NO_ID),
    "key_id": Builder(_own_key, _foreign_key, NO_ID),
}
"""By the name of the path parameter."""
