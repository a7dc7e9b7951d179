"""Deferred acceptance, agents proposing (Gale and Shapley 1962): wishes against seats, every other row unseen.

Each agent asks for the best ranked option that has not refused; a seat row that is over its seats refuses the weakest
claim in it. Where the seat rows that an option is in are nested, as where every option is in one, and an agent's claim
is equally strong at all its options of a row, as it is at one offer's, this is the agents' best stable matching: each
row refuses whom it could never have kept. Where flows overlap like chain links it need not be stable: who was refused
for the sake of somebody who was refused later does not ask again.
"""

from __future__ import annotations

import heapq

import numpy as np

from models.problem import IntArray, Problem
from solvers.blocking import Market


def accepted(market: Market) -> IntArray:
    """The options that are held once nobody is refused any more, ascending. Linear but for the heaps."""
    problem, rows = market.problem, market.rows_of
    wishes = wished(problem)
    held = Held(problem.agent.tolist(), market.priority.tolist(), market.seats.capacity.tolist())
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
    """Which option each agent holds for now, and per seat row a heap of the options that came, the weakest first.

    A heap may keep options that have lost their place in another row; they are cleared out when it is over its seats.
    """

    def __init__(self, agent: list[int], priority: list[int], seats: list[int]) -> None:
        self.agent, self.priority, self.seats = agent, priority, seats
        self.by: dict[int, int] = {}
        self.heaps: list[list[tuple[int, int]]] = [[] for _ in seats]

    def take(self, row: int, option: int) -> list[int]:
        """Put an option in a row; the agents that it refuses now, who have to ask on."""
        heap, refused = self.heaps[row], []
        if self.by.get(self.agent[option]) == option:
            heapq.heappush(heap, (self.priority[option], option))
        if len(heap) > self.seats[row]:
            heap[:] = sorted(each for each in heap if self.by.get(self.agent[each[1]]) == each[1])
        while len(heap) > self.seats[row]:
            _, weakest = heapq.heappop(heap)
            refused.append(self.agent[weakest])
            del self.by[self.agent[weakest]]
        return refused


def wished(problem: Problem) -> list[list[int]]:
    """Each agent's options, the best ranked last."""
    order = np.lexsort((-problem.ranks, problem.agent))
    ends = np.searchsorted(problem.agent[order], np.arange(1, problem.agents + 1))
    return [part.tolist() for part in np.split(order, ends)[: problem.agents]]
