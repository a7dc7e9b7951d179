"""Log in with a password, log out, change one's password."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Request, status
from pydantic import Field

from api.access import logins, people
from api.clock import now
from api.errors import Conflict, Forbidden, Unauthenticated
from api.store import chain
from api.store.schema import Key
from api.web.context import TheCaller, TheSettings, TheStore, address_of
from api.web.inputs import LINE, Password, Sent
from api.web.problems import documented
from api.web.routes.keys import ShownKey

router = APIRouter(prefix="/v1", tags=["who"])

Any256 = Annotated[str, Field(min_length=1, max_length=256, examples=["correct horse battery"])]


class LogIn(Sent):
    """Who somebody says they are, and what only they know."""

    login: Annotated[str, Field(min_length=1, max_length=255, pattern=LINE, examples=["ana"])]
    password: Any256


class PasswordChange(Sent):
    """The password that holds, and the one that is to."""

    current: Any256
    new: Password


@router.post(
    "/sessions",
    operation_id="log_in",
    summary="Log in",
    status_code=status.HTTP_201_CREATED,
    responses=documented(401),
)
def log_in(wanted: LogIn, request: Request, store: TheStore, settings: TheSettings) -> ShownKey:
    """A token that is valid for some hours, to be sent as a key is. Failed log-ins slow the next one down (429)."""
    valid_for = timedelta(hours=settings.session_hours)
    key, secret = logins.log_in(store, wanted.login.lower(), wanted.password, address_of(request), valid_for)
    return ShownKey.with_secret(key, secret)


@router.delete(
    "/sessions/current",
    operation_id="log_out",
    summary="Log out",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=documented(409),
)
def log_out(caller: TheCaller, store: TheStore) -> None:
    """End the log-in whose token is sent; it is refused from now on. A key is revoked instead (409)."""
    with store.writing() as session:
        key = session.get_one(Key, caller.key_id)
        if key.kind != "session":
            raise Conflict("This is a key, not a log-in: revoke it.")
        key.revoked_at = now()
        chain.record(session, caller.login, "session.end", key.id)


@router.put(
    "/me/password",
    operation_id="change_password",
    summary="Change one's password",
    status_code=status.HTTP_204_NO_CONTENT,
)
def change_password(wanted: PasswordChange, request: Request, caller: TheCaller, store: TheStore) -> None:
    """Another password of one's own; it ends every log-in, this one too. A wrong current one is slowed down."""
    try:
        logins.prove(store, caller.login, wanted.current, address_of(request))
    except Unauthenticated:
        raise Forbidden("The current password is wrong.") from None
    with store.writing() as session:
        user = people.the_user(session, caller.user_id)
        people.set_password(session, caller.login, user, wanted.new)
