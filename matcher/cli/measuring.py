"""`matcher metrics`: how good and how fair allocations are, anybody's, side by side and against what could be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from matcher.cli.console import drawn, out, print_json, remark
from matcher.cli.parameters import AsJson, Quiet, RoundPath, Seed, ShowProgress, TimeLimit, Workers
from matcher.cli.reporting import take_in
from matcher.cli.solving import LEAST, cores, tell
from matcher.cli.waiting import wait_for
from matcher.disk import insist_on_folder
from models.errors import InputErrors, InputProblem
from solvers.interface import Cancel, Progress, Report

if TYPE_CHECKING:
    import pandas as pd

    from matcher.folders import Run
    from matcher.metrics.judging import Judgement
    from models.outcome import Placement


class Grouping(StrEnum):
    """What learners can be grouped by."""

    PARTNER = "partner"
    SCHOOL = "school"
    COUNTRY = "country"
    TRADE = "trade"
    REASON = "reason"


AGAINST = "best,first_come,stable,random_serial"


def metrics(
    round_path: RoundPath,
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="PLACEMENTS.csv",
            help="Allocations, anybody's; the first is what others are compared with.",
        ),
    ] = None,
    against: Annotated[
        str,
        typer.Option(
            "--against",
            metavar="NAMES",
            help=f"Solved for comparison: {AGAINST}, or some of them; none: nothing.",
        ),
    ] = AGAINST,
    by: Annotated[Grouping, typer.Option("--by", help="Groups of learners whose shares are shown.")] = (
        Grouping.PARTNER
    ),
    parity: Annotated[
        bool,
        typer.Option("--parity", help="Also what it costs to serve these groups alike, as far as can be."),
    ] = False,
    at_least: Annotated[
        list[int] | None,
        typer.Option(
            "--at-least",
            min=0,
            max=100,
            metavar="PERCENT",
            help="Also what it costs to place so many percent of each sending partner's learners; repeat.",
        ),
    ] = None,
    stability: Annotated[
        bool, typer.Option("--stability", help="Also what stability costs, on each goal.")
    ] = False,
    seeds: Annotated[
        int, typer.Option("--seeds", min=1, max=10_000, help="Random orders tried for random_serial.")
    ] = 20,
    withhold: Annotated[
        bool,
        typer.Option(
            "--withhold", help="For others than the coordinator: nothing that counts 1 to 4 learners."
        ),
    ] = False,
    out_dir: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Also write the tables as CSV, and metrics.json."),
    ] = None,
    time_limit: TimeLimit = None,
    seed: Seed = 0,
    workers: Workers = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    progress: ShowProgress = None,
) -> None:
    """Compare allocations: who is served how well, who would rather be elsewhere, what fairness costs.

    Into the folder of a solved run (--out) its allocation comes first, and its report.html gets a section.

    Allocations need not be valid. The time limit is for each solve.
    """
    from matcher import allocations, load
    from matcher.folders import standing_in
    from matcher.metrics import Effort, judge
    from matcher.metrics import parity as price_of_parity
    from matcher.metrics import stability as price_of_stability
    from matcher.metrics.baselines import insist_on_baselines
    from matcher.metrics.grouping import ALIASES
    from matcher.metrics.saving import save

    names = [name.strip() for name in against.split(",") if name.strip() not in ("", "none")]
    insist_on_baselines(names)
    if at_least and by is not Grouping.PARTNER:
        raise typer.BadParameter("--at-least asks for shares of sending partners: leave out --by")
    if out_dir is not None:
        insist_on_folder(out_dir, "the tables", LEAST)
    rnd = load(round_path)
    run = standing_in(out_dir, rnd)
    read = {
        name: [line.placement for line in allocations.read(path, rnd)]
        for name, path in _named(files or ()).items()
    }
    given = {name: _frame(placed) for name, placed in _of_run(run, read).items()}

    def work(report: Report, cancel: Cancel) -> Judgement:
        effort = Effort(
            time_limit,
            seed,
            seeds,
            workers or cores(),
            cancel,
            lambda name: report(Progress(f"solving: {name}")),
        )
        prices = {}
        if parity or at_least:
            key = ALIASES.get(by.value, by.value)
            prices["parity"] = price_of_parity(rnd, tuple(at_least or ()), by=key, effort=effort)
        if stability:
            prices["stability"] = price_of_stability(rnd, effort=effort)
        return judge(rnd, given, names, by=by.value, withhold=withhold, effort=effort, prices=prices)

    found = wait_for(work, seconds=None, shown=progress, quiet=quiet or as_json)
    if out_dir is not None:
        save(found, out_dir, rnd.name or rnd.id)
    if as_json:
        print_json(found.as_dict())
    elif not quiet:
        _show(found)
        if out_dir is not None:
            tell(str(out_dir.resolve()), "Tables: ")
    take_in(run, quiet=quiet or as_json)


def _named(files: Sequence[Path]) -> dict[str, Path]:
    """The files by short names: their stems, or all that was given where two have the same."""
    stems = [path.stem for path in files]
    found = {path.stem if stems.count(path.stem) == 1 else str(path): path for path in files}
    if len(found) < len(files):
        twice = sorted({str(path) for path in files if list(files).count(path) > 1})
        raise InputErrors(
            [InputProblem(path, None, None, None, "this file is given twice") for path in twice]
        )
    return found


def _of_run(run: Run | None, read: Mapping[str, Sequence[Placement]]) -> Mapping[str, Sequence[Placement]]:
    """What was read; into a run's folder its own allocation, where none is given, and no other in front."""
    from matcher.folders import insist_on_allocation

    if run is None or run.audit is None:
        return read
    for name, placed in list(read.items())[:1]:
        insist_on_allocation(run, placed, name)
    return read or {"placements": run.placed}


def _frame(placements: Sequence[object]) -> pd.DataFrame:
    """Placements as the metrics take them."""
    import pandas as pd

    return pd.DataFrame(placements, columns=["learner_id", "offer_id", "flow_id"])


def _show(found: Judgement) -> None:
    """The tables on stdout, each under what it is about."""
    from matcher.metrics import telling

    for name, status in found.known.items():
        if status not in ("optimal", "stable") and name in ("best", "stable"):
            remark(f"{name}: {telling.KNOWN[status]}")
    _table("Allocations", found.summary, telling.SUMMARY)
    _table(f"By {telling.GROUPED[found.by]}", found.groups, telling.GROUPS)
    tell(telling.INTERVALS)
    if found.withheld:
        tell(telling.LEFT_OUT)
    _table("Wishes met, of those who state wishes", found.wishes, telling.WISHES)
    if len(found.partners):
        first = found.summary["allocation"].iloc[0]
        _table(f"From {first} to each other allocation", found.partners, telling.PARTNERS)
    if found.spread is not None:
        tell(telling.about_serial(*found.serial))
        _table("How random serial varies", found.spread, telling.SPREAD)
    for name, prices in found.prices.items():
        _table(telling.PRICED[name], prices.frame(), telling.PRICES)
        tell(telling.about_prices(name, prices))


def _table(title: str, frame: pd.DataFrame, columns: Mapping[str, str]) -> None:
    from matcher.metrics.telling import SPREAD, shown, varying

    out.print(f"\n{title}", style="bold", highlight=False)
    known = {name: heading for name, heading in columns.items() if name in frame}
    table = drawn(*known.values())
    for row in frame[list(known)].astype(object).to_dict("records"):
        cells = (
            varying(row)
            if columns is SPREAD
            else {name: shown(str(name), cell) for name, cell in row.items()}
        )
        table.add_row(*cells.values())
    out.print(table)
