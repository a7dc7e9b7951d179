"""`matcher users`: who may use the service, on the database itself; so the first admin comes into being."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.access.roles import Role
from api.commands.opening import ACTOR, WRONG, opened
from matcher.cli.console import Leave, complain, drawn, out, print_json, remark
from matcher.cli.parameters import AsJson

if TYPE_CHECKING:
    from api.store.schema import User

app = typer.Typer(
    name="users", help="Who may use the service: on the database, without the service.", no_args_is_help=True
)

Login = Annotated[str, typer.Argument(metavar="LOGIN", help="What they log in as.")]
FromStdin = Annotated[
    bool, typer.Option("--stdin", help="Read the password from standard input instead of asking for it.")
]


@app.command("add")
def add(
    login: Login,
    role: Annotated[
        Role, typer.Option("--role", metavar="ROLE", help="host, sender, coordinator, analyst or admin.")
    ],
    organisation: Annotated[
        str | None, typer.Option("--organisation", metavar="CODE", help="The partner of a host or sender.")
    ] = None,
    organisation_name: Annotated[
        str | None,
        typer.Option("--organisation-name", metavar="NAME", help="Makes the partner when there is none."),
    ] = None,
    subject: Annotated[
        str | None, typer.Option("--subject", metavar="SUB", help="Their `sub` at the identity provider.")
    ] = None,
    with_password: Annotated[
        bool, typer.Option("--password", help="Ask for a password to log in with; else keys only.")
    ] = False,
    stdin: FromStdin = False,
) -> None:
    """Make a user in one role."""
    from api.access import people
    from api.access.importing import checked

    password = asked_for(stdin=stdin) if with_password or stdin else None
    wanted = people.NewUser(login, role, organisation, password, subject)
    with opened() as store, store.writing() as session:
        checked(wanted)
        if organisation_name is not None and organisation is not None:
            people.ensure_organisation(session, ACTOR, organisation, role, organisation_name)
        made = people.add_user(session, ACTOR, wanted)
        remark(f"Made: {made.id}")


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List all users."""
    from sqlalchemy import select

    from api.store.schema import User

    with opened() as store, store.reading() as session:
        rows = [row_of(user) for user in session.scalars(select(User).order_by(User.login))]
    if as_json:
        print_json(rows)
        return
    table = drawn("login", "role", "organisation", "log-in", "disabled", "id")
    for row in rows:
        ways = ["password"] * bool(row["has_password"]) + ["provider"] * bool(row["subject"])
        cells = (row["login"], row["role"], row["organisation"], ", ".join(ways) or "keys only")
        table.add_row(*(str(cell or "") for cell in (*cells, row["disabled_at"] and "yes", row["id"])))
    out.print(table)


def row_of(user: User) -> dict[str, object]:
    """A user as data, without what they log in with."""
    return {
        "id": user.id,
        "login": user.login,
        "role": user.role,
        "organisation": user.organisation_id,
        "has_password": user.password_hash is not None,
        "subject": user.subject,
        "created_at": user.created_at.isoformat(),
        "disabled_at": user.disabled_at and user.disabled_at.isoformat(),
    }


@app.command("disable")
def disable(
    login: Login,
    undo: Annotated[bool, typer.Option("--undo", help="Let them in again.")] = False,
) -> None:
    """Shut a user out at once: keys and log-ins are refused from now on."""
    from api.access import people

    with opened() as store, store.writing() as session:
        people.set_disabled(session, ACTOR, people.named(session, login), not undo)


@app.command("password")
def password(login: Login, stdin: FromStdin = False) -> None:
    """Give a user another password; their log-ins end, their keys stay."""
    from api.access import people

    new = asked_for(stdin=stdin)
    with opened() as store, store.writing() as session:
        people.set_password(session, ACTOR, people.named(session, login), new)


@app.command("import")
def import_(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE.csv", help="Columns login, role, organisation, organisation_name, subject."
        ),
    ],
    keys: Annotated[
        Path | None,
        typer.Option("--keys", metavar="OUT.csv", help="Make a key for each and write them here, once."),
    ] = None,
    days: Annotated[
        int | None, typer.Option("--days", min=1, max=3_650, help="How long those keys are valid.")
    ] = None,
) -> None:
    """Make many users from a CSV file: all of them, or none and everything that is wrong."""
    from api.access.importing import import_users, write_keys
    from api.settings import settings

    with opened() as store, store.writing() as session:
        made = import_users(session, ACTOR, file)
        if keys is not None:
            write_keys(session, ACTOR, made, keys, days or settings().key_days)
    remark(f"Users made: {len(made)}")


def asked_for(*, stdin: bool) -> str:
    """A password, asked for twice without showing it, or read from standard input; exit code 1 for a short one."""
    from api.access import passwords, people

    given = sys.stdin.readline().rstrip("\n") if stdin else str(_prompted())
    if not people.is_long_enough(given):
        complain(f"A password has {passwords.SHORTEST} to {passwords.LONGEST} characters.")
        raise Leave(WRONG)
    return given


def _prompted() -> object:
    return typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
