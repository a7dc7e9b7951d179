"""Studies in the child: what each kind asks of the engine, and the files that it writes.

A study's files have names of their own, so that none of them is ever taken for the allocation of a run: what a study
proposes is a proposal until a round is run or changed.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

import pandas as pd

from matcher import allocations
from matcher.explaining.why import learner_for, place_for, telling, why_learner, why_place
from matcher.metrics import Effort, judge
from matcher.metrics.saving import save as save_metrics
from matcher.repairing import Happened, Moved, repair
from matcher.scenarios import compare, frontier, save_comparison, save_frontier, scenarios_of
from matcher.shortages import shortages
from matcher.shortages.asking import Asked
from matcher.shortages.writing import save as save_shortages
from models.outcome import Placement
from models.round import Round
from solvers.interface import Progress, Report, never

Wish = Mapping[str, Any]
Study = Callable[[Round, list[Placement], Wish, Path, Report], None]

OF_RUNS: Final = frozenset({"placements.csv", "escorts.csv", "unplaced.csv", "report.json", "report.html"})
"""The names of a run's own files."""


def carry_out(rnd: Round, base: list[Placement], wish: Wish, out: Path, report: Report) -> None:
    """Do what a study asks, and leave its files, and nothing else, in ``out``."""
    kind = wish["kind"]
    report(Progress(f"study: {kind}"))
    STUDIES[kind](rnd, base, wish, out, report)
    for path in sorted(out.iterdir()):
        if path.name in OF_RUNS:
            path.rename(out / f"{kind}_{path.name}")


def rematch(rnd: Round, base: list[Placement], wish: Wish, out: Path, _report: Report) -> None:
    """What happened, and the fewest changes that mend it."""
    moved = (
        Moved(one["flow_id"], date.fromisoformat(one["start"]), date.fromisoformat(one["end"]))
        for one in wish["moved"]
    )
    happened = Happened(
        tuple(wish["drop_outs"]), (), tuple(wish["companies"]), tuple(wish["offers"]), tuple(moved)
    )
    found = repair(
        rnd,
        base,
        happened,
        changes=wish["changes"],
        most_changes=max(wish["changes"], wish["most_changes"]),
        time_limit=wish["time_limit"],
    )
    found.save(out)


def short(rnd: Round, base: list[Placement], wish: Wish, out: Path, report: Report) -> None:
    """Who competes for too few places, what one more of anything is worth, where to win places."""
    asked = Asked(wish["top"], wish["places"], False, wish["euros"], wish["workers"], 0, wish["time_limit"])
    save_shortages(shortages(allocations.adopted(rnd, base), asked, report, never), out)


def scenarios(rnd: Round, _base: list[Placement], wish: Wish, out: Path, report: Report) -> None:
    """The round as it is, and with named sets of changes."""
    asked = scenarios_of(tomllib.loads(wish["scenarios"]), rnd)
    found = compare(
        rnd, asked, time_limit=wish["time_limit"], workers=wish["workers"], progress=report, cancel=never
    )
    save_comparison(found, out)


def trade(rnd: Round, _base: list[Placement], wish: Wish, out: Path, report: Report) -> None:
    """One goal traded for another."""
    found = frontier(
        rnd,
        wish["first"],
        wish["second"],
        points=wish["points"],
        time_limit=wish["time_limit"],
        workers=wish["workers"],
        progress=report,
        cancel=never,
    )
    save_frontier(found, out)


def metrics(rnd: Round, base: list[Placement], wish: Wish, out: Path, report: Report) -> None:
    """Who is served how well by the run, beside what other methods give."""
    given = {"run": pd.DataFrame(base, columns=["learner_id", "offer_id", "flow_id"])}
    effort = Effort(
        wish["time_limit"],
        0,
        wish["seeds"],
        wish["workers"],
        never,
        lambda name: report(Progress(f"solving: {name}")),
    )
    found = judge(rnd, given, wish["against"], by=wish["by"], effort=effort)
    save_metrics(found, out, rnd.name or rnd.id)


def why(rnd: Round, base: list[Placement], wish: Wish, out: Path, _report: Report) -> None:
    """Why a learner is where they are, or why seats stay empty; for a sending partner, as it may read it."""
    result = allocations.adopted(rnd, base)
    what, key, partner = wish["about"], wish["id"], wish["for_partner"]
    content: Mapping[str, Any]
    lines: Iterable[str]
    if what == "learner" and partner is None:
        of_learner = why_learner(result, key, None, wish["resolve"])
        content, lines = of_learner.as_dict(), telling.of_learner(of_learner)
    elif what == "learner":
        own = learner_for(result, partner, key)
        content, lines = own.as_dict(), telling.of_shared_learner(own)
    elif partner is None:
        of_place = why_place(result, what, key)
        content, lines = of_place.as_dict(), telling.of_place(of_place)
    else:
        shared = place_for(result, partner, what, key)
        content, lines = shared.as_dict(), telling.of_shared_place(shared)
    write_json(out / "why.json", {**content, "sentences": list(lines)})


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """A file for programs, readable for people."""
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


STUDIES: Final[Mapping[str, Study]] = {
    "rematch": rematch,
    "shortages": short,
    "scenarios": scenarios,
    "frontier": trade,
    "metrics": metrics,
    "why": why,
}
"""The kinds, by name; what each may be told is in ``api.runs.studies``."""
