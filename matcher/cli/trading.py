"""`matcher frontier`: what each unit of one goal costs in another."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from matcher.cli.console import Leave, complain, drawn, out, print_json
from matcher.cli.parameters import AsJson, Quiet, RoundPath, Seed, ShowProgress
from matcher.cli.reporting import take_in
from matcher.cli.solving import EXIT_CODES, HEADLINES, LEAST, cores, tell
from matcher.cli.waiting import wait_for
from matcher.disk import insist_on_folder
from solvers.interface import Cancel, Report

if TYPE_CHECKING:
    from matcher.scenarios import Frontier

NOTHING = "none"
"""What --hold says for no goal at all."""


def frontier(
    round_path: RoundPath,
    first: Annotated[str, typer.Argument(metavar="GOAL", help="The goal to trade, such as placed.")],
    second: Annotated[str, typer.Argument(metavar="GOAL", help="The goal to pay with, such as cost.")],
    out_dir: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="Folder for the results; made if missing.")
    ],
    points: Annotated[int, typer.Option("--points", min=2, help="At most so many points.")] = 9,
    hold: Annotated[
        list[str] | None,
        typer.Option(
            "--hold",
            metavar="GOAL",
            help="Hold this goal at its best; repeat. Else: those that the policy puts before both. none: no goal.",
        ),
    ] = None,
    time_limit: Annotated[
        float | None, typer.Option("--time-limit", min=0.1, help="Seconds for each point.")
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            "--workers", min=1, help="Points searched at once, else one per core; the result is the same."
        ),
    ] = None,
    seed: Seed = 0,
    keep: Annotated[bool, typer.Option("--keep", help="Also write the placements of each point.")] = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
    progress: ShowProgress = None,
) -> None:
    """Trade one goal for another: exact ends, evenly spread points between, each proven best, and what one more costs.

    Writes frontier.json, frontier.csv and frontier.html; its report.html gets a section from them
    where DIR is the folder of a solved run. Ctrl-C writes what has been found.
    """
    from matcher import load
    from matcher.folders import standing_in
    from matcher.scenarios import frontier as trade
    from matcher.scenarios import save_frontier

    insist_on_folder(out_dir, "the results", LEAST)
    rnd = load(round_path)
    run = standing_in(out_dir, rnd)

    def work(report: Report, cancel: Cancel) -> Frontier:
        found = trade(
            rnd,
            first,
            second,
            points=points,
            hold=None if hold is None else [name for name in hold if name != NOTHING],
            time_limit=time_limit,
            seed=seed,
            workers=workers or cores(),
            progress=report,
            cancel=cancel,
        )
        save_frontier(found, out_dir, keep=keep)
        return found

    found = wait_for(work, seconds=None, shown=progress, quiet=quiet or as_json)
    if as_json:
        print_json(found.as_dict())
    elif not quiet and found.points:
        _summarise(found, out_dir)
    take_in(run, quiet=quiet or as_json)
    if code := EXIT_CODES[found.status]:
        complain(HEADLINES[found.status])
        for sentence in found.conflict:
            complain(f"  {sentence}")
        raise Leave(code)


def _summarise(found: Frontier, out_dir: Path) -> None:
    """What is known, the points, what one more costs, and where the page is, on stdout."""
    from matcher.scenarios import plot

    for sentence in plot.sentences(found):
        tell(sentence)
    for view in (plot.points_table(found), *([plot.steps_table(found)] if found.steps else [])):
        table = drawn(*(column.label for column in view.columns))
        for row in view.rows:
            table.add_row(*map(str, row))
        out.print(table)
    tell(str(out_dir.resolve() / "frontier.html"), "Report: ")
