"""One's own keys: made, listed, revoked."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Literal, Self

from fastapi import APIRouter, status
from pydantic import BaseModel, Field
from sqlalchemy import select

from api.access import keys
from api.access.roles import Role
from api.store import chain
from api.store.schema import Key, User
from api.web.context import TheCaller, TheSettings, TheStore
from api.web.inputs import AN_ID, LINE, IdPath, Sent
from api.web.paging import Page, TheWindow, page_by

router = APIRouter(prefix="/v1", tags=["who"])


class Me(BaseModel):
    """Who is calling."""

    id: str = Field(examples=[AN_ID])
    login: str = Field(examples=["ana"])
    role: Role
    organisation: str | None = Field(examples=["h01"])


class NewKey(Sent):
    """A key to be made."""

    label: Annotated[str, Field(min_length=1, max_length=100, pattern=LINE, examples=["notebook"])]
    days: Annotated[int, Field(strict=True, ge=1, le=3_650, examples=[30])] | None = None


class KeyInfo(BaseModel):
    """A key without its secret."""

    id: str = Field(examples=[AN_ID])
    label: str = Field(examples=["notebook"])
    kind: Literal["key", "session"] = Field(description="A session is a log-in: a key valid for hours.")
    created_at: datetime = Field(examples=["2026-03-01T09:00:00Z"])
    expires_at: datetime = Field(examples=["2026-05-30T09:00:00Z"])
    revoked_at: datetime | None = Field(examples=[None])
    last_used_at: datetime | None = Field(examples=["2026-03-02T11:30:00Z"])

    @classmethod
    def of(cls, key: Key) -> Self:
        """Of a key in the store."""
        return cls.model_validate(key, from_attributes=True)


class ShownKey(KeyInfo):
    """A key that has just been made, with its secret: it is shown this once."""

    secret: str = Field(examples=["mk_4vJ0x…"], description="Send it as `Authorization: Bearer …`.")

    @classmethod
    def with_secret(cls, key: Key, secret: str) -> Self:
        """Of a key in the store and what is known of it at this moment only."""
        return cls(**KeyInfo.of(key).model_dump(), secret=secret)


@router.get("/me", operation_id="who_am_i", summary="Who is calling")
def who_am_i(caller: TheCaller) -> Me:
    """Who the key belongs to."""
    return Me(id=caller.user_id, login=caller.login, role=caller.role, organisation=caller.organisation)


@router.get("/keys", operation_id="list_keys", summary="List one's keys")
def list_keys(caller: TheCaller, store: TheStore, window: TheWindow) -> Page[KeyInfo]:
    """One's own keys and log-ins, newest first."""
    with store.reading() as session:
        query = select(Key).where(Key.user_id == caller.user_id)
        return page_by(session, query, Key.id, window, KeyInfo.of, newest_first=True)


@router.post("/keys", operation_id="create_key", summary="Make a key", status_code=status.HTTP_201_CREATED)
def create_key(wanted: NewKey, caller: TheCaller, store: TheStore, settings: TheSettings) -> ShownKey:
    """A new key of one's own. The secret is shown this once and kept nowhere, so that a retry makes another key."""
    with store.writing() as session:
        user = session.get_one(User, caller.user_id)
        valid_for = timedelta(days=wanted.days or settings.key_days)
        key, secret = keys.issue(session, user, wanted.label, valid_for)
        chain.record(session, caller.login, "key.create", key.id)
        return ShownKey.with_secret(key, secret)


@router.delete(
    "/keys/{key_id}",
    operation_id="revoke_key",
    summary="Revoke one's key",
    status_code=status.HTTP_204_NO_CONTENT,
)
def revoke_key(key_id: IdPath, caller: TheCaller, store: TheStore) -> None:
    """Revoke one of one's own keys; it is refused from now on."""
    with store.writing() as session:
        keys.revoke(session, caller.login, caller.user_id, key_id)
