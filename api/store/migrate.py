"""Brings a database to the present form with Alembic, whoever asks first; the others wait."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import text

from api.store.engine import Store

FOLDER = Path(__file__).parent / "migrations"
LOCK = 0x6D61746368
"""The number of PostgreSQL's advisory lock under which migrations run."""


def migrate(store: Store, revision: str = "head") -> None:
    """Upgrade to a revision, in one transaction: a process that dies in it leaves the database as it was."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    with store.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
