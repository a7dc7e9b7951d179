"""Who comes in: every request is counted, its key looked up, its role looked up in the access table.

This happens once for a request, before its body is read where it has one: nobody who may not do a thing can make the
service read what they send for it.
"""

from __future__ import annotations

import secrets
from typing import Final

from starlette.datastructures import Headers
from starlette.types import Scope as Request

from api.access import keys
from api.access.roles import Caller
from api.access.table import OPEN, Scope, scope_of
from api.clock import now
from api.errors import Forbidden, Unauthenticated
from api.settings import Settings
from api.store.engine import Store, aside
from api.web.rates import Rates
from api.web.trace import Trace, address_in, operation_in, trace_of

UNCOUNTED: Final = frozenset({"livez", "readyz"})
"""What a balancer or an orchestrator asks all the time."""

LOG_INS: Final = frozenset({"log_in", "oidc_begin", "oidc_finish"})


def admit(request: Request) -> Caller | None:
    """Whose key came with a request, allowed to carry out the operation; nobody where none is needed.

    Raises ``Unauthenticated``, ``Forbidden`` or ``TooMany``.
    """
    trace = trace_of(request)
    if not trace.is_admitted:
        _look(request, trace)
        trace.is_admitted = True
    return trace.caller


def _look(request: Request, trace: Trace) -> None:
    operation, state = operation_in(request), request["app"].state
    rates: Rates = state.rates
    assert operation is not None, "only requests that were matched with a route get here"
    if operation in OPEN:
        _count_open(operation, rates, trace, address_in(request))
        return
    secret = bearer_in(request)
    if operation == "metrics" and is_scraper(secret, state.settings):
        return
    caller = trace.caller = _caller(secret, state.store, rates, trace, address_in(request))
    if scope_of(operation, caller.role) is Scope.NO:
        raise Forbidden(f"The role {caller.role} may not do this: {operation}.")


def _count_open(operation: str, rates: Rates, trace: Trace, address: str) -> None:
    if operation in LOG_INS:
        rates.of_logins(trace, address)
    elif operation not in UNCOUNTED:
        rates.of_address(trace, address)


def _caller(secret: str | None, store: Store, rates: Rates, trace: Trace, address: str) -> Caller:
    """Who holds a key; a request without a valid one counts for its address, which is shut out after too many."""
    if secret is None or rates.is_over(address):
        rates.of_address(trace, address)
        raise Unauthenticated("Send a key: Authorization: Bearer mk_…")
    try:
        with store.reading() as session:
            caller, key = keys.caller_of(session, secret)
            is_stale = keys.is_use_stale(key, now())
    except Unauthenticated:
        rates.of_address(trace, address)
        raise
    rates.of_key(trace, caller.key_id)
    if is_stale:
        with aside(), store.writing() as session:
            keys.note_use(session, caller.key_id)
    return caller


def bearer_in(request: Request) -> str | None:
    """The key that was sent: `Authorization: Bearer …`."""
    scheme, _, secret = Headers(scope=request).get("authorization", "").partition(" ")
    return secret.strip() if scheme.lower() == "bearer" and secret.strip() else None


def is_scraper(secret: str | None, settings: Settings) -> bool:
    """Whether the token of the settings was sent, which opens the metrics and nothing else."""
    token = settings.metrics_token
    if token is None or secret is None:
        return False
    return secrets.compare_digest(secret.encode(), token.get_secret_value().encode())
