"""One's own keys: made, listed, revoked."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Self

from fastapi import APIRouter, Path, status
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select

from api.access import keys
from api.access.roles import Role
from api.clock import now
from api.errors import Missing
from api.store import chain
from api.store.schema import Key, User
from api.web.context import TheCaller, TheSettings, TheStore

router = APIRouter(prefix="/v1", tags=["who"])


class Me(BaseModel):
    """Who is calling."""

    id: str = Field(examples=["01k8m0c2q5h4v6w8x9y0z1a2b3"])
    login: str = Field(examples=["ana"])
    role: Role
    organisation: str | None = Field(examples=["h01"])


class NewKey(BaseModel):
    """A key to be made."""

    model_config = ConfigDict(extra="forbid")
    label: Annotated[str, Field(min_length=1, max_length=100, examples=["notebook"])]
    days: Annotated[int, Field(strict=True, ge=1, le=3_650, examples=[30])] | None = None


class KeyInfo(BaseModel):
    """A key without its secret."""

    id: str = Field(examples=["01k8m0c2q5h4v6w8x9y0z1a2b3"])
    label: str = Field(examples=["notebook"])
    kind: str = Field(examples=["key"])
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None

    @classmethod
    def of(cls, key: Key) -> Self:
        """Of a key in the store."""
        return cls.model_validate(key, from_attributes=True)


class ShownKey(KeyInfo):
    """A key that has just been made, with its secret: it is shown this once."""

    secret: str = Field("", examples=["mk_4vJ…"])


@router.get("/me", operation_id="who_am_i")
def who_am_i(caller: TheCaller) -> Me:
    """Who the key belongs to."""
    return Me(id=caller.user_id, login=caller.login, role=caller.role, organisation=caller.organisation)


@router.get("/keys", operation_id="list_keys")
def list_keys(caller: TheCaller, store: TheStore) -> list[KeyInfo]:
    """One's own keys, newest first."""
    with store.reading() as session:
        found = session.scalars(select(Key).where(Key.user_id == caller.user_id).order_by(Key.id.desc()))
        return [KeyInfo.of(key) for key in found]


@router.post("/keys", operation_id="create_key", status_code=status.HTTP_201_CREATED)
def create_key(wanted: NewKey, caller: TheCaller, store: TheStore, settings: TheSettings) -> ShownKey:
    """A new key of one's own. The secret is shown this once."""
    with store.writing() as session:
        user = session.get_one(User, caller.user_id)
        valid_for = timedelta(days=wanted.days or settings.key_days)
        key, secret = keys.issue(session, user, wanted.label, valid_for)
        chain.record(session, caller.login, "key.create", key.id)
        shown = ShownKey.of(key)
        shown.secret = secret
        return shown


@router.delete("/keys/{key_id}", operation_id="revoke_key", status_code=status.HTTP_204_NO_CONTENT)
def revoke_key(key_id: Annotated[str, Path(max_length=26)], caller: TheCaller, store: TheStore) -> None:
    """Revoke one of one's own keys; it is refused from now on."""
    with store.writing() as session:
        key = session.get(Key, key_id)
        if key is None or key.user_id != caller.user_id:
            raise Missing
        if key.revoked_at is None:
            key.revoked_at = now()
            chain.record(session, caller.login, "key.revoke", key.id)
