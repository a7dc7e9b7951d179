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
from solvers.scaling.sharing import Sharing


@dataclass(frozen=True)
class Change:
    """New prices of some ``rows``; of some ``counts`` the new ``common`` share, and the ``own`` ones of ``pairs``."""

    rows: IntArray
    prices: FloatArray
    counts: IntArray
    common: FloatArray
    pairs: IntArray
    own: FloatArray


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
        self.fixed = self.market.fixed(self.of_row, self.cost)

    @staticmethod
    def of(market: Market, priced: Priced) -> Trying:
        """From prices that stay as they are."""
        return Trying(market, priced.of_row.copy(), priced.sharing.copy())

    def halfway(self, change: Change) -> Change:
        """Half of what there is and half of a change."""
        before = self._as_it_is(change)
        return Change(
            change.rows,
            (change.prices + before.prices) / 2,
            change.counts,
            (change.common + before.common) / 2,
            change.pairs,
            (change.own + before.own) / 2,
        )

    def make(self, change: Change) -> Change:
        """Make a change; the one that takes it back."""
        back, touched = self._as_it_is(change), self._touched(change.rows)
        before = self._part(change.rows, touched)
        self.of_row[change.rows] = change.prices
        self.sharing.common[change.counts] = change.common
        self.sharing.own[change.pairs] = change.own
        asked = self._asked(touched)
        self.cost[touched] = np.where(self.market.shares.row[touched] >= 0, np.maximum(asked, 0.0), 0.0)
        self.fixed += self._part(change.rows, touched) - before
        return back

    def _as_it_is(self, change: Change) -> Change:
        """What a change would replace."""
        return Change(
            change.rows,
            self.of_row[change.rows],
            change.counts,
            self.sharing.common[change.counts],
            change.pairs,
            self.sharing.own[change.pairs],
        )

    def _part(self, rows: IntArray, counts: IntArray) -> float:
        """What some rows and counts have in ``fixed``."""
        reduced = np.maximum(self.cost[counts] - self._asked(counts), 0.0)
        upper = self.market.matrix.problem.auxiliary_upper[counts]
        return float(self.market.sides(self.of_row[rows], rows).sum()) + float(reduced @ upper)

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
