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


OWN, ROUND, ALL = Scope.OWN, Scope.ROUND, Scope.ALL


def _row(**scopes: Scope) -> dict[Role, Scope]:
    """A row; a role that is not named may not."""
    return {role: scopes.get(role.value, Scope.NO) for role in Role}


EVERYBODY: Final = _row(**dict.fromkeys(Role, Scope.OWN))
ADMINS: Final = _row(admin=Scope.ALL)
PARTNERS: Final = _row(host=Scope.OWN, sender=Scope.OWN, coordinator=Scope.ALL, admin=Scope.ALL)
"""Everybody knows their own organisation; coordinators have to know them all, to let them take part."""
COORDINATORS: Final = _row(coordinator=Scope.ROUND)
MEASURERS: Final = _row(coordinator=Scope.ROUND, analyst=Scope.ROUND)
"""Analysts see how runs went and what they are worth; sentences that name learners are kept from them."""

LOADERS: Final = _row(host=OWN, sender=OWN, coordinator=ROUND)
"""Partners load their own rows, coordinators any."""

OPEN: Final = frozenset({"livez", "readyz", "openapi", "log_in", "oidc_begin", "oidc_finish"})
"""Operations that need no key."""

ACCESS: Final[dict[str, dict[Role, Scope]]] = {
    # who
    "who_am_i": EVERYBODY,
    "list_keys": EVERYBODY,
    "create_key": EVERYBODY,
    "revoke_key": EVERYBODY,
    "log_out": EVERYBODY,
    "change_password": EVERYBODY,
    "list_organisations": PARTNERS,
    "create_organisation": ADMINS,
    "get_organisation": PARTNERS,
    "update_organisation": ADMINS,
    "list_users": ADMINS,
    "create_user": ADMINS,
    "get_user": ADMINS,
    "update_user": ADMINS,
    "list_user_keys": ADMINS,
    "revoke_user_key": ADMINS,
    # the service itself
    "metrics": ADMINS,
    # runs
    "create_run": COORDINATORS,
    "list_runs": MEASURERS,
    "get_run": MEASURERS,
    "run_events": MEASURERS,
    "cancel_run": COORDINATORS,
    "create_study": COORDINATORS,
    # results
    "list_files": COORDINATORS,
    "get_file": COORDINATORS,
    "get_report": MEASURERS,
    "list_placements": COORDINATORS,
    "get_workbook": COORDINATORS,
    "explain_learner": COORDINATORS,
    "compare_runs": MEASURERS,
    # changes by hand
    "create_change": COORDINATORS,
    "list_changes": COORDINATORS,
    "revoke_change": COORDINATORS,
    # publication
    "publish": COORDINATORS,
    "unpublish": COORDINATORS,
    "list_arrivals": _row(host=Scope.OWN),
    "list_outcomes": _row(sender=Scope.OWN),
    # rounds
    "list_rounds": _row(host=OWN, sender=OWN, coordinator=ROUND, analyst=ROUND, admin=ALL),
    "create_round": _row(coordinator=OWN),
    "get_round": _row(host=OWN, sender=OWN, coordinator=ROUND, analyst=ROUND, admin=ALL),
    "update_round": COORDINATORS,
    "move_round": COORDINATORS,
    "check_round": LOADERS,
    "round_log": COORDINATORS,
    "list_participants": _row(coordinator=ROUND, admin=ALL),
    "add_participant": COORDINATORS,
    "remove_participant": COORDINATORS,
    "list_members": _row(coordinator=ROUND, admin=ALL),
    "add_member": _row(coordinator=ROUND, admin=ALL),
    "remove_member": _row(coordinator=ROUND, admin=ALL),
    # tables
    "list_tables": LOADERS,
    "get_table": LOADERS,
    "put_table": LOADERS,
    "clear_table": LOADERS,
    "list_uploads": LOADERS,
    "get_upload": LOADERS,
    "restore_upload": LOADERS,
    # views
    "get_demand": _row(host=OWN, coordinator=ROUND),
    "get_catalogue": _row(sender=OWN, coordinator=ROUND),
    "get_pseudonymised_table": _row(analyst=ROUND, coordinator=ROUND),
    # privacy
    "erase_learner": _row(sender=OWN, coordinator=ROUND),
    "list_erasures": COORDINATORS,
    "verify_figures": _row(coordinator=ROUND, analyst=ROUND),
}
"""Rows by operation id, in the order of the documentation."""


def scope_of(operation: str, role: Role) -> Scope:
    """On what a role may carry out an operation."""
    return ACCESS[operation][role]
