"""`matcher backup` and `matcher restore`: the whole database in one file, and back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.opening import ACTOR, opened
from matcher.cli.console import amount, drawn, out, remark

if TYPE_CHECKING:
    from api.store.backup import Contents

File = Annotated[Path, typer.Argument(metavar="FILE", help="The copy: one SQLite file.")]


def backup(file: File) -> None:
    """Copy the whole database of the service into one file, while it runs, and check the copy.

    The copy holds everything, personal data and digests of keys too: only its owner may read the file.
    """
    from api.store import backup as copies

    with opened(migrated=False) as store:
        found = copies.backup(store, file)
    show(found)
    remark(f"Copied and compared: {file}")


def restore(
    file: File,
    force: Annotated[
        bool, typer.Option("--force", help="Throw away what the database holds now, if it holds anything.")
    ] = False,
) -> None:
    """Bring a database, empty or with --force, to the state of a copy; stop `serve` and `worker` first.

    A copy of SQLite goes into PostgreSQL as well, and the other way round. The audit log tells of it.
    """
    from api.store import backup as copies
    from api.store import chain

    with opened(migrated=False) as store:
        found = copies.restore(file, store, force=force)
        with store.writing() as session:
            chain.record(session, ACTOR, "service.restore", found["audit_log"].digest[:16])
    show(found)
    remark("Restored and compared.")


def show(contents: Contents) -> None:
    """How many rows each table has, and the beginning of their digest."""
    table = drawn("table", "rows", "digest")
    for name, found in contents.items():
        table.add_row(name, amount(found.rows), found.digest[:16])
    out.print(table)
