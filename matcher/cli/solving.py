"""`matcher solve`: from the files of a round to a folder with the allocation and its report."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from matcher.cli.console import Leave, amount, complain, out, print_json, remark, show_goals
from matcher.cli.parameters import (
    AsJson,
    Cluster,
    Gap,
    Method,
    Quiet,
    RoundPath,
    Seed,
    ShowProgress,
    TimeLimit,
    Workers,
)
from matcher.cli.waiting import wait_for
from matcher.disk import insist_on_folder
from models.outcome import Status
from solvers.interface import Cancel, Progress, Report

if TYPE_CHECKING:
    from matcher import Result

EXIT_CODES = {"optimal": 0, "feasible": 0, "infeasible": 2, "no_solution": 3}
HEADLINES = {
    "optimal": "Best possible: every goal is proven.",
    "feasible": "A valid allocation, not proven best.",
    "infeasible": "No allocation satisfies the rules.",
    "no_solution": "No allocation was found in the time given, and none was proven impossible.",
}
LEAST = 20_000
"""Bytes that the results of even the smallest round take: without them there is no use in solving."""


def solve(
    round_path: RoundPath,
    out_dir: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="Folder for the results; made if missing.")
    ],
    method: Method = "auto",
    time_limit: TimeLimit = None,
    seed: Seed = 0,
    workers: Workers = None,
    gap: Gap = None,
    cluster: Cluster = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    progress: ShowProgress = None,
) -> None:
    """Solve a round: who goes where, at what cost, proven best or with what is still open.

    Ctrl-C stops the search and writes the best allocation found so far; a second Ctrl-C leaves at once.
    """
    from matcher import load, match
    from matcher.folders import studies_in

    insist_on_folder(out_dir, "the results", LEAST)
    rnd = load(round_path)

    def work(report: Report, cancel: Cancel) -> Result:
        result = match(
            rnd,
            method=method,
            time_limit=time_limit,
            seed=seed,
            workers=workers or cores(),
            gap=gap,
            cluster=cluster,
            progress=report,
            cancel=cancel,
        )
        if result.status is Status.INFEASIBLE:
            report(Progress("looking for ways out"))
            _ = result.ways_out  # the report names what has been asked for
        report(Progress("finding reasons, writing the report"))
        result.save(out_dir)
        for sentence in studies_in(out_dir, result).refused:
            remark(sentence)
        return result

    result = wait_for(work, seconds=time_limit, shown=progress, quiet=quiet or as_json)
    conclude(result, out_dir, as_json=as_json, quiet=quiet)


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def conclude(result: Result, out_dir: Path, *, as_json: bool, quiet: bool) -> None:
    """Print what came out and where it lies; leave with the code of its status."""
    code = EXIT_CODES[result.report["status"]]
    if as_json:
        print_json(result.report)
    elif not quiet:
        if not code:
            out.print(HEADLINES[result.report["status"]], style="bold")
        summarise(result.report, out_dir)
    if code:
        complain_about(result.report)
        raise Leave(code)


def summarise(report: Mapping[str, Any], out_dir: Path) -> None:
    """The goals, who is placed and who is not, the round's size, and where the report lies, on stdout."""
    if report["goals"]:
        show_goals(report["goals"])
    counts = {name: value for name, value in report["counts"].items() if value is not None}
    if "placed" in counts:
        tell(placed_words(counts))
        reasons = ", ".join(f"{reason} {amount(count)}" for reason, count in report["unplaced"].items())
        tell(reasons, "Left out, by reason: ")
    size = {name.replace("_", " "): value for name, value in counts.items() if name not in SAID}
    tell(", ".join(f"{amount(value)} {name}" for name, value in size.items()), "Size: ")
    tell(str(out_dir.resolve() / "report.html"), "Report: ")


SAID = ("learners", "placed", "unplaced", "escorts", "heads")
"""The counts that have a sentence of their own."""


def placed_words(counts: Mapping[str, int]) -> str:
    """How many are placed of how many, and who travels with them."""
    said = {name: amount(counts[name]) for name in SAID}
    return "{placed} of {learners} learners placed, with {escorts} escorts {heads} heads.".format(**said)


def tell(text: str, lead: str = "") -> None:
    """A line on stdout, if there is anything to say; long ones are not broken, as they may be copied."""
    if text:
        out.print(f"{lead}{text}", markup=False, highlight=False, soft_wrap=True)


def complain_about(report: Mapping[str, Any]) -> None:
    """Why there is no allocation, on stderr."""
    complain(HEADLINES[report["status"]])
    for sentence in report.get("conflict", ()):
        complain(f"  {sentence}")
    if report.get("ways_out"):
        from matcher.explaining.ways.telling import lines

        for line in lines(report["ways_out"]):
            remark(line)
