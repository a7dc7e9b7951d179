"""Deferred acceptance (Gale and Shapley 1962), learners proposing: wishes against seats, everything else unseen.

Each learner asks for the best ranked option that has not refused; a seat row (one per day on which an offer's flows
overlap) that is over its seats refuses whom the host likes least: by fit where the problem has that goal, then by the
order of learners. Where every option is in one seat row this is the learners' best stable matching.
"""

from __future__ import annotations

import heapq

import numpy as np

from models.errors import UnsuitableMethod
from models.outcome import GoalValue, Outcome, Status, Stop
from models.problem import IntArray, Problem
from solvers.interface import Cancel, Limits, Report


class DeferredAcceptance:
    """Linear in the options but for the heaps."""

    name = "deferred_acceptance"
    about = "deferred acceptance (Gale and Shapley): wishes against seats"
    blind = (
        "beds",
        "flow_heads",
        "min_group",
        "quotas",
        "budget",
        "groups",
        "pairs",
        "same_school",
        "locks",
        "inclusion",
    )

    def solve(self, problem: Problem, limits: Limits, report: Report, cancel: Cancel) -> Outcome:
        """Propose until nobody is refused any more. Raises ``UnsuitableMethod`` where the problem has no seats."""
        chosen = stable(problem)
        values = problem.complete(chosen)
        goals = tuple(GoalValue(goal.name, goal.of(values), None, proven=False) for goal in problem.goals)
        return Outcome(Status.FEASIBLE, chosen, goals, self.name, stopped_by=Stop.METHOD)


def stable(problem: Problem) -> IntArray:
    """The options of the stable matching, ascending."""
    rows, seats = seat_rows(problem)
    wishes, held = wished(problem), Held(problem.agent.tolist(), liked(problem).tolist(), seats)
    asking = list(range(problem.agents - 1, -1, -1))
    while asking:
        who = asking.pop()
        if wishes[who]:
            option = wishes[who].pop()
            held.by[who] = option
            for row in rows[option]:
                asking += held.take(row, option)
    return np.array(sorted(held.by.values()), np.int64)


class Held:
    """Which option each agent holds for now, and per seat row a heap of the options that came, least liked first.

    A heap may keep options that have lost their place in another row; they are cleared out when it is over its seats.
    """

    def __init__(self, agent: list[int], liking: list[int], seats: list[int]) -> None:
        self.agent, self.liking, self.seats = agent, liking, seats
        self.by: dict[int, int] = {}
        self.heaps: list[list[tuple[int, int]]] = [[] for _ in seats]

    def take(self, row: int, option: int) -> list[int]:
        """Put an option in a row; the agents that it refuses now, who have to ask on."""
        heap, refused = self.heaps[row], []
        if self.by.get(self.agent[option]) == option:
            heapq.heappush(heap, (self.liking[option], option))
        if len(heap) > self.seats[row]:
            heap[:] = sorted(each for each in heap if self.by.get(self.agent[each[1]]) == each[1])
        while len(heap) > self.seats[row]:
            _, least = heapq.heappop(heap)
            refused.append(self.agent[least])
            del self.by[self.agent[least]]
        return refused


def wished(problem: Problem) -> list[list[int]]:
    """Each agent's options, the best ranked last."""
    order = np.lexsort((-problem.ranks, problem.agent))
    ends = np.searchsorted(problem.agent[order], np.arange(1, problem.agents + 1))
    return [part.tolist() for part in np.split(order, ends[:-1])]


def seat_rows(problem: Problem) -> tuple[list[list[int]], list[int]]:
    """The seat rows of each option, and the seats of each row."""
    blocks = [block for block in problem.blocks if block.rule == "seats" and not block.redundant]
    if not blocks:
        raise UnsuitableMethod("the problem has no seats to defer acceptance of")
    rows: list[list[int]] = [[] for _ in range(problem.options)]
    seats: list[int] = []
    for block in blocks:
        for row, option in zip(block.row.tolist(), block.column.tolist(), strict=True):
            rows[option].append(row + len(seats))
        seats += block.upper.tolist()
    return rows, seats


def liked(problem: Problem) -> IntArray:
    """How much a host likes an option, all different: by fit, then who comes first."""
    fit = next(
        (goal.dense(problem.columns)[: problem.options] for goal in problem.goals if goal.name == "fit"), 0
    )
    order = np.lexsort((-problem.agent, np.zeros(problem.options, np.int64) + fit))
    place = np.empty(problem.options, np.int64)
    place[order] = np.arange(problem.options)
    return place


PEER = DeferredAcceptance()
"""Found because it is here."""
