"""Who owns which table of a round.

A hosting partner owns its row, beds, flows, companies and offers; a sending partner its schools, learners, groups,
micro-credentials and pairs. The rest is the coordinators', and so are pairs of learners of two sending partners.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy.orm import Session

from api.access.roles import OF_AN_ORGANISATION, Caller, Role
from api.errors import Forbidden, Missing, Wrong
from api.store.schema import Organisation, Participant, RoundRecord

OF_HOSTS: Final = ("hosting_partners", "beds", "flows", "companies", "offers")
"""The tables of which a hosting partner owns its rows, in the order in which they refer to each other."""

OF_SENDERS: Final = ("schools", "groups", "learners", "micro_credentials", "pairs")
"""The tables of which a sending partner owns its rows, in the order in which they refer to each other."""

OF_NOBODY: Final = (
    "sending_partners",
    "agreements",
    "quotas",
    "locks",
    "previous",
    "previous_rounds",
    "affinity",
    "pairs",
)
"""The tables with rows that no partner owns: coordinators upload them."""

NOBODY: Final = ""
"""The owner of rows that no partner owns."""


def tables_of(kind: str) -> tuple[str, ...]:
    """The tables of which an organisation of a kind (``host``, ``sender``) owns rows."""
    return OF_HOSTS if kind == Role.HOST else OF_SENDERS


def owner_of_upload(
    session: Session, caller: Caller, record: RoundRecord, table: str, owner: str | None
) -> str:
    """Whose rows of a table the caller means.

    Hosts and senders mean their own. Coordinators name the partner for whom they act, or nobody.

    Raises ``Missing`` for an owner who is not the caller's organisation, or does not take part; ``Forbidden`` for a
    table that is not of the caller's kind; ``Wrong`` for one that the owner has no rows of.
    """
    if caller.role in OF_AN_ORGANISATION:
        if owner not in (None, caller.organisation):
            raise Missing
        if table not in tables_of(caller.role):
            raise Forbidden(f"The rows of {table} are not a {caller.role}'s.")
        return caller.owner
    if not owner:
        if table not in OF_NOBODY:
            raise Wrong(f"The rows of {table} belong to partners: say for whom you act, with owner=CODE.")
        return NOBODY
    partner = participant(session, record, owner)
    if table not in tables_of(partner.kind):
        raise Wrong(f"{owner} is a {partner.kind} and owns no rows of {table}.")
    return owner


def participant(session: Session, record: RoundRecord, organisation: str) -> Organisation:
    """An organisation that takes part in the round. Raises ``Missing``."""
    found = session.get(Participant, (record.id, organisation))
    if found is None:
        raise Missing
    return session.get_one(Organisation, organisation)
