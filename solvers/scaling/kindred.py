"""Parts of those who travel together: everybody whom the same counts tie, wherever they go.

An escort accompanies learners of one sending partner. Which of their flows these fill is decided between flows that may
lie far apart, with hardly any other learner in common: parts over areas do not see it. Here all agents whom a chain of
common counts joins choose anew together, among what the others leave.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from models.problem import IntArray
from solvers.scaling.sharing import Shares


@dataclass(frozen=True)
class Kindred:
    """``of_agent`` is the number of each agent's family; −1: no costly count holds any of its options."""

    of_agent: IntArray

    @staticmethod
    def of(shares: Shares, agent: IntArray, agents: int) -> Kindred:
        """The families of the agents (``agent`` has the agent of each option)."""
        pairs = len(shares.count)
        whose = np.full(pairs + 1, -1)
        whose[shares.pair] = agent
        return Kindred(_joined(whose[:pairs], shares.count, agents, len(shares.row)))

    def sweep(self, size: int, largest: int, turn: int) -> Iterator[IntArray]:
        """Agents (ascending) of whole families, about ``size`` at a time and all once, in an order that ``turn`` says;
        families of more than ``largest`` are left out: a part of them would take longer than it gains.
        """
        known = np.flatnonzero(self.of_agent >= 0)
        order = known[np.argsort(self.of_agent[known], kind="stable")]
        edges = np.flatnonzero(np.diff(self.of_agent[order], prepend=-1, append=-1))
        families = [order[begin:end] for begin, end in pairwise(edges)]
        together: list[IntArray] = []
        for number in np.random.default_rng(turn).permutation(len(families)).tolist():
            family = families[number]
            if len(family) > largest:
                continue
            if together and sum(map(len, together)) + len(family) > size:
                yield np.sort(np.concatenate(together))
                together = []
            together.append(family)
        if together:
            yield np.sort(np.concatenate(together))


def _joined(agent: IntArray, count: IntArray, agents: int, counts: int) -> IntArray:
    """The lowest agent that a chain of common counts joins to each agent (−1: it has no count), from pairs of both."""
    lowest = np.full(agents, -1)
    lowest[agent] = agent
    while True:
        of_count = np.full(counts, agents)
        np.minimum.at(of_count, count, lowest[agent])
        new = lowest.copy()
        np.minimum.at(new, agent, of_count[count])
        if np.array_equal(new, lowest):
            return lowest
        lowest = new
