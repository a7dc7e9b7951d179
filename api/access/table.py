"""The one table of who may do what: a row for every operation of the service, a column for every role.

Every route is looked up here before anything else happens, and the service does not start with a route that has no
row, or a row that has no route. ``docs/access.md`` shows the table to people, and a test walks every route with every
role, on things of one's own and of others.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from api.access.roles import Role


class Scope(StrEnum):
    """On what a role may carry out an operation."""

    NO = "–"
    """Never: 403."""
    OWN = "own"
    """On what is the caller's own, or their organisation's; of anything else they cannot know that it is there: 404."""
    ROUND = "its rounds"
    """On rounds in which the caller is a member; of others they cannot know that they are there: 404."""
    ALL = "all"
    """On everything of its kind."""


H, S, C, A, X = Role.HOST, Role.SENDER, Role.COORDINATOR, Role.ANALYST, Role.ADMIN


def _row(**scopes: Scope) -> dict[Role, Scope]:
    """A row; a role that is not named may not."""
    return {role: scopes.get(role.value, Scope.NO) for role in Role}


EVERYBODY: Final = _row(**dict.fromkeys(Role, Scope.OWN))
ADMINS: Final = _row(admin=Scope.ALL)
COORDINATORS: Final = _row(coordinator=Scope.ROUND)
MEASURERS: Final = _row(coordinator=Scope.ROUND, analyst=Scope.ROUND)
"""Analysts see how runs went and what they are worth; sentences that name learners are kept from them."""

OPEN: Final = frozenset({"livez", "readyz"})
"""Operations that need no key."""

ACCESS: Final[dict[str, dict[Role, Scope]]] = {
    # who
    "who_am_i": EVERYBODY,
    "list_keys": EVERYBODY,
    "create_key": EVERYBODY,
    "revoke_key": EVERYBODY,
    # runs
    "create_run": COORDINATORS,
    "list_runs": MEASURERS,
    "get_run": MEASURERS,
    "run_events": MEASURERS,
    "cancel_run": COORDINATORS,
}
"""Rows by operation id, in the order of the documentation."""


def scope_of(operation: str, role: Role) -> Scope:
    """On what a role may carry out an operation."""
    return ACCESS[operation][role]
