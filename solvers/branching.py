"""Branch and bound over the auxiliary columns: the few whole numbers on which everything else hangs.

Who travels in which flow with whom, and with how many escorts, couples learners; once that is settled, what is left is
nearly a network and its relaxation nearly whole. So the search divides on auxiliaries alone, goes deep first (a settled
set of auxiliaries is soon an allocation) and takes up the most promising open node after every leaf.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from models.problem import IntArray
from solvers.highs import FloatArray, Infeasible
from solvers.relaxing import Priced, Relaxation
from solvers.stage import Clock

WHOLE = 1e-6
"""How near to a whole number a column counts as whole."""


@dataclass(order=True)
class Node:
    """The allocations whose auxiliaries lie between ``lower`` and ``upper``: worth ``-rank`` at most."""

    rank: float
    number: int
    lower: IntArray = field(compare=False)
    upper: IntArray = field(compare=False)


@dataclass
class Tree:
    """One search.

    ``price`` turns the relaxation's prices into a bound; ``best`` tells the value of the best allocation so far (−∞: none);
    ``leaf`` settles a node whose auxiliaries are whole, given its bounds, the auxiliaries and its prices, and returns a bound
    on the node.
    """

    relaxation: Relaxation
    price: Callable[[FloatArray], Priced]
    best: Callable[[], float]
    leaf: Callable[[Node, IntArray, Priced], float]
    clock: Clock

    def search(self, bound: float, nodes: int) -> float:
        """Search at most so many nodes; return a bound on everything (the best value itself when it is proven)."""
        first = self.relaxation.problem.options
        number, settled = 0, -np.inf
        open_nodes = [Node(-bound, 0, self.relaxation.lower[first:], self.relaxation.upper[first:])]
        while (
            open_nodes and number < nodes and self.clock.stop() is None and -open_nodes[0].rank > self.best()
        ):
            node: Node | None = heapq.heappop(open_nodes)
            while node is not None:
                number += 1
                node, other, end = self._step(node, number)
                settled = max(settled, end)
                if other is not None:
                    heapq.heappush(open_nodes, other)
        return max(self.best(), settled, -open_nodes[0].rank if open_nodes else -np.inf)

    def _step(self, node: Node, number: int) -> tuple[Node | None, Node | None, float]:
        """Solve a node: the half to go on with, the half to leave for later, or what a node that ends here is worth."""
        self.relaxation.divide(node.lower, node.upper)
        try:
            found = self.relaxation.solve(self.clock)
        except Infeasible:
            return None, None, -np.inf
        if found is None:
            return None, None, -node.rank
        priced = self.price(found[1])
        bound = min(-node.rank, priced.whole)
        if bound <= self.best():
            return None, None, bound
        values = found[0][self.relaxation.problem.options :]
        distance = np.abs(values - np.rint(values))
        if not len(values) or distance.max() < WHOLE:
            settled = self.leaf(node, np.rint(values).astype(np.int64), priced)
            return None, None, min(bound, settled)
        return *_halves(node, int(np.argmax(distance)), values, bound, number), -np.inf


def _halves(node: Node, column: int, values: FloatArray, bound: float, number: int) -> tuple[Node, Node]:
    """Divide below and above a fractional auxiliary; the half nearer to its value first."""
    below, above = node.upper.copy(), node.lower.copy()
    below[column], above[column] = np.floor(values[column]), np.ceil(values[column])
    down = Node(-bound, number, node.lower, below)
    up = Node(-bound, number, above, node.upper)
    return (up, down) if values[column] - np.floor(values[column]) >= 0.5 else (down, up)
