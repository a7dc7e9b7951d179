"""Timefold (the PyPI package, extra ``bench``), a local search on the Java virtual machine; only where there is one.

Each learner is a planning entity whose variable is one of its own options, or none. Rows of the form Σ ≤ capacity over
options (seats, heads, beds, money without escorts) are hard constraints; the first goal (or the weighted objective) is
the medium score, the second goal the soft one.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from benchmarks.contestants import Unavailable
from models.errors import UnsuitableMethod
from models.outcome import GoalValue, Outcome, Status, Stop
from models.problem import FREE_BELOW, IntArray, Problem
from solvers.interface import Cancel, Limits, Report
from solvers.stage import targets_of

MOST_OPTIONS = 1_500_000
"""Beyond, Python objects for the options alone would take gigabytes."""
START = 45.0
"""Seconds that the virtual machine has beyond the limit, to start and to compile the model."""
LARGEST = 2**31 - 1
"""Scores of the Python edition are 32-bit numbers for one match."""


class Timefold:
    """Construction heuristic and local search as they come, until the limit."""

    name = "timefold"
    about = "Timefold 1.24 (Python edition, beta): local search on the JVM, default phases"
    blind = ("groups", "pairs", "escorts", "min_group", "inclusion", "quotas")

    def solve(self, problem: Problem, limits: Limits, report: Report, cancel: Cancel) -> Outcome:
        """Search until the limit (60 s where there is none).

        Raises
        ------
        Unavailable
            Where there is no Java, or the package is not installed.
        UnsuitableMethod
            For more options than the Python edition can hold.
        """
        if java() is None:
            raise Unavailable("not available here: no Java")
        if problem.options > MOST_OPTIONS:
            raise UnsuitableMethod(f"{problem.options:,} options are too many Python objects")
        if find_spec("timefold") is None:
            raise Unavailable("not available here: the package timefold is not installed")
        chosen = np.array(sorted(searched(described(problem), limits.seconds or 60.0, limits.seed)), np.int64)
        values = problem.complete(chosen)
        goals = tuple(GoalValue(goal.name, goal.of(values), None, proven=False) for goal in problem.goals)
        return Outcome(Status.FEASIBLE, chosen, goals, self.name, stopped_by=Stop.TIME)


def searched(problem: Described, seconds: float, seed: int) -> list[int]:
    """The chosen options, from a process of its own, that ends with its virtual machine.

    Raises ``Unavailable`` where it gives no answer in good time.
    """
    with tempfile.TemporaryDirectory(prefix="matcher-timefold-") as folder:
        asked, told = Path(folder, "problem.json"), Path(folder, "chosen.json")
        asked.write_text(json.dumps(asdict(problem)), encoding="utf-8")
        command = [sys.executable, "-m", "benchmarks.peers._timefold_model", str(asked), str(told)]
        try:
            subprocess.run(  # noqa: S603 - our own interpreter and module
                [*command, str(seconds), str(seed)],
                env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
                check=True,
                capture_output=True,
                timeout=seconds + START,
            )
        except (subprocess.TimeoutExpired, subprocess.CalledProcessError) as wrong:
            raise Unavailable(
                "not available here: its virtual machine gave no answer in good time"
            ) from wrong
        chosen: list[int] = json.loads(told.read_text(encoding="utf-8"))
        return chosen


def java() -> str | None:
    """Where Java is, or None."""
    home = Path(os.environ.get("JAVA_HOME", "/nowhere"), "bin", "java")
    return str(home) if home.exists() else shutil.which("java")


@dataclass(frozen=True)
class Described:
    """The problem in plain lists: per option its agent, medium and soft worth, and the uses (row, amount)."""

    agents: int
    agent: list[int]
    medium: list[int]
    soft: list[int]
    uses: list[list[tuple[int, int]]]
    capacity: list[int]


def described(problem: Problem) -> Described:
    """What of the problem can be said to Timefold here. Raises ``UnsuitableMethod`` where worths are too large."""
    worth = [goal.sense * goal.dense(problem.columns)[: problem.options] for goal in targets_of(problem)]
    worth = [*worth, np.zeros(problem.options, np.int64)][:2]
    if max(int(np.abs(each).max(initial=0)) for each in worth) > LARGEST:
        raise UnsuitableMethod("worths beyond 32 bits")
    uses, capacity = limited(problem)
    return Described(
        problem.agents, problem.agent.tolist(), worth[0].tolist(), worth[1].tolist(), uses, capacity
    )


def limited(problem: Problem) -> tuple[list[list[tuple[int, int]]], list[int]]:
    """Rows Σ ≤ capacity over options alone, other than one placement each: uses per option, capacities per row."""
    uses: list[list[tuple[int, int]]] = [[] for _ in range(problem.options)]
    capacity: list[int] = []
    for block in problem.blocks:
        if block.redundant or block.rule == "one_placement":
            continue
        mixed = np.zeros(len(block), bool)
        mixed[block.row[(block.column >= problem.options) | (block.value < 0)]] = True
        kept = ~mixed & (block.lower <= FREE_BELOW) & (block.upper <= LARGEST)
        number: IntArray = np.cumsum(kept) - 1 + len(capacity)
        for entry in np.flatnonzero(kept[block.row]).tolist():
            row, option = int(number[block.row[entry]]), int(block.column[entry])
            uses[option].append((row, int(block.value[entry])))
        capacity += block.upper[kept].tolist()
    return uses, capacity


PEER = Timefold()
"""Found because it is here."""
