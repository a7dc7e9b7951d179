"""One way to the service: requests go out, are retried where that is safe, and end in an answer or an exception."""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any, Final, TypeVar
from urllib.parse import quote
from uuid import uuid4

import httpx2
from pydantic import BaseModel, TypeAdapter

from matcher.client.bodies import Body
from matcher.client.operations import OPERATIONS
from matcher.client.progress import Advance, silent
from matcher.client.refusals import Refused, Unreachable, refusal
from matcher.client.retrying import AGAIN, Retrying, seconds_of
from models.version import VERSION

T = TypeVar("T")
Losses = type[httpx2.TransportError] | tuple[type[httpx2.TransportError], ...]
Query = Mapping[str, str | int | bool | None]

UNSENT: Final = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)
"""Losses after which nothing can have been carried out: there was no connection."""
HOPELESS: Final = (httpx2.UnsupportedProtocol, httpx2.LocalProtocolError)
"""What is as wrong the next time."""


@cache
def _trusted() -> ssl.SSLContext:
    """Whose certificates count: reading them takes longer than most requests, so it is done once."""
    return httpx2.create_ssl_context()


class Connection:
    """Sends operations by their id with a key; safe to share between threads.

    ``patience`` says how often and for how long a request is tried again. Every change carries one
    ``Idempotency-Key`` over all its tries, so that a change whose answer was lost is made once.
    """

    def __init__(
        self,
        url: str,
        key: str | None,
        *,
        timeout: float,
        patience: Retrying,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        headers = {"User-Agent": f"placement-matcher/{VERSION}"}
        if key is not None:
            headers["Authorization"] = f"Bearer {key}"
        self.http = httpx2.Client(
            base_url=url,
            headers=headers,
            timeout=httpx2.Timeout(timeout, connect=10.0),
            transport=transport,
            verify=_trusted(),
        )
        self.patience = patience

    def close(self) -> None:
        """Let go of every connection."""
        self.http.close()

    # --- requests --------------------------------------------------------------------------------------------------

    def call(
        self,
        operation: str,
        *path: str,
        query: Query | None = None,
        send: BaseModel | Mapping[str, Any] | None = None,
        body: Body | None = None,
        advance: Advance = silent,
        headers: Mapping[str, str] | None = None,
        once: bool = False,
    ) -> httpx2.Response:
        """The answer to an operation. ``path`` fills the path's places in order; ``send`` goes out as JSON.

        With ``once`` it is not sent again where it may have been carried out: the service remembers no answers that
        hold a secret.

        Raises ``Refused`` with the service's problem, ``Unreachable`` when no answer came.
        """
        method, template = OPERATIONS[operation]
        sent = {**({} if method == "GET" else {"Idempotency-Key": str(uuid4())}), **(headers or {})}
        content: Callable[[], Any] = lambda: None  # noqa: E731 - a body is made anew for each try
        if send is not None:
            sent["Content-Type"], text = "application/json", _as_json(send)
            content = lambda: text  # noqa: E731
        elif body is not None:
            given = body  # what the closure holds is a body, whatever becomes of the argument
            sent |= {"Content-Type": given.media_type, "Content-Length": str(given.size)}
            content = lambda: given.chunks(advance)  # noqa: E731
        return self._persisting(
            lambda: self.http.request(
                method, place(template, *path), params=_given(query), headers=sent, content=content()
            ),
            UNSENT if once else httpx2.TransportError,
        )

    def read(self, kind: type[T] | TypeAdapter[T], operation: str, *path: str, **options: Any) -> T:
        """The answer to an operation as a value of a type."""
        adapter: TypeAdapter[T] = kind if isinstance(kind, TypeAdapter) else TypeAdapter(kind)
        return adapter.validate_json(self.call(operation, *path, **options).content)

    @contextmanager
    def stream(
        self, operation: str, *path: str, headers: Mapping[str, str] | None = None
    ) -> Iterator[httpx2.Response]:
        """An answer that is read as it comes; one try. Raises ``Refused``."""
        method, template = OPERATIONS[operation]
        with self.http.stream(method, place(template, *path), headers=headers) as response:
            if response.is_error:
                response.read()
                raise as_refusal(response)
            yield response

    def _persisting(
        self, request: Callable[[], httpx2.Response], again: Losses = httpx2.TransportError
    ) -> httpx2.Response:
        """Send until there is an answer that more tries would not better; ``again`` are losses to be retried."""
        began, tried = time.monotonic(), 0
        while True:
            wrong: Exception
            try:
                response = request()
            except httpx2.TransportError as lost:
                wrong, asked = Unreachable(f"{self.http.base_url}: {str(lost) or type(lost).__name__}"), None
                wrong.__cause__ = lost
                if not isinstance(lost, again) or isinstance(lost, HOPELESS):
                    raise wrong from lost
            else:
                if not response.is_error:
                    return response
                refused = as_refusal(response)
                if response.status_code not in AGAIN:
                    raise refused
                wrong, asked = refused, refused.seconds
            wait = self.patience.wait(tried, time.monotonic() - began, asked)
            if wait is None:
                raise wrong
            self.patience.sleep(wait)
            tried += 1


def place(template: str, *values: str) -> str:
    """A path template with its places filled, in order; a value never becomes more than one segment."""
    pieces = iter(values)
    filled = [quote(next(pieces), safe="") if part.startswith("{") else part for part in template.split("/")]
    assert next(pieces, None) is None, f"more values than places in {template}"
    return "/".join(filled)


def as_refusal(response: httpx2.Response) -> Refused:
    """The exception that an answer stands for, whether or not it is a problem of the service's own form."""
    try:
        problem = response.json()
    except ValueError:
        problem = None
    if not isinstance(problem, dict):
        problem = {
            "title": response.reason_phrase or "No answer of the service",
            "detail": response.text[:200],
        }
    return refusal(response.status_code, problem, seconds_of(response.headers.get("Retry-After")))


def _as_json(send: BaseModel | Mapping[str, Any]) -> bytes:
    if isinstance(send, BaseModel):
        return send.model_dump_json(exclude_none=True).encode()
    return json.dumps(send, default=str).encode()


def _given(query: Query | None) -> dict[str, str | int] | None:
    """The parameters that are given, as the service spells them."""
    if query is None:
        return None
    return {
        name: str(value).lower() if isinstance(value, bool) else value
        for name, value in query.items()
        if value is not None
    }
