"""The documentation pages that follow from the code, so that they cannot say anything else."""

import inspect
import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from pydantic import SecretStr
from typer.main import get_command

from api.access.roles import Role
from api.access.table import ACCESS, OPEN, Scope
from api.settings import Settings
from api.web.app import interface
from api.web.openapi import operations_of
from matcher.cli.app import app
from matcher.reporting.model import schema
from models.columns import Choice, Codes, Column, Decimal, Isced, IscedList, Kind, Ref, RefList, Whole
from models.tables import TABLES, Row, columns_of, is_required

MADE = "<!-- made by scripts/docs from the code: change it there -->\n"


def tables_page() -> str:
    """Every input table with its columns, from models/tables.py."""
    parts = [
        "# Input tables\n",
        MADE,
        "What each table and column means. How files are read is in [ROUND_FORMAT.md](ROUND_FORMAT.md).\n",
    ]
    return "\n".join([*parts, *(section for row in TABLES.values() for section in table_section(row))])


def table_section(row: type[Row]) -> Iterator[str]:
    """One table: its purpose and a line per column."""
    yield f"## {row.table}\n"
    yield f"{inspect.cleandoc(row.__doc__ or '')}{' Required.' if row.needed else ''}\n"
    lines = [
        (f"`{name}`", "yes" if is_required(row, name) else "", holds(column.kind), described(column))
        for name, column in columns_of(row).items()
    ]
    yield markdown_table(("column", "required", "holds", "meaning"), lines)


def described(column: Column) -> str:
    """A column's meaning, safe inside a Markdown table."""
    return column.doc.replace("|", "\\|")


def holds(kind: Kind) -> str:
    """What a cell may hold, in a few words."""
    match kind:
        case Ref(table):
            return f"id in [{table}](#{table})"
        case RefList(tables):
            return "ids in " + " or ".join(f"[{table}](#{table})" for table in tables)
        case Choice(values):
            return " or ".join(f"`{value}`" for value in values)
        case Codes(prefixes) if prefixes:
            return "codes that begin " + " or ".join(f"`{prefix}`" for prefix in prefixes)
        case Isced(digits):
            return f"ISCED-F code of {alternatives(digits)} digits"
        case IscedList(digits):
            return f"ISCED-F codes of {alternatives(digits)} digits"
        case Whole(low, high):
            return f"whole number, {low} to {high}"
        case Decimal(low, high):
            return f"decimal number, {low:g} to {high:g}"
        case _:
            return PLAIN[type(kind).__name__]


PLAIN = {
    "Id": "id",
    "Text": "text",
    "Day": "date",
    "YesNo": "`yes` or `no`",
    "Country": "country code",
    "Languages": "languages with levels",
    "Codes": "codes",
}


def alternatives(numbers: Sequence[int]) -> str:
    """``2, 3 or 4``."""
    *most, last = map(str, numbers)
    return f"{', '.join(most)} or {last}" if most else last


def cli_page() -> str:
    """Every command with its arguments and options, from matcher/cli."""
    group: Any = get_command(app)
    parts = ["# The command line\n", MADE, f"{group.help} {group.epilog}\n"]
    parts += ["Exit codes: 0 solved or valid, 1 the input is wrong, 2 infeasible, 3 our fault.\n"]
    parts += ["Before the command's name:\n", options_table(group)]
    for name, command in group.commands.items():
        parts += command_parts(name, command)
    return "\n".join(parts)


def command_parts(name: str, command: Any) -> Iterator[str]:
    """A command's section, or those of a group's commands after what the group is for."""
    yield f"## {usage(name, command)}\n"
    yield f"{inspect.cleandoc(command.help)}\n"
    if hasattr(command, "commands"):
        for inner, one in command.commands.items():
            yield from (part.replace("## ", "### ", 1) for part in command_parts(f"{name} {inner}", one))
    else:
        yield options_table(command)


def usage(name: str, command: Any) -> str:
    """``matcher solve ROUND --out DIR``: the command with what it cannot do without."""
    words = ["matcher", name]
    if hasattr(command, "commands"):
        return " ".join([*words, "…"])
    for parameter in command.params:
        if parameter.param_type_name == "argument":
            words.append(parameter.metavar)
        elif parameter.required:
            words += [parameter.opts[0], parameter.metavar]
    return " ".join(words)


def options_table(command: Any) -> str:
    """A command's arguments and options, a line each."""
    lines = [
        (f"`{spelling(parameter)}`", shown(parameter.default), parameter.help or "")
        for parameter in command.params
        if parameter.name != "help"
    ]
    return markdown_table(("option", "default", "what it does"), lines)


def spelling(parameter: Any) -> str:
    """How a parameter is written on the command line."""
    if parameter.param_type_name == "argument":
        return str(parameter.metavar)
    names = ", ".join([*parameter.opts, *parameter.secondary_opts])
    return f"{names} {parameter.metavar}" if parameter.metavar else names


def shown(default: object) -> str:
    """A default worth showing: not an absent one, not a switch that is off."""
    return "" if default is None or default is False or callable(default) else f"`{default}`"


def markdown_table(headings: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """A Markdown table, ended by a blank line."""
    rows = [headings, ["---"] * len(headings), *lines]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def report_schema() -> str:
    """The JSON Schema of report.json, from matcher/reporting/model.py."""
    return json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"


SCOPES = {
    Scope.NO: "Never (403).",
    Scope.OWN: "What is the caller's own, or their organisation's; anything else is not there for them (404).",
    Scope.ROUND: "Rounds of which the caller is a member; any other is not there for them (404).",
    Scope.ALL: "Everything of its kind.",
}


HOW_ACCESS_HOLDS = (
    "The service looks every request up in this table before anything else happens, and a test walks every route in "
    "every role, on things of one's own and of others, and compares the answers with it. Somebody else's thing gets, "
    "byte for byte, the answer that an id gets which does not exist.\n"
)
HOW_SETTINGS_ARE_READ = (
    "Environment variables; what is not set has its default. How they go together is in "
    "[deployment.md](deployment.md).\n"
)


def access_page() -> str:
    """Who may do what, from api/access/table.py and the routes."""
    places = {
        operation["operationId"]: f"`{method.upper()} {path}`"
        for path, method, operation in operations_of(interface())
    }
    meanings = markdown_table(("entry", "on what"), [(scope.value, text) for scope, text in SCOPES.items()])
    roles = [f"- *{role}*: {text}" for role, text in ROLES.items()]
    rows = [
        (places[operation], f"`{operation}`", *(scopes[role].value for role in Role))
        for operation, scopes in ACCESS.items()
    ]
    parts = [
        "# Who may do what\n",
        MADE,
        HOW_ACCESS_HOLDS,
        "\n".join(roles) + "\n",
        meanings,
        markdown_table(("route", "operation", *(role.value for role in Role)), rows),
        "Open to everybody, without a key: "
        + ", ".join(f"{places[operation]}" for operation in sorted(OPEN))
        + ". `/metrics` also opens with the token in `MATCHER_METRICS_TOKEN`.\n",
    ]
    return "\n".join(parts)


ROLES = {
    Role.HOST: "loads the capacity of one hosting partner, and sees who comes once a round is published.",
    Role.SENDER: "submits the learners of one sending partner, and sees what became of them.",
    Role.COORDINATOR: "runs rounds: everything of those that they are a member of.",
    Role.ANALYST: "measures rounds that they are a member of, on pseudonymised tables.",
    Role.ADMIN: "manages organisations, users and keys; sees no tables of rounds.",
}


def settings_page() -> str:
    """Every setting of the service, from api/settings.py."""
    rows = [
        (
            f"`MATCHER_{name.upper()}`",
            preset(field.get_default(call_default_factory=True)),
            str(field.description),
        )
        for name, field in Settings.model_fields.items()
    ]
    return "\n".join(
        [
            "# Settings of the service\n",
            MADE,
            HOW_SETTINGS_ARE_READ,
            markdown_table(("variable", "default", "meaning"), rows),
        ]
    )


def preset(value: object) -> str:
    """A default as it would be written."""
    if value is None:
        return ""
    return f"`{value.get_secret_value() if isinstance(value, SecretStr) else value}`"


PAGES: dict[str, Callable[[], str]] = {
    "tables.md": tables_page,
    "cli.md": cli_page,
    "access.md": access_page,
    "settings.md": settings_page,
    "report.schema.json": report_schema,
}
