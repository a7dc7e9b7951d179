"""Prices of rows, and the bound that they prove.

Any prices (0 or more on upper sides, 0 or less on lower ones) and any shares of the counts' costs bound every
allocation: Σ price · side, plus what everybody's best choice is worth at these prices (Lagrangian relaxation; Geoffrion
1974). Prices are looked for by subgradient steps aimed at the best allocation (Polyak 1969) over the few options that
have been near the best lately; a bound is only ever stated over all options.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from models.bulk import narrow, spans
from models.problem import IntArray
from solvers.scaling.matrix import FloatArray, Mask, Matrix
from solvers.scaling.ranking import near_best
from solvers.scaling.sharing import Shares, Sharing
from solvers.scaling.view import View, Wishes

MOMENTUM = 0.7
"""How much of the last step goes on."""
SLOW = 0.2
"""The part of what was aimed at that the bound has to fall between two looks; else steps aim less far."""
SHORTER = 0.6
AIM = 0.005
"""How far below the lowest bound the first steps aim, relative to it."""
PACE = 0.02
"""How fast shares follow who comes."""
REFRESH = 25
"""Steps between two looks at all options."""
NEAR = 24
"""Options per agent that a look at all options keeps, the best first."""
AGAIN = 0.0005
"""The same for the first steps of every later go."""
ALL = slice(None)
SAFETY = 1e-9
"""Relative rounding error that a bound is raised by: sums of doubles of one size err by far less."""


@dataclass(frozen=True)
class Priced:
    """Prices with what they prove: ``bound`` over all options; ``worth`` of each option at these prices."""

    of_row: FloatArray
    sharing: Sharing
    bound: float
    worth: FloatArray


@dataclass
class Market:
    """Where prices are made for one gain vector (options and auxiliaries)."""

    matrix: Matrix
    gain: FloatArray
    every: View = field(init=False)
    shares: Shares = field(init=False)
    priced: Mask = field(init=False)
    minima: Mask = field(init=False)
    scale: FloatArray = field(init=False)

    def __post_init__(self) -> None:
        options = self.matrix.problem.options
        self.shares = Shares.of(self.matrix, self.gain[options:])
        self.every = View.of(self.matrix, self.shares, self.gain[:options])
        self.minima = _minima(self.matrix)
        self.priced = _priced(self.matrix, self.minima)
        self.scale = 1.0 / _largest(self.matrix)

    def cost(self, of_row: FloatArray) -> FloatArray:
        """What one unit of each count costs at these prices, its defining row apart."""
        asked = self.matrix.auxiliary.prices(of_row) - self.gain[self.matrix.problem.options :]
        return np.where(self.shares.row >= 0, np.maximum(asked, 0.0), 0.0)

    def wishes(self, view: View, of_row: FloatArray, sharing: Sharing) -> tuple[Wishes, float]:
        """Everybody's best choice in a view, and the bound if the view holds all options."""
        cost = self.cost(of_row)
        wishes = view.wishes(of_row, sharing.pays(cost))
        return wishes, self.fixed(of_row, cost, sharing) + wishes.total

    def fixed(self, of_row: FloatArray, cost: FloatArray, sharing: Sharing) -> float:
        """What the bound holds besides everybody's best choice: the rows' sides, auxiliaries that gain, and what counts
        may collect beyond their cost.
        """
        reduced = self.gain[self.matrix.problem.options :] - self.matrix.auxiliary.prices(of_row) + cost
        upper = self.matrix.problem.auxiliary_upper
        counts = np.maximum(reduced, 0.0) * upper + cost * sharing.over
        return float(self.sides(of_row).sum()) + float(counts.sum())

    def sides(self, prices: FloatArray, rows: IntArray | slice = ALL) -> FloatArray:
        """What the sides of some rows cost at their prices."""
        side = np.where(prices > 0, self.matrix.upper[rows], self.matrix.lower[rows])
        costs: FloatArray = prices * np.where(prices != 0, side, 0.0)
        return costs

    def state(self, of_row: FloatArray, sharing: Sharing) -> Priced:
        """The bound that prices prove, over all options."""
        wishes, bound = self.wishes(self.every, of_row, sharing)
        return Priced(of_row, sharing, bound + SAFETY * abs(bound), wishes.worth)

    def begin(self) -> Priced:
        """No prices at all."""
        return self.state(np.zeros(len(self.matrix)), Sharing.begin(self.shares))

    def excess(self, wanted: IntArray, of_row: FloatArray) -> FloatArray:
        """By how much what is wanted breaks each priced row (counts taken as fractions): the subgradient."""
        matrix = self.matrix
        options = matrix.activity(wanted, np.zeros(matrix.problem.columns - matrix.problem.options))
        row = np.maximum(self.shares.row, 0)
        counts = np.where(self.shares.row >= 0, np.maximum(-options[row], 0.0) / self.shares.divisor, 0.0)
        total = options + matrix.auxiliary.activity(counts, len(matrix))
        over, under = total - matrix.upper, total - matrix.lower
        unpriced = np.maximum(over, 0.0) + np.minimum(under, 0.0)
        found = np.where(of_row > 0, over, np.where(of_row < 0, under, unpriced))
        return np.where(self.priced & np.isfinite(found), found, 0.0)

    def near(self, priced: Priced, also: IntArray) -> View:
        """A view of the options that are near the best of their agents, of those in ties, and of some others."""
        seen = near_best(self.every.starts, priced.worth, NEAR)
        seen[also] = True
        ties = self.matrix.problem.ties
        if ties is not None:
            seen[ties.option] = True
        return View.of(self.matrix, self.shares, self.every.gain, narrow(np.flatnonzero(seen)))

    def within(self, prices: FloatArray, rows: IntArray | slice = ALL) -> FloatArray:
        """Prices of some rows on the right side: none above 0 where there is no upper side, none below where there is
        no lower.
        """
        prices = np.where(np.isfinite(self.matrix.upper[rows]), prices, np.minimum(prices, 0.0))
        return np.where(np.isfinite(self.matrix.lower[rows]), prices, np.maximum(prices, 0.0))


@dataclass
class Descent:
    """A way down: prices on the move, the best found, and how far below the lowest bound steps aim (relative)."""

    market: Market
    best: Priced
    margin: float = AIM
    moving: FloatArray = field(init=False)
    at: FloatArray = field(init=False)
    sharing: Sharing = field(init=False)

    def __post_init__(self) -> None:
        self.moving = np.zeros(len(self.market.matrix))
        self.at, self.sharing = self.best.of_row.copy(), self.best.sharing.copy()

    def adopt(self, priced: Priced) -> None:
        """Go on from other prices, where they prove more."""
        if priced.bound < self.best.bound:
            self.best = priced
            self._back()

    def go(self, steps: int, value: float, also: IntArray, stop: Callable[[], bool]) -> Priced:
        """Lower the bound in so many steps, never aimed below ``value`` (an allocation's); ``also`` are options that
        stay in view.
        """
        view = self.market.near(self.best, also)
        self.margin = max(self.margin, AGAIN)
        for step in range(1, steps + 1):
            self._step(view, value)
            if step % REFRESH == 0 or step == steps:
                del view  # before the next: either takes as much as several numbers per option
                self._look()
                if step == steps or stop():
                    break
                view = self.market.near(self.best, also)
        return self.best

    def _look(self) -> None:
        """Look at all options: keep the better prices, and aim less far where little was gained."""
        found = self.market.state(self.at.copy(), self.sharing.copy())
        gained = self.best.bound - found.bound
        if gained < SLOW * self.margin * abs(self.best.bound):
            self.margin *= SHORTER
        self.best = min(self.best, found, key=lambda each: each.bound)
        if gained < 0:
            self._back()

    def _back(self) -> None:
        """Go on from the best prices once more, in shorter steps."""
        self.at, self.sharing = self.best.of_row.copy(), self.best.sharing.copy()
        self.moving = np.zeros(len(self.moving))

    def _step(self, view: View, value: float) -> None:
        """One step."""
        wishes, bound = self.market.wishes(view, self.at, self.sharing)
        excess = self.market.excess(view_options(view, wishes.wanted), self.at) * self.market.scale
        self.moving = MOMENTUM * self.moving + (1.0 - MOMENTUM) * excess
        size = float((excess * excess).sum())
        if size > 0:
            aim = max(value, self.best.bound * (1.0 - self.margin))
            step = max(bound - aim, 0.1 * self.margin * abs(aim)) / size
            self.at = self.market.within(self.at + step * self.market.scale * self.moving)
        self.sharing.learn(view.pair[wishes.wanted], PACE)


def view_options(view: View, places: IntArray) -> IntArray:
    """Places in a view as options."""
    return places if view.options is None else view.options[places]


def _priced(matrix: Matrix, minima: Mask) -> Mask:
    """The rows that get prices: not those that define counts or ask them for a minimum, nor what a tie sees to."""
    return matrix.has_options & (matrix.defines < 0) & ~minima & ~_inside_ties(matrix)


def _minima(matrix: Matrix) -> Mask:
    """The rows in which counts ask for a minimum."""
    entries = matrix.auxiliary
    minimum, counted = np.zeros(len(matrix), bool), np.zeros(len(matrix), bool)
    minimum[entries.row[(entries.value < 0) & (matrix.defines[entries.row] < 0)]] = True
    counted[entries.row[np.isin(entries.owner, matrix.defines[matrix.defines >= 0])]] = True
    return minimum & counted


def _inside_ties(matrix: Matrix) -> Mask:
    """The rows whose options all belong to the agents of one tie."""
    ties, single = matrix.problem.ties, matrix.single
    inside = np.zeros(len(matrix), bool)
    if ties is not None and len(single.row):
        tie = ties.of_agent[matrix.problem.agent[matrix.singled]][single.owner]
        low, high = np.full(len(matrix), np.iinfo(np.int64).max), np.full(len(matrix), -1)
        np.minimum.at(low, single.row, tie)
        np.maximum.at(high, single.row, tie)
        inside = (low == high) & (low >= 0)
        for layer in matrix.layers:
            inside[layer.sparse.row] = False
    return inside


def _largest(matrix: Matrix) -> FloatArray:
    """A typical entry of each row: prices of money move in other steps than prices of beds."""
    largest = np.ones(len(matrix))
    for layer in matrix.layers:
        weight = 1.0 if layer.weight is None else _mean_size(layer.weight)
        np.maximum.at(largest, layer.sparse.row, np.abs(layer.sparse.value) * weight)
    np.maximum.at(largest, matrix.single.row, np.abs(matrix.single.value))
    return largest


def _mean_size(weight: IntArray) -> float:
    """The mean of the weights' absolute values."""
    return sum(int(np.abs(weight[span]).sum(dtype=np.int64)) for span in spans(0, len(weight))) / len(weight)
