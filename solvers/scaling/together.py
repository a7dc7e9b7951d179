"""Those who choose together, in the first allocation: tie after tie finds the best label at which its members fit.

They come before nearly everybody else: a group of ten finds room only where nobody has taken any, and whoever is alone
finds some beside it. Those go first who would lose most if their best label were gone.
"""

from __future__ import annotations

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
        for labels in self._queue():
            for label in labels.tolist():
                chosen = self._fitting(label)
                if len(chosen) and self._settle(chosen):
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

    def _fitting(self, label: int) -> IntArray:
        """An option of this label for each member, as the rows have room for one after the other; none at all where a
        member finds none and all have to come.
        """
        options = self.tied.near(self.worth, np.array([label]), LABELLED)
        agent = self.matrix.problem.agent[options]
        order = np.lexsort((options, -self.worth[options], agent))
        at, row, value = self.matrix.entries(options)
        uses = (value > 0) & self.limits[row]
        at, row, value = at[uses], row[uses], value[uses]
        by_option = np.argsort(at, kind="stable")
        row, value = row[by_option], value[by_option]
        first = np.searchsorted(at[by_option], np.arange(len(options) + 1))
        room = {each: self.matrix.upper[each] - self.activity[each] for each in np.unique(row).tolist()}
        chosen: dict[int, int] = {}
        for place in order.tolist():
            who = int(agent[place])
            if who in chosen:
                continue
            mine = slice(first[place], first[place + 1])
            needs = list(zip(row[mine].tolist(), value[mine].tolist(), strict=True))
            if all(room[each] >= amount - EPSILON for each, amount in needs):
                chosen[who] = int(options[place])
                for each, amount in needs:
                    room[each] -= amount
        if self.tied.whole[label] and len(chosen) < len(np.unique(agent)):
            return np.zeros(0, np.int64)
        return np.array(sorted(chosen.values()), np.int64)

    def _settle(self, chosen: IntArray) -> bool:
        """Take the options, with the counts that they ask for, where all rows hold with them (minima may yet)."""
        matrix = self.matrix
        _, row, value = matrix.entries(chosen)
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
        self.choice[matrix.problem.agent[chosen]] = chosen
        return True
