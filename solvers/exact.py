"""The exact method: every goal proven in order.

Per goal (``proving``):

1. The linear relaxation, grown by rows and columns (``relaxing``); it lives on from goal to goal. Its prices are a
   proof: a Lagrangian bound computed from them afresh holds for every allocation, whatever the solver's tolerances
   were (``pricing``). They also bound what is possible with each single column: columns that can't be part of
   anything better are left out, here and for all later goals.
2. A good allocation early (``diving``): it tells how many columns matter, and how much cuts (``cutting``) could gain.
3. Where few columns are left, one integer program over them (``programs``). Where the round is small and counts no
   escorts, HiGHS's own integer program at its root first: its cuts settle at once what groups and seats alone make
   hard (knapsacks).
4. Otherwise branch and bound over the auxiliaries alone (``branching``), with the relaxation at every node: it goes
   deep first. A node with whole auxiliaries is nearly a network, and a small integer program ends it.

Where nothing but knapsacks couples agents, prices per agent prove far more than a linear relaxation
(``knapsack_search``).

The relaxation is solved for the goal with a little of the next goal mixed in: with the goal alone, thousands
of columns are worth the same and the simplex method wanders among them.
"""

from __future__ import annotations

import numpy as np

from models.outcome import Outcome
from models.problem import IntArray, Problem
from solvers import get
from solvers.branching import Part
from solvers.dominance import dominated
from solvers.highs import FloatArray, Infeasible
from solvers.impossible import impossible
from solvers.interface import Cancel, Limits, Report, silent
from solvers.knapsack_search import solved
from solvers.knapsacks import shape_of
from solvers.lexicographic import Clock, Found, Task, run
from solvers.programs import Programs, reach
from solvers.proving import Proof
from solvers.relaxing import Relaxation, Working
from solvers.rows import kept_rows, stack
from solvers.stage import targets_of

MIXED = 0.1
"""How much of one unit of a goal the next goal, mixed in, can be worth at most."""
SLIGHT = 1e-3
"""The part of a unit by which further rows must lower the relaxation to be worth another solution."""
UNIT = 1000.0
"""One unit of a goal when another is mixed in: far above the solver's tolerances, far below its limits."""


class Exact:
    """The method ``exact``."""

    name = "exact"

    def solve(self, problem: Problem, limits: Limits, report: Report, cancel: Cancel) -> Outcome:
        """Every goal in order, or the weighted objective, until proven or out of time."""
        search = Search(problem, limits)
        return run(problem, limits, report, cancel, search.stage, method=self.name, start=search.start)


class Search:
    """What one goal's search leaves for the next: the relaxation, which columns are out, where to look."""

    def __init__(self, problem: Problem, limits: Limits) -> None:
        rows = stack(problem)
        self.problem, self.limits = problem, limits
        self.rows = rows.keep(rows.can_bind)
        marks = np.array([block.redundant for block in rows.blocks], bool)
        self.redundant = marks[self.rows.block]
        needed = self.rows.keep(~self.redundant)
        self.out = impossible(problem, self.rows) | dominated(problem, needed, targets_of(problem))
        self.needed = needed
        self.parts: list[Part] = []
        self.knapsacks = shape_of(problem, self.needed)
        self.relaxation: Relaxation | None = None
        self.kept = 0

    def start(self, clock: Clock) -> IntArray | None:
        """What first come first served finds."""
        limits = Limits(clock.left(), 1, self.limits.seed)
        return get("greedy").solve(self.problem, limits, silent, clock.cancel).chosen

    def stage(self, task: Task) -> Found:
        """One goal: relaxation, columns out, allocation, proof."""
        try:
            shape = self.knapsacks
            found = None if shape is None else solved(self.problem, self.needed, shape, task, self.out)
            return found or self._prove(task)
        except Infeasible:
            return Found(None, infeasible=task.start is None)

    def _prove(self, task: Task) -> Found:
        gain, mixed, unit = self._gains(task)
        relaxation = self._relaxation(task, mixed)
        relaxation.slight = SLIGHT * unit
        best = None if task.start is None else self.problem.complete(task.start)
        if best is not None:
            relaxation.take(best > 0)
        programs = Programs(relaxation, self.out, gain, mixed, unit, task.clock, self.limits.seed, best)
        proof = Proof(task, programs, self.parts)
        found = proof.solve()
        self.out, self.parts = programs.out, proof.parts
        return found

    def _relaxation(self, task: Task, gain: FloatArray) -> Relaxation:
        """The relaxation, aimed at a gain, where the goals before keep their values."""
        if self.relaxation is None:
            upper = np.where(self.out, 0, self.problem.upper)
            working = Working.of(self.problem, self.rows, self.redundant)
            self.relaxation = Relaxation(self.problem, self.rows, upper, gain, working)
            self.relaxation.needed = ~self.redundant
        else:
            self.relaxation.aim(gain)
        if task.kept[self.kept :]:
            self.relaxation.add(kept_rows(self.problem, task.kept[self.kept :]), needed=True)
            self.kept = len(task.kept)
        return self.relaxation

    def _gains(self, task: Task) -> tuple[FloatArray, FloatArray, float]:
        """The goal's gain, and the gain with the next goal mixed in, in ``unit``."""
        problem = self.problem
        gain = (task.goal.sense * task.goal.dense(problem.columns)).astype(np.float64)
        targets = targets_of(problem)
        if task.number + 1 >= len(targets):
            return gain, gain, 1.0
        following = targets[task.number + 1]
        extra = (following.sense * following.dense(problem.columns)).astype(np.float64)
        share = MIXED * UNIT / max(1.0, reach(problem, extra))
        return gain, gain * UNIT + extra * share, UNIT


SOLVER = Exact()
