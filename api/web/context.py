"""What every route may ask for: the store, the settings, who is calling and on what they may act."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from api.access import keys
from api.access.roles import Caller
from api.access.table import OPEN, Scope, scope_of
from api.clock import now
from api.errors import Forbidden, Unauthenticated
from api.settings import Settings
from api.store.engine import Store

bearer = HTTPBearer(auto_error=False, scheme_name="key", description="A key, or the token of a log-in.")


def store_of(request: Request) -> Store:
    """The application's store."""
    store: Store = request.app.state.store
    return store


def settings_of(request: Request) -> Settings:
    """The application's settings."""
    found: Settings = request.app.state.settings
    return found


TheStore = Annotated[Store, Depends(store_of)]
TheSettings = Annotated[Settings, Depends(settings_of)]


def operation_of(request: Request) -> str:
    """The id of the operation that the request is for: its row in the access table."""
    operation: str = request.scope["route"].operation_id
    return operation


def authenticate(
    request: Request,
    store: TheStore,
    given: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)],
) -> Caller | None:
    """Whose key came with the request, allowed to carry out the operation by the access table.

    Every route depends on this, through the application; an operation that is open to all has no caller.
    """
    operation = operation_of(request)
    if operation in OPEN:
        return None
    if given is None:
        raise Unauthenticated("Send a key: Authorization: Bearer mk_…")
    with store.reading() as session:
        caller, key = keys.caller_of(session, given.credentials)
        stale = keys.is_use_stale(key, now())
    if stale:
        with store.writing() as session:
            keys.note_use(session, caller.key_id)
    if scope_of(operation, caller.role) is Scope.NO:
        raise Forbidden(f"The role {caller.role} may not do this: {operation}.")
    return caller


def caller_of(caller: Annotated[Caller | None, Depends(authenticate)]) -> Caller:
    """Who is calling, for operations that are not open."""
    assert caller is not None, "an operation that is open to all has no caller"
    return caller


TheCaller = Annotated[Caller, Depends(caller_of)]
