"""What prices prove: a bound on everything, and one on what is possible with each single column."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.problem import FREE_ABOVE, FREE_BELOW, IntArray, Problem
from solvers.highs import TOLERANCE, FloatArray
from solvers.rows import Rows

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Priced:
    """What prices prove of a goal, as gain (more is better).

    ``bound`` holds for every allocation, ``reach[j]`` for those with column j in them; ``reduced`` says what column j
    gains beyond its price.
    """

    bound: float
    reduced: FloatArray
    reach: FloatArray

    @property
    def whole(self) -> float:
        """The bound, as the goal takes whole values only."""
        return whole(self.bound)

    def possible(self, value: float) -> Mask:
        """The columns that some allocation worth ``value`` or more may hold, as far as the prices tell."""
        return self.reach >= value - TOLERANCE * max(1.0, abs(value))

    def also(self, other: Priced) -> Priced:
        """What both prove together: each bound is the lower of two, and the better one's reduced gains are kept."""
        better = self if self.bound <= other.bound else other
        return Priced(better.bound, better.reduced, np.minimum(self.reach, other.reach))


def priced(
    problem: Problem, rows: Rows, prices: FloatArray, gain: FloatArray, lower: IntArray, upper: IntArray
) -> Priced:
    """The Lagrangian bound on ``gain`` that prices prove (Geoffrion 1974): valid for any prices, computed
    afresh from them.

    An agent has one option at most, so that only the best of its reduced gains counts, and another option of its
    takes the place of that one: prices at which many options are still worth more than they cost prove a bound too.
    """
    above, below = _finite(rows.upper), _finite(rows.lower)
    prices = np.where((prices > 0) & np.isnan(above) | (prices < 0) & np.isnan(below), 0.0, prices)
    reduced = reduced_gain(rows, prices, gain)
    used = prices != 0
    sides = np.where(prices > 0, above, below)[used] * prices[used]
    first = problem.options
    best = np.zeros(problem.agents)
    np.maximum.at(best, problem.agent, np.where(upper[:first] > 0, reduced[:first], 0.0))
    rest = np.where(reduced > 0, reduced * upper, reduced * lower)[first:]
    bound = float(sides.sum() + best.sum() + rest.sum())
    loss = np.minimum(reduced, 0.0)
    loss[:first] = reduced[:first] - best[problem.agent]
    return Priced(bound, reduced, bound + loss)


def reduced_gain(rows: Rows, prices: FloatArray, gain: FloatArray) -> FloatArray:
    """What each column gains beyond its price."""
    return gain - np.bincount(rows.column, prices[rows.row] * rows.value, minlength=len(gain))


def whole(bound: float) -> float:
    """The largest whole number that is not above a bound that is known to within the tolerance."""
    return float(np.floor(bound + TOLERANCE))


def _finite(side: IntArray) -> FloatArray:
    return np.where((side <= FREE_BELOW // 2) | (side >= FREE_ABOVE // 2), np.nan, side)
