"""Minimum-cost flow, for problems that are pure networks: optimal, proven, and quick.

Goals that fit into one cost together (each weighs more than all that comes after it) are solved at once; the
others one after the other, each on the arcs that the node prices of the one before leave free: an arc with a
reduced cost carries the same in every best flow (complementary slackness; Ahuja, Magnanti and Orlin 1993,
chapter 9).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from models.errors import UnsuitableMethod
from models.outcome import Outcome
from models.problem import Goal, IntArray, Problem
from solvers import get
from solvers.interface import Cancel, Limits, Report, silent
from solvers.lexicographic import Clock, Found, Task, run
from solvers.mincost import LARGEST, StoppedError, circulate, potentials, reduced_costs
from solvers.network import Network, is_network
from solvers.stage import targets_of

__all__ = ["SOLVER", "Network", "is_network"]

GRACE = 1.0
"""Seconds for first come first served when a flow was stopped: an allocation is returned, never nothing."""


class Flow:
    """The method ``flow``."""

    name = "flow"

    def solve(self, problem: Problem, limits: Limits, report: Report, cancel: Cancel) -> Outcome:
        """Every goal in order, or the weighted objective.

        Raises
        ------
        UnsuitableMethod
            When the problem is not a pure network.
        """
        network = is_network(problem)
        if isinstance(network, str):
            raise UnsuitableMethod(f"flow needs a pure network: {network}")
        course = _Course(problem, network, limits)
        return run(problem, limits, report, cancel, course.stage, method=self.name, start=course.start)


@dataclass(frozen=True)
class Chunk:
    """Goals that are solved at once, as one cost per option."""

    goals: tuple[Goal, ...]
    cost: IntArray


class _Course:
    """Solves all goals to begin with; the stages then only say what was proven."""

    def __init__(self, problem: Problem, network: Network, limits: Limits) -> None:
        self.problem = problem
        self.network = network
        self.limits = limits
        self.proven: list[str] = []
        self.infeasible = False

    def start(self, clock: Clock) -> IntArray | None:
        """A best allocation; as good as time allowed where it was short."""
        chosen: IntArray | None = None
        lower, upper = self.network.lower, self.network.upper
        chunks = chunks_of(self.problem, self.network)
        for number, chunk in enumerate(chunks):
            clock.tell("solve", chunk.goals[0].name)
            cost = self.network.costs(chunk.cost)
            try:
                flow = circulate(self.network, lower, upper, cost, clock)
            except StoppedError:
                return chosen if chosen is not None else self.in_short(clock)
            if flow is None:
                self.infeasible = True
                return None
            chosen = np.flatnonzero(flow[: self.problem.options])
            self.proven += [goal.name for goal in chunk.goals]
            if number + 1 < len(chunks):
                reduced = reduced_costs(
                    self.network, cost, potentials(self.network, lower, upper, cost, flow)
                )
                lower, upper = np.where(reduced < 0, upper, lower), np.where(reduced > 0, lower, upper)
        return chosen

    def in_short(self, clock: Clock) -> IntArray | None:
        """What first come first served finds in a moment."""
        return (
            get("greedy")
            .solve(self.problem, replace(self.limits, seconds=GRACE), silent, clock.cancel)
            .chosen
        )

    def stage(self, task: Task) -> Found:
        """What was found for one goal."""
        proven = task.goal.name in self.proven
        return Found(task.start, proven=proven, infeasible=self.infeasible)


def chunks_of(problem: Problem, network: Network) -> list[Chunk]:
    """The goals in as few costs as fit."""
    chunks: list[Chunk] = []
    for goal in targets_of(problem):
        cost = -goal.sense * goal.dense(problem.columns)[: problem.options]
        if chunks:
            both = _together(problem, network, chunks[-1], goal, cost)
            if both is not None:
                chunks[-1] = both
                continue
        chunks.append(Chunk((goal,), cost))
    return chunks


def _together(problem: Problem, network: Network, chunk: Chunk, goal: Goal, cost: IntArray) -> Chunk | None:
    """A chunk with one more goal, if the numbers stay small enough."""
    factor = _spread(problem, cost) + 1
    largest = int(np.abs(chunk.cost).max(initial=0)) * factor + int(np.abs(cost).max(initial=0))
    if largest * (network.nodes + 1) >= LARGEST:
        return None
    return Chunk((*chunk.goals, goal), chunk.cost * factor + cost)


def _spread(problem: Problem, cost: IntArray) -> int:
    """By how much a goal can differ between two allocations at most."""
    high, low = np.zeros(problem.agents, np.int64), np.zeros(problem.agents, np.int64)
    np.maximum.at(high, problem.agent, cost)
    np.minimum.at(low, problem.agent, cost)
    return int((high - low).sum())


SOLVER = Flow()
