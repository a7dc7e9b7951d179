"""Questions to a solver about a repair: the round with some options settled and some left out, as small as can be."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

import solvers
from matcher.explaining.problems import settled
from matcher.rules.base import Mask
from models.outcome import GoalValue, Outcome, Status
from models.problem import Block, Goal, IntArray, Problem
from solvers.exact import SOLVER as EXACT
from solvers.interface import Cancel, Limits, never, silent


@dataclass(frozen=True)
class Answer:
    """What a solver says of a round's options.

    ``chosen`` are options (indices, ascending; None: there is no allocation, or none was found); ``bounds`` the goals'
    in their order, ``proven`` whether nothing is better. ``impossible``: proven that there is no allocation.
    """

    chosen: IntArray | None
    bounds: tuple[int | None, ...] = ()
    proven: bool = False
    impossible: bool = False
    method: str = "exact"


@dataclass(frozen=True)
class Question:
    """The best by ``goals`` (an order, or the policy's weighted sum) with some options chosen and some never.

    ``fixed`` and ``out`` are masks over the options; ``rows`` further rows over all columns.
    """

    problem: Problem
    fixed: Mask
    out: Mask
    goals: tuple[Goal, ...]
    rows: tuple[Block, ...] = ()
    weighs: bool = True

    def ask(self, limits: Limits, cancel: Cancel = never, start: IntArray | None = None) -> Answer:
        """The answer; with ``start``, an allocation that keeps all that is asked, found from there."""
        problem, gone = self._small(), self.fixed | self.out
        if not problem.options:
            return self._of_fixed()
        opened = np.flatnonzero(~gone)
        if start is not None and problem.options <= solvers.EXACT_REACH:
            inside = np.searchsorted(opened, np.setdiff1d(start, np.flatnonzero(self.fixed)))
            outcome = EXACT.improve(problem, inside, limits, silent, cancel)
        else:
            solver, _ = solvers.choose(problem, limits)
            outcome = solver.solve(problem, limits, silent, cancel)
        return self._answer(outcome, opened)

    def _small(self) -> Problem:
        weighted = self.problem.weighted if self.weighs else None
        needed = tuple(block for block in self.problem.blocks if not block.redundant)
        asked = replace(
            self.problem,
            blocks=(*needed, *self.rows),
            goals=self.goals,
            weighted=weighted,
            areas=None,
            ties=None,
        )
        if not (self.fixed.any() or self.out.any()):
            whole = self.problem
            return replace(asked, blocks=(*whole.blocks, *self.rows), areas=whole.areas, ties=whole.ties)
        return settled(asked, self.fixed, self.out)

    def _of_fixed(self) -> Answer:
        """Where nothing is open: what is fixed, if it may be."""
        chosen = np.flatnonzero(self.fixed)
        allowed = replace(self.problem, blocks=(*self.problem.blocks, *self.rows)).allows(chosen)
        if not allowed:
            return Answer(None, impossible=True)
        values = self.problem.complete(chosen)
        return Answer(chosen, tuple(goal.of(values) for goal in self.goals), proven=True)

    def _answer(self, outcome: Outcome, opened: IntArray) -> Answer:
        if outcome.chosen is None:
            return Answer(None, impossible=outcome.status is Status.INFEASIBLE, method=outcome.method)
        chosen = np.union1d(opened[outcome.chosen], np.flatnonzero(self.fixed))
        bounds = tuple(self._bound(*pair) for pair in zip(outcome.goals, self.goals, strict=True))
        return Answer(chosen, bounds, outcome.status is Status.OPTIMAL, method=outcome.method)

    def _bound(self, found: GoalValue, goal: Goal) -> int | None:
        """The bound of a goal with what is settled counted in."""
        if found.bound is None:
            return None
        options = goal.column[goal.column < len(self.fixed)]
        values = goal.value[goal.column < len(self.fixed)]
        return found.bound + int(values[self.fixed[options]].sum())
