"""Minimum-cost flow, for problems that are pure networks: optimal, proven, and quick.

All goals are solved at once, as one cost in which a unit of an earlier goal outweighs what later ones can
usually win back; node prices then prove the goals in order, with whole numbers (``potentials.prove``). Where
the cost would not fit into 64 bits, or the proof shows that it weighed an earlier goal too lightly, the goals
are split, and the later ones solved on the arcs that the prices leave free.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from models.errors import SolverFault, UnsuitableMethod
from models.outcome import Outcome
from models.problem import Goal, IntArray, Problem
from solvers import get
from solvers.interface import Cancel, Limits, Report, silent
from solvers.lexicographic import Clock, Found, Task, run
from solvers.mincost import StoppedError, TooLargeError, circulate, supplies
from solvers.network import LARGEST, Network, is_network
from solvers.potentials import prove, together
from solvers.stage import targets_of

__all__ = ["SOLVER", "Bare", "Network", "bare", "is_network"]

GRACE = 1.0
"""Seconds for first come first served when a flow was stopped: an allocation is returned, never nothing."""

LIGHT, HEAVY = 16, 1024
"""A unit of a goal outweighs what so many agents together can win back for the next one. More makes flows
slower, less makes proofs fail: swaps that go round more agents than that are rare, and found out.
"""

CLEAR = 4096
"""So much a unit outweighs in prices, which cost no more for it."""

ROOM = 2**54
"""Costs of which prices are made stay below this: a price is the sum of few of them."""


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
    """Goals that are solved at once: a cost per option for each, and by how much each can differ, between two
    allocations and between two choices of one agent.
    """

    goals: tuple[Goal, ...]
    costs: tuple[IntArray, ...]
    spreads: tuple[tuple[int, int], ...]

    def factors(self, enough: int) -> tuple[int, ...]:
        """What the goals before are multiplied by, so that one unit outweighs ``enough`` agents' choices, or all."""
        return tuple(1 + min(2 * total, enough * one) for total, one in self.spreads)

    def largest(self, enough: int) -> int:
        """No option's one cost is larger than this, nor smaller than minus it."""
        largest = 0
        for cost, factor in zip(self.costs, self.factors(enough), strict=True):
            largest = largest * factor + int(np.abs(cost).max(initial=0))
        return largest

    def add(self, other: Chunk) -> Chunk:
        """These goals, then the others."""
        return Chunk(self.goals + other.goals, self.costs + other.costs, self.spreads + other.spreads)

    def part(self, piece: slice) -> Chunk:
        """Some of the goals."""
        return Chunk(self.goals[piece], self.costs[piece], self.spreads[piece])


class _Course:
    """Solves all goals to begin with; the stages then only say what was proven."""

    def __init__(self, problem: Problem, network: Network, limits: Limits) -> None:
        self.problem = problem
        self.network = network
        self.limits = limits
        self.lower, self.upper = network.lower, network.upper
        self.chosen: IntArray | None = None
        self.proven: list[str] = []
        self.infeasible = False

    def start(self, clock: Clock) -> IntArray | None:
        """A best allocation; as good as time allowed where it was short."""
        try:
            for chunk in chunks_of(self.problem, self.network):
                self.settle(chunk, clock)
        except StoppedError:
            return self.chosen if self.chosen is not None else self.in_short(clock)
        return self.chosen

    def settle(self, chunk: Chunk, clock: Clock) -> None:
        """Solve for the goals, prove them, and hold what they reached; in halves where that fails."""
        clock.tell("solve", chunk.goals[0].name)
        several = len(chunk.goals) > 1
        if self.at_once(chunk, LIGHT, clock) or (several and self.at_once(chunk, HEAVY, clock)):
            return
        if not several:
            raise SolverFault(f"{chunk.goals[0].name}: no prices prove the flow")
        half = len(chunk.goals) // 2
        self.settle(chunk.part(slice(half)), clock)
        self.settle(chunk.part(slice(half, None)), clock)

    def at_once(self, chunk: Chunk, enough: int, clock: Clock) -> bool:
        """Solve for all goals in one cost; whether that went as it should."""
        if self.infeasible:
            return True
        cost = self.network.costs(together(chunk.costs, chunk.factors(enough)))
        try:
            flow = circulate(self.network, self.lower, self.upper, cost, clock)
        except TooLargeError:
            return False
        if flow is None:
            self.infeasible = True
            return True
        clear = CLEAR if chunk.largest(CLEAR) < ROOM else enough
        proof = prove(self.network, (self.lower, self.upper), flow, chunk.costs, chunk.factors(clear))
        if proof is None:
            return False
        self.chosen = np.flatnonzero(flow[: self.problem.options])
        self.proven += [goal.name for goal in chunk.goals]
        self.lower, self.upper = (
            np.where(proof.sign < 0, self.upper, self.lower),
            np.where(proof.sign > 0, self.lower, self.upper),
        )
        return True

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


@dataclass(frozen=True)
class Bare:
    """A problem as plain arrays for any minimum-cost flow, such as ``SimpleMinCostFlow``: one entry per arc of
    ``tail``, ``head``, ``capacity`` and ``cost``, one per node of ``supply``.

    The first arcs are the problem's options: one that carries 1 is chosen. Arcs from the sink (node 1) to the
    source (node 0) and with a least flow are balanced by the supplies. ``goals`` are those that the cost holds.
    """

    tail: IntArray
    head: IntArray
    capacity: IntArray
    cost: IntArray
    supply: IntArray
    goals: tuple[Goal, ...]


def bare(problem: Problem) -> Bare | str:
    """The network that this method solves first, with its costs, or why there is none.

    For comparisons: what one bare solve of the same arcs takes, and a limit for what any method can need. The
    goals are in one cost, with light weights that are nearly always enough; this method then proves that they
    were. Only the first goals are in it where all would not fit into 64 bits.
    """
    network = is_network(problem)
    if isinstance(network, str):
        return network
    chunk = chunks_of(problem, network)[0]
    cost = network.costs(together(chunk.costs, chunk.factors(LIGHT)))
    room = np.subtract(network.upper, network.lower, dtype=np.int64)
    supply = supplies(network.nodes, network.tail, network.head, network.lower)
    return Bare(network.tail, network.head, room, cost, supply, chunk.goals)


def chunks_of(problem: Problem, network: Network) -> list[Chunk]:
    """The goals in as few costs as fit."""
    chunks: list[Chunk] = []
    for goal in targets_of(problem):
        chunk = _alone(problem, goal)
        both = chunks[-1].add(chunk) if chunks else chunk
        if chunks and both.largest(LIGHT) * (network.nodes + 1) < LARGEST:
            chunks[-1] = both
        else:
            chunks.append(chunk)
    return chunks


def _alone(problem: Problem, goal: Goal) -> Chunk:
    """One goal as a cost that is minimised."""
    cost = -goal.sense * goal.dense(problem.columns)[: problem.options]
    high, low = np.zeros(problem.agents, np.int64), np.zeros(problem.agents, np.int64)
    np.maximum.at(high, problem.agent, cost)
    np.minimum.at(low, problem.agent, cost)
    spread = high - low
    return Chunk((goal,), (cost,), ((int(spread.sum()), int(spread.max(initial=0))),))


SOLVER = Flow()
