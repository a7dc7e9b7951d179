"""Claims that can be granted: an agent moves to an option that it prefers, weaker claims give way, every row holds.

A *feasible blocking pair* is an agent and an option of its own that it prefers, for which there are some to *give way*,
so that the allocation with the agent there, and without them and without the agent's old place, satisfies every row.
Who may give way: holders of a seat in the option's seat rows whose priority is lower, at most one from each of these
rows, as whoever comes takes one seat in each; nobody, where that is enough. They may give way too where seats are free
and something else that they hold, a bed for instance, is what the agent lacks.

Agents move one at a time. Those who may only move together are in no feasible blocking pair.
"""

from __future__ import annotations

from itertools import product

import numpy as np

from models.problem import IntArray
from solvers.blocking import NOBODY, Market
from solvers.ledger import Ledger


class Standing:
    """An allocation that satisfies every row, and stays one while claims are granted."""

    def __init__(self, market: Market, chosen: IntArray) -> None:
        problem = market.problem
        self.market, self.ranks = market, [*problem.ranks.tolist(), NOBODY]
        self.agent, self.priority = problem.agent.tolist(), market.priority.tolist()
        self.ledger = Ledger(problem)
        self.at = np.argsort(self.ledger.slots.option).tolist()
        self.own = [-1] * problem.agents
        self.holders: list[set[int]] = [set() for _ in market.seats.capacity]
        for option in chosen.tolist():
            self.put(option)

    @property
    def chosen(self) -> IntArray:
        """The chosen options, ascending."""
        return np.array(sorted(option for option in self.own if option >= 0), np.int64)

    def put(self, option: int, sign: int = 1) -> None:
        """Give an option to its agent, or take it away (``sign`` −1)."""
        self.ledger.take(self.at[option], sign)
        self.own[self.agent[option]] = option if sign > 0 else -1
        for row in self.market.rows_of[option]:
            (self.holders[row].add if sign > 0 else self.holders[row].discard)(option)

    def claims(self) -> list[int]:
        """The options that block by seats, ascending: no other can be in a feasible blocking pair."""
        found: list[int] = self.market.blocking(self.chosen).tolist()
        return found

    def preferred(self, options: list[int]) -> list[int]:
        """Those options that their agents (still) prefer, the best ranked first."""
        ranks, own = self.ranks, self.own
        better = [option for option in options if ranks[option] < ranks[own[self.agent[option]]]]
        return sorted(better, key=lambda option: (ranks[option], option))

    def grant(self, option: int) -> list[int] | None:
        """Move the option's agent there; the options that gave way, or None where the claim can't be granted.

        Of the ways to grant it, one in which the fewest give way, and of these the weakest claims.
        """
        for leaving in self.ways(option):
            if self.exchange(option, leaving):
                return list(leaving)
        return None

    def can_grant(self, option: int) -> bool:
        """Whether the agent and the option are a feasible blocking pair, given that the agent prefers it."""
        before = self.own[self.agent[option]]
        gone = self.grant(option)
        if gone is None:
            return False
        self.put(option, -1)
        for other in [*gone, *([before] if before >= 0 else [])]:
            self.put(other)
        return True

    def ways(self, option: int) -> list[tuple[int, ...]]:
        """Who might give way, best first: of each full seat row a weaker claim, of each other one or nobody."""
        before, mine = self.own[self.agent[option]], self.priority[option]
        choices: list[list[int]] = []
        for row in self.market.rows_of[option]:
            others = self.holders[row] - {before}
            weaker = [holder for holder in others if self.priority[holder] < mine]
            full = len(others) >= int(self.market.seats.capacity[row])
            choices.append(weaker if full else [-1, *weaker])
        ways = {tuple(sorted({holder for holder in way if holder >= 0})) for way in product(*choices)}
        return sorted(ways, key=lambda way: (len(way), [self.priority[holder] for holder in way], way))

    def exchange(self, option: int, leaving: tuple[int, ...]) -> bool:
        """Move the agent in and the others out, if every row still holds; else nothing changes."""
        before = self.own[self.agent[option]]
        out = [*leaving, *([before] if before >= 0 else [])]
        for other in out:
            self.put(other, -1)
        self.put(option)
        rows = self.ledger.rows_of([self.at[other] for other in (option, *out)])
        if not self.ledger.excess(rows).any():
            return True
        self.put(option, -1)
        for other in out:
            self.put(other)
        return False
