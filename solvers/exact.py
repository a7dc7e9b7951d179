"""The exact method: an integer program, every goal proven in order.

Per goal:

1. The linear relaxation, grown row by row: it begins with one row per agent and takes in what its optimum breaks, until
   nothing is broken. Most rows of a round never bind, so the relaxation that remains is small.
2. Its prices are a proof: a Lagrangian bound computed from them afresh holds for every allocation, whatever the
   solver's tolerances were. The same prices bound what is possible with each single column (reduced cost): columns that
   cannot be part of anything better are left out, here and for all later goals.
3. An integer program over the few columns that the prices favour gives a good allocation soon; another over all the columns
   that remain gives the proof.

The relaxation is solved for the goal with a little of the next goal mixed in: with the first goal alone, thousands of
columns are worth the same and the simplex method wanders among them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from models.outcome import Outcome
from models.problem import IntArray, Problem
from solvers import get
from solvers.highs import TOLERANCE, FloatArray, Infeasible, Model
from solvers.impossible import impossible
from solvers.interface import Cancel, Limits, Report, silent
from solvers.lexicographic import Clock, Found, Task, run
from solvers.relaxing import Priced, Relaxation, Working, priced
from solvers.rows import Rows, kept_rows, stack
from solvers.stage import targets_of

Mask = npt.NDArray[np.bool_]

FAVOURED = 12
"""Columns per agent in the first integer program."""
NODES = 200
"""Nodes of the first integer program: enough for a good allocation, not for a proof."""
SMALL = 3000
"""With no more columns than this the first integer program is left out: the second is quick."""
MIXED = 0.3
"""How much of one unit of a goal the next goal, mixed in, can be worth at most."""


class Exact:
    """The method ``exact``."""

    name = "exact"

    def solve(self, problem: Problem, limits: Limits, report: Report, cancel: Cancel) -> Outcome:
        """Every goal in order, or the weighted objective, until proven or out of time."""
        search = _Search(problem, limits)
        return run(problem, limits, report, cancel, search.stage, method=self.name, start=search.start)


class _Search:
    """What one goal's search leaves for the next: which rows and columns matter, which columns are out."""

    def __init__(self, problem: Problem, limits: Limits) -> None:
        rows = stack(problem)
        self.problem, self.limits = problem, limits
        self.rows = rows.keep(rows.can_bind)
        marks = np.array([block.redundant for block in rows.blocks], bool)
        self.redundant = marks[self.rows.block]
        self.out = impossible(problem, self.rows)
        self.working = Working.of(problem, self.rows, self.redundant)

    def start(self, clock: Clock) -> IntArray | None:
        """What first come first served finds."""
        limits = Limits(clock.left(), 1, self.limits.seed)
        return get("greedy").solve(self.problem, limits, silent, clock.cancel).chosen

    def stage(self, task: Task) -> Found:
        """One goal: relaxation, columns out, allocation, proof."""
        goal = _Goal(self, task, *self._vectors(task))
        try:
            return goal.solve() if goal.relax() else Found(None)
        except Infeasible:
            return Found(None, infeasible=task.start is None)

    def _vectors(self, task: Task) -> tuple[Rows, FloatArray, FloatArray, float]:
        """The rows with those of earlier goals, the goal's gain, and the gain with the next goal mixed in, in ``unit``."""
        problem = self.problem
        rows = self.rows.join(kept_rows(problem, task.kept))
        gain = (task.goal.sense * task.goal.dense(problem.columns)).astype(np.float64)
        targets = targets_of(problem)
        if task.number + 1 >= len(targets):
            return rows, gain, gain, 1.0
        following = targets[task.number + 1]
        extra = (following.sense * following.dense(problem.columns)).astype(np.float64)
        unit = max(1.0, reach(problem, extra) / MIXED)
        return rows, gain, gain * unit + extra, unit


@dataclass
class _Goal:
    """One goal's allocation and proof, once its relaxation is priced. Values are gains: more is better."""

    search: _Search
    task: Task
    rows: Rows
    gain: FloatArray
    mixed: FloatArray
    unit: float
    priced: Priced = field(init=False)
    support: Mask = field(init=False)
    active: Mask = field(init=False)
    best: IntArray | None = None

    def __post_init__(self) -> None:
        if self.task.start is not None:
            self.best = self.search.problem.complete(self.task.start)

    def relax(self) -> bool:
        """Price the relaxation; False when stopped. Raises ``Infeasible``."""
        search, later = self.search, len(self.rows) - len(self.search.rows)
        working = Working(np.append(search.working.rows, np.ones(later, bool)), search.working.columns)
        if self.best is not None:
            working.columns |= self.best > 0
        upper = np.where(search.out, 0, search.problem.upper)
        relaxation = Relaxation(search.problem, self.rows, upper, self.mixed, working)
        found = relaxation.solve(self.task.clock)
        if found is None:
            return False
        self.support = found[0] > TOLERANCE
        self.priced = priced(relaxation, found[1] / self.unit, self.gain)
        self.active = relaxation.working.rows
        search.working = Working(self.active[: len(search.rows)], relaxation.working.columns)
        return True

    def solve(self) -> Found:
        """The first integer program where it pays, then the second; what the prices rule out is left out for good."""
        bound = whole(self.priced.bound)
        columns = ~self.search.out & self._promising()
        if self._open(bound) and columns.sum() > SMALL:
            self._program(columns & self._favoured(columns), NODES)
            columns &= self._promising()
        if self._open(bound):
            bound = min(bound, self._program(columns, None))
        if self.best is None:
            return Found(None, infeasible=bound == -np.inf)
        self.search.out |= ~self.priced.possible(self._value())
        chosen = np.flatnonzero(self.best[: self.search.problem.options])
        bound = max(bound, self._value())
        return Found(chosen, int(self.task.goal.sense * bound), proven=bound == self._value())

    def _value(self) -> int:
        assert self.best is not None
        return int(np.rint(self.gain @ self.best))

    def _open(self, bound: float) -> bool:
        """Whether something better may exist."""
        return (self.best is None or self._value() < bound) and self.task.clock.stop() is None

    def _promising(self) -> Mask:
        """The columns that something better than the best may hold, and those of the best itself."""
        if self.best is None:
            return np.ones(len(self.gain), bool)
        return self.priced.possible(self._value() + 1) | (self.best > 0)

    def _favoured(self, columns: Mask) -> Mask:
        """The options with the best reduced costs, what the relaxation and the best allocation hold, all auxiliaries."""
        problem = self.search.problem
        favoured = self.support.copy()
        order = np.lexsort((np.arange(problem.options), -self.priced.reduced[: problem.options]))
        order = order[columns[order]][: FAVOURED * problem.agents]
        favoured[order] = True
        favoured[problem.options :] = True
        return favoured if self.best is None else favoured | (self.best > 0)

    def _program(self, columns: Mask, nodes: int | None) -> float:
        """Solve over the columns of a mask; take what is better; return the bound (−∞: nothing exists)."""
        upper = np.where(columns, self.search.problem.upper, 0)
        needed = np.append(~self.search.redundant, np.ones(len(self.rows) - len(self.search.rows), bool))
        rows = self.rows.keep(self.active | needed).within(upper)
        model = Model(rows, upper, self.mixed, whole=True, seed=self.search.limits.seed)
        found = model.search(self.task.clock, self._watch, start=self.best, nodes=nodes, gap=1 - TOLERANCE)
        if found.columns is not None:
            self._take(found.columns)
        return -np.inf if found.infeasible and self.best is None else self._in_units(found.bound)

    def _take(self, columns: IntArray) -> None:
        problem = self.search.problem
        better = problem.complete(np.flatnonzero(columns[: problem.options]))
        if self.best is None or self.mixed @ better > self.mixed @ self.best:
            self.best = better

    def _in_units(self, mixed_bound: float) -> float:
        """The bound on the goal that a bound on the mixed gain implies."""
        least = np.minimum(self.mixed - self.gain * self.unit, 0.0)
        return whole((mixed_bound + reach(self.search.problem, least)) / self.unit)

    def _watch(self, value: float, bound: float) -> bool:
        """Report, and stop as soon as the goal itself is proven, whatever is mixed in."""
        if not (np.isfinite(value) and np.isfinite(bound)):
            return False
        reached, possible = np.rint(value / self.unit), self._in_units(bound)
        sense = self.task.goal.sense
        self.task.tell(int(sense * reached), int(sense * min(possible, whole(self.priced.bound))))
        return bool(possible <= reached)


def whole(bound: float) -> float:
    """The largest whole number that is not above a bound known to within the tolerance."""
    return float(np.floor(bound + TOLERANCE * max(1.0, abs(bound) * TOLERANCE)))


def reach(problem: Problem, gain: FloatArray) -> float:
    """By how much a vector can differ between two allocations, at most."""
    best = np.zeros(problem.agents)
    np.maximum.at(best, problem.agent, np.abs(gain[: problem.options]))
    return float(best.sum() + (np.abs(gain[problem.options :]) * problem.upper[problem.options :]).sum())


SOLVER = Exact()
