"""Whether a combination of rows proves that no column values satisfy them (Farkas 1902), and who could mend it.

Of any weights y, Σ y · row is at least what the rows' sides allow and at most what the columns reach at their bounds.
Where the second is below the first, nothing satisfies the rows: computed afresh, over all columns, also those that
the linear program did not hold when it gave the weights.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.problem import FREE_ABOVE, FREE_BELOW, IntArray
from solvers.rows import Rows

FloatArray = npt.NDArray[np.float64]

SURE = 1e-6
"""By how much, for weights of size 1, the two must differ to be a proof."""


@dataclass(frozen=True)
class Ray:
    """Weights per row, with what each column adds to their sum at most, and what the sides ask of that sum."""

    helps: FloatArray
    least: float

    def proves(self, columns: npt.NDArray[np.bool_] | slice = slice(None)) -> bool:
        """Whether the columns named, the others at 0, can't reach what the rows ask for."""
        return bool(self.helps[columns].sum() < self.least - SURE)


def rays(rows: Rows, weights: FloatArray, lower: IntArray, upper: IntArray) -> list[Ray]:
    """What weights tell, in both directions, as far as they need no side that a row hasn't."""
    size = float(np.abs(weights).max(initial=0.0))
    found = (_ray(rows, sign * weights / size, lower, upper) for sign in (1.0, -1.0)) if size > 0 else ()
    return [ray for ray in found if ray is not None]


def _ray(rows: Rows, weights: FloatArray, lower: IntArray, upper: IntArray) -> Ray | None:
    below, above = rows.lower > FREE_BELOW // 2, rows.upper < FREE_ABOVE // 2
    weights = np.where((weights > 0) & ~below | (weights < 0) & ~above, 0.0, weights)
    if not np.any(weights):
        return None
    used = weights != 0
    sides = np.where(weights > 0, rows.lower, rows.upper)[used] * weights[used]
    sums = np.bincount(rows.column, weights[rows.row] * rows.value, minlength=len(upper))
    return Ray(np.where(sums > 0, sums * upper, sums * lower), float(sides.sum()))
