"""What passes between the driver of goals in order and a method: the clock, one stage's task, its answer, and
the vectors.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from models.bulk import narrow, spans
from models.outcome import Stop
from models.problem import Goal, IntArray, Problem
from solvers.interface import Cancel, Limits, Progress, Report

LATER_SHARE = 0.1
"""The part of the remaining time that is held back for each later goal."""

TIE_WEIGHTS = 2**30
"""Tie-breaking weights are below this; two best allocations with the same sum are then as good as impossible.
"""


@dataclass(frozen=True)
class Clock:
    """Wall time with a deadline, the caller's cancel and the caller's ear. Times are seconds of ``time.monotonic``."""

    report: Report
    cancel: Cancel
    start: float = field(default_factory=time.monotonic)
    deadline: float | None = None

    @staticmethod
    def of(limits: Limits, report: Report, cancel: Cancel) -> Clock:
        """A clock that starts now."""
        clock = Clock(report, cancel)
        return clock if limits.seconds is None else replace(clock, deadline=clock.start + limits.seconds)

    def elapsed(self) -> float:
        """Seconds since the solver began."""
        return time.monotonic() - self.start

    def left(self) -> float | None:
        """Seconds until the deadline, never below 0; None where there is none."""
        return None if self.deadline is None else max(0.0, self.deadline - time.monotonic())

    def stop(self) -> Stop | None:
        """Why to stop now, or None. Cheap; may be asked from a solver's own thread."""
        if self.cancel():
            return Stop.CANCELLED
        return Stop.TIME if self.left() == 0.0 else None

    def tell(
        self, phase: str, goal: str | None = None, value: int | None = None, bound: int | None = None
    ) -> None:
        """Report progress."""
        self.report(Progress(phase, goal, value, bound, self.elapsed()))

    def holding_back(self, later: int) -> Clock:
        """The same clock with an earlier deadline, that leaves some time for so many later goals."""
        left = self.left()
        if left is None or not later:
            return self
        return replace(self, deadline=time.monotonic() + left * (1 - min(0.5, LATER_SHARE * later)))


@dataclass(frozen=True)
class Task:
    """What a stage is asked: the best of ``goal`` (in its own ``sense``) where every goal in ``kept`` stays
    at its value or better.

    ``start`` is an allocation that satisfies all of it (None: not known yet), ``number`` counts the stages
    from 0, ``gap`` is the relative gap at which the stage may stop, ``bound`` one that holds beforehand.
    """

    number: int
    goal: Goal
    kept: tuple[tuple[Goal, int], ...]
    start: IntArray | None
    bound: int
    gap: float
    clock: Clock

    def tell(self, value: int | None = None, bound: int | None = None) -> None:
        """Report progress on this goal."""
        self.clock.tell("solve", self.goal.name, value, bound)


@dataclass(frozen=True)
class Found:
    """A stage's answer: indices of the chosen options (None: none found), a bound on the goal in the goal's
    own direction (None: none known), whether the allocation is proven best, and whether it is proven that
    there is none. ``stop`` says why it ended without a proof; left out, the clock says.
    """

    chosen: IntArray | None
    bound: int | None = None
    proven: bool = False
    infeasible: bool = False
    stop: Stop | None = None


Stage = Callable[[Task], Found]
Start = Callable[[Clock], IntArray | None]


def targets_of(problem: Problem) -> tuple[Goal, ...]:
    """The vectors to solve for, in order: the goals (of a goal in steps, each of these), or the one weighted
    objective, or (with no goal) nothing at all.
    """
    if problem.weighted is not None:
        return (combined(problem),)
    steps = tuple(step for goal in problem.goals for step in goal.steps)
    return steps or (Goal("feasible", 1, np.zeros(0, np.int64), np.zeros(0, np.int64)),)


def combined(problem: Problem) -> Goal:
    """The weighted objective as one vector, maximised: Σ weight · sense · goal (whole numbers, before the scale)."""
    assert problem.weighted is not None
    total = np.zeros(problem.columns, np.int64)
    for weight, goal in zip(problem.weighted.weights, problem.goals, strict=True):
        goal.add_to(total, weight * goal.sense)
    column = narrow(np.flatnonzero(total))
    return Goal("weighted", 1, column, narrow(total[column]))


def simple_bound(problem: Problem, goal: Goal) -> int:
    """A bound that holds for every allocation: each agent's best option for the goal, and every auxiliary at
    its best end.
    """
    gain, best = np.zeros(problem.columns, np.int64), np.zeros(problem.agents, np.int64)
    goal.add_to(gain, goal.sense)
    for span in spans(0, problem.options):
        np.maximum.at(best, problem.agent[span], gain[span])
    rest = np.maximum(gain[problem.options :], 0) * problem.auxiliary_upper
    return goal.sense * int(best.sum() + rest.sum())


def tie_breaker(problem: Problem, seed: int) -> Goal:
    """A vector with a random weight per option, so that one allocation among equally good ones is best (the
    isolation lemma of Mulmuley, Vazirani and Vazirani 1987).
    """
    weights = np.random.default_rng([seed, problem.options]).integers(1, TIE_WEIGHTS, problem.options)
    return Goal("tie-break", 1, np.arange(problem.options), weights)


def relative_gap(value: int, bound: int) -> float:
    """|bound − value| / max(1, |value|)."""
    return abs(bound - value) / max(1, abs(value))


def at_least(goal: Goal, value: int, other: int) -> bool:
    """Whether ``value`` is as good as ``other`` for the goal, or better."""
    return goal.sense * value >= goal.sense * other
