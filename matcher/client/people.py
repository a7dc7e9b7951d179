"""Who is calling, keys, and what admins do: organisations and users."""

from __future__ import annotations

from typing import Any, Final

from matcher.client.answers import KeyInfo, Me, OrganisationInfo, OrganisationKind, Role, ShownKey, UserInfo
from matcher.client.paging import Listing
from matcher.client.resource import Resource


class Keep:
    """What a change leaves as it is, where None means: take it away."""


KEEP: Final = Keep()


class People(Resource):
    """Operations on people: one's own keys and password; for admins, organisations and users."""

    def me(self) -> Me:
        """Whose key this client sends."""
        return self._connection.read(Me, "who_am_i")

    def my_keys(self) -> Listing[KeyInfo]:
        """One's own keys and log-ins, newest first."""
        return self._listing(KeyInfo, "list_keys")

    def create_key(self, label: str, days: int | None = None) -> ShownKey:
        """A new key of one's own, valid for so many days (None: the service's default). Its secret is shown once.

        Where the answer is lost, ``Unreachable`` is raised, and the key may be there: see ``my_keys``, and revoke it.
        """
        wanted: dict[str, Any] = {"label": label} | ({} if days is None else {"days": days})
        return self._connection.read(ShownKey, "create_key", send=wanted, once=True)

    def revoke_key(self, key: str) -> None:
        """Refuse one of one's own keys from now on, by its id. Raises ``Missing``."""
        self._connection.call("revoke_key", key)

    def change_password(self, current: str, new: str) -> None:
        """Another password of one's own; it ends every log-in, this one too."""
        self._connection.call("change_password", send={"current": current, "new": new})

    def log_out(self) -> None:
        """End the log-in that this client sends. Raises ``Conflict`` where it sends a key."""
        self._connection.call("log_out")

    # --- for admins ------------------------------------------------------------------------------------------------

    def organisations(self) -> Listing[OrganisationInfo]:
        """The organisations that one may know of, by code."""
        return self._listing(OrganisationInfo, "list_organisations")

    def organisation(self, code: str) -> OrganisationInfo:
        """One organisation by its code. Raises ``Missing``."""
        return self._connection.read(OrganisationInfo, "get_organisation", code)

    def create_organisation(self, code: str, kind: OrganisationKind, name: str) -> OrganisationInfo:
        """A partner; its code is the id that it has in rounds. Raises ``Conflict`` for a code that is taken."""
        wanted = {"id": code, "kind": kind, "name": name}
        return self._connection.read(OrganisationInfo, "create_organisation", send=wanted)

    def rename_organisation(self, code: str, name: str) -> OrganisationInfo:
        """Another name for a partner. Raises ``Missing``."""
        return self._connection.read(OrganisationInfo, "update_organisation", code, send={"name": name})

    def users(self, login: str | None = None) -> Listing[UserInfo]:
        """All users, newest first, or the one of a login."""
        return self._listing(UserInfo, "list_users", query={"login": login})

    def user(self, user: str) -> UserInfo:
        """One user by id. Raises ``Missing``."""
        return self._connection.read(UserInfo, "get_user", user)

    def create_user(
        self,
        login: str,
        role: Role,
        organisation: str | None = None,
        *,
        password: str | None = None,
        subject: str | None = None,
    ) -> UserInfo:
        """A user; hosts and senders belong to an organisation. Raises ``Conflict`` for a login that is taken."""
        given = {"organisation": organisation, "password": password, "subject": subject}
        wanted = {"login": login, "role": role} | {name: it for name, it in given.items() if it is not None}
        return self._connection.read(UserInfo, "create_user", send=wanted)

    def change_user(
        self,
        user: str,
        *,
        disabled: bool | Keep = KEEP,
        password: str | Keep | None = KEEP,
        subject: str | Keep | None = KEEP,
    ) -> UserInfo:
        """Shut a user out or let them in; set or take away their password or their subject. Raises ``Missing``."""
        given = {"disabled": disabled, "password": password, "subject": subject}
        wanted = {name: value for name, value in given.items() if not isinstance(value, Keep)}
        return self._connection.read(UserInfo, "update_user", user, send=wanted)

    def keys_of(self, user: str) -> Listing[KeyInfo]:
        """A user's keys and log-ins, newest first. Raises ``Missing``."""
        return self._listing(KeyInfo, "list_user_keys", user)

    def revoke_key_of(self, user: str, key: str) -> None:
        """Refuse a user's key from now on. Raises ``Missing``."""
        self._connection.call("revoke_user_key", user, key)
