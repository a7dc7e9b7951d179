"""Cuts: rows that every allocation satisfies and the relaxation's optimum does not (mixed-integer rounding).

Take whole multipliers m of some rows, a slack s ≥ 0 for each inequality among them, and the equality
Σ m (A x ± s) = Σ m · side that follows. Count columns near their upper bound from there downwards (u − x ≥ 0).
What is left has the form Σ a z = b with whole z ≥ 0, so for any whole q > 0, with r = b mod q,

    Σ ((q − r) ⌊a / q⌋ + max(0, a mod q − r)) z ≤ (q − r) ⌊b / q⌋

(Gomory 1960; Nemhauser and Wolsey 1990). Dividing by a whole number and rounding down keeps it true, because
z ≥ 0. Written back in the columns, that is the cut. It holds whatever the multipliers are, and everything in it
is whole numbers: no proof hangs on a rounding. The multipliers are those of the simplex tableau, the row of a
fractional column, which makes the cut miss the relaxation's optimum: what escorts, minimal groups and groups
that stay together promise in fractions is what these cuts take back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from models.problem import FREE_BELOW, Block, IntArray, Problem
from solvers.rows import Rows, stacked

FloatArray = npt.NDArray[np.float64]

BASE = 1 << 20
"""The divisor for multipliers that are no fractions with a small denominator (money)."""
COARSE = 1000
"""The largest denominator that counts as small; cuts are rounded to coefficients of about that size."""
EXACT = 2.0**52
"""Up to here sums of whole numbers are exact in floating point."""
FEW = 8
"""Multipliers that are looked at before all the others."""
LARGEST = 10_000
"""The largest coefficient of a cut: beyond it the simplex method's tolerances begin to show."""
LEAST = 1e-3
"""The least distance by which a cut must miss the optimum."""
MULTIPLES = (1, 2, 3, 5)
"""The multiples of a tableau row that are tried."""
NEAR = 1e-5
"""How near to a whole number a multiplier counts as whole."""
MOST_ROWS = 300
"""Rows in a recipe at most: wider ones close a little more of the gap, and take three times as long to make."""
PARALLEL = 0.9
"""The cosine above which two cuts count as one."""


@dataclass(frozen=True)
class Cut:
    """Σ value · column ≤ upper, and how far the point that it cuts off lies beyond it."""

    column: IntArray
    value: IntArray
    upper: int
    distance: float


@dataclass(frozen=True)
class Recipe:
    """What a cut is made from: rows by number, a whole multiplier for each, the divisor."""

    rows: IntArray
    multiplier: IntArray
    divisor: int


@dataclass(frozen=True)
class Kitchen:
    """Rows, the point to cut off (a value per column) and the columns' upper bounds.

    A cut may be made in some of the columns first, to see what it is worth: the same recipe makes the same
    coefficients there as in all of them, as long as the others are 0 at the point.
    """

    rows: Rows
    point: FloatArray
    upper: IntArray

    @cached_property
    def flipped(self) -> npt.NDArray[np.bool_]:
        """The columns that are counted downwards from their upper bound."""
        return self.point > self.upper / 2

    @cached_property
    def sums(self) -> FloatArray:
        """Each row's sum at the point."""
        rows = self.rows
        reach = rows.value * self.point[rows.column]
        return np.bincount(rows.row, reach, minlength=len(rows)).astype(np.float64)

    def cut(self, recipe: Recipe, multiples: Sequence[int] = (1,)) -> Cut | None:
        """What a recipe makes at its best multiple, its ``multiplier`` and ``divisor`` as they are if not said
        otherwise; None when it is nothing new, misses the point or has too large numbers.
        """
        chosen = self.rows.pick(recipe.rows)
        columns, at = np.unique(chosen.column, return_inverse=True)
        chosen = replace(chosen, column=at)
        near = Kitchen(chosen, self.point[columns], self.upper[columns])  # nothing else can be in the cut
        weights = near.total(chosen, recipe.multiplier)
        if weights is None:
            return None
        sums = self.sums[recipe.rows]
        above = np.abs(chosen.upper - sums) <= np.abs(chosen.lower - sums)
        mixed = _Mixed(near, recipe, chosen, weights, np.where(above, 1, -1))
        made = [cut for times in multiples if (cut := mixed.cut(times)) is not None]
        deepest = max(made, key=lambda cut: cut.distance, default=None)
        return None if deepest is None else replace(deepest, column=columns[deepest.column])

    def total(self, chosen: Rows, times: IntArray) -> IntArray | None:
        """Σ times · row, over all columns (None: too large to be exact)."""
        values = times[chosen.row] * chosen.value
        if not np.any(times):
            return np.zeros(len(self.upper), np.int64)
        if float(np.abs(times).max()) * float(np.abs(chosen.value).max(initial=0)) * len(values) > EXACT:
            return None
        return np.bincount(chosen.column, values, minlength=len(self.upper)).astype(np.int64)

    def finished(self, dense: IntArray, limit: int) -> Cut | None:
        """Σ dense · column ≤ limit as a cut, if it is a good one."""
        column = np.flatnonzero(dense)
        value = dense[column]
        if not len(column):
            return None
        common = int(np.gcd.reduce(value))
        value, limit = value // common, limit // common
        if np.abs(value).max() > LARGEST:
            return None
        beyond = float((value * self.point[column]).sum() - limit)
        distance = beyond / float(np.sqrt((value.astype(np.float64) ** 2).sum()))
        return Cut(column, value, limit, distance) if distance >= LEAST else None


@dataclass(frozen=True)
class _Mixed:
    """The rows of a recipe, their sum, and at which side of each row the slack begins (1: upper, −1: lower)."""

    kitchen: Kitchen
    recipe: Recipe
    chosen: Rows
    weights: IntArray
    sign: IntArray

    def cut(self, times: int) -> Cut | None:
        """The cut of so many times the sum."""
        upper, flipped = self.kitchen.upper, self.kitchen.flipped
        weights, multiplier = self.weights * times, self.recipe.multiplier * times
        side = np.where(self.sign > 0, self.chosen.upper, self.chosen.lower)
        total = int((multiplier * side).sum()) - int((weights * upper)[flipped].sum())
        loose = np.where(self.chosen.lower == self.chosen.upper, 0, multiplier * self.sign)
        counted = np.concatenate([np.where(flipped, -weights, weights), loose])
        rounded = _rounded(counted, total, self.recipe.divisor)
        if rounded is None:
            return None
        values, limit = rounded
        columns, slacks = values[: len(weights)], np.where(loose == 0, 0, values[len(weights) :]) * self.sign
        columns = np.where(flipped, -columns, columns)
        limit += int((columns * upper)[flipped].sum())
        spent = self.kitchen.total(self.chosen, slacks)
        if spent is None:
            return None
        return self.kitchen.finished(columns - spent, limit - int((slacks * side).sum()))


def _rounded(weights: IntArray, total: int, divisor: int) -> tuple[IntArray, int] | None:
    """Mixed-integer rounding of Σ weights · z ≤ total by the divisor, coarsened to coefficients of a sensible
    size.
    """
    rest = total % divisor
    if rest == 0:
        return None
    values = (divisor - rest) * (weights // divisor) + np.maximum(0, weights % divisor - rest)
    coarse = (divisor - rest) // COARSE + 1
    return values // coarse, (divisor - rest) * (total // divisor) // coarse


def recipe_of(rows: IntArray, multiplier: FloatArray) -> Recipe | None:
    """A tableau row in whole numbers: exactly where a small denominator does it, else nearly (None: not worth it)."""
    if len(rows) > MOST_ROWS:
        return None
    divisor = _denominator(multiplier)
    whole = np.rint(multiplier * divisor)
    if np.abs(whole).max(initial=0.0) * max(MULTIPLES) > 2.0**31:
        return None
    keep = whole != 0
    return Recipe(rows[keep], whole[keep].astype(np.int64), divisor)


def _denominator(multiplier: FloatArray) -> int:
    """The smallest whole number, up to ``COARSE``, that makes all of them whole; else ``BASE``."""
    divisors = np.arange(1, COARSE + 1)
    for some in (multiplier[:FEW], multiplier):
        times = some[None, :] * divisors[:, None]
        divisors = divisors[np.abs(times - np.rint(times)).max(axis=1, initial=0.0) < NEAR]
    return int(divisors[0]) if len(divisors) else BASE


def best(kitchen: Kitchen, recipes: Sequence[Recipe], most: int) -> list[Recipe]:
    """The recipes of the deepest cuts, none nearly parallel to another."""
    made = [(kitchen.cut(recipe, MULTIPLES), recipe) for recipe in recipes]
    found = [(cut, recipe) for cut, recipe in made if cut is not None]
    found.sort(key=lambda pair: -pair[0].distance)
    taken: list[FloatArray] = []
    chosen: list[Recipe] = []
    for cut, recipe in found:
        direction = cut.value / np.sqrt((cut.value.astype(np.float64) ** 2).sum())
        if len(chosen) < most and all(
            abs(float((other[cut.column] * direction).sum())) <= PARALLEL for other in taken
        ):
            dense = np.zeros(len(kitchen.upper))
            dense[cut.column] = direction
            taken.append(dense)
            chosen.append(recipe)
    return chosen


def cut_rows(problem: Problem, cuts: Sequence[Cut]) -> Rows:
    """Cuts as rows."""
    sizes = [len(cut.column) for cut in cuts]
    block = Block(
        "cut",
        np.repeat(np.arange(len(cuts)), sizes),
        np.concatenate([np.zeros(0, np.int64), *(cut.column for cut in cuts)]),
        np.concatenate([np.zeros(0, np.int64), *(cut.value for cut in cuts)]),
        np.full(len(cuts), FREE_BELOW),
        np.array([cut.upper for cut in cuts], np.int64),
        redundant=True,
    )
    return stacked((block,), problem.upper)
