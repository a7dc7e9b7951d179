"""`matcher keys`: keys of users, on the database itself."""

from __future__ import annotations

import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.opening import ACTOR, opened
from matcher.cli.console import drawn, out, print_json, remark
from matcher.cli.parameters import AsJson

if TYPE_CHECKING:
    from api.store.schema import Key

app = typer.Typer(
    name="keys", help="Keys of users: on the database, without the service.", no_args_is_help=True
)


@app.command("create")
def create(
    login: Annotated[str, typer.Argument(metavar="LOGIN", help="Whose key it is to be.")],
    label: Annotated[str, typer.Option("--label", help="What it is for.")] = "command line",
    days: Annotated[
        int | None,
        typer.Option("--days", min=1, max=3_650, help="How long it is valid; else MATCHER_KEY_DAYS."),
    ] = None,
) -> None:
    """Make a key and print it: it is shown this once."""
    from api.access import keys, people
    from api.settings import settings
    from api.store import chain

    with opened() as store, store.writing() as session:
        user = people.named(session, login)
        valid_for = timedelta(days=days or settings().key_days)
        key, secret = keys.issue(session, user, label[:100], valid_for)
        chain.record(session, ACTOR, "key.create", key.id)
    remark(f"Key {key.id}, valid until {key.expires_at:%Y-%m-%d %H:%M} UTC; it is shown this once:")
    sys.stdout.write(f"{secret}\n")


@app.command("list")
def list_(
    login: Annotated[
        str | None, typer.Option("--login", metavar="LOGIN", help="Only the keys of this user.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List keys and log-ins, newest first; never their secrets."""
    from sqlalchemy import select

    from api.store.schema import Key, User

    query = select(Key, User.login).join(User, User.id == Key.user_id).order_by(Key.id.desc())
    if login is not None:
        query = query.where(User.login == login)
    with opened() as store, store.reading() as session:
        rows = [row_of(key, owner) for key, owner in session.execute(query)]
    if as_json:
        print_json(rows)
        return
    table = drawn("id", "login", "label", "kind", "expires_at", "revoked_at", "last_used_at")
    for row in rows:
        table.add_row(*(str(cell or "") for cell in row.values()))
    out.print(table)


def row_of(key: Key, login: str) -> dict[str, str | None]:
    """A key as data, without its digest."""
    moments = (key.expires_at, key.revoked_at, key.last_used_at)
    expires, revoked, used = (None if at is None else at.isoformat(timespec="seconds") for at in moments)
    return {
        "id": key.id,
        "login": login,
        "label": key.label,
        "kind": key.kind,
        "expires_at": expires,
        "revoked_at": revoked,
        "last_used_at": used,
    }


@app.command("revoke")
def revoke(
    key_id: Annotated[
        str, typer.Argument(metavar="ID", help="The key's id, as `matcher keys list` shows it.")
    ],
) -> None:
    """Refuse a key, or end a log-in, from now on."""
    from api.access import keys
    from api.errors import Missing
    from api.store.schema import Key

    with opened() as store, store.writing() as session:
        key = session.get(Key, key_id)
        if key is None:
            raise Missing("There is no key of this id.")
        keys.revoke(session, ACTOR, key.user_id, key.id)
