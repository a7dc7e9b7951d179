"""Roles, and who is calling."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What somebody is to the service."""

    HOST = "host"
    """Loads the capacity of one hosting partner, and sees who comes once a round is published."""
    SENDER = "sender"
    """Submits the learners of one sending partner, and sees what became of them."""
    COORDINATOR = "coordinator"
    """Runs rounds: everything of those that they are a member of."""
    ANALYST = "analyst"
    """Measures rounds that they are a member of, on pseudonymised tables."""
    ADMIN = "admin"
    """Manages organisations, users and keys; sees no tables of rounds."""


OF_AN_ORGANISATION = frozenset({Role.HOST, Role.SENDER})
"""The roles that are held for one organisation, of the same kind."""


@dataclass(frozen=True)
class Caller:
    """Whose key it is: the user, their role and, for hosts and senders, their organisation."""

    user_id: str
    login: str
    role: Role
    organisation: str | None
    key_id: str

    @property
    def owner(self) -> str:
        """The owner of the rows that the caller uploads; '' for those that no partner owns."""
        return self.organisation or ""
