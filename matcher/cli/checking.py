"""`matcher check`: is the input right? Reads everything, solves nothing, says all that is wrong at once."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from matcher.cli.console import Leave, amount, out, print_json, remark, show_problems
from matcher.cli.parameters import AsJson, Quiet, RoundPath

if TYPE_CHECKING:
    from matcher.intake import Examination
    from models.round import Round

WRONG = 1


def check(
    round_path: RoundPath,
    marked: Annotated[
        Path | None,
        typer.Option(
            "--fix-report", metavar="OUT.xlsx", help="Write the tables back with faulty cells marked."
        ),
    ] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Read a round and list everything that is wrong with it, with what would be right."""
    from matcher.intake import examine, fix_report

    found = examine(round_path) if marked is None else fix_report(round_path, marked)
    if as_json:
        print_json(as_data(found))
    else:
        tell(found, quiet=quiet)
    if marked is not None and not quiet:
        remark(f"Marked workbook: {marked}")
    if found.round is None:
        raise Leave(WRONG)


def tell(found: Examination, *, quiet: bool) -> None:
    """Warnings and errors on stderr; on stdout what the round holds, when it can be read."""
    if found.warnings and not quiet:
        show_problems(found.warnings, "read otherwise than written, or not at all", title_style="bold yellow")
    if found.errors:
        show_problems(found.errors)
    if found.round is not None and not quiet:
        out.print("The input is right.", style="bold")
        out.print(contents(found.round), highlight=False)


def contents(rnd: Round) -> str:
    """How many rows each table has, tables without rows left out."""
    filled = {name.replace("_", " "): len(table) for name, table in rnd.tables.items() if len(table)}
    return ", ".join(f"{amount(count)} {name}" for name, count in filled.items())


def as_data(found: Examination) -> dict[str, object]:
    """What was found, for another program."""
    return {
        "valid": found.round is not None,
        "errors": [asdict(problem) for problem in found.errors],
        "warnings": [asdict(problem) for problem in found.warnings],
        "rows": None
        if found.round is None
        else {name: len(table) for name, table in found.round.tables.items()},
    }
