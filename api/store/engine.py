"""Engines and sessions, on SQLite and PostgreSQL alike.

SQLite runs in WAL mode, so that readers never wait for the one writer; a transaction that writes begins as such
(``BEGIN IMMEDIATE``), as one that turned from reading to writing could fail at once instead of waiting its turn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session, sessionmaker

BUSY_SECONDS = 30
"""How long a writer waits for another one on SQLite."""

before_commit: Final[ContextVar[Callable[[], None] | None]] = ContextVar("before_commit", default=None)
"""Whom a transaction asks right before it is committed, in whose course it runs: raising undoes it."""


@contextmanager
def aside() -> Iterator[None]:
    """Nobody is asked about what is written within: it is no part of what was ordered."""
    token = before_commit.set(None)
    try:
        yield
    finally:
        before_commit.reset(token)


def make_engine(url: str) -> Engine:
    """An engine for a database URL; connections are checked before use, as servers restart.

    What goes wrong is told without the values that were sent: they may be personal.
    """
    if make_url(url).get_backend_name() != "sqlite":
        return create_engine(url, pool_pre_ping=True, pool_size=20, max_overflow=30, hide_parameters=True)
    engine = create_engine(
        url, connect_args={"timeout": BUSY_SECONDS}, pool_size=20, max_overflow=40, hide_parameters=True
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions are begun below, not by the driver
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        f"busy_timeout = {BUSY_SECONDS}000",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Any) -> None:
    writes = connection.get_execution_options().get("writes", True)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


class Store:
    """Where sessions come from: ``reading`` never changes anything, ``writing`` commits whole or not at all."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._writer = sessionmaker(engine, expire_on_commit=False)
        self._reader = sessionmaker(engine.execution_options(writes=False), expire_on_commit=False)

    @classmethod
    def at(cls, url: str) -> Store:
        """The store behind a database URL."""
        return cls(make_engine(url))

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session on one consistent state; what it changes is thrown away."""
        with self._reader() as session:
            yield session
            session.expunge_all()  # else what was read could not be looked at any more
            session.rollback()

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A transaction: committed at the end, rolled back when something is raised."""
        with self._writer.begin() as session:
            yield session
            session.flush()  # what can still fail fails before anybody is told that it takes effect
            if (ask := before_commit.get()) is not None:
                ask()

    def close(self) -> None:
        """Let go of every connection."""
        self.engine.dispose()
