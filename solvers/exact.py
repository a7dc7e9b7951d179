"""The exact method: every goal proven in order.

Per goal:

1. The linear relaxation, grown by rows and columns (``relaxing``). Its prices are a proof: a Lagrangian bound
   computed from them afresh holds for every allocation, whatever the solver's tolerances were. They also
   bound what is possible with each single column: columns that can't be part of anything better are left out,
   here and for all later goals.
2. Where the round is small and counts no escorts, HiGHS's own integer program, at its root only: its cuts
   settle at once what groups and seats alone make hard (knapsacks).
3. Branch and bound over the auxiliaries alone (``branching``), with the relaxation at every node: it goes
deep
   first, so that a good allocation is soon there. A node with whole auxiliaries is nearly a network, and a
   small integer program ends it.
4. What is still open goes to one integer program over the columns that remain.

Where nothing but knapsacks couples agents, prices per agent prove far more than a linear relaxation
(``knapsack_search``).

The relaxation is solved for the goal with a little of the next goal mixed in: with the goal alone, thousands
of columns are worth the same and the simplex method wanders among them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from models.outcome import Outcome
from models.problem import IntArray, Problem
from solvers import get
from solvers.branching import Node, Part, Tree
from solvers.dominance import dominated
from solvers.highs import DOUBT, EFFORT, TOLERANCE, FloatArray, Infeasible, Model
from solvers.impossible import impossible
from solvers.interface import Cancel, Limits, Report, silent
from solvers.knapsack_search import solved
from solvers.knapsacks import shape_of
from solvers.lexicographic import Clock, Found, Task, run
from solvers.relaxing import Priced, Relaxation, Working, priced, whole
from solvers.rows import Rows, kept_rows, stack
from solvers.stage import targets_of

Mask = npt.NDArray[np.bool_]

FAVOURED = 12
"""Options per agent in an integer program that only looks for an allocation, besides those in use."""
HEURISTICS = 0.05
"""HiGHS's effort for heuristics in a neighbourhood."""
LEAF_NODES = 100
"""Nodes of an integer program that only looks for an allocation."""
SMALL = 80_000
"""Nonzeros up to which HiGHS is asked first what it can prove with cuts at the root of an integer program."""
NEAR = 1000
"""Options in the integer program of a neighbourhood."""
PARTS = 30
"""Parts that are remembered for the next goal, at most: more of them are as good as none."""
TINY_LEFT = 1000
"""Columns that one integer program is done with sooner than another relaxation."""
TREE_NODES = 2000
"""Nodes of the search over auxiliaries, before one integer program takes over."""
UNIT = 1000.0
"""One unit of a goal when another is mixed in: far above the solver's tolerances, far below its limits."""
CUT_ROUNDS = 12
"""Times that cuts are looked for at most."""
CUT_ROWS = 150
"""Rows of the tableau from which cuts are made, each time."""
CUTS = 60
"""Cuts taken in at once, at most."""
LITTLE = 0.02
"""The part of the gap that cuts must close to be worth another round."""
LITTLE_LEFT = 4000
"""Columns that one integer program is soon done with."""
LOOK_NODES = 20
"""Nodes of the integer program of a neighbourhood."""
MIXED = 0.1
"""How much of one unit of a goal the next goal, mixed in, can be worth at most."""


class Exact:
    """The method ``exact``."""

    name = "exact"

    def solve(self, problem: Problem, limits: Limits, report: Report, cancel: Cancel) -> Outcome:
        """Every goal in order, or the weighted objective, until proven or out of time."""
        search = Search(problem, limits)
        return run(problem, limits, report, cancel, search.stage, method=self.name, start=search.start)


class Search:
    """What one goal's search leaves for the next: which rows and columns matter, which columns are out."""

    def __init__(self, problem: Problem, limits: Limits) -> None:
        rows = stack(problem)
        self.problem, self.limits = problem, limits
        self.rows = rows.keep(rows.can_bind)
        marks = np.array([block.redundant for block in rows.blocks], bool)
        self.redundant = marks[self.rows.block]
        needed = self.rows.keep(~self.redundant)
        self.out = impossible(problem, self.rows) | dominated(problem, needed, targets_of(problem))
        self.working = Working.of(problem, self.rows, self.redundant)
        self.needed = needed
        self.parts: list[Part] = []
        self.knapsacks = shape_of(problem, self.needed)

    def start(self, clock: Clock) -> IntArray | None:
        """What first come first served finds."""
        limits = Limits(clock.left(), 1, self.limits.seed)
        return get("greedy").solve(self.problem, limits, silent, clock.cancel).chosen

    def stage(self, task: Task) -> Found:
        """One goal: relaxation, columns out, allocation, proof."""
        try:
            shape = self.knapsacks
            found = None if shape is None else solved(self.problem, self.needed, shape, task, self.out)
            return found or _Goal(self, task, *self._vectors(task)).solve()
        except Infeasible:
            return Found(None, infeasible=task.start is None)

    def learn(self, goal: _Goal) -> None:
        """Keep a goal's working rows and columns, and its cuts: they hold for all that comes after, as the
        goals that they may rest on keep their values.
        """
        working, later = goal.relaxation.working, len(self.rows)
        cuts = np.arange(len(goal.rows)) >= goal.cut_from
        self.working = Working(np.append(working.rows[:later], goal.binding()), working.columns)
        self.redundant = np.append(self.redundant, np.ones(int(cuts.sum()), bool))
        self.rows = self.rows.join(goal.rows.keep(cuts))

    def _vectors(self, task: Task) -> tuple[Rows, FloatArray, FloatArray, float]:
        """The rows with those of earlier goals, the goal's gain, and the gain with the next goal mixed in, in
        ``unit``.
        """
        problem = self.problem
        rows = self.rows.join(kept_rows(problem, task.kept))
        gain = (task.goal.sense * task.goal.dense(problem.columns)).astype(np.float64)
        targets = targets_of(problem)
        if task.number + 1 >= len(targets):
            return rows, gain, gain, 1.0
        following = targets[task.number + 1]
        extra = (following.sense * following.dense(problem.columns)).astype(np.float64)
        share = MIXED * UNIT / max(1.0, reach(problem, extra))
        return rows, gain, gain * UNIT + extra * share, UNIT


@dataclass
class _Goal:
    """One goal's allocation and proof. Values are gains: more is better."""

    search: Search
    task: Task
    rows: Rows
    gain: FloatArray
    mixed: FloatArray
    unit: float
    best: IntArray | None = None
    cut_from: int = field(init=False)
    relaxation: Relaxation = field(init=False)
    bound: float = np.inf
    point: FloatArray = field(init=False)
    prices: FloatArray = field(init=False)

    def __post_init__(self) -> None:
        search, later = self.search, len(self.rows) - len(self.search.rows)
        self.cut_from = len(self.rows)
        working = Working(np.append(search.working.rows, np.ones(later, bool)), search.working.columns.copy())
        if self.task.start is not None:
            self.best = search.problem.complete(self.task.start)
            working.columns |= self.best > 0
        upper = np.where(search.out, 0, search.problem.upper)
        self.relaxation = Relaxation(search.problem, self.rows, upper, self.mixed, working)

    def solve(self) -> Found:
        """Relax, branch, end with an integer program; what the prices rule out is left out for good."""
        root = self._root()
        if root is None:
            return Found(None)
        self.bound = bound = root.whole
        if self._open(bound) and not self._is_little(root) and not self.search.parts:
            self._near(self.point, root)
        if self._open(bound) and self._is_knapsacks():
            bound = min(bound, max(self._settle(root, 1), self._value()))
        if self._open(bound) and (self.search.parts or not self._is_little(root)):
            bound = min(bound, self._branch(root))
        if self._open(bound):
            bound = min(bound, max(self._settle(root, None), self._value()))
        self.search.learn(self)
        if self.best is None:
            return Found(None, infeasible=bound == -np.inf)
        self.search.out |= ~root.possible(self._value())
        chosen = np.flatnonzero(self.best[: self.search.problem.options])
        return Found(chosen, int(self.task.goal.sense * bound), proven=bound <= self._value())

    def _branch(self, root: Priced) -> float:
        """Search over the auxiliaries; the bound that it proves. The parts where it found nothing better, but
        perhaps something as good, are where later goals are searched.
        """
        call = (self._price, self._value, self._leaf, self._near, self._is_tiny, self._finish, self._tell)
        tree = Tree(self.relaxation, *call, self.task.clock, self.unit)
        nodes = TREE_NODES if self.search.problem.auxiliaries else 1
        bound = tree.search(root, nodes, self.search.parts)
        if root.whole > self._value() >= bound:
            parts = tree.parts()
            self.search.parts = parts if len(parts) <= PARTS else self.search.parts
        return bound

    def binding(self) -> Mask:
        """Which of the goal's cuts had a price at last: the others wait until they are broken."""
        return self.prices[self.cut_from :] > 0

    def _is_little(self, root: Priced) -> bool:
        """Whether few columns are left that anything better may hold: one integer program is done with them."""
        return self._left(root) <= LITTLE_LEFT

    def _is_tiny(self, prices: Priced) -> bool:
        """Whether so few columns are left that an integer program is faster than another node."""
        return self._left(prices) <= TINY_LEFT

    def _left(self, prices: Priced) -> float:
        """How many columns something better than the best allocation may hold."""
        possible = prices.possible(self._value() + 1) & ~self.search.out
        return np.inf if self.best is None else float(np.count_nonzero(possible))

    def _is_knapsacks(self) -> bool:
        """Small, and nothing is counted: auxiliaries at most tie agents together, which makes knapsacks."""
        problem = self.search.problem
        return len(self.rows.column) <= SMALL and bool(np.all(problem.upper[problem.options :] <= 1))

    def _root(self) -> Priced | None:
        """The relaxation's prices, with cuts; where a goal was mixed in, also those of the goal alone (None:
        stopped).
        """
        found = self.relaxation.solve(self.task.clock)
        if found is None:
            return None
        self.point, self.prices = found
        root = self._cut(self._price(found[1]))
        if self.unit > 1 and self._open(root.whole):
            self.relaxation.aim(self.gain)
            pure = self.relaxation.solve(self.task.clock)
            if pure is not None:
                root = min(root, priced(self.relaxation, pure[1], self.gain), key=lambda found: found.bound)
            self.relaxation.aim(self.mixed)
        return root

    def _cut(self, root: Priced) -> Priced:
        """Cut off the optimum and solve again, as long as it helps: the best prices."""
        for _ in range(0 if self.search.parts else CUT_ROUNDS):
            if not self._open(root.whole):
                break
            cuts = self.relaxation.cuts(self.point, CUT_ROWS, CUTS)
            if not cuts:
                break
            self.relaxation.tighten(cuts)
            self.rows = self.relaxation.rows
            found = self.relaxation.solve(self.task.clock)
            if found is None:
                break
            before, (self.point, self.prices) = root, found
            root = min(root, self._price(found[1]), key=lambda priced: priced.bound)
            self._tell(root.whole)
            if before.bound - root.bound < LITTLE * (before.bound - self._value()):
                break
        return root

    def _price(self, prices: FloatArray) -> Priced:
        return priced(self.relaxation, prices / self.unit, self.gain)

    def _value(self) -> float:
        return -np.inf if self.best is None else float(np.rint(self.gain @ self.best))

    def _open(self, bound: float) -> bool:
        """Whether something better may exist, and there is time to look for it."""
        return bound > self._value() and self.task.clock.stop() is None

    def _tell(self, bound: float) -> None:
        """Report the goal's best value and the bound on it, in the goal's own sense."""
        value, sense = self._value(), self.task.goal.sense
        bound = max(bound, value)
        self.task.tell(None if value == -np.inf else int(sense * value), int(sense * bound))

    def _near(self, point: FloatArray, prices: Priced) -> None:
        """Look for a better allocation near a point: who is wholly in one place there stays in it, and the others
        have the options that the prices favour (relaxation enforced neighbourhood: Berthold 2014).
        """
        problem = self.search.problem
        keep = point[: problem.options] > 1 - TOLERANCE
        free = np.ones(problem.agents, bool)
        free[problem.agent[keep]] = False
        moves = self._most_promising(self._favoured(prices) & free[problem.agent], point, prices)
        lower = self._within(np.zeros(problem.columns - problem.options, np.int64), np.flatnonzero(keep))
        upper = self._within(problem.upper[problem.options :], np.flatnonzero(keep | moves))
        self._program(lower, upper, LOOK_NODES, HEURISTICS)

    def _leaf(self, auxiliaries: IntArray, prices: Priced) -> None:
        """Look for an allocation with exactly these auxiliaries, among the options that the prices favour."""
        upper = self._within(auxiliaries, np.flatnonzero(self._favoured(prices)))
        self._program(self._within(auxiliaries), upper, LEAF_NODES)

    def _finish(self, node: Node, prices: Priced) -> float:
        """An integer program over all that a node holds: the bound that it proves."""
        possible = prices.possible(self._value() + 1) & ~self.search.out
        upper = self._within(node.upper, np.flatnonzero(possible[: self.search.problem.options]))
        return min(prices.whole, self._program(self._within(node.lower), upper, None))

    def _settle(self, root: Priced, nodes: int | None) -> float:
        """One integer program over every column that something better than the best may hold: the bound it
        proves.
        """
        problem = self.search.problem
        possible = (
            root.possible(self._value() + 1) if self.best is not None else np.ones(problem.columns, bool)
        )
        upper = np.where(possible & ~self.search.out, problem.upper, 0)
        if self.best is not None:
            upper = np.maximum(upper, self.best)
        return self._program(np.zeros_like(upper), upper, nodes)

    def _within(self, auxiliaries: IntArray, options: IntArray | None = None) -> IntArray:
        """Column bounds: the auxiliaries as given, 1 for the options named."""
        bounds = np.zeros(self.search.problem.columns, np.int64)
        bounds[self.search.problem.options :] = auxiliaries
        if options is not None:
            bounds[options] = 1
        return bounds

    def _most_promising(self, options: Mask, point: FloatArray, prices: Priced) -> Mask:
        """At most so many of the options as a small program holds, by reduced costs; those in use are in any case."""
        number = np.flatnonzero(options)
        order = np.lexsort((number, -prices.reduced[number]))
        some = np.zeros_like(options)
        some[number[order[:NEAR]]] = True
        used = point[: len(options)] > 0
        if self.best is not None:
            used |= self.best[: len(options)] > 0
        return some | options & used

    def _favoured(self, prices: Priced) -> Mask:
        """The options with the best reduced costs, and those that the relaxation or the best allocation use."""
        problem = self.search.problem
        favoured = self.relaxation.used[: problem.options].copy()
        order = np.lexsort((np.arange(problem.options), -prices.reduced[: problem.options]))
        favoured[order[: FAVOURED * problem.agents]] = True
        favoured &= (prices.possible(self._value() + 1) & ~self.search.out)[: problem.options]
        return favoured if self.best is None else favoured | (self.best[: problem.options] > 0)

    def _program(self, lower: IntArray, upper: IntArray, nodes: int | None, effort: float = EFFORT) -> float:
        """Solve between column bounds; take what is better; return the bound (−∞: nothing is there)."""
        needed = np.arange(len(self.rows)) < self.cut_from
        needed[: len(self.search.rows)] &= ~self.search.redundant
        columns = np.flatnonzero(upper)
        rows = self.rows.keep(self.relaxation.working.rows | needed).within(upper).among(columns, len(upper))
        model = Model(
            rows,
            upper[columns],
            self.mixed[columns],
            whole=True,
            seed=self.search.limits.seed,
            lower=lower[columns],
        )
        inside = self.best is not None and bool(np.all((lower <= self.best) & (self.best <= upper)))
        start = self.best[columns] if self.best is not None and inside else None
        found = model.search(self.task.clock, self._watch, start=start, nodes=nodes, effort=effort)
        if found.columns is not None:
            values = np.zeros(len(upper), np.int64)
            values[columns] = found.columns
            self._take(values)
        return -np.inf if found.infeasible else self._in_units(found.bound)

    def _take(self, columns: IntArray) -> None:
        problem = self.search.problem
        better = problem.complete(np.flatnonzero(columns[: problem.options]))
        if self.best is None or self.mixed @ better > self.mixed @ self.best:
            self.best = better

    def _in_units(self, mixed_bound: float) -> float:
        """The bound on the goal that a bound on the mixed gain implies."""
        least = np.minimum(self.mixed - self.gain * self.unit, 0.0)
        return whole((mixed_bound + reach(self.search.problem, least)) / self.unit + DOUBT)

    def _watch(self, value: float, bound: float) -> bool:
        """Whether the goal itself is settled within an integer program, whatever is mixed in: nothing better
        is left there, or nothing better is anywhere.
        """
        reached = -np.inf if not np.isfinite(value) else whole(value / self.unit + DOUBT)
        left = np.inf if not np.isfinite(bound) else self._in_units(bound)
        return bool(reached >= self.bound or left <= max(reached, self._value()))


def reach(problem: Problem, gain: FloatArray) -> float:
    """By how much a vector can differ between two allocations, at most."""
    best = np.zeros(problem.agents)
    np.maximum.at(best, problem.agent, np.abs(gain[: problem.options]))
    return float(best.sum() + (np.abs(gain[problem.options :]) * problem.upper[problem.options :]).sum())


SOLVER = Exact()
