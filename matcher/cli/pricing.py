"""`matcher shortages`: what is short, what one more would be worth, where to win more places."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from matcher.cli.console import Leave, drawn, out, print_json, remark
from matcher.cli.parameters import AsJson, Method, Quiet, RoundPath, Seed, ShowProgress, Workers
from matcher.cli.reporting import take_in
from matcher.cli.solving import EXIT_CODES, LEAST, complain_about, cores, tell
from matcher.cli.waiting import wait_for
from matcher.disk import insist_on_folder
from solvers.interface import Cancel, Progress, Report

if TYPE_CHECKING:
    from matcher.folders import Run
    from matcher.result import Result
    from matcher.shortages import Answer
    from models.outcome import Placement
    from models.round import Round

SECONDS = 300.0
"""For each solve, unless it is said otherwise."""

LISTED = 15
"""Prices that the console shows; all are in prices.csv and with --json."""


def shortages(
    round_path: RoundPath,
    placements: Annotated[
        Path | None,
        typer.Option(
            "--placements",
            metavar="FILE",
            help="The allocation to ask about; else that of the run in DIR; else the round is solved.",
        ),
    ] = None,
    out_dir: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Folder for tables, JSON and the page.")
    ] = None,
    top: Annotated[
        int, typer.Option("--top", min=0, help="Make so many prices exact by solving the changed round.")
    ] = 8,
    places: Annotated[
        int, typer.Option("--places", min=0, max=1000, help="Look for the best set of so many added places.")
    ] = 10,
    one_by_one: Annotated[
        bool,
        typer.Option("--one-by-one", help="Also pick places one after the other, to compare; takes long."),
    ] = False,
    euros: Annotated[
        int, typer.Option("--euros", min=1, max=10**9, help="Euros that count as one unit of a budget.")
    ] = 1000,
    method: Method = "auto",
    time_limit: Annotated[
        float,
        typer.Option(
            "--time-limit", min=0.1, help="Seconds for each solve; what is unproven then is not exact."
        ),
    ] = SECONDS,
    seed: Seed = 0,
    workers: Workers = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    progress: ShowProgress = None,
) -> None:
    """Say which learners compete for too few places, what one more of anything is worth, and where to win places.

    Into the folder of a solved run: of its allocation, and as a section of its report.html.

    Shortages come with their proof. Prices are exact where the changed round was solved again, and marked so.
    """
    from matcher import load
    from matcher.folders import standing_in
    from matcher.shortages import shortages as ask
    from matcher.shortages.asking import Asked
    from matcher.shortages.writing import save

    if out_dir is not None:
        insist_on_folder(out_dir, "the shortages", LEAST)
    rnd = load(round_path)
    run = standing_in(out_dir, rnd)
    given = _given(rnd, placements, run)
    asked = Asked(top, places, one_by_one, euros, workers or cores(), seed, time_limit)

    def work(report: Report, cancel: Cancel) -> Answer | Result:
        result = _allocated(rnd, given, method, asked.workers, seed, time_limit, report, cancel)
        if result.audit is None:
            return result
        answer = ask(result, asked, report, cancel)
        if out_dir is not None:
            report(Progress("writing the page"))
            save(answer, out_dir)
        return answer

    found = wait_for(work, seconds=None, shown=progress, quiet=quiet or as_json)
    _conclude(found, out_dir, as_json=as_json, quiet=quiet)
    take_in(run, quiet=quiet or as_json)


def _given(rnd: Round, file: Path | None, run: Run | None) -> Sequence[Placement] | None:
    """The allocation to ask about: the file's, else that of the run whose folder it is; None: it is to be found."""
    from matcher import allocations
    from matcher.folders import insist_on_allocation

    if file is None:
        return run.placed if run is not None and run.audit is not None else None
    placed = [line.placement for line in allocations.read(file, rnd)]
    insist_on_allocation(run, placed, file.name)
    return placed


def _allocated(
    rnd: Round,
    given: Sequence[Placement] | None,
    method: str,
    workers: int,
    seed: int,
    time_limit: float,
    report: Report,
    cancel: Cancel,
) -> Result:
    """The round's allocation: what is given, or one that is found."""
    from matcher import allocations, match

    if given is not None:
        return allocations.adopted(rnd, given)
    return match(
        rnd, method=method, time_limit=time_limit, seed=seed, workers=workers, progress=report, cancel=cancel
    )


def _conclude(found: Answer | Result, out_dir: Path | None, *, as_json: bool, quiet: bool) -> None:
    from matcher.shortages import Answer

    if not isinstance(found, Answer):
        if as_json:
            print_json(found.report)
        complain_about(found.report)
        raise Leave(EXIT_CODES[found.report["status"]])
    if as_json:
        print_json(found.as_dict())
    elif not quiet:
        _summarise(found, out_dir)


def _summarise(answer: Answer, out_dir: Path | None) -> None:
    """Shortages, prices and places in sentences, on stdout."""
    from matcher.shortages import words
    from matcher.shortages.page import won

    for note in answer.notes:
        remark(note)
    tell(f"{answer.placed} of {answer.learners} learners have a place.")
    for number, one in enumerate(answer.shortages, start=1):
        tell(f"{one.sentence}.", f"{number}. ")
        tell(one.proved, "   ")
        if one.apart:
            tell(f"{'; '.join(one.apart)}.", "   Not shared: ")
    if not answer.shortages and not answer.notes:
        tell(words.NOTHING_SHORT)
    if answer.without_options:
        tell(words.without_options(answer.without_options))
    if answer.unexplained:
        tell(words.unexplained(answer.unexplained))
    _show_prices(answer)
    tell(won(answer))
    for what, line in ((words.SINGLES, answer.singles), (words.ONE_BY_ONE, answer.one_by_one)):
        if line is not None:
            tell(words.picked(what, dict(line.seats), line.told))
    if out_dir is not None:
        tell(str(out_dir.resolve() / "shortages.html"), "Page: ")


def _show_prices(answer: Answer) -> None:
    from matcher.shortages import words

    some = [line for line in answer.prices if line.brings]
    if some:
        table = drawn("one more", "worth", "")
        for line in some[:LISTED]:
            table.add_row(line.what, line.worth, line.mark)
        out.print(table)
    if answer.prices:
        tell(words.listed(min(LISTED, len(some)), len(some), len(answer.prices)))
