"""Node prices (potentials): whole numbers that prove a circulation cheapest, goal after goal at once.

A circulation is cheapest when there are prices under which no arc with room gains by carrying more and no arc
above its least gains by carrying less (complementary slackness; Ahuja, Magnanti and Orlin 1993, chapter 9).
With a price per goal at every node, compared goal by goal in order, the same condition proves the goals in
order: the prices of the first goal prove its value, those of the second prove its value among the best for the
first, and so on. No arc's flow need be the solver's word: what is checked is integers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from models.problem import IntArray
from solvers.network import Network

PATIENCE = 64
"""Rounds of shortest distances between two looks for a cycle that gains."""


@dataclass(frozen=True)
class Residual:
    """What a flow leaves: an arc for each that can carry more, and one backwards for each that can carry less.

    Sorted by ``tail``; those that leave node v are ``first[v]`` … ``first[v + 1]`` − 1. ``arc`` is the arc's
    number in the network, and ``forward`` says in which direction it goes.
    """

    first: IntArray
    tail: IntArray
    head: IntArray
    arc: IntArray
    forward: npt.NDArray[np.bool_]

    @staticmethod
    def of(network: Network, lower: IntArray, upper: IntArray, flow: IntArray) -> Residual:
        """The residual arcs of a flow between these limits (one each per arc)."""
        more, less = (np.flatnonzero(mask).astype(np.int32) for mask in (flow < upper, flow > lower))
        arc, forward = np.concatenate([more, less]), np.arange(len(more) + len(less)) < len(more)
        tail = np.where(forward, network.tail[arc], network.head[arc])
        order = np.argsort(tail, kind="stable")
        tail, arc, forward = tail[order], arc[order], forward[order]
        head = np.where(forward, network.head[arc], network.tail[arc])
        first = np.searchsorted(tail, np.arange(network.nodes + 1, dtype=tail.dtype))
        return Residual(first, tail, head, arc, forward)

    @property
    def nodes(self) -> int:
        """How many nodes the network has."""
        return len(self.first) - 1

    def lengths(self, cost: IntArray) -> IntArray:
        """A cost per residual arc from one per arc of the network."""
        length = cost[self.arc]
        np.negative(length, where=~self.forward, out=length)
        return length

    def leaving(self, nodes: IntArray) -> IntArray:
        """The numbers of the residual arcs that leave these nodes."""
        begin, count = self.first[nodes], self.degree[nodes]
        ends = np.cumsum(count)
        return np.arange(ends[-1] if len(ends) else 0) + np.repeat(begin - ends + count, count)

    @cached_property
    def degree(self) -> IntArray:
        """How many residual arcs leave each node."""
        return np.diff(self.first)


def shortest(residual: Residual, length: IntArray, price: IntArray | None = None) -> IntArray | None:
    """Prices p with ``length + p[tail] ≥ p[head]`` on every residual arc; None where a cycle gains.

    The distances of Bellman and Ford, all arcs of the nodes that changed at a time, from ``price`` (0 unless
    given). A cycle that gains shows as one among the nodes' parents (Cherkassky and Goldberg 1999).
    """
    price = np.zeros(residual.nodes, np.int64) if price is None else price.copy()
    parent = np.arange(residual.nodes)
    for number, arcs in enumerate(_rounds(residual, length, price, parent)):
        if number % PATIENCE == PATIENCE - 1 and _has_cycle(parent):
            return None
        if not len(arcs):
            break
    return price


def _rounds(residual: Residual, length: IntArray, price: IntArray, parent: IntArray) -> Iterator[IntArray]:
    """Lower prices along arcs until none is too high, round by round; gives the arcs that each round followed."""
    arcs: IntArray | slice = slice(None)
    while True:
        head, offer = residual.head[arcs], price[residual.tail[arcs]] + length[arcs]
        better = np.flatnonzero(offer < price[head])
        head, offer = head[better], offer[better]
        np.minimum.at(price, head, offer)
        best = np.flatnonzero(price[head] == offer)
        parent[head[best]] = residual.tail[arcs][better[best]]
        yield better
        changed = np.zeros(residual.nodes, bool)
        changed[head] = True
        arcs = residual.leaving(np.flatnonzero(changed))


def _has_cycle(parent: IntArray) -> bool:
    """Whether following parents ever comes back (a root is its own parent)."""
    ahead = parent
    for _ in range(len(parent).bit_length()):
        ahead = ahead[ahead]
    return bool(np.any(parent[ahead] != ahead))


@dataclass(frozen=True)
class Proof:
    """Prices per goal that prove a flow best for the goals in order, and what they say of each arc.

    ``sign`` is +1 for an arc that carries its least in every best flow, −1 for one that carries its most, and
    0 where best flows may differ.
    """

    prices: tuple[IntArray, ...]
    sign: npt.NDArray[np.int8]

    def bounds(self, network: Network, costs: Sequence[IntArray]) -> tuple[int, ...]:
        """For each goal the least cost that its prices prove, among flows that are best for the goals before it.

        The dual objective: what every arc costs at least at its reduced cost, where arcs that earlier goals hold
        stay where they are.
        """
        lower, upper = network.lower.astype(np.int64), network.upper.astype(np.int64)
        found = []
        for cost, price in zip(costs, self.prices, strict=True):
            reduced = reduced_costs(network, cost, price)
            found.append(int((reduced * np.where(reduced > 0, lower, upper)).sum()))
            lower, upper = np.where(reduced < 0, upper, lower), np.where(reduced > 0, lower, upper)
        return tuple(found)


def prove(
    network: Network,
    limits: tuple[IntArray, IntArray],
    flow: IntArray,
    costs: Sequence[IntArray],
    factors: Sequence[int],
) -> Proof | None:
    """Prices that prove a flow best for ``costs`` in order (the first counts most), or None.

    A cost has one entry per arc, or one per option: the arcs of sets then cost nothing.

    Prices are made for one cost, ``(costs[0] · factors[1] + costs[1]) · factors[2] + …``, and taken apart into one
    per goal; then the condition is checked goal by goal. So the factors need not be proven large enough, nor be
    those that the solver was given: where they are too small, it fails here, and the answer is None.
    """
    residual = Residual.of(network, *limits, flow)
    price = shortest(residual, residual.lengths(network.costs(together(costs, factors))))
    if price is None:
        return None
    prices = apart(price, factors)
    sign = _signs(network, costs, prices)
    broken = (sign < 0) & (flow < limits[1]) | (sign > 0) & (flow > limits[0])
    return None if broken.any() else Proof(prices, sign)


def together(costs: Sequence[IntArray], factors: Sequence[int]) -> IntArray:
    """Several costs as one, as ``prove`` says."""
    one = costs[0].copy()
    for cost, factor in zip(costs[1:], factors[1:], strict=True):
        one *= factor
        one += cost
    return one


def apart(price: IntArray, factors: Sequence[int]) -> tuple[IntArray, ...]:
    """One price taken apart: the digits in the number system of the factors, each as near to 0 as can be."""
    digits = []
    for factor in reversed(factors[1:]):
        digit = (price + factor // 2) % factor - factor // 2
        digits.append(digit)
        price = (price - digit) // factor
    return (price, *reversed(digits))


def _signs(network: Network, costs: Sequence[IntArray], prices: Sequence[IntArray]) -> npt.NDArray[np.int8]:
    """The sign of each arc's reduced cost for the first goal for which it is not 0."""
    sign = np.zeros(len(network.tail), np.int8)
    for cost, price in zip(costs, prices, strict=True):
        np.copyto(sign, np.sign(reduced_costs(network, cost, price)), where=sign == 0, casting="unsafe")
    return sign


def reduced_costs(network: Network, cost: IntArray, price: IntArray) -> IntArray:
    """What one more unit on each arc costs at these node prices (arcs without a cost: 0 and the prices)."""
    reduced = price[network.tail]
    reduced -= price[network.head]
    reduced[: len(cost)] += cost
    return reduced
