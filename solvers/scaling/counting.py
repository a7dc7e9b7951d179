"""Rows that tighten the relaxation of a count rounded up: which of them some values break.

Of a count z with ``k · z ≥ L + Σ x`` (x: whether an agent is counted; L: others who are, whatever happens here) these
rows, one for each set S of agents, describe with 0 ≤ x ≤ 1 and the row itself the convex hull of the whole values
(residual capacity inequalities; Magnanti, Mirchandani, Vachani 1993): n = L + |S| ask for μ = ⌈n / k⌉ units, and
r = n − (μ − 1) · k are in the last one, so that every unit fewer turns r away: ``Σ over S of (1 − x) ≥ r · (μ − z)``.
A set of one says that the count is 1 at least when that agent is there (presence). The set that values break most is
known: those with more than the fraction of the count (Atamtürk, Rajan 2002).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.problem import IntArray
from solvers.scaling.matrix import FloatArray, totals
from solvers.scaling.ranking import keenest

CUTS = 4
"""Rows of presence that one count gets in one round, at most, the most broken first."""
BROKEN = 0.02
"""By how much values must break a row."""
WHOLE = 1e-6


@dataclass(frozen=True)
class Cuts:
    """Rows ``units · count − Σ pairs ≥ least``: entry i says that ``pair[i]`` is in row ``row[i]`` (ascending)."""

    row: IntArray
    pair: IntArray
    count: IntArray
    units: FloatArray
    least: FloatArray

    def __len__(self) -> int:
        return len(self.count)

    def joined(self, more: Cuts) -> Cuts:
        """These rows, then others."""
        return Cuts(
            np.concatenate([self.row, len(self) + more.row]),
            np.concatenate([self.pair, more.pair]),
            np.concatenate([self.count, more.count]),
            np.concatenate([self.units, more.units]),
            np.concatenate([self.least, more.least]),
        )

    @staticmethod
    def none() -> Cuts:
        """No rows."""
        nothing, numbers = np.zeros(0, np.int64), np.zeros(0)
        return Cuts(nothing, nothing, nothing, numbers, numbers)


@dataclass(frozen=True)
class Counted:
    """Of each pair (an agent in a count) its ``count`` (−1: none); of each count its k and how many ``others`` it holds
    (NaN: unknown, no rows of several agents then).
    """

    count: IntArray
    divisor: FloatArray
    others: FloatArray

    def broken(self, part: FloatArray, counts: FloatArray) -> Cuts:
        """Rows that values break: ``part`` of each pair, and the ``counts``."""
        return self.presence(part, counts).joined(self.residual(part, counts))

    def presence(self, part: FloatArray, counts: FloatArray) -> Cuts:
        """The rows of one agent, the most broken ones of each count."""
        over = part - np.append(counts, np.inf)[self.count]
        broken = np.flatnonzero(over > BROKEN)
        order, rank = keenest(broken, self.count[broken], over[broken])
        pair = order[rank < CUTS]
        return Cuts(np.arange(len(pair)), pair, self.count[pair], np.ones(len(pair)), np.zeros(len(pair)))

    def residual(self, part: FloatArray, counts: FloatArray) -> Cuts:
        """The row of several agents that is broken most, of each count that breaks one."""
        below = np.floor(counts + WHOLE)
        fraction = counts - below
        inside = part > np.append(fraction, np.inf)[self.count] + WHOLE
        pair = np.flatnonzero(inside)
        count = self.count[pair]
        many = np.bincount(count, minlength=len(counts)) + self.others
        units = np.ceil(many / self.divisor)
        last = many - (units - 1.0) * self.divisor
        away = totals(count, 1.0 - part[pair], len(counts))
        short = last * (units - counts) - away
        good = (fraction > WHOLE) & (units == below + 1.0) & ((units > 1.0) | (self.others > 0))
        chosen = np.flatnonzero(good & (short > BROKEN))
        number = np.full(len(counts), -1)
        number[chosen] = np.arange(len(chosen))
        mine = np.flatnonzero(number[count] >= 0)
        order = np.argsort(number[count[mine]], kind="stable")
        least = last[chosen] * units[chosen] - (many - self.others)[chosen]
        return Cuts(number[count[mine]][order], pair[mine][order], chosen, last[chosen], least)
