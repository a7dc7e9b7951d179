"""Every combination of options, for tests: too simple to be wrong, and only for the smallest problems."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from models.errors import UnsuitableMethod
from models.outcome import Outcome
from models.problem import IntArray, Problem
from solvers.interface import Cancel, Limits, Report
from solvers.lexicographic import Found, Task, run
from solvers.rows import stack
from solvers.stage import at_least

COMBINATIONS = 1_000_000
"""The largest product over agents of one more than their options; most of the combinations are cut off early."""

Tried = tuple[IntArray, IntArray]
"""The options chosen, and all columns' values."""


class Enumerate:
    """The method ``enumerate``."""

    name = "enumerate"

    def solve(self, problem: Problem, limits: Limits, report: Report, cancel: Cancel) -> Outcome:
        """Every goal in order, or the weighted objective, proven by trying everything.

        Raises
        ------
        UnsuitableMethod
            When there are more than ``COMBINATIONS`` combinations.
        """
        _refuse(problem)
        return run(problem, limits, report, cancel, _Tried(problem).stage, method=self.name)


class _Tried:
    """The allocations that satisfy every row, found once for all goals."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.left = combinations(problem)
        self.allowed: list[Tried] = []

    def stage(self, task: Task) -> Found:
        """The best of one goal among the allocations tried; proven once all are."""
        for number, chosen in enumerate(self.left):
            values = self.problem.complete(chosen)
            if self.problem.holds(values):
                self.allowed.append((chosen, values))
            if number % 256 == 255 and task.clock.stop() is not None:
                return Found(_best(task, self.allowed))
        best = _best(task, self.allowed)
        return Found(best, proven=best is not None, infeasible=best is None)


def combinations(problem: Problem) -> Iterator[IntArray]:
    """Every choice of at most one option per agent, nobody placed first; depth first over the agents.

    A choice that overfills a row without negative entries is left out with all that it begins: nothing that is
    added later makes room, and auxiliaries only take more.
    """
    options = [np.flatnonzero(problem.agent == agent).tolist() for agent in range(problem.agents)]
    taken, room = _filling(problem)

    def deeper(agent: int, chosen: list[int], left: IntArray) -> Iterator[IntArray]:
        if agent == problem.agents:
            yield np.array(sorted(chosen), np.int64)
            return
        yield from deeper(agent + 1, chosen, left)
        for option in options[agent]:
            if (taken[option] <= left).all():
                yield from deeper(agent + 1, [*chosen, option], left - taken[option])

    return deeper(0, [], room)


def _filling(problem: Problem) -> tuple[IntArray, IntArray]:
    """What each option takes (options × rows), and the room, in the rows without negative entries."""
    rows = stack(problem, redundant=False)
    only_fills = np.bincount(rows.row[rows.value < 0], minlength=len(rows)) == 0
    rows = rows.keep(only_fills & (rows.upper < rows.most))
    inside = rows.column < problem.options
    taken = np.zeros((problem.options, len(rows)), np.int64)
    taken[rows.column[inside], rows.row[inside]] = rows.value[inside]
    return taken, rows.upper


def _refuse(problem: Problem) -> None:
    per_agent = np.bincount(problem.agent, minlength=problem.agents)
    size = np.prod(1.0 + per_agent)
    if size > COMBINATIONS:
        raise UnsuitableMethod(
            f"enumerate tries at most {COMBINATIONS} combinations and this problem has {size:.3g}: "
            "take another method"
        )


def _best(task: Task, allowed: list[Tried]) -> IntArray | None:
    """The first best allocation among those that keep the earlier goals."""
    best, reached = None, 0
    for chosen, values in allowed:
        if all(at_least(goal, goal.of(values), value) for goal, value in task.kept):
            value = task.goal.of(values)
            if best is None or task.goal.sense * value > task.goal.sense * reached:
                best, reached = chosen, value
    return best


SOLVER = Enumerate()
