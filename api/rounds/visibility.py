"""Which rounds somebody may know of. A round that is not theirs and one that is not there are the same to them."""

from __future__ import annotations

from sqlalchemy import ColumnElement, exists, select, true
from sqlalchemy.orm import Session

from api.access.roles import OF_AN_ORGANISATION, Caller, Role
from api.errors import Missing
from api.store.schema import Member, Participant, RoundRecord


def known_to(caller: Caller) -> ColumnElement[bool]:
    """The condition on ``RoundRecord`` under which the caller may know of it.

    Hosts and senders: their organisation takes part. Coordinators and analysts: they are a member. Admins: all, of
    which they see what a round is called and where it stands, never its tables (the access table gives them no more).
    """
    if caller.role in OF_AN_ORGANISATION:
        return exists().where(
            Participant.round_id == RoundRecord.id, Participant.organisation_id == caller.organisation
        )
    if caller.role is Role.ADMIN:
        return true()
    return exists().where(Member.round_id == RoundRecord.id, Member.user_id == caller.user_id)


def the_round(session: Session, caller: Caller, round_id: str, *, lock: bool = False) -> RoundRecord:
    """A round that the caller may know of; ``lock`` keeps other writers from it until the transaction ends.

    Raises ``Missing``.
    """
    query = select(RoundRecord).where(RoundRecord.id == round_id, known_to(caller))
    if lock and session.scalar(query.with_for_update()) is not None:
        # PostgreSQL waits for the lock and then judges by what was there before: who takes part, and whatever of the
        # round the session has read already, is looked at anew.
        query = query.execution_options(populate_existing=True)
    found = session.scalar(query)
    if found is None:
        raise Missing
    return found
