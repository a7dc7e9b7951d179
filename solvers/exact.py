"""The exact method: every goal proven in order.

Per goal (``proving``):

1. The linear relaxation, grown by rows and columns (``relaxing``); it lives on from goal to goal. Its prices are a
   proof: a Lagrangian bound computed from them afresh holds for every allocation, whatever the solver's tolerances
   were (``pricing``). They also bound what is possible with each single column: columns that can't be part of
   anything better are left out, here and for all later goals.
2. A good allocation early (``diving``): it tells how many columns matter, and how much cuts (``cutting``) could gain.
   In a large round it is made better part by part at the relaxation's prices (``sweeping``); rows that only tighten the
   relaxation wait until then.
3. Where few columns are left, one integer program over them (``programs``). Where the round is small and counts no
   escorts, HiGHS's own integer program at its root first: its cuts settle at once what groups and seats alone make
   hard (knapsacks).
4. Otherwise branch and bound over the auxiliaries alone (``branching``), with the relaxation at every node: it goes
   deep first. A node with whole auxiliaries is nearly a network, and a small integer program ends it.

Where nothing but knapsacks couples agents, prices per agent prove far more than a linear relaxation
(``knapsack_search``).

The relaxation is solved for the goal with a little of the next goal mixed in: with the goal alone, thousands
of columns are worth the same and the simplex method wanders among them. A goal over auxiliaries alone (a worst share)
is not mixed in: it would pull the relaxation towards shares of learners everywhere.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from models.outcome import Outcome
from models.problem import IntArray, Problem
from solvers.branching import Part
from solvers.crew import Crew, crew
from solvers.dominance import dominated
from solvers.gathering import tightened
from solvers.greedy import ATTEMPTS, Coordinator
from solvers.highs import FloatArray, Infeasible
from solvers.impossible import impossible
from solvers.interface import Cancel, Limits, Report, silent
from solvers.knapsack_search import solved
from solvers.knapsacks import shape_of
from solvers.lexicographic import Clock, Found, Task, run
from solvers.programs import Programs, reach
from solvers.proving import Proof
from solvers.relaxing import MANY_OPTIONS, Relaxation, Working
from solvers.rows import kept_rows
from solvers.stage import targets_of
from solvers.sweeping import Sweeps

MIXED = 0.1
"""How much of one unit of a goal the next goal, mixed in, can be worth at most."""
UNIT = 1000.0
"""One unit of a goal when another is mixed in: far above the solver's tolerances, far below its limits."""


class Exact:
    """The method ``exact``."""

    name = "exact"

    def solve(self, problem: Problem, limits: Limits, report: Report, cancel: Cancel) -> Outcome:
        """Every goal in order, or the weighted objective, until proven or out of time."""
        alone = problem.options < MANY_OPTIONS  # then nobody is asked for, here or on a cluster
        with crew(Limits() if alone else limits) as hands:
            search = Search(problem, limits, hands)
            start = search.start if limits.starts else None
            return run(problem, limits, report, cancel, search.stage, method=self.name, start=start)

    def improve(
        self, problem: Problem, chosen: IntArray, limits: Limits, report: Report, cancel: Cancel
    ) -> Outcome:
        """As ``solve``, from an allocation that is known (indices of options, ascending), which keeps every row."""
        alone = problem.options < MANY_OPTIONS
        with crew(Limits() if alone else limits) as hands:
            search = Search(problem, limits, hands)
            return run(
                problem, limits, report, cancel, search.stage, method=self.name, start=lambda _: chosen
            )


class Search:
    """What one goal's search leaves for the next: the relaxation, which columns are out, where to look."""

    def __init__(self, problem: Problem, limits: Limits, hands: Crew | None = None) -> None:
        rows = tightened(problem)
        self.problem, self.limits = problem, limits
        self.hands = hands if problem.options >= MANY_OPTIONS else None
        self.rows = rows.keep(rows.can_bind)
        marks = np.array([block.redundant for block in rows.blocks], bool)
        self.redundant = marks[self.rows.block]
        needed = self.rows.keep(~self.redundant)
        self.out = impossible(problem, self.rows)
        if self.hands is None:  # few are dominated, and where there are many to compare it takes long
            self.out |= dominated(problem, needed, targets_of(problem))
        self.needed = needed
        self.parts: list[Part] = []
        self.knapsacks = shape_of(problem, self.needed)
        self.relaxation: Relaxation | None = None
        self.kept = 0
        self.rough: IntArray | None = None

    def start(self, clock: Clock) -> IntArray | None:
        """What first come first served finds; in a large round only once, and what it misses may be mended later."""
        quiet, attempts = replace(clock, report=silent), ATTEMPTS if self.hands is None else 1
        coordinator = Coordinator(self.problem, self.limits.seed, quiet, attempts)
        found = coordinator.place()
        self.rough = coordinator.chosen
        return found

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
        best = None if task.start is None else self.problem.complete(task.start)
        if best is not None:
            relaxation.take(best > 0)
        programs = Programs(relaxation, self.out, gain, mixed, unit, task.clock, self.limits.seed, best)
        sweeps = (
            None if self.hands is None else Sweeps(self.problem, self.hands, task.clock, self.limits.seed)
        )
        proof = Proof(task, programs, self.parts, sweeps)
        found = proof.solve()
        self.out, self.parts = programs.out, proof.parts
        return found

    def _sweeps(self, task: Task) -> Sweeps | None:
        if self.hands is None:
            return None
        return Sweeps(self.problem, self.hands, task.clock, self.limits.seed, self.rough)

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
        later = (
            goal for goal in targets_of(problem)[task.number + 1 :] if goal.counts_options(problem.options)
        )
        following = next(later, None)
        if following is None:
            return gain, gain, 1.0
        extra = (following.sense * following.dense(problem.columns)).astype(np.float64)
        share = MIXED * UNIT / max(1.0, reach(problem, extra))
        return gain, gain * UNIT + extra * share, UNIT


SOLVER = Exact()
