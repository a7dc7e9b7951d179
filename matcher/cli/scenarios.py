"""`matcher scenario`: what named sets of changes would make of a round, side by side."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from matcher.cli.console import Leave, complain, drawn, out, print_json, remark
from matcher.cli.parameters import AsJson, Method, Quiet, RoundPath, Seed, ShowProgress
from matcher.cli.reporting import take_in
from matcher.cli.solving import LEAST, cores, tell
from matcher.cli.waiting import wait_for
from matcher.disk import insist_on_folder
from solvers.interface import Cancel, Report

if TYPE_CHECKING:
    from matcher.scenarios import Comparison

STOPPED = 130
"""The exit code of what was interrupted before there was anything to hand out."""


def scenario(
    round_path: RoundPath,
    file: Annotated[
        Path, typer.Argument(metavar="SCENARIOS.toml", help="The scenarios; see docs/scenarios.md.")
    ],
    out_dir: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="Folder for the results; made if missing.")
    ],
    workers: Annotated[
        int | None,
        typer.Option(
            "--workers", min=1, help="Scenarios solved at once, else one per core; the result is the same."
        ),
    ] = None,
    time_limit: Annotated[
        float | None, typer.Option("--time-limit", min=0.1, help="Seconds for each scenario.")
    ] = None,
    method: Method = "auto",
    seed: Seed = 0,
    keep: Annotated[
        bool, typer.Option("--keep", help="Also write each scenario's own files, into DIR/NAME.")
    ] = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
    progress: ShowProgress = None,
) -> None:
    """Solve a round as it is and with named sets of changes: rates, seats, beds, languages, quotas, budgets, policy.

    Writes scenarios.json, scenarios.csv and scenarios.html; its report.html gets a section from
    them where DIR is the folder of a solved run. A scenario without any allocation is a result, with what
    conflicts. Ctrl-C leaves out the scenarios that are not solved yet.
    """
    from matcher import load
    from matcher.folders import standing_in
    from matcher.scenarios import compare, read_scenarios, save_comparison

    insist_on_folder(out_dir, "the results", LEAST)
    rnd = load(round_path)
    run, scenarios = standing_in(out_dir, rnd), read_scenarios(file, rnd)

    def work(report: Report, cancel: Cancel) -> Comparison:
        found = compare(
            rnd,
            scenarios,
            method=method,
            time_limit=time_limit,
            seed=seed,
            workers=workers or cores(),
            keep=out_dir if keep else None,
            progress=report,
            cancel=cancel,
        )
        save_comparison(found, out_dir)
        return found

    found = wait_for(work, seconds=None, shown=progress, quiet=quiet or as_json)
    if not found.lines:
        complain("Nothing was solved before it was stopped.")
        raise Leave(STOPPED)
    if as_json:
        print_json(found.as_dict())
    elif not quiet:
        _summarise(found, out_dir)
    take_in(run, quiet=quiet or as_json)
    missing = 1 + len(scenarios) - len(found.lines)
    if missing:
        remark(f"{missing} of {1 + len(scenarios)} were not solved, and are left out.")


def _summarise(found: Comparison, out_dir: Path) -> None:
    """The table side by side, why some have no allocation, and where the page is, on stdout."""
    from matcher.scenarios import sheet

    tell(sheet.lead(found))
    for view in (sheet.overview(found), *([sheet.gains(found)] if found.others else [])):
        table = drawn(*(column.label for column in view.columns))
        for row in view.rows:
            table.add_row(*map(str, row))
        out.print(table)
    for line in found.lines:
        for sentence in line.conflict:
            tell(sentence, f"{line.name}: ")
    tell(str(out_dir.resolve() / "scenarios.html"), "Report: ")
