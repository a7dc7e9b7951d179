"""`matcher rematch`: drop-outs, late arrivals, withdrawals, moved flows; as few placements changed as can be."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from matcher.cli.console import Leave, drawn, goal_amount, out, print_json, remark
from matcher.cli.parameters import AsJson, Quiet, RoundPath, Seed, ShowProgress, TimeLimit
from matcher.cli.solving import EXIT_CODES, LEAST, complain_about, placed_words, tell
from matcher.cli.waiting import wait_for
from matcher.disk import insist_on_folder
from solvers.interface import Cancel, Progress, Report

if TYPE_CHECKING:
    from matcher.repairing import Happened, Repair
    from models.round import Round

Ids = list[str] | None


def rematch(
    round_path: RoundPath,
    placements: Annotated[
        Path, typer.Option("--placements", metavar="FILE", help="The allocation as it was: placements.csv.")
    ],
    out_dir: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="Folder for the results; made if missing.")
    ],
    happened: Annotated[
        Path | None,
        typer.Option("--happened", metavar="FILE.toml", help="What happened; see docs/repair.md."),
    ] = None,
    drop_outs: Annotated[
        Ids, typer.Option("--drop-out", metavar="ID", help="A learner drops out; repeat.")
    ] = None,
    late: Annotated[
        Path | None,
        typer.Option("--late", metavar="FILE.csv", help="Late arrivals, in the form of learners.csv."),
    ] = None,
    companies: Annotated[
        Ids, typer.Option("--company", metavar="ID", help="A company withdraws all its offers; repeat.")
    ] = None,
    offers: Annotated[
        Ids, typer.Option("--offer", metavar="ID", help="An offer is withdrawn; repeat.")
    ] = None,
    moved: Annotated[
        Ids,
        typer.Option("--move", metavar="FLOW:START:END", help="A flow moves its dates; repeat."),
    ] = None,
    changes: Annotated[
        int,
        typer.Option("--changes", min=0, help="Take the best alternative with up to so many changes."),
    ] = 0,
    most_changes: Annotated[
        int,
        typer.Option("--most-changes", min=0, help="Ask what up to so many changes would buy."),
    ] = 2,
    ideal: Annotated[
        bool, typer.Option("--ideal", help="Also ask what any number of changes would buy.")
    ] = False,
    round_out: Annotated[
        Path | None,
        typer.Option(
            "--round-out", metavar="DIR", help="Write the round as it is now, for verify and for next time."
        ),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="With --round-out: replace a round that is there.")
    ] = False,
    rate_short: Annotated[
        float, typer.Option("--drop-out-rate", min=0.0, max=0.9, help="Assumed rate of drop-outs to come.")
    ] = 0.05,
    rate_long: Annotated[
        float | None,
        typer.Option(
            "--drop-out-rate-long", min=0.0, max=0.9, help="The same for long stays, if it differs."
        ),
    ] = None,
    simulate: Annotated[
        bool, typer.Option("--outlook/--no-outlook", help="Reserves, and what drop-outs to come would mean.")
    ] = True,
    time_limit: TimeLimit = None,
    seed: Seed = 0,
    as_json: AsJson = False,
    quiet: Quiet = False,
    progress: ShowProgress = None,
) -> None:
    """Repair an allocation after drop-outs, late arrivals, withdrawals or moved flows, with the fewest changes.

    Prints what 0, 1, 2, … changed placements would buy; writes the files of the alternative that is taken, with
    changes.csv and reserves.csv. The time limit is for each alternative.
    """
    from matcher import allocations, load
    from matcher.intake.writing import standing_at, write_round
    from matcher.repairing import Assumptions, repair

    insist_on_folder(out_dir, "the results", LEAST)
    if round_out is not None and round_out.resolve() == round_path.resolve():
        raise typer.BadParameter(f"{round_out} is the round itself: those who dropped out would be lost")
    if round_out is not None and not overwrite and (there := standing_at(round_out)):
        raise typer.BadParameter(f"{there[0]} is there already; --overwrite replaces the round")
    rnd = load(round_path)
    lines = allocations.read(placements, rnd)
    what = _happened(rnd, happened, drop_outs, late, companies, offers, moved)
    long = rate_short if rate_long is None else rate_long
    assumptions = Assumptions(rate_short, long, seed=seed) if simulate else None

    def work(report: Report, cancel: Cancel) -> Repair:
        report(Progress("repairing"))
        found = repair(
            rnd,
            [line.placement for line in lines],
            what,
            changes=changes,
            most_changes=most_changes,
            ideal=ideal,
            assumptions=assumptions,
            time_limit=time_limit,
            seed=seed,
            cancel=cancel,
        )
        report(Progress("finding reasons and reserves, writing the report"))
        found.save(out_dir)
        return found

    found = wait_for(work, seconds=None, shown=progress, quiet=quiet or as_json)
    if round_out is not None:
        write_round(found.upset.rnd, round_out, overwrite=True)
    _conclude(found.report, out_dir, as_json=as_json, quiet=quiet)


def _happened(
    rnd: Round,
    file: Path | None,
    drop_outs: Ids,
    late: Path | None,
    companies: Ids,
    offers: Ids,
    moved: Ids,
) -> Happened:
    """What the file and the options say together."""
    from matcher.repairing import Happened
    from matcher.repairing.reading import moved_by, read_happened, read_late

    told = Happened(
        tuple(drop_outs or ()),
        read_late(late, rnd) if late else (),
        tuple(companies or ()),
        tuple(offers or ()),
        tuple(moved_by(text) for text in moved or ()),
    )
    return told if file is None else read_happened(file, rnd) + told


def _conclude(report: Mapping[str, Any], out_dir: Path, *, as_json: bool, quiet: bool) -> None:
    code = EXIT_CODES[report["status"]]
    if as_json:
        print_json(report)
    elif not quiet and not code:
        _summarise(report, out_dir)
    if code:
        complain_about(report)
        raise Leave(code)


def _summarise(report: Mapping[str, Any], out_dir: Path) -> None:
    """What can be kept, the alternatives, what is recommended and what is to be expected, on stdout."""
    repair = report["repair"]
    for note in repair["notes"]:
        remark(note)
    _show_alternatives(repair["alternatives"])
    tell(repair["advice"])
    tell(placed_words(report["counts"]))
    if (expected := repair["expected"]) is not None:
        tell(_outlook(expected))
    tell(str(out_dir.resolve() / "changes.csv"), "Changes: ")
    tell(str(out_dir.resolve() / "report.html"), "Report: ")


def _show_alternatives(alternatives: list[Mapping[str, Any]]) -> None:
    names = list(alternatives[0]["values"])
    table = drawn("", "changes", "kept", "new", *names, "", "CPU s", "what it has more")
    for line in alternatives:
        values = [goal_amount(name, line["values"][name]) for name in names]
        table.add_row(
            "→" if line["chosen"] else "",
            *(str(line[name]) for name in ("changes", "kept", "placed_anew")),
            *values,
            "proven best" if line["proven"] else "not proven",
            f"{line['cpu_seconds']:.2f}",
            line["bought"],
        )
    out.print(table)


def _outlook(expected: Mapping[str, Any]) -> str:
    """What drop-outs to come would mean, under what is assumed."""
    short, long = (f"{100 * expected[name]:g} %" for name in ("rate_short", "rate_long"))
    rates = short if short == long else f"{short} (long stays {long})"
    reserves = {one for flow in expected["flows"] for one in flow["reserves"]}
    return (
        f"Outlook, if {rates} of the placed drop out (an assumption): {expected['empty_seats']:.1f} seats and "
        f"{expected['empty_beds']:.1f} beds empty; {len(expected['fragile'])} placements whose loss breaks a rule for "
        f"others; {len(reserves)} learners could step in for somebody (asked for {expected['searched']} of "
        f"{expected['placed']} placements)."
    )
