"""Integer programs over parts of a problem: what they find becomes the best allocation, what they prove is a bound.

Each fixes or leaves out most columns by what the relaxation says of them, so that HiGHS is soon done with the rest.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.problem import IntArray, Problem
from solvers.branching import Node
from solvers.highs import DOUBT, EFFORT, GAP, TOLERANCE, FloatArray, Model
from solvers.pricing import Priced, reduced_gain, whole
from solvers.relaxing import Relaxation
from solvers.stage import Clock

Mask = npt.NDArray[np.bool_]

FAVOURED = 4
"""Options per agent in an integer program that only looks for an allocation, besides those in use."""
PROMISING = 12
"""Options per agent, over all, among which a neighbourhood chooses."""
HEURISTICS = 0.05
"""HiGHS's effort for heuristics in a neighbourhood."""
LEAF_NODES = 100
"""Nodes of an integer program that only looks for an allocation."""
LOOK_NODES = 20
"""Nodes of the integer program of a neighbourhood."""
NEAR = 1000
"""Options in the integer program of a neighbourhood."""
PLAIN_COLUMNS = 4000
"""Columns up to which an integer program that begins with an allocation is left to prove it."""


@dataclass
class Programs:
    """The integer programs of one goal, and the best allocation so far.

    ``gain`` is the goal's, ``mixed`` what is maximised: ``gain`` times ``unit``, with a little of the next goal.
    ``out`` marks the columns that are out for good, ``bound`` is the best one known on everything.
    """

    relaxation: Relaxation
    out: Mask
    gain: FloatArray
    mixed: FloatArray
    unit: float
    clock: Clock
    seed: int
    best: IntArray | None
    bound: float = np.inf

    @property
    def problem(self) -> Problem:
        """What is solved."""
        return self.relaxation.problem

    def value(self) -> float:
        """The goal's gain in the best allocation (−∞: none yet)."""
        return -np.inf if self.best is None else float(np.rint(self.gain @ self.best))

    def possible(self, prices: Priced, value: float) -> Mask:
        """The columns that an allocation worth so much may hold."""
        return prices.possible(value) & ~self.out

    def better(self, prices: Priced) -> Mask:
        """The columns that something better than the best allocation may hold."""
        return self.possible(prices, self.value() + 1)

    def near(self, point: FloatArray, prices: Priced) -> None:
        """Look for a better allocation near a point: who is wholly in one place there stays in it, and the others
        have the options that the prices favour (relaxation enforced neighbourhood: Berthold 2014).
        """
        problem = self.problem
        keep = point[: problem.options] > 1 - TOLERANCE
        free = np.ones(problem.agents, bool)
        free[problem.agent[keep]] = False
        moves = self._most_promising(self._favoured(prices) & free[problem.agent], point, prices)
        lower = self._within(np.zeros(problem.columns - problem.options, np.int64), np.flatnonzero(keep))
        upper = self._within(problem.upper[problem.options :], np.flatnonzero(keep | moves))
        self._run(lower, upper, LOOK_NODES, HEURISTICS)

    def leaf(self, auxiliaries: IntArray, prices: FloatArray) -> None:
        """Look for an allocation with exactly these auxiliaries, among every agent's best options at the relaxation's
        prices and those that it has used.
        """
        first = self.problem.options
        reduced = reduced_gain(self.relaxation.rows, prices, self.mixed)[:first]
        some = best_of_each(self.problem.agent, np.where(self.out[:first], -np.inf, reduced), FAVOURED)
        some = (some | self.relaxation.used[:first]) & ~self.out[:first]
        if self.best is not None:
            some |= self.best[:first] > 0
        self._run(self._within(auxiliaries), self._within(auxiliaries, np.flatnonzero(some)), LEAF_NODES)

    def finish(self, node: Node, prices: Priced) -> float:
        """An integer program over all that a node holds: the bound that it proves."""
        upper = self._within(node.upper, np.flatnonzero(self.better(prices)[: self.problem.options]))
        return min(prices.whole, self._run(self._within(node.lower), upper, None))

    def settle(self, root: Priced, nodes: int | None) -> float:
        """One integer program over every column that something better than the best may hold: the bound it
        proves.
        """
        upper = np.where(~self.out if self.best is None else self.better(root), self.problem.upper, 0)
        if self.best is not None:
            upper = np.maximum(upper, self.best)
        return self._run(np.zeros_like(upper), upper, nodes)

    def _within(self, auxiliaries: IntArray, options: IntArray | None = None) -> IntArray:
        """Column bounds: the auxiliaries as given, 1 for the options named."""
        bounds = np.zeros(self.problem.columns, np.int64)
        bounds[self.problem.options :] = auxiliaries
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
        problem = self.problem
        favoured = self.relaxation.used[: problem.options].copy()
        order = np.lexsort((np.arange(problem.options), -prices.reduced[: problem.options]))
        favoured[order[: PROMISING * problem.agents]] = True
        favoured &= self.better(prices)[: problem.options]
        return favoured if self.best is None else favoured | (self.best[: problem.options] > 0)

    def _run(self, lower: IntArray, upper: IntArray, nodes: int | None, effort: float = EFFORT) -> float:
        """Solve between column bounds; take what is better; return the bound (−∞: nothing is there)."""
        columns, relaxation = np.flatnonzero(upper), self.relaxation
        rows = relaxation.rows.keep(relaxation.working.rows | relaxation.needed).within(upper)
        model = Model(
            rows.among(columns, len(upper)),
            upper[columns],
            self.mixed[columns],
            whole=True,
            seed=self.seed,
            lower=lower[columns],
        )
        inside = self.best is not None and bool(np.all((lower <= self.best) & (self.best <= upper)))
        start = self.best[columns] if self.best is not None and inside else None
        plain = start is not None and len(columns) <= PLAIN_COLUMNS
        gap = GAP if nodes is not None else self._indifferent()
        found = model.search(
            self.clock, self._watch, start=start, nodes=nodes, effort=effort, gap=gap, plain=plain
        )
        if found.columns is not None:
            values = np.zeros(len(upper), np.int64)
            values[columns] = found.columns
            self.take(np.flatnonzero(values[: self.problem.options]))
        return -np.inf if found.infeasible else self._in_units(found.bound)

    def take(self, chosen: IntArray) -> None:
        """Go on from an allocation (indices of its options) if it is better than the best."""
        better = self.problem.complete(chosen)
        if self.best is None or self.mixed @ better > self.mixed @ self.best:
            self.best = better

    def _indifferent(self) -> float:
        """By how much the mixed gain can be better when the goal itself is not."""
        extra = self.mixed - self.gain * self.unit
        above, below = np.maximum(extra, 0.0), np.minimum(extra, 0.0)
        return max(GAP, GAP * self.unit - reach(self.problem, above) - reach(self.problem, below))

    def _in_units(self, mixed_bound: float) -> float:
        """The bound on the goal that a bound on the mixed gain implies."""
        least = np.minimum(self.mixed - self.gain * self.unit, 0.0)
        return whole((mixed_bound + reach(self.problem, least)) / self.unit + DOUBT)

    def _watch(self, value: float, bound: float) -> bool:
        """Whether the goal itself is settled within an integer program, whatever is mixed in: nothing better
        is left there, or nothing better is anywhere.
        """
        reached = -np.inf if not np.isfinite(value) else whole(value / self.unit + DOUBT)
        left = np.inf if not np.isfinite(bound) else self._in_units(bound)
        return bool(reached >= self.bound or left <= max(reached, self.value()))


def best_of_each(agent: IntArray, worth: FloatArray, most: int) -> Mask:
    """Each agent's best options, at most so many."""
    order = np.lexsort((-worth, agent))
    owner = agent[order]
    some = np.zeros(len(agent), bool)
    some[order[np.arange(len(agent)) - np.searchsorted(owner, owner, "left") < most]] = True
    return some


def reach(problem: Problem, gain: FloatArray) -> float:
    """By how much a vector can differ between two allocations, at most."""
    best = np.zeros(problem.agents)
    np.maximum.at(best, problem.agent, np.abs(gain[: problem.options]))
    return float(best.sum() + (np.abs(gain[problem.options :]) * problem.upper[problem.options :]).sum())
