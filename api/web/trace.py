"""What is known of a request while it is served: carried in the ASGI scope, from the outermost layer to the route."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Final

from starlette.datastructures import Headers
from starlette.types import Scope

from api.access.roles import Caller
from api.clock import new_id

_KEY: Final = "matcher.trace"
_GIVEN: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")


@dataclass
class Trace:
    """One request: its id, who calls (once that is known), how it stands with limits, its body's digest."""

    request_id: str = field(default_factory=new_id)
    is_admitted: bool = False
    caller: Caller | None = None
    rates: dict[str, str] = field(default_factory=dict)
    """Headers that say how much of a limit is left."""
    body_digest: str | None = None
    """SHA-256 of the body, once all of it has come; ``None``: it has not, or there is none."""


def begin(scope: Scope) -> Trace:
    """The trace of a request that has just come; an id that the client sent is kept."""
    given = Headers(scope=scope).get("x-request-id", "")
    trace = Trace(given) if _GIVEN.fullmatch(given) else Trace()
    scope[_KEY] = trace
    return trace


def trace_of(scope: Scope) -> Trace:
    """The trace of a request that is being served."""
    found: Trace = scope[_KEY]
    return found


def route_of(scope: Scope) -> Any:
    """The route that a request was matched with; None before, and where there is none."""
    return scope.get("route")


def operation_in(scope: Scope) -> str | None:
    """The id of the operation that a request was matched with."""
    found: str | None = getattr(route_of(scope), "operation_id", None)
    return found


def address_in(scope: Scope) -> str:
    """The address of the client, or of the proxy before us where the server does not trust it."""
    client = scope.get("client")
    return str(client[0]) if client else ""
