"""Every method on the contract's examples, in seconds: `python -m benchmarks.smoke`, or `matcher bench --examples 8`.

A method that claims a proof must state the values that are known to be best; one without may be worse.
The run fails when a claim is wrong, or when `exact` or `cpsat` has not proven an instance.
"""

import json
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks import desk
from matcher import load, match
from models.errors import UnsuitableMethod
from models.outcome import Status
from models.round import Round
from solvers import names

EXAMPLES = Path(__file__).resolve().parent.parent / "tests" / "contract" / "examples"
PROVING = ("exact", "cpsat")
"""The methods that have to prove every instance."""
SECONDS = {True: 120.0, False: 3.0}
"""Time limit for a method that has to prove, and for one that does not."""


@dataclass(frozen=True)
class Run:
    """One method on one instance: its claim (None: it takes no such instance), what is known, seconds."""

    instance: str
    method: str
    status: Status | None
    goals: Mapping[str, int | None]
    known: Mapping[str, Any]
    seconds: float

    @property
    def fault(self) -> str | None:
        """What is wrong with the claim, if anything."""
        settled = self.status in (Status.OPTIMAL, Status.INFEASIBLE)
        if self.method in PROVING and not settled:
            return f"has proven nothing: {self.status}"
        if settled and self.status != self.known["status"]:
            return f"claims {self.status}, is known to be {self.known['status']}"
        if self.status == Status.OPTIMAL and self.goals != self.known["goals"]:
            return f"claims {dict(self.goals)}, best is {self.known['goals']}"
        return None


def runs(methods: Sequence[str], count: int) -> Iterator[Run]:
    """Each method on each of the first examples, one after the other."""
    known = json.loads((EXAMPLES / "expected.json").read_text(encoding="utf-8"))
    for instance in sorted(known)[:count]:
        rnd = load(EXAMPLES / instance)
        for method in methods:
            yield run(instance, rnd, method, known[instance])


def run(instance: str, rnd: Round, method: str, known: Mapping[str, Any]) -> Run:
    """One method on one example; a method that says that it is not for this instance is a dash."""
    started = time.monotonic()
    try:
        result = match(rnd, method=method, time_limit=SECONDS[method in PROVING])
    except UnsuitableMethod:
        return Run(instance, method, None, {}, known, time.monotonic() - started)
    goals = {goal.name: goal.value for goal in result.goals}
    return Run(instance, method, result.status, goals, known, time.monotonic() - started)


def table(found: Sequence[Run], methods: Sequence[str]) -> Table:
    """A line per instance: what is best, and each method's goal values and seconds."""
    drawn = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("instance", "best", *methods):
        drawn.add_column(heading, no_wrap=True)
    for number in range(0, len(found), len(methods)):
        row = found[number : number + len(methods)]
        best = values(row[0].known.get("goals", {})) or row[0].known["status"]
        drawn.add_row(row[0].instance, best, *map(cell, row))
    return drawn


def cell(one: Run) -> str:
    """A run in a cell: what it found (with a ~ where it is not proven) and its seconds."""
    said = {Status.OPTIMAL: values(one.goals), Status.FEASIBLE: f"~{values(one.goals)}"}
    return "–" if one.status is None else f"{said.get(one.status, one.status)} {one.seconds:.2f} s"


def values(goals: Mapping[str, int | None]) -> str:
    """Goal values in policy order."""
    return "/".join("–" if value is None else str(value) for value in goals.values())


def bench(count: int = 8) -> bool:
    """Run, print the table and every fault; True only without one."""
    console = Console(width=None if sys.stdout.isatty() else 200)
    methods = names()
    found = list(runs(methods, count))
    console.print(table(found, methods))
    faults = [f"{one.instance}, {one.method}: {one.fault}" for one in found if one.fault]
    for fault in faults:
        console.print(fault, style="bold red")
    console.print(f"{len(found)} runs, {len(faults)} wrong, {sum(one.seconds for one in found):.1f} s")
    return not faults


def grid() -> bool:
    """The preset `smoke`: methods and peers in processes of their own, in under a minute; True without a fault."""
    with tempfile.TemporaryDirectory() as folder:
        return desk.bench(desk.Grid("smoke"), Path(folder), desk.Wanted())


if __name__ == "__main__":
    sys.exit(0 if bench() and grid() else 1)
