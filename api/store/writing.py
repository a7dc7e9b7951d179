"""Statements that the two databases spell differently."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CursorResult, Executable, inspect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from api.store.schema import Base


def insert_or_leave(session: Session, table: type[Base], **values: Any) -> bool:
    """Insert a row unless its key is there already; whether it was inserted.

    On PostgreSQL it waits for another transaction that is inserting the same key, and then knows.
    """
    made = _insert(session, table).values(**values).on_conflict_do_nothing()
    done = _execute(session, made)
    return done.rowcount > 0


def insert_or_lock(session: Session, table: type[Base], **values: Any) -> None:
    """Insert a row, or hold the one that is there under its key as it is, until the end of the transaction.

    It is one statement: between two of them another transaction could take the row away.
    """
    keys = [column.name for column in inspect(table).primary_key]
    same = {name: values[name] for name in keys}
    _execute(
        session,
        _insert(session, table).values(**values).on_conflict_do_update(index_elements=keys, set_=same),
    )


def _insert(session: Session, table: type[Base]) -> postgresql.Insert | sqlite.Insert:
    is_postgresql = session.get_bind().dialect.name == "postgresql"
    return postgresql.insert(table) if is_postgresql else sqlite.insert(table)


def _execute(session: Session, made: Executable) -> CursorResult[Any]:
    session.flush()  # what the session holds back goes first
    return session.connection().execute(made, execution_options={"preserve_rowcount": True})
