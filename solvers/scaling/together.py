"""Those who choose together, in the first allocation: tie after tie finds the best label at which its members fit.

They come before nearly everybody else: a group of ten finds room only where nobody has taken any, and whoever is alone
finds some beside it. Those go first who would lose most if their best label were gone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from models.problem import IntArray
from solvers.scaling.matrix import FloatArray, Mask, Matrix, totals
from solvers.scaling.ranking import keenest
from solvers.scaling.standing import EPSILON, Standing
from solvers.scaling.view import Tied, Valued

LABELS = 12
"""Labels that a tie tries, the best first."""
LABELLED = 8
"""Options that each member tries there, the best first."""
AHEAD = 256
"""Ties whose best labels are spelled out together."""


@dataclass(frozen=True)
class Offer:
    """What a label has for each member of its tie: ``options`` member after member, the best first; option i of
    ``agent[i]`` has the entries ``start[i]`` … ``start[i + 1]`` − 1 of ``row`` and ``value``.
    """

    options: IntArray
    agent: IntArray
    start: IntArray
    row: IntArray
    value: FloatArray
    whole: bool


@dataclass
class Together:
    """Who has a place so far (``placed``: from the beginning): ``choice`` of each agent (−1: none), ``counts`` (the
    auxiliaries) and the rows' sums.
    """

    matrix: Matrix
    tied: Tied
    worth: FloatArray
    minima: Mask
    placed: IntArray
    choice: IntArray = field(init=False)
    counts: IntArray = field(init=False)
    activity: FloatArray = field(init=False)
    limits: Mask = field(init=False)

    def __post_init__(self) -> None:
        standing = Standing.of(self.matrix, np.zeros(self.matrix.problem.columns), self.placed)
        self.choice, self.counts = standing.choice.copy(), standing.auxiliaries.copy()
        self.activity = standing.activity.copy()
        self.limits = (self.matrix.defines < 0) & ~self.minima & (self.matrix.lower < self.matrix.upper)

    def place(self) -> IntArray:
        """The chosen options, ascending."""
        queue = self._queue()
        for at in range(0, len(queue), AHEAD):
            ahead = queue[at : at + AHEAD]
            best = self._offers(np.array([labels[0] for labels in ahead]))
            for labels, offer in zip(ahead, best, strict=True):
                if self._takes(offer):
                    continue
                for label in labels[1:].tolist():
                    if self._takes(next(self._offers(np.array([label])))):
                        break
        return np.sort(self.choice[self.choice >= 0])

    def _queue(self) -> list[IntArray]:
        """The labels that each tie tries; the ties that lose most without their best label first."""
        worth = Valued(self.tied, self.worth).totals
        good = np.flatnonzero(worth > 0)
        order, rank = keenest(good, self.tied.tie_of_label[good], worth[good])
        first = np.flatnonzero(rank == 0)
        second = np.where(np.append(rank, 0)[first + 1] == 1, worth[np.append(order, 0)[first + 1]], 0.0)
        queue = np.lexsort((first, second - worth[order[first]]))
        ends = np.append(first, len(order))
        return [order[ends[tie] : min(ends[tie + 1], ends[tie] + LABELS)] for tie in queue.tolist()]

    def _offers(self, labels: IntArray) -> Iterator[Offer]:
        """What each of some labels has."""
        place, label = self.tied.best_of(self.worth, labels, LABELLED)
        options = self.tied.option[place]
        agent = self.matrix.problem.agent[options]
        at, row, value = self.matrix.entries(options)
        order = np.argsort(at, kind="stable")
        row, value = row[order], value[order]
        start = np.searchsorted(at[order], np.arange(len(options) + 1))
        edges = np.searchsorted(label, np.arange(len(labels) + 1))
        for number, (low, high) in enumerate(zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)):
            inside = slice(start[low], start[high])
            yield Offer(
                options[low:high],
                agent[low:high],
                start[low : high + 1] - start[low],
                row[inside],
                value[inside],
                bool(self.tied.whole[labels[number]]),
            )

    def _takes(self, offer: Offer) -> bool:
        """Whether the tie takes what a label has."""
        chosen = self._fitting(offer)
        return len(chosen) > 0 and self._settle(offer, chosen)

    def _fitting(self, offer: Offer) -> IntArray:
        """Places in ``options``, one for each member, as the rows have room for one after the other; none at all where
        a member finds none and all have to come.
        """
        uses = (offer.value > 0) & self.limits[offer.row]
        need = np.where(uses, offer.value, 0.0).tolist()
        row, room = offer.row.tolist(), (self.matrix.upper[offer.row] - self.activity[offer.row]).tolist()
        start, agent = offer.start.tolist(), offer.agent.tolist()
        taken: dict[int, float] = {}
        chosen: dict[int, int] = {}
        for place, who in enumerate(agent):
            if who in chosen:
                continue
            mine = [each for each in range(start[place], start[place + 1]) if need[each] > 0]
            if all(room[each] - taken.get(row[each], 0.0) >= need[each] - EPSILON for each in mine):
                chosen[who] = place
                for each in mine:
                    taken[row[each]] = taken.get(row[each], 0.0) + need[each]
        if offer.whole and len(chosen) < len(set(agent)):
            return np.zeros(0, np.int64)
        return np.array(list(chosen.values()), np.int64)

    def _settle(self, offer: Offer, chosen: IntArray) -> bool:
        """Take the options, with the counts that they ask for, where all rows hold with them (minima may yet)."""
        matrix = self.matrix
        spread = np.concatenate(
            [np.arange(offer.start[one], offer.start[one + 1]) for one in chosen.tolist()]
        )
        row, value = offer.row[spread], offer.value[spread]
        touched, where = np.unique(row, return_inverse=True)
        after = self.activity[touched] + totals(where, value, len(touched))
        short = np.flatnonzero((matrix.defines[touched] >= 0) & (after < matrix.lower[touched] - EPSILON))
        counts = matrix.defines[touched[short]]
        more = np.ceil((matrix.lower[touched] - after)[short] / matrix.divisor[touched[short]] - EPSILON)
        at, rows, amount = matrix.auxiliary.entries(counts)
        every = np.union1d(touched, rows)
        total = self.activity[every].copy()
        np.add.at(total, np.searchsorted(every, row), value)
        np.add.at(total, np.searchsorted(every, rows), amount * more[at])
        over = (total > matrix.upper[every] + EPSILON) & (matrix.defines[every] < 0)
        under = (total < matrix.lower[every] - EPSILON) & ~self.minima[every]
        under &= total < self.activity[every] - EPSILON
        high = self.counts[counts] + more > matrix.problem.auxiliary_upper[counts]
        if over.any() or under.any() or high.any():
            return False
        self.activity[every] = total
        self.counts[counts] += more.astype(np.int64)
        self.choice[offer.agent[chosen]] = offer.options[chosen]
        return True
