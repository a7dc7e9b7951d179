"""Rounds made, changed and found; who takes part in them, and who runs and measures them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api.access.roles import OF_AN_ORGANISATION, Caller, Role
from api.clock import now
from api.errors import Conflict, Missing
from api.rounds.drafting import Told
from api.rounds.life import State, insist_on_loading
from api.store import chain
from api.store.schema import Member, Organisation, Participant, RoundRecord, Sheet, Upload, User

MEMBERS = (Role.COORDINATOR, Role.ANALYST)
"""The roles that are held in single rounds."""


def create(session: Session, caller: Caller, told: Told, retention_days: int | None) -> RoundRecord:
    """A new round in its first state, with the caller as its coordinator. Raises ``Conflict`` for an id in use."""
    record = RoundRecord(
        id=told.id,
        name=told.name,
        state=State.DRAFT.value,
        settings=told.settings,
        rates=told.rates,
        revision=1,
        created_by=caller.login,
        created_at=now(),
        closed_at=None,
        retention_days=retention_days,
        snapshot_id=None,
        published_run_id=None,
    )
    if session.get(RoundRecord, told.id) is not None:
        raise Conflict("This id is taken: choose another.")
    session.add(record)
    try:
        session.flush()
    except IntegrityError as error:  # somebody else was faster
        raise Conflict("This id is taken: choose another.") from error
    session.add(Member(round_id=record.id, user_id=caller.user_id))
    chain.record(session, caller.login, "round.create", record.id, round_id=record.id)
    return record


def change(
    session: Session, caller: Caller, record: RoundRecord, told: Told | None, kept: Mapping[str, Any]
) -> None:
    """Change a round's settings (only while it is being loaded) and what else is kept of it (at any time)."""
    if told is not None:
        insist_on_loading(record)
        if told.id != record.id:
            raise Conflict("A round's id does not change.")
        record.settings, record.rates, record.name = told.settings, told.rates, told.name
    for name, value in kept.items():
        setattr(record, name, value)
    record.revision += 1
    what = [*(["settings"] if told is not None else []), *kept]
    chain.record(session, caller.login, "round.change", record.id, round_id=record.id, changed=what)


def participants(session: Session, record: RoundRecord) -> list[Organisation]:
    """The organisations that take part, by code."""
    query = (
        select(Organisation)
        .join(Participant, Participant.organisation_id == Organisation.id)
        .where(Participant.round_id == record.id)
        .order_by(Organisation.id)
    )
    return list(session.scalars(query))


def add_participant(session: Session, caller: Caller, record: RoundRecord, organisation: str) -> bool:
    """Let an organisation take part; whether it is new. Raises ``Missing`` for one that does not exist."""
    if session.get(Organisation, organisation) is None:
        raise Missing
    if session.get(Participant, (record.id, organisation)) is not None:
        return False
    insist_on_loading(record)
    session.add(Participant(round_id=record.id, organisation_id=organisation))
    chain.record(session, caller.login, "participant.add", organisation, round_id=record.id)
    return True


def remove_participant(session: Session, caller: Caller, record: RoundRecord, organisation: str) -> None:
    """Let an organisation take part no more. Raises ``Missing``, and ``Conflict`` while it has rows in the round."""
    found = session.get(Participant, (record.id, organisation))
    if found is None:
        raise Missing
    insist_on_loading(record)
    rows = session.scalar(
        select(func.sum(Upload.rows))
        .join(Sheet, Sheet.upload_id == Upload.id)
        .where(Sheet.round_id == record.id, Sheet.owner == organisation)
    )
    if rows:
        raise Conflict(f"{organisation} has {rows} rows in the round: remove them first.")
    session.delete(found)
    chain.record(session, caller.login, "participant.remove", organisation, round_id=record.id)


def members(session: Session, record: RoundRecord) -> list[User]:
    """The coordinators and analysts, by login."""
    query = (
        select(User)
        .join(Member, Member.user_id == User.id)
        .where(Member.round_id == record.id)
        .order_by(User.login)
    )
    return list(session.scalars(query))


def add_member(session: Session, caller: Caller, record: RoundRecord, login: str) -> bool:
    """Make a coordinator or analyst a member; whether they are new. Raises ``Missing`` for anybody else."""
    user = session.scalar(select(User).where(User.login == login))
    if user is None or user.disabled_at is not None or user.role not in MEMBERS:
        raise Missing
    if session.get(Member, (record.id, user.id)) is not None:
        return False
    session.add(Member(round_id=record.id, user_id=user.id))
    chain.record(session, caller.login, "member.add", login, round_id=record.id, role=user.role)
    return True


def remove_member(session: Session, caller: Caller, record: RoundRecord, login: str) -> None:
    """Take somebody out. Raises ``Missing``, and ``Conflict`` for the last coordinator."""
    there = members(session, record)
    user = next((one for one in there if one.login == login), None)
    if user is None:
        raise Missing
    if user.role == Role.COORDINATOR and sum(one.role == Role.COORDINATOR for one in there) == 1:
        raise Conflict("This is the round's last coordinator: add another one first.")
    session.delete(session.get_one(Member, (record.id, user.id)))
    chain.record(session, caller.login, "member.remove", login, round_id=record.id, role=user.role)


def sees_settings(caller: Caller) -> bool:
    """Whether the caller may read a round's policy, budget and rates."""
    return caller.role not in OF_AN_ORGANISATION and caller.role != Role.ADMIN
