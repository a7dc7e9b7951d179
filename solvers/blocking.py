"""Who has which claim to a seat: priorities, the lottery among equals, and the pairs that block an allocation.

An agent *prefers* an option that it ranks better than the one it has; everybody prefers any option to none. An option
*blocks by seats* if its agent prefers it and in every seat row in which it takes a seat one is free, the agent's own
place not counted, or somebody holds one whose priority is lower (Gale and Shapley 1962). Where other rows couple
agents, such a claim may be impossible to grant: see ``solvers/exchanging.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from models.problem import IntArray, Problem

NOBODY = np.iinfo(np.int64).max
"""A rank worse, and a priority higher, than any that occurs."""


def lottery(agents: int, seed: int) -> IntArray:
    """The agents in the order in which they are drawn, of shape (agents,).

    Each draws one ticket, in the order of their numbers: 64 raw bits of PCG64 seeded with ``seed``. The lowest ticket
    goes first. One lottery holds for all places: with one for each, fewer get their first wish (Abdulkadiroğlu, Pathak
    and Roth 2009). Raw bits are what numpy promises to keep between versions.
    """
    return np.argsort(np.random.PCG64(seed).random_raw(agents), kind="stable")


def priorities(problem: Problem, drawn: IntArray) -> IntArray:
    """How strong each option's claim to its seats is, all different, of shape (options,): the higher goes first.

    By the option's value in the goal ``fit`` where the problem has it, then by the lottery (``drawn``: the agents in
    its order), then, among options of one agent, by the order of options.
    """
    fits = [goal.dense(problem.columns)[: problem.options] for goal in problem.goals if goal.name == "fit"]
    turn = np.empty(problem.agents, np.int64)
    turn[drawn] = np.arange(problem.agents)
    fit = fits[0] if fits else np.zeros(problem.options, np.int64)
    key = fit * problem.agents + (problem.agents - 1 - turn[problem.agent])
    order = (
        problem.options - 1 - np.argsort(key[::-1], kind="stable")
    )  # of one agent's equals the later goes first
    place = np.empty(problem.options, np.int64)
    place[order] = np.arange(problem.options)
    return place


@dataclass(frozen=True)
class Seats:
    """In which seat rows each option takes a seat: entries (``option``, ``row``), by option, and every row's seats.

    An option's rows stand in the order of how many options they have: of nested rows the inner one first.
    """

    option: IntArray
    row: IntArray
    capacity: IntArray

    @classmethod
    def of(cls, problem: Problem) -> Seats:
        """The rows of the rule ``seats``; none where the rule is off."""
        blocks = [block for block in problem.blocks if block.rule == "seats" and not block.redundant]
        first = np.cumsum([0, *(len(block) for block in blocks)])
        rows = [block.row + begin for block, begin in zip(blocks, first[:-1].tolist(), strict=True)]
        row, option, capacity = (
            np.concatenate([np.zeros(0, np.int64), *parts])
            for parts in (rows, [block.column for block in blocks], [block.upper for block in blocks])
        )
        by_size = np.lexsort((np.arange(len(capacity)), np.bincount(row, minlength=len(capacity))))
        turn = np.empty(len(capacity), np.int64)
        turn[by_size] = np.arange(len(capacity))
        order = np.argsort(option * np.int64(len(capacity)) + turn[row], kind="stable")
        return cls(option[order], row[order], capacity)

    def listed(self, options: int) -> list[list[int]]:
        """Each option's rows as plain lists, which are faster one by one."""
        ends = np.searchsorted(self.option, np.arange(1, options + 1))
        return [part.tolist() for part in np.split(self.row, ends)[:options]]


@dataclass(frozen=True)
class Market:
    """A problem as wishes and claims: its seats, the ``priority`` of every option, the lottery as it was ``drawn``."""

    problem: Problem
    seats: Seats
    priority: IntArray
    drawn: IntArray

    @classmethod
    def of(cls, problem: Problem, seed: int) -> Market:
        """The market of a problem, with the lottery of a seed."""
        drawn = lottery(problem.agents, seed)
        return cls(problem, Seats.of(problem), priorities(problem, drawn), drawn)

    @cached_property
    def rows_of(self) -> list[list[int]]:
        """The seat rows of each option."""
        return self.seats.listed(self.problem.options)

    def has(self, chosen: IntArray) -> IntArray:
        """The option that each agent has (−1: none), of shape (agents,)."""
        own = np.full(self.problem.agents, -1)
        own[self.problem.agent[chosen]] = chosen
        return own

    def preferred(self, chosen: IntArray) -> npt.NDArray[np.bool_]:
        """Which options their agents would rather have than what they have."""
        ranks = np.append(self.problem.ranks, NOBODY)
        preferred: npt.NDArray[np.bool_] = ranks[:-1] < ranks[self.has(chosen)][self.problem.agent]
        return preferred

    def blocking(self, chosen: IntArray) -> IntArray:
        """The options that block by seats, ascending. In whole columns: linear but for a sort of the chosen.

        ``chosen`` has one option of an agent at most. A seat row that is over its seats counts as full.
        """
        option, row, agents = self.seats.option, self.seats.row, self.problem.agents
        held = np.zeros(self.problem.options, bool)
        held[chosen] = True
        there = held[option]
        taken = np.bincount(row[there], minlength=len(self.seats.capacity))
        weakest = np.full(len(self.seats.capacity), NOBODY)
        np.minimum.at(weakest, row[there], self.priority[option[there]])
        claim = row * np.int64(agents) + self.problem.agent[option]
        own = np.isin(claim, claim[there])
        room = (taken[row] - own < self.seats.capacity[row]) | (weakest[row] < self.priority[option])
        shut = np.bincount(option[~room], minlength=self.problem.options) > 0
        return np.flatnonzero(self.preferred(chosen) & ~shut)
