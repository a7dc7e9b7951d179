"""The client: one object that holds a key and offers the service's operations, grouped by what they act on."""

from __future__ import annotations

from types import TracebackType
from typing import Self

import httpx2

from matcher.client.answers import Me, ShownKey
from matcher.client.connection import Connection
from matcher.client.people import People
from matcher.client.retrying import Retrying
from matcher.client.rounds import Rounds
from matcher.client.runs import Runs
from matcher.client.tables import Tables

TIMEOUT = 300.0
"""Seconds without a byte after which a try is given up: the service checks a large table for some of them."""


class Client:
    """The service at ``url``, used with a key.

    ``rounds``, ``tables``, ``runs`` and ``people`` hold the operations. Requests that are lost, or refused for now, are
    sent again with ``patience``. ``transport`` replaces the network, for tests. Threads may share a client.
    """

    def __init__(
        self,
        url: str,
        key: str | None = None,
        *,
        timeout: float = TIMEOUT,
        patience: Retrying | None = None,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        self.url = url.rstrip("/")
        self._connection = Connection(
            self.url, key, timeout=timeout, patience=patience or Retrying(), transport=transport
        )
        self.rounds, self.tables = Rounds(self._connection), Tables(self._connection)
        self.runs, self.people = Runs(self._connection), People(self._connection)

    @classmethod
    def log_in(cls, url: str, login: str, password: str, **options: object) -> Self:
        """A client with the token of a log-in, which is valid for some hours. Raises ``Unauthenticated``."""
        with cls(url, **options) as nobody:  # type: ignore[arg-type]  # the options of the class
            shown = nobody._connection.read(ShownKey, "log_in", send={"login": login, "password": password})
        return cls(url, shown.secret, **options)  # type: ignore[arg-type]

    def me(self) -> Me:
        """Whose key this client sends."""
        return self.people.me()

    def close(self) -> None:
        """Let go of every connection; the key stays valid."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Client({self.url!r})"
