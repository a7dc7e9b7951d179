"""Prices and shares of a few rows and counts on trial: what they change in the bound is reckoned from what they touch.

Reckoning the whole bound for every block would make the time for all blocks grow with the square of the round.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from models.problem import IntArray
from solvers.scaling.matrix import FloatArray
from solvers.scaling.prices import Market, Priced
from solvers.scaling.ranking import stretches
from solvers.scaling.sharing import Shared, Sharing


@dataclass(frozen=True)
class Change:
    """New prices of some ``rows``, and how some counts are paid."""

    rows: IntArray
    prices: FloatArray
    shared: Shared


@dataclass
class Trying:
    """Prices and shares that change in place. ``cost`` is what one unit of each count costs, ``fixed`` what the bound
    holds besides everybody's best choice.
    """

    market: Market
    of_row: FloatArray
    sharing: Sharing
    cost: FloatArray = field(init=False)
    fixed: float = field(init=False)

    def __post_init__(self) -> None:
        self.cost = self.market.cost(self.of_row)
        self.fixed = self.market.fixed(self.of_row, self.cost, self.sharing)

    @staticmethod
    def of(market: Market, priced: Priced) -> Trying:
        """From prices that stay as they are."""
        return Trying(market, priced.of_row.copy(), priced.sharing.copy())

    def halfway(self, change: Change) -> Change:
        """Half of what there is and half of a change (what is collected beyond a cost is convex in the shares)."""
        before, new = self._as_it_is(change), change.shared
        return Change(
            change.rows,
            (change.prices + before.prices) / 2,
            Shared(
                new.counts,
                (new.common + before.shared.common) / 2,
                (new.over + before.shared.over) / 2,
                new.pairs,
                (new.own + before.shared.own) / 2,
            ),
        )

    def make(self, change: Change) -> Change:
        """Make a change; the one that takes it back."""
        back = self._as_it_is(change)
        touched = np.union1d(self._touched(change.rows), change.shared.counts)
        before = self._part(change.rows, touched)
        self.of_row[change.rows] = change.prices
        self.sharing.take(change.shared)
        self.cost[touched] = self._cost(touched)
        self.fixed += self._part(change.rows, touched) - before
        return back

    def cost_at(self, rows: IntArray, prices: FloatArray, counts: IntArray) -> FloatArray:
        """What one unit of some counts costs once some rows have other prices."""
        before = self.of_row[rows]
        self.of_row[rows] = prices
        cost = self._cost(counts)
        self.of_row[rows] = before
        return cost

    def _as_it_is(self, change: Change) -> Change:
        """What a change would replace."""
        return Change(change.rows, self.of_row[change.rows], self.sharing.part(change.shared))

    def _cost(self, counts: IntArray) -> FloatArray:
        """What one unit of some counts costs, its defining row apart."""
        return np.where(self.market.shares.row[counts] >= 0, np.maximum(self._asked(counts), 0.0), 0.0)

    def _part(self, rows: IntArray, counts: IntArray) -> float:
        """What some rows and counts have in ``fixed``."""
        cost = self.cost[counts]
        reduced = np.maximum(cost - self._asked(counts), 0.0)
        upper = self.market.matrix.problem.auxiliary_upper[counts]
        collected = float(cost @ self.sharing.over[counts])
        return float(self.market.sides(self.of_row[rows], rows).sum()) + float(reduced @ upper) + collected

    def _asked(self, counts: IntArray) -> FloatArray:
        """What one unit of some counts asks for at the prices, beyond what it gains."""
        matrix = self.market.matrix
        at, row, value = matrix.auxiliary.entries(counts)
        paid = np.bincount(at, weights=value * self.of_row[row], minlength=len(counts))
        asked: FloatArray = paid - self.market.gain[matrix.problem.options :][counts]
        return asked

    def _touched(self, rows: IntArray) -> IntArray:
        """The auxiliaries with entries in some rows, ascending."""
        owner, first = self._by_row
        return np.unique(owner[stretches(rows, first)])

    @cached_property
    def _by_row(self) -> tuple[IntArray, IntArray]:
        """The owners of the auxiliaries' entries in order of the rows, and where those of each row begin."""
        matrix = self.market.matrix
        order = np.argsort(matrix.auxiliary.row, kind="stable")
        size = np.bincount(matrix.auxiliary.row, minlength=len(matrix))
        return matrix.auxiliary.owner[order], np.concatenate([[0], np.cumsum(size)])
