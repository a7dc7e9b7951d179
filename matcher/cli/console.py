"""What the commands print: results on stdout, everything else on stderr; plain lines for many rows."""

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from models.errors import InputProblem
from models.outcome import Breach

MANY = 200
"""Above this many rows a drawn table is slower than it is useful; plain lines carry the same."""

WIDE = 160
"""Columns of what goes into a file or a pipe."""

out = Console(width=None if sys.stdout.isatty() else WIDE)
err = Console(stderr=True, width=None if sys.stderr.isatty() else WIDE)


class Leave(Exception):
    """Not an error: how a command says its exit code."""

    def __init__(self, code: int) -> None:
        self.code = code
        super().__init__(f"exit code {code}")


def complain(message: str) -> None:
    """One line for a person who has to do something about it."""
    err.print(Text(harmless(message), style="bold red"))


def remark(message: str) -> None:
    """One line that a person may like to know."""
    err.print(Text(harmless(message)))


def harmless(text: str) -> str:
    """Text from a file as a terminal may show it: what is not printable is spelled out, so nothing acts."""
    return "".join(char if char.isprintable() or char == "\n" else repr(char)[1:-1] for char in text)


def print_json(value: object) -> None:
    """A value as JSON on stdout, ready for another program."""
    json.dump(value, sys.stdout, indent=1, ensure_ascii=False, default=str)
    sys.stdout.write("\n")


def show_problems(
    problems: Sequence[InputProblem], what: str = "wrong in the input", title_style: str = "bold red"
) -> None:
    """Every problem on stderr: as a table, or as plain lines when they are many."""
    things = "thing" if len(problems) == 1 else "things"
    err.print(f"{len(problems)} {things} {what}:", style=title_style, highlight=False)
    if len(problems) > MANY:
        sys.stderr.write(harmless("".join(f"{problem}\n" for problem in problems)))
        return
    table = drawn("file", "row", "column", "value", "what is wrong", "nearest")
    for problem in problems:
        table.add_row(*(Text(harmless(cell)) for cell in cells(problem)))
    err.print(table)


def cells(problem: InputProblem) -> list[str]:
    """A problem as table cells; long values are cut, as a cell may hold megabytes."""
    value = "" if problem.value is None else shortened(problem.value)
    row = "" if problem.row is None else str(problem.row)
    return [problem.file, row, problem.column or "", value, problem.message, problem.nearest or ""]


def shortened(value: str, longest: int = 60) -> str:
    """A value that fits into a table."""
    return value if len(value) <= longest else f"{value[: longest - 1]}…"


def drawn(*headings: str) -> Table:
    """An empty table; its cells are text, never markup."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table


def show_breaches(breaches: Sequence[Breach]) -> None:
    """Every breach of an allocation on stderr, by rule."""
    complain(f"{len(breaches)} breach{'es' * (len(breaches) != 1)}:")
    for breach in breaches:
        remark(f"  {breach.rule}: {breach.message}")


def goal_amount(name: str, value: int | None) -> str:
    """A goal's value; the many shares of ``leximin``, which are written as one number, apart."""
    if name != "leximin" or value is None:
        return amount(value)
    from matcher.reporting.words import shares

    return shares(value)


def show_goals(goals: Sequence[Mapping[str, Any]]) -> None:
    """The goals with their values, bounds and whether they are proven."""
    table = drawn("goal", "value", "bound", "")
    for goal in goals:
        proof = "proven best" if goal["proven"] else "not proven"
        table.add_row(
            goal["name"],
            goal_amount(goal["name"], goal["value"]),
            goal_amount(goal["name"], goal["bound"]),
            proof,
        )
    out.print(table)


def show_values(goals: Mapping[str, int], objective: float | None) -> None:
    """Goal values alone, as an audit states them: it knows no bound."""
    table = drawn("goal", "value")
    for name, value in goals.items():
        table.add_row(name, goal_amount(name, value))
    if objective is not None:
        table.add_row("weighted sum", str(objective))
    out.print(table)


def amount(value: float | None) -> str:
    """A number with its thousands apart; a dash for what is not known."""
    return "–" if value is None else f"{value:,}".replace(",", " ")
