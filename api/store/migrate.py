"""Brings a database to the present form with Alembic, whoever asks first; the others wait."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from api.store.engine import Store

FOLDER = Path(__file__).parent / "migrations"
LOCK = 0x6D61746368
"""The number of PostgreSQL's advisory lock under which migrations run."""


def migrate(store: Store, revision: str = "head") -> None:
    """Upgrade to a revision, in one transaction: a process that dies in it leaves the database as it was."""
    with store.engine.begin() as connection:
        migrate_within(connection, revision)


def migrate_within(connection: Connection, revision: str = "head") -> None:
    """Upgrade to a revision within the caller's transaction."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def is_current(store: Store) -> bool:
    """Whether the database has the present form."""
    return revision_of(store) == present()


def revision_of(store: Store) -> str | None:
    """The form that the database has; None for an empty one."""
    with store.reading() as session:
        return MigrationContext.configure(session.connection()).get_current_revision()


def present() -> str | None:
    """The form that this version needs."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def is_known(revision: str | None) -> bool:
    """Whether a form is one that this version knows; a later version's is not."""
    return revision in {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    return config
