"""`matcher explain`: what stands between one learner and a place, or where the learner is and why it fits."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from matcher.cli.console import out, print_json
from matcher.cli.parameters import AsJson, RoundPath, ShowProgress, TimeLimit
from matcher.cli.waiting import wait_for


def explain(
    round_path: RoundPath,
    learner: Annotated[str, typer.Option("--learner", metavar="ID", help="Whom to explain.")],
    company: Annotated[
        str | None,
        typer.Option("--company", metavar="ID", help="Why not at this company; else why not at all."),
    ] = None,
    placements: Annotated[
        Path | None,
        typer.Option(
            "--placements", metavar="FILE", help="The allocation to explain; else the round is solved."
        ),
    ] = None,
    time_limit: TimeLimit = None,
    as_json: AsJson = False,
    progress: ShowProgress = None,
) -> None:
    """Say which rules bar which options of a learner, and what would help."""
    from matcher import allocations, load, match
    from matcher.explaining.answering import answer
    from models.round import insist_on_known

    rnd = load(round_path)
    insist_on_known(rnd, "learners", learner)
    if company is not None:
        insist_on_known(rnd, "companies", company)
    result = (
        wait_for(
            lambda report, cancel: match(rnd, time_limit=time_limit, progress=report, cancel=cancel),
            seconds=time_limit,
            shown=progress,
            quiet=as_json,
        )
        if placements is None
        else allocations.adopted(rnd, [line.placement for line in allocations.read(placements, rnd)])
    )
    found = answer(result, learner, company)
    if as_json:
        print_json(found)
    else:
        for name, value in found.items():
            out.print(f"{name.replace('_', ' ')}: {value}", markup=False, highlight=False)
