"""Users: made by admins, shut out at once, and their keys."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter, Query, status
from pydantic import BaseModel, Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.access import keys, people
from api.access.roles import Role
from api.store.schema import Key, User
from api.web.context import TheCaller, TheOnce, TheStore
from api.web.inputs import AN_ID, LOGIN, Code, IdPath, Login, Password, Sent, Subject
from api.web.paging import Page, TheWindow, page_by
from api.web.problems import documented
from api.web.routes.keys import KeyInfo

router = APIRouter(prefix="/v1/users", tags=["users"])


class NewUser(Sent):
    """A user to be made: hosts and senders of an organisation of that kind, all others of none."""

    login: Login
    role: Role
    organisation: Code | None = None
    password: Password | None = None
    subject: Subject | None = None


class UserChange(Sent):
    """What is to be different; what is left out stays."""

    disabled: (
        Annotated[bool, Field(strict=True, description="Shut out at once, keys and log-ins too.")] | None
    ) = None
    password: Annotated[Password | None, Field(description="null: no log-in with a password.")] = None
    subject: Annotated[
        Subject | None, Field(description="null: no log-in through the identity provider.")
    ] = None


class UserInfo(BaseModel):
    """A user, without what they log in with."""

    id: str = Field(examples=[AN_ID])
    login: str = Field(examples=["ana"])
    role: Role
    organisation: str | None = Field(examples=["h01"])
    has_password: bool
    subject: str | None = Field(examples=["248289761001"])
    created_at: datetime = Field(examples=["2026-03-01T09:00:00Z"])
    disabled_at: datetime | None = Field(examples=[None])

    @classmethod
    def of(cls, user: User) -> Self:
        """Of a user in the store."""
        return cls(
            id=user.id,
            login=user.login,
            role=Role(user.role),
            organisation=user.organisation_id,
            has_password=user.password_hash is not None,
            subject=user.subject,
            created_at=user.created_at,
            disabled_at=user.disabled_at,
        )


@router.get("", operation_id="list_users", summary="List users")
def list_users(
    store: TheStore,
    window: TheWindow,
    login: Annotated[
        str | None,
        Query(max_length=255, pattern=LOGIN, description="Only the user of this login.", examples=["ana"]),
    ] = None,
) -> Page[UserInfo]:
    """All users, newest first."""
    query = select(User) if login is None else select(User).where(User.login == login)
    with store.reading() as session:
        return page_by(session, query, User.id, window, UserInfo.of, newest_first=True)


@router.post(
    "",
    operation_id="create_user",
    summary="Make a user",
    status_code=status.HTTP_201_CREATED,
    response_model=UserInfo,
    responses=documented(409),
)
def create_user(wanted: NewUser, caller: TheCaller, once: TheOnce) -> object:
    """A user in one role. Without password and subject they have the keys that `matcher keys create` makes."""
    with once.writing() as session:
        made = people.add_user(session, caller.login, people.NewUser(**wanted.model_dump()))
        return once.answer(session, UserInfo.of(made), 201)


@router.get("/{user_id}", operation_id="get_user", summary="One user")
def get_user(user_id: IdPath, store: TheStore) -> UserInfo:
    """A user by id, without what they log in with."""
    with store.reading() as session:
        return UserInfo.of(people.the_user(session, user_id))


@router.patch("/{user_id}", operation_id="update_user", summary="Change a user", responses=documented(409))
def update_user(user_id: IdPath, wanted: UserChange, caller: TheCaller, store: TheStore) -> UserInfo:
    """Shut a user out or let them in, set their password (which ends their log-ins) or their subject."""
    with store.writing() as session:
        user = people.the_user(session, user_id)
        _change(session, caller.login, user, wanted)
        return UserInfo.of(user)


def _change(session: Session, actor: str, user: User, wanted: UserChange) -> None:
    given = wanted.model_fields_set
    if wanted.disabled is not None:
        people.set_disabled(session, actor, user, wanted.disabled)
    if "password" in given:
        people.set_password(session, actor, user, wanted.password)
    if "subject" in given:
        people.set_subject(session, actor, user, wanted.subject)


@router.get("/{user_id}/keys", operation_id="list_user_keys", summary="List a user's keys")
def list_user_keys(user_id: IdPath, store: TheStore, window: TheWindow) -> Page[KeyInfo]:
    """A user's keys and log-ins, newest first."""
    with store.reading() as session:
        user = people.the_user(session, user_id)
        query = select(Key).where(Key.user_id == user.id)
        return page_by(session, query, Key.id, window, KeyInfo.of, newest_first=True)


@router.delete(
    "/{user_id}/keys/{key_id}",
    operation_id="revoke_user_key",
    summary="Revoke a user's key",
    status_code=status.HTTP_204_NO_CONTENT,
)
def revoke_user_key(user_id: IdPath, key_id: IdPath, caller: TheCaller, store: TheStore) -> None:
    """Revoke a key, or end a log-in, of a user; it is refused from now on."""
    with store.writing() as session:
        keys.revoke(session, caller.login, user_id, key_id)
