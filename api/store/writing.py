"""Statements that the two databases spell differently."""

from __future__ import annotations

from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from api.store.schema import Base


def insert_or_leave(session: Session, table: type[Base], **values: Any) -> bool:
    """Insert a row unless its key is there already; whether it was inserted.

    On PostgreSQL it waits for another transaction that is inserting the same key, and then knows.
    """
    session.flush()
    if session.get_bind().dialect.name == "postgresql":
        made = postgresql.insert(table).values(**values).on_conflict_do_nothing()
    else:
        made = sqlite.insert(table).values(**values).on_conflict_do_nothing()  # type: ignore[assignment]
    done = session.connection().execute(made, execution_options={"preserve_rowcount": True})
    return done.rowcount > 0
