"""Parts around those who miss most: one without a place (or a group), who sits where they would like to be, where these
could go instead, and who sits there.

Sweeps over areas find what is gained inside a few of them. What they leave is chains: a seat for one who waits, if
another moves on to a third place. Chains are followed ring by ring, from those in a part to whoever is in the rows that
are full for them, the cheapest first: by what an option is worth less than the best one of its agent, and by what
whoever is in its way loses by moving on. Such a part is small; one over areas has to be large to hold a chain at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from models.bulk import spans
from models.problem import IntArray
from solvers.scaling.matrix import FloatArray, Mask, Matrix, totals
from solvers.scaling.meeting import packing
from solvers.scaling.parts import LABELLED, LABELS, Part, Parts, Wanted
from solvers.scaling.ranking import keenest, stretches
from solvers.scaling.standing import EPSILON, Standing

WISHES = 12
"""Options of an agent, the best at the prices first, from which its chains go on."""
LOOKED_AT = 40
"""Options of an agent among which those are looked for that it can choose once all others in its part have left."""
OPEN = 12
"""Such options of an agent in a part, the best first."""
FEWEST = 12
"""Agents in a ring at least; otherwise a ring doubles the part."""


@dataclass(frozen=True)
class Waiting:
    """Who could wait for what, while prices stay."""

    matrix: Matrix
    parts: Parts
    wanted: Wanted

    @property
    def bundles(self) -> int:
        """One more than the highest number of a bundle."""
        return len(self.parts.mates[1]) - 1

    @cached_property
    def limits(self) -> Mask:
        """The rows that are full when they are: not those in which others make room, as in those that say that all of a
        group come or none.
        """
        return packing(self.matrix) & (self.matrix.defines < 0)

    def missed(self, standing: Standing) -> FloatArray:
        """What each bundle misses: the best that it could have at the prices, less what it has."""
        bundle, count = self.matrix.problem.bundle, self.bundles
        missed = -totals(bundle, self.has(standing), count)
        alone = np.ones(len(bundle), bool)
        if self.wanted.tied is not None:
            tied, ties = self.wanted.tied.tied, self.matrix.problem.ties
            alone = ~tied.agents
            assert ties is not None
            best = np.maximum(np.maximum.reduceat(self.wanted.tied.totals, tied.tie), 0.0)
            of_tie = np.zeros(len(ties.whole), np.int64)
            of_tie[ties.of_agent[~alone]] = bundle[~alone]
            missed += totals(of_tie[tied.number], best, count)
        return missed + totals(bundle[alone], self.best[alone], count)

    def has(self, standing: Standing) -> FloatArray:
        """What the present choice of each agent is worth."""
        choice = standing.choice
        return np.where(choice >= 0, self.wanted.worth[np.maximum(choice, 0)], 0.0)

    def loses(self, standing: Standing) -> FloatArray:
        """What each agent loses if it has to leave its present choice for the best of the others."""
        other = np.where(standing.choice == self._leading, self._second, self.best)
        return np.maximum(self.has(standing) - other, 0.0)

    @cached_property
    def best(self) -> FloatArray:
        """What the best option of each agent is worth; doing without is worth 0."""
        return self._best_of_each()

    @cached_property
    def _leading(self) -> IntArray:
        """The best option of each agent (−1: none is worth anything)."""
        agent, worth = self.matrix.problem.agent, self.wanted.worth
        leading = np.full(self.matrix.problem.agents, -1)
        for span in spans(0, len(worth)):
            hit = np.flatnonzero((worth[span] >= self.best[agent[span]]) & (worth[span] > 0)) + span.start
            leading[agent[hit]] = hit
        return leading

    @cached_property
    def _second(self) -> FloatArray:
        """What the best option of each agent beside the leading one is worth."""
        best, leading = self.best, self._leading[self._leading >= 0]
        worth = self.wanted.worth
        before = worth[leading]
        worth[leading] = -np.inf  # and back: large rounds have no room for a copy
        second = self._best_of_each()
        worth[leading] = before
        return np.minimum(second, best)

    def _best_of_each(self) -> FloatArray:
        first = self.matrix.first
        some = np.flatnonzero(first[1:] > first[:-1])
        best = np.zeros(self.matrix.problem.agents)
        if len(some):
            best[some] = np.maximum(np.maximum.reduceat(self.wanted.worth, first[some]), 0.0)
        return best

    def wishes(self, agents: IntArray, most: int) -> IntArray:
        """The best options of each of some agents, ascending; of those who choose together, where they like to meet."""
        tied = self.wanted.tied
        alone = agents if tied is None else agents[~tied.tied.agents[agents]]
        options = stretches(alone, self.matrix.first)
        order, rank = keenest(options, self.matrix.problem.agent[options], self.wanted.worth[options])
        found = np.sort(order[rank < most])
        ties = self.matrix.problem.ties
        if tied is None or ties is None or len(alone) == len(agents):
            return found
        asked = np.zeros(len(ties.whole), bool)
        asked[ties.of_agent[np.setdiff1d(agents, alone)]] = True
        meeting = tied.favoured(asked[tied.tied.tie_of_label], LABELS, LABELLED)
        return np.union1d(found, meeting)

    def around(
        self, standing: Standing, tried: Mask, least: float, most: int, size: int, others: Sequence[Part] = ()
    ) -> Iterator[Part]:
        """Parts (``most`` at most, without anybody in common, or of those in ``others``) of about ``size`` agents,
        around those bundles that miss most, ``least`` at least, and are not ``tried``; these are marked.
        """
        missed = np.where(tried, -np.inf, self.missed(standing))
        asking = np.flatnonzero(missed >= least)
        rings, taken, count = _Rings(self, standing), np.zeros(self.bundles, bool), 0
        for part in others:
            taken[self.matrix.problem.bundle[part.agents]] = True
        for bundle in asking[np.lexsort((asking, -missed[asking]))].tolist():
            if count == most:
                break
            if not taken[bundle]:
                tried[bundle] = True
                count += 1
                yield rings.part(bundle, size, taken)


def _cheapest(key: IntArray, cost: FloatArray) -> tuple[IntArray, FloatArray]:
    """The distinct keys, ascending, and the least cost of each."""
    order = np.lexsort((cost, key))
    distinct, first = np.unique(key[order], return_index=True)
    return distinct, cost[order[first]]


class _Rings:
    """Who is where in one allocation, and whom they would make room for."""

    def __init__(self, waiting: Waiting, standing: Standing) -> None:
        self.waiting, self.matrix, self.standing = waiting, waiting.matrix, standing
        self.problem = waiting.matrix.problem
        self.order, self.first = waiting.parts.mates
        self.loses = totals(self.problem.bundle, waiting.loses(standing), waiting.bundles)
        self.nothing = np.zeros(len(self.matrix))
        chosen = standing.chosen
        at, row, value = self.matrix.entries(chosen)
        uses = (value > 0) & waiting.limits[row]
        order = np.argsort(row[uses], kind="stable")
        self.there = self.problem.bundle[self.problem.agent[chosen[at[uses][order]]]]
        self.edges = np.searchsorted(row[uses][order], np.arange(len(self.matrix) + 1))

    def part(self, bundle: int, size: int, taken: Mask) -> Part:
        """The part around one bundle, with none of the bundles that are ``taken``; its own are marked."""
        inside: list[IntArray] = []
        ring: IntArray = np.array([bundle])
        count = 0
        cost = np.zeros(len(taken))
        row: IntArray = np.zeros(0, np.int64)
        reached = np.zeros(0)
        while len(ring):
            taken[ring] = True
            inside.append(ring)
            count += len(self._members(ring))
            if count >= size:
                break
            more, at_cost = self._reached(ring, cost)
            row, reached = _cheapest(np.append(row, more), np.append(reached, at_cost))
            ring, at_cost = self._next(row, reached, taken, min(max(FEWEST, count), size - count))
            cost[ring] = at_cost
        agents = np.sort(self._members(np.concatenate(inside)))
        chosen = self.standing.choice[agents]
        return Part(agents, self._open(agents, chosen[chosen >= 0]))

    def _members(self, bundles: IntArray) -> IntArray:
        return self.order[stretches(bundles, self.first)]

    def _reached(self, ring: IntArray, cost: FloatArray) -> tuple[IntArray, FloatArray]:
        """The rows that are full for those of a ring, and at what cost a chain leads there."""
        options = self.waiting.wishes(self._members(ring), WISHES)
        agent = self.problem.agent[options]
        behind = np.maximum(self.waiting.best[agent] - self.waiting.wanted.worth[options], 0.0)
        at, row = self._full(options, self.nothing)
        return row, (cost[self.problem.bundle[agent]] + behind)[at]

    def _full(self, options: IntArray, left: FloatArray) -> tuple[IntArray, IntArray]:
        """The entries (place in ``options``, row) that are too much for their rows once ``left`` is given back."""
        at, row, value = self.matrix.entries(options)
        over = self.standing.activity[row] - left[row] + value > self.matrix.upper[row] + EPSILON
        full = over & (value > 0) & self.waiting.limits[row]
        return at[full], row[full]

    def _next(
        self, row: IntArray, reached: FloatArray, taken: Mask, most: int
    ) -> tuple[IntArray, FloatArray]:
        """The bundles that make room most cheaply in these rows, about ``most`` agents, and at what cost."""
        there = self.there[stretches(row, self.edges)]
        via = np.repeat(reached, self.edges[row + 1] - self.edges[row])
        free = ~taken[there]
        bundle, cost = _cheapest(there[free], via[free])
        cost = cost + self.loses[bundle]
        order = np.lexsort((bundle, cost))
        size = np.cumsum(self.first[bundle[order] + 1] - self.first[bundle[order]])
        order = order[(size <= most) | (np.arange(len(order)) == 0)]
        return bundle[order], cost[order]

    def _open(self, agents: IntArray, chosen: IntArray) -> IntArray:
        """The options of a part: the best that agents can choose once all of them have left, and the present ones."""
        _, row, value = self.matrix.entries(chosen)
        left = np.zeros(len(self.matrix))
        np.add.at(left, row, np.maximum(value, 0.0))
        options = self.waiting.wishes(agents, LOOKED_AT)
        shut = np.zeros(len(options), bool)
        shut[self._full(options, left)[0]] = True
        options = options[~shut]
        agent = self.problem.agent[options]
        order, rank = keenest(options, agent, self.waiting.wanted.worth[options])
        tied = self.waiting.wanted.tied
        meets = np.zeros(len(order), bool) if tied is None else tied.tied.agents[self.problem.agent[order]]
        return np.union1d(order[(rank < OPEN) | meets], chosen)
