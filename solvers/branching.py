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
from solvers.relaxing import Priced, Relaxation, whole
from solvers.stage import Clock

WHOLE = 1e-6
"""How near to a whole number a column counts as whole."""
TINY = 1e-6
"""The least that moving an auxiliary is taken to cost, so that a product still tells two of them apart."""


@dataclass(order=True)
class Node:
    """The allocations whose auxiliaries lie between ``lower`` and ``upper``: worth ``-rank`` at most.

    ``column``, ``up`` and ``step`` say which auxiliary was moved to get here, where to and how far (−1: none was).
    """

    rank: float
    number: int
    lower: IntArray = field(compare=False)
    upper: IntArray = field(compare=False)
    column: int = field(default=-1, compare=False)
    up: bool = field(default=False, compare=False)
    step: float = field(default=1.0, compare=False)

    @property
    def bound(self) -> float:
        """The best whole value that the node can hold."""
        return whole(-self.rank)


class PseudoCosts:
    """What moving each auxiliary to a whole number has cost so far, per unit moved, down and up (Benichou 1971)."""

    def __init__(self, columns: int) -> None:
        self._sum = np.zeros((2, columns))
        self._times = np.zeros((2, columns))

    def learn(self, node: Node, bound: float) -> None:
        """Take in what a node's relaxation lost against its parent's."""
        if node.column >= 0:
            self._sum[int(node.up), node.column] += max(-node.rank - bound, 0.0) / node.step
            self._times[int(node.up), node.column] += 1

    def choose(self, values: FloatArray) -> int:
        """The fractional auxiliary whose two halves are expected to lose most (the product of both counts)."""
        part = values - np.floor(values)
        average = self._sum.sum() / max(self._times.sum(), 1.0)
        cost = np.where(self._times > 0, self._sum / np.maximum(self._times, 1.0), average)
        down, up = np.maximum(cost[0] * part, TINY), np.maximum(cost[1] * (1 - part), TINY)
        fractional = np.minimum(part, 1 - part) >= WHOLE
        score = np.where(fractional, down * up * (1 + np.minimum(part, 1 - part)), -1.0)
        return int(np.argmax(score))


@dataclass
class Tree:
    """One search.

    ``price`` turns the relaxation's prices into a bound; ``best`` tells the value of the best allocation so far
    (−∞: none). ``leaf`` looks for an allocation with given whole auxiliaries; ``finish`` proves a bound on all of a
    node; ``tell`` hears the bound on everything, node by node. Nodes that a leaf leaves open wait for the end: by
    then a better allocation may have closed them.
    """

    relaxation: Relaxation
    price: Callable[[FloatArray], Priced]
    best: Callable[[], float]
    leaf: Callable[[IntArray, Priced], None]
    finish: Callable[[Node, Priced], float]
    tell: Callable[[float], None]
    clock: Clock
    left: list[tuple[Node, Priced]] = field(default_factory=list)

    def search(self, root: Priced, nodes: int) -> float:
        """Search at most so many nodes; return a bound on everything (the best value itself when it is proven)."""
        first = self.relaxation.problem.options
        self.costs = PseudoCosts(self.relaxation.problem.columns - first)
        number = 0
        lower, upper = self.relaxation.lower[first:], self.relaxation.upper[first:]
        waiting = [Node(-root.bound, 0, lower, upper)]
        while waiting and number < nodes and self.clock.stop() is None and waiting[0].bound > self.best():
            node: Node | None = heapq.heappop(waiting)
            while node is not None:
                number += 1
                self.tell(self._bound([node, *waiting[:1]]))
                node, other = self._step(node, number)
                if other is not None:
                    heapq.heappush(waiting, other)
        if waiting and waiting[0].bound > self.best():
            return self._bound(waiting[:1])
        return max([self.best(), *(self._end(node, priced) for node, priced in self.left)])

    def _bound(self, nodes: list[Node]) -> float:
        """A bound on everything, from the best of the nodes that are open."""
        left = (priced.whole for _, priced in self.left)
        return max([self.best(), *(node.bound for node in nodes), *left])

    def _end(self, node: Node, priced: Priced) -> float:
        """A bound on a node that was left open."""
        if priced.whole <= self.best() or self.clock.stop() is not None:
            return min(node.bound, priced.whole)
        return self.finish(node, priced)

    def _step(self, node: Node, number: int) -> tuple[Node | None, Node | None]:
        """Solve a node: the half to go on with, and the half to leave for later."""
        self.relaxation.divide(node.lower, node.upper)
        try:
            found = self.relaxation.solve(self.clock)
        except Infeasible:
            return None, None
        if found is None:
            return None, node
        priced = self.price(found[1])
        self.costs.learn(node, priced.bound)
        bound = min(-node.rank, priced.bound)
        if whole(bound) <= self.best():
            return None, None
        values = found[0][self.relaxation.problem.options :]
        if not len(values) or np.abs(values - np.rint(values)).max() < WHOLE:
            self.leaf(np.rint(values).astype(np.int64), priced)
            self.left.append((node, priced))
            return None, None
        return _halves(node, self.costs.choose(values), values, bound, number)


def _halves(node: Node, column: int, values: FloatArray, bound: float, number: int) -> tuple[Node, Node]:
    """Divide below and above a fractional auxiliary; the half nearer to its value first."""
    part = float(values[column] - np.floor(values[column]))
    below, above = node.upper.copy(), node.lower.copy()
    below[column], above[column] = np.floor(values[column]), np.ceil(values[column])
    down = Node(-bound, number, node.lower, below, column, False, part)
    up = Node(-bound, number, above, node.upper, column, True, 1 - part)
    return (up, down) if part >= 0.5 else (down, up)
