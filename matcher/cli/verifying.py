"""`matcher verify`: is this allocation valid, and what is it worth? Trusts the tables and nothing else."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from matcher.cli.console import Leave, out, print_json, show_breaches, show_values
from matcher.cli.parameters import AsJson, Quiet, RoundPath

INVALID = 1


def verify(
    round_path: RoundPath,
    placements: Annotated[Path, typer.Argument(metavar="PLACEMENTS.csv", help="The allocation to verify.")],
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Check an allocation against every rule and state its goal values; exit 0 only if it is valid."""
    from matcher import allocations, load
    from matcher.auditing import audit

    rnd = load(round_path)
    lines = allocations.read(placements, rnd)
    found = audit(rnd, [line.placement for line in lines])
    breaches = [*found.breaches, *allocations.misstatements(found.placed, lines)]
    if as_json:
        listed = [asdict(breach) for breach in breaches]
        print_json(
            {"valid": not breaches, "goals": found.goals, "objective": found.objective, "breaches": listed}
        )
    elif not quiet:
        verdict = "Not valid." if breaches else "Valid: no rule is broken."
        out.print(f"{len(found.placed)} placements. {verdict}", style="bold", highlight=False)
        show_values(found.goals, found.objective)
    if breaches:
        show_breaches(breaches)
        raise Leave(INVALID)
