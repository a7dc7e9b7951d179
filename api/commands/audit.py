"""`matcher audit`: whether the audit log is whole."""

from __future__ import annotations

import typer

from api.commands.opening import opened
from matcher.cli.console import Leave, amount, complain, remark

app = typer.Typer(name="audit", help="The audit log: who changed what, and when.", no_args_is_help=True)

BROKEN = 3


@app.callback()
def audit() -> None:
    """Give the group a name of its own, also while it has one command only."""


@app.command("verify")
def verify() -> None:
    """Check that no entry of the audit log was changed, taken out or put in; exit code 3 names those that were."""
    from sqlalchemy import func, select

    from api.store import chain
    from api.store.schema import AuditEntry

    with opened(migrated=False) as store, store.reading() as session:
        wrong = list(chain.verify(session))
        entries = session.scalar(select(func.count()).select_from(AuditEntry)) or 0
    for sentence in wrong:
        complain(sentence)
    if wrong:
        raise Leave(BROKEN)
    remark(f"The audit log is whole: {amount(entries)} entries.")
