"""Studies in the child: what each kind asks of the engine, and the files that it writes.

A study's files have names of their own, so that none of them is ever taken for the allocation of a run: what a study
proposes is a proposal until a round is run or changed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

from matcher.repairing import Happened, Moved, repair
from models.outcome import Placement
from models.round import Round
from solvers.interface import Progress, Report

Wish = Mapping[str, Any]
Study = Callable[[Round, list[Placement], Wish, Path], None]

OF_RUNS: Final = frozenset({"placements.csv", "escorts.csv", "unplaced.csv", "report.json", "report.html"})
"""The names of a run's own files."""


def carry_out(rnd: Round, base: list[Placement], wish: Wish, out: Path, report: Report) -> None:
    """Do what a study asks, and leave its files, and nothing else, in ``out``."""
    kind = wish["kind"]
    report(Progress(f"study: {kind}"))
    STUDIES[kind](rnd, base, wish, out)
    for path in sorted(out.iterdir()):
        if path.name in OF_RUNS:
            path.rename(out / f"{kind}_{path.name}")


def rematch(rnd: Round, base: list[Placement], wish: Wish, out: Path) -> None:
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


STUDIES: Final[Mapping[str, Study]] = {"rematch": rematch}
