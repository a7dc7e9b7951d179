"""Copies of the whole database, and the way back.

A copy is one SQLite file, whatever it is a copy of: it can be looked into with any tool that reads SQLite, served as it
is, and restored into SQLite or PostgreSQL. It is taken in one transaction, so that it is one moment's state while
the service goes on, and compared with that state, row by row, before it gets its name.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, cast

from sqlalchemy import Connection, Table, delete, func, insert, select, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from api.errors import Conflict, Wrong
from api.store import chain
from api.store.engine import Store
from api.store.likeness import Likeness, likeness_of
from api.store.migrate import is_current, is_known, migrate, migrate_within, revision_of
from api.store.schema import AuditHead, Base, ResultFile

TABLES: Final = Base.metadata.sorted_tables
"""Those that others point to come first."""

AT_ONCE: Final = 20
"""Rows in memory at a time: each may hold a whole table of a round."""

Contents = dict[str, Likeness]
"""By table."""


def backup(store: Store, path: Path) -> Contents:
    """Copy the database into a new file; what it holds. Raises ``Conflict`` or ``Wrong``; then there is no file."""
    if path.exists():
        raise Conflict(f"{path.name} is there already.")
    if not is_current(store):
        raise Wrong("The database does not have the form that this version needs: run `matcher serve` once.")
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    os.close(os.open(part, os.O_CREAT | os.O_WRONLY, 0o600))
    try:
        with _moment(store) as connection:
            before = contents_of(connection)
            (_copy_pages if connection.dialect.name == "sqlite" else _copy_into)(connection, part)
        if check(part) != before:
            raise Wrong("The copy does not hold what the database holds: it was thrown away.")
        _settle(part)
        part.rename(path)
    finally:
        part.unlink(missing_ok=True)
    return before


@contextmanager
def _moment(store: Store) -> Iterator[Connection]:
    """A connection that sees one moment's state until it is let go."""
    engine = store.engine.execution_options(writes=False)
    if engine.dialect.name == "postgresql":
        engine = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    with engine.connect() as connection:
        connection.execute(select(AuditHead))  # the state is that of the first statement
        yield connection


def _copy_pages(connection: Connection, path: Path) -> None:
    """SQLite's online backup: the pages as this transaction sees them, while others read and write."""
    source = cast("sqlite3.Connection", connection.connection.driver_connection)
    target = sqlite3.connect(path)
    try:
        source.backup(target)
    finally:
        target.close()


def _copy_into(connection: Connection, path: Path) -> None:
    """The rows of all tables, into a SQLite file of the same form."""
    with _at(path) as target:
        migrate(target)
        with target.engine.begin() as into:
            copy_rows(connection, into)


def copy_rows(source: Connection, target: Connection) -> None:
    """Copy every row of every table; the target has the tables, empty but for the head of the audit log."""
    target.execute(delete(AuditHead))
    for table in TABLES:
        for rows in rows_of(source, table):
            target.execute(insert(table), [dict(row) for row in rows])


def rows_of(connection: Connection, table: Table) -> Iterator[Any]:
    """The rows of a table as mappings, some at a time."""
    result = connection.execution_options(yield_per=AT_ONCE).execute(select(table))
    yield from result.mappings().partitions(AT_ONCE)


def contents_of(connection: Connection) -> Contents:
    """How many rows each table has, and a digest of them that does not depend on their order."""
    return {
        table.name: likeness_of(row.values() for rows in rows_of(connection, table) for row in rows)
        for table in TABLES
    }


def check(path: Path) -> Contents:
    """What a copy holds. Raises ``Wrong`` for one that is damaged, or whose audit log or results are not whole."""
    with _at(path) as store:
        try:
            with store.engine.execution_options(writes=False).connect() as connection:
                damaged = connection.exec_driver_sql("PRAGMA integrity_check").scalar_one()
                if damaged != "ok":
                    raise Wrong("The file is damaged.")
                with Session(connection) as session:
                    _insist_on_wholeness(session)
                return contents_of(connection)
        except DatabaseError as wrong:
            raise Wrong("The file is not a copy that `matcher backup` made.") from wrong


def _insist_on_wholeness(session: Session) -> None:
    broken = next(chain.verify(session), None)
    if broken is not None:
        raise Wrong(f"The copy's audit log is not whole: {broken}.")
    files = select(ResultFile.run_id, ResultFile.name, ResultFile.digest, ResultFile.size, ResultFile.content)
    for run_id, name, digest, size, content in session.execute(files).yield_per(AT_ONCE):
        if len(content) != size or Likeness.sha256(content) != digest:
            raise Wrong(f"{name} of run {run_id} is not what it was when it was written.")


def restore(path: Path, store: Store, *, force: bool = False) -> Contents:
    """Bring a database to the state of a copy, in one transaction; what it holds.

    Raises ``Conflict`` for a database that holds anything, unless ``force`` says to throw that away, and ``Wrong`` for
    a copy that is not whole, or that a later version made.
    """
    if not path.is_file():
        raise Wrong(f"There is no file {path.name}.")
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy.sqlite"
        shutil.copyfile(path, copy)  # the file itself stays as it is: opening one may change it
        with _at(copy) as source:
            _bring_up(source)
            wanted = check(copy)
            with _moment(source) as connection, store.engine.begin() as target:
                _empty(target, force=force)
                copy_rows(connection, target)
                if contents_of(target) != wanted:
                    raise Wrong("The database does not hold what the copy holds: nothing was changed.")
    return wanted


def _bring_up(source: Store) -> None:
    """Bring a copy that an earlier version made to the present form."""
    try:
        revision = revision_of(source)
    except DatabaseError as wrong:
        raise Wrong("The file is not a copy that `matcher backup` made.") from wrong
    if revision is None or not is_known(revision):
        raise Wrong("The file is not a copy that this version can read.")
    migrate(source)


def _empty(target: Connection, *, force: bool) -> None:
    """Leave tables of the present form without rows."""
    if force:
        _drop(target)
    migrate_within(target)
    filled = [
        table.name
        for table in TABLES
        if table.name != AuditHead.__tablename__
        and target.scalar(select(func.count()).select_from(select(table).limit(1).subquery()))
    ]
    if filled:
        raise Conflict(f"The database holds something ({', '.join(filled)}): --force throws it away.")


def _drop(target: Connection) -> None:
    """Throw everything away; the audit log lets no row be deleted, so the tables go."""
    Base.metadata.drop_all(target)
    target.execute(text("DROP TABLE IF EXISTS alembic_version"))
    if target.dialect.name == "postgresql":
        target.execute(text("DROP FUNCTION IF EXISTS audit_log_append_only()"))


@contextmanager
def _at(path: Path) -> Iterator[Store]:
    store = Store.at(f"sqlite:///{path}")
    try:
        yield store
    finally:
        store.close()


def _settle(path: Path) -> None:
    """Make a file of it that needs no other beside it, and see it on the disk."""
    connection = sqlite3.connect(path)
    try:
        connection.execute("PRAGMA journal_mode = DELETE")
    finally:
        connection.close()
    with path.open("rb") as stream:
        os.fsync(stream.fileno())
