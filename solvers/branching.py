"""Branch and bound over the auxiliary columns: the few whole numbers on which everything else hangs.

Who travels in which flow with whom, and with how many escorts, couples learners; once that is settled, what is left is
nearly a network and its relaxation nearly whole. So the search divides on auxiliaries alone, goes deep first (a settled
set of auxiliaries is soon an allocation) and takes up the most promising open node after every leaf.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from models.problem import IntArray
from solvers.highs import FloatArray, Infeasible
from solvers.pricing import Priced, whole
from solvers.relaxing import Relaxation
from solvers.stage import Clock

WHOLE = 1e-6
"""How near to a whole number a column counts as whole."""
EARLY = 10
"""Nodes at which it is worth a longer look which auxiliary to divide on."""
LOOKS, LATER_LOOKS = 4, 1
"""Auxiliaries at most that are looked at before one of them is chosen: early, and later."""
MUCH = 1e3
"""What a half that holds nothing is taken to lose while nothing is known to compare it with."""
OFTEN = 10
"""Every so many nodes an allocation is looked for near the relaxation's optimum."""
RELIABLE = 2
"""Times that an auxiliary must have been tried in both directions for its costs to be believed."""
TINY = 1e-6
"""The least that moving an auxiliary is taken to cost, so that a product still tells two of them apart."""


Part = tuple[IntArray, IntArray]
"""Lower and upper bounds of the auxiliaries."""


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

    def seen(self, column: int, up: bool, loss: float, step: float) -> None:
        """Take in what a look at one half says that moving a column loses."""
        self._sum[int(up), column] += max(loss, 0.0) / step
        self._times[int(up), column] += 1

    def doubtful(self, values: FloatArray) -> IntArray:
        """The fractional auxiliaries that look best but have hardly been tried yet."""
        score = self._score(values)
        order = np.lexsort((np.arange(len(score)), -score))[:LOOKS]
        wanted: IntArray = order[(score[order] >= 0) & (self._times[:, order].min(axis=0) < RELIABLE)]
        return wanted

    def choose(self, values: FloatArray) -> int:
        """The fractional auxiliary whose two halves are expected to lose most (the product of both counts)."""
        return int(np.argmax(self._score(values)))

    def _score(self, values: FloatArray) -> FloatArray:
        part = values - np.floor(values)
        average = self._sum.sum() / max(self._times.sum(), 1.0)
        cost = np.where(self._times > 0, self._sum / np.maximum(self._times, 1.0), average)
        down, up = np.maximum(cost[0] * part, TINY), np.maximum(cost[1] * (1 - part), TINY)
        fractional = np.minimum(part, 1 - part) >= WHOLE
        return np.where(fractional, down * up * (1 + np.minimum(part, 1 - part)), -1.0)


@dataclass
class Tree:
    """One search.

    ``unit`` is what one unit of the goal is worth to the relaxation. ``price`` turns the relaxation's prices into a
    bound; ``best`` tells the value of the best allocation so far (−∞: none). ``leaf`` looks for an allocation with
    given whole auxiliaries, ``look`` for one near a point; ``finish`` proves a bound on all of a node, where
    ``little`` says that this is soon done (``small``: where the auxiliaries are whole); ``tell`` hears the bound on
    everything, node by node. Nodes that a leaf leaves open wait for the end: by then a better allocation may have
    closed them. ``ended`` are the nodes done with.
    """

    relaxation: Relaxation
    price: Callable[[FloatArray], Priced]
    best: Callable[[], float]
    leaf: Callable[[IntArray, FloatArray], None]
    look: Callable[[FloatArray, Priced], None]
    little: Callable[[Priced], bool]
    small: Callable[[Priced], bool]
    finish: Callable[[Node, Priced], float]
    tell: Callable[[float], None]
    clock: Clock
    unit: float = 1.0
    left: list[tuple[Node, Priced]] = field(default_factory=list)
    ended: list[Node] = field(default_factory=list)

    def search(self, root: Priced, nodes: int, parts: Sequence[Part] = ()) -> float:
        """Search at most so many nodes; return a bound on everything (the best value itself when it is proven).

        ``parts``: everything that is worth a search lies in one of these.
        """
        first = self.relaxation.problem.options
        self.costs = PseudoCosts(self.relaxation.problem.columns - first)
        number = 0
        every = (self.relaxation.lower[first:], self.relaxation.upper[first:])
        waiting = [Node(-root.bound, -place, *part) for place, part in enumerate(parts or [every])]
        heapq.heapify(waiting)
        while waiting and number < nodes and self.clock.stop() is None and waiting[0].bound > self.best():
            node: Node | None = heapq.heappop(waiting)
            while node is not None:
                number += 1
                self.tell(self._bound([node, *waiting[:1]]))
                node, other = self._step(node, number)
                if other is not None:
                    heapq.heappush(waiting, other)
        if waiting and waiting[0].bound > self.best():
            self.ended += waiting
            return self._bound(waiting[:1])
        bound = max([self.best(), *(self._end(node, priced) for node, priced in self.left)])
        self.ended += waiting
        return bound

    def parts(self) -> list[Part]:
        """Parts that together hold every allocation as good as the best one, once that is proven to be best."""
        return [(node.lower, node.upper) for node in self.ended if node.bound >= self.best()]

    def _bound(self, nodes: list[Node]) -> float:
        """A bound on everything, from the best of the nodes that are open."""
        left = (priced.whole for _, priced in self.left)
        return max([self.best(), *(node.bound for node in nodes), *left])

    def _end(self, node: Node, priced: Priced) -> float:
        """A bound on a node that was left open."""
        bound = min(node.bound, priced.whole)
        if bound > self.best() and self.clock.stop() is None:
            bound = min(bound, max(self.finish(node, priced), self.best()))
        self._close(node, bound)
        return bound

    def _close(self, node: Node, bound: float) -> None:
        """A node is done with, and this is what it can hold."""
        if bound > -np.inf:
            self.ended.append(replace(node, rank=-bound))

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
            self._close(node, bound)
            return None, None
        values = found[0][self.relaxation.problem.options :]
        if not len(values) or np.abs(values - np.rint(values)).max() < WHOLE:
            if self.small(priced):
                self._end(node, priced)
            else:
                self.leaf(np.rint(values).astype(np.int64), found[1])
                self.left.append((node, priced))
            return None, None
        if self.little(priced):
            self._end(node, priced)
            return None, None
        if number % OFTEN == 0:
            self.look(found[0], priced)
        self._look(values, node, bound - self.best(), LOOKS if number <= EARLY else LATER_LOOKS)
        return _halves(node, self.costs.choose(values), values, bound, number)

    def _look(self, values: FloatArray, node: Node, gap: float, most: int) -> None:
        """Solve both halves of what looks best a little way, to choose well (reliability branching: Achterberg,
        Koch and Martin 2005).
        """
        relaxation, first = self.relaxation, self.relaxation.problem.options
        for column in self.costs.doubtful(values)[:most].tolist():
            below, part = int(np.floor(values[column])), float(values[column] - np.floor(values[column]))
            for up, lower, upper, step in (
                (False, node.lower[column], below, part),
                (True, below + 1, node.upper[column], 1 - part),
            ):
                value = relaxation.probe(first + column, int(lower), int(upper))
                loss = min((relaxation.value - value) / self.unit, gap)
                self.costs.seen(column, up, loss if np.isfinite(loss) else MUCH, step)


def _halves(node: Node, column: int, values: FloatArray, bound: float, number: int) -> tuple[Node, Node]:
    """Divide below and above a fractional auxiliary; the half nearer to its value first."""
    part = float(values[column] - np.floor(values[column]))
    below, above = node.upper.copy(), node.lower.copy()
    below[column], above[column] = np.floor(values[column]), np.ceil(values[column])
    down = Node(-bound, number, node.lower, below, column, False, part)
    up = Node(-bound, number, above, node.upper, column, True, 1 - part)
    return (up, down) if part >= 0.5 else (down, up)
