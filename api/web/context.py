"""What every route may ask for: the store, the settings, who is calling, and a writing session that retries share."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Header, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.concurrency import run_in_threadpool

from api.access.roles import Caller
from api.settings import Settings
from api.store.engine import Store
from api.web.admission import UNCOUNTED, admit
from api.web.idempotency import Once
from api.web.trace import address_in, operation_in

bearer = HTTPBearer(auto_error=False, scheme_name="key", description="A key, or the token of a log-in.")


async def store_of(request: Request) -> Store:
    """The application's store."""
    store: Store = request.app.state.store
    return store


async def settings_of(request: Request) -> Settings:
    """The application's settings."""
    found: Settings = request.app.state.settings
    return found


TheStore = Annotated[Store, Depends(store_of)]
TheSettings = Annotated[Settings, Depends(settings_of)]


def address_of(request: Request) -> str:
    """The address that a request came from."""
    return address_in(request.scope)


async def authenticate(
    request: Request,
    _given: Annotated[HTTPAuthorizationCredentials | None, Security(bearer)],  # documents where the key goes
) -> Caller | None:
    """Whose key came with the request, allowed to carry out the operation by the access table.

    Every route depends on this, through the application; an operation that is open to all has no caller. Nothing is
    looked up for what an orchestrator asks all the time, which must not wait for a thread.
    """
    if operation_in(request.scope) in UNCOUNTED:
        return None
    return await run_in_threadpool(admit, request.scope)


async def caller_of(caller: Annotated[Caller | None, Depends(authenticate)]) -> Caller:
    """Who is calling, for operations that are not open."""
    assert caller is not None, "an operation that is open to all has no caller"
    return caller


TheCaller = Annotated[Caller, Depends(caller_of)]


async def once_of(
    request: Request,
    caller: TheCaller,
    store: TheStore,
    idempotency_key: Annotated[
        str | None,
        Header(
            min_length=1,
            max_length=255,
            pattern="^[\\x21-\\x7e]+$",
            description="A word of the client's choice, the same for every retry of one request: it is carried "
            "out once, and retries get the same answer for 24 hours.",
            examples=["8e03978e-40d5-43dd-bc93-6894a57f9324"],
        ),
    ] = None,
) -> Once:
    """A writing session that retries of one request share."""
    return Once(store, caller, idempotency_key, request.scope)


TheOnce = Annotated[Once, Depends(once_of)]
"""For routes that take `Idempotency-Key`: see ``api/web/idempotency.py``."""
