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

from sqlalchemy.orm import Session

from api.access import keys
from api.access.roles import OF_AN_ORGANISATION, Caller, Role
from api.clock import new_id, now
from api.rounds.packing import Packed, empty, pack_text
from api.runs import queue
from api.runs.wishes import NewRun
from api.store.schema import Change, Member, Organisation, Participant, RoundRecord, Sheet, Upload, User
from tests.api.conftest import Service
from tests.api.rounds import frozen

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
    foreign: Callable[[Person, Path], str] | None
    """None: nothing of this kind belongs to anybody by itself (a table's name, a number of a revision)."""
    unknown: str | None
    """None: all that have the right form are known."""


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


SETTINGS = 'format = 1\nid = "{}"\nname = "Walk"\ncall_year = 2022\nbudget_eur = 900000\n'


def _round(somebody: Person, *, is_own: bool) -> str:
    """A frozen round, of which the caller is a member (or in which their organisation takes part) or is not."""
    key = frozen(somebody.service.store, round_id=f"r{new_id()}")
    with somebody.service.store.writing() as session:
        session.get_one(RoundRecord, key).settings = SETTINGS.format(key)
        if is_own and somebody.organisation is not None:
            session.add(Participant(round_id=key, organisation_id=somebody.organisation))
        elif is_own and somebody.role is not Role.ADMIN:
            session.add(Member(round_id=key, user_id=somebody.user_id))
        _load(session, key, somebody.organisation or "")
    return key


LEARNER = (
    "id,partner_id,field,eqf_level,stay,available_from,available_to,languages\n"
    "L0042,{owner},0713,4,short,2022-09-01,2022-10-31,en:B1\n"
)
"""The one that examples name."""


def _load(session: Session, round_id: str, owner: str) -> None:
    """Two revisions of a table that every role may read which reads tables; the second one counts. And a learner."""
    table = {"h": "offers", "s": "learners"}.get(owner[:1], "agreements")
    sender = owner if table == "learners" else "s99"
    learner = pack_text(LEARNER.format(owner=sender), 1)
    _revisions(session, round_id, "learners", sender, learner)
    if table != "learners":
        _revisions(session, round_id, table, owner, empty(table))


def _revisions(session: Session, round_id: str, table: str, owner: str, packed: Packed) -> None:
    made = [
        Upload(
            id=new_id(),
            round_id=round_id,
            table=table,
            owner=owner,
            revision=revision,
            rows=packed.rows,
            digest=packed.digest,
            content=packed.content,
            source="test",
            restored_from=None,
            uploaded_by="test",
            uploaded_at=now(),
        )
        for revision in (1, 2)
    ]
    session.add_all(made)
    session.flush()
    session.add(Sheet(round_id=round_id, table=table, owner=owner, revision=2, upload_id=made[1].id))


def _own_participant(somebody: Person, path: Path) -> str:
    """An organisation of its own, that takes part where the path is that of a round."""
    if "round_id" not in path:
        return somebody.organisation or _organisation(somebody)
    code = _organisation(somebody)
    with somebody.service.store.writing() as session:
        if session.get(RoundRecord, path["round_id"]) is not None:
            session.add(Participant(round_id=path["round_id"], organisation_id=code))
    return code


def _login(somebody: Person, path: Path) -> str:
    """The login of a new analyst, who is a member of the round."""
    user_id = a_user(somebody.service)
    with somebody.service.store.writing() as session:
        if session.get(RoundRecord, path["round_id"]) is not None:
            session.add(Member(round_id=path["round_id"], user_id=user_id))
        return session.get_one(User, user_id).login


def _run(somebody: Person, path: Path, *, is_own: bool) -> str:
    """A run that has ended (whose events do too), of a round of the caller's or of another."""
    key = path.get("round_id") or _round(somebody, is_own=is_own)
    with somebody.service.store.writing() as session:
        record = session.get_one(RoundRecord, key)
        caller = Caller(somebody.user_id, "walker", somebody.role, somebody.organisation, "")
        run = queue.enqueue(session, caller, record, NewRun(name="walk"), somebody.service.settings)
        queue.cancel(session, caller, run)
        return run.id


def _change(somebody: Person, path: Path) -> str:
    """A change made by hand in the round of the path."""
    with somebody.service.store.reading() as session:
        is_there = session.get(RoundRecord, path["round_id"]) is not None
    round_id = path["round_id"] if is_there else _round(somebody, is_own=True)
    run_id = _run(somebody, {"round_id": round_id}, is_own=True)
    change = Change(
        id=new_id(),
        round_id=round_id,
        run_id=run_id,
        kind="forbid",
        learner_id="L1",
        place={"company_id": "inn"},
        reason="walk",
        made_by="walker",
        made_at=now(),
        revoked_at=None,
    )
    with somebody.service.store.writing() as session:
        session.add(change)
    return change.id


def _foreign_change(somebody: Person, _path: Path) -> str:
    return _change(somebody, {"round_id": _round(somebody, is_own=False)})


def _table(somebody: Person, _path: Path) -> str:
    """A table that the role may load."""
    return {Role.HOST: "offers", Role.SENDER: "learners"}.get(somebody.role, "agreements")


NO_ID = "0" * 26

BUILDERS: dict[str, Builder] = {
    "organisation_id": Builder(_own_participant, lambda one, _path: _organisation(one), "x-none"),
    "user_id": Builder(_user, _user, NO_ID),
    "key_id": Builder(_own_key, _foreign_key, NO_ID),
    "round_id": Builder(
        lambda one, _path: _round(one, is_own=True), lambda one, _path: _round(one, is_own=False), "r-none"
    ),
    "run_id": Builder(
        lambda one, path: _run(one, path, is_own=True), lambda one, path: _run(one, path, is_own=False), NO_ID
    ),
    "other_id": Builder(
        lambda one, path: _run(one, path, is_own=True), lambda one, path: _run(one, path, is_own=False), NO_ID
    ),
    "change_id": Builder(_change, _foreign_change, NO_ID),
    "learner": Builder(lambda _one, _path: "L1", None, None),
    "name": Builder(lambda _one, _path: "placements.csv", None, None),
    "login": Builder(_login, None, "nobody-of-this-login"),
    "table": Builder(_table, None, None),
    "kind": Builder(lambda _one, _path: "companies", None, None),
    "revision": Builder(lambda _one, _path: "1", None, "999"),
}
"""By the name of the path parameter."""
