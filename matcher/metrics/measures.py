"""The formulas: inequality, and what a share of few says."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

Z95 = 1.959963984540054
"""The standard normal's 97.5 % point: intervals of 95 %."""

FEW = 5
"""Counts from 1 to below this are marked as small."""


def is_small(counts: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """Which counts are from 1 to 4: of so few people nothing is published."""
    found = np.asarray(counts)
    return (found > 0) & (found < FEW)


def gini(values: npt.NDArray[np.number[Any]]) -> float:
    """The Gini coefficient of amounts ≥ 0: 0 where all have the same, towards 1 where one has everything.

    Half the mean difference of all ordered pairs, by the mean: Σ (2i − n − 1) · xᵢ / (n · Σ x) over the sorted amounts,
    i from 1 (Gini 1912). NaN where there are none, or all are 0: then it is not defined.
    """
    n, total = len(values), float(values.sum())
    if not total:
        return float("nan")
    weight = 2 * np.arange(1, n + 1) - n - 1
    return float((weight * np.sort(values)).sum() / (n * total))


def wilson(successes: npt.ArrayLike, trials: npt.ArrayLike, z: float = Z95) -> tuple[Floats, Floats]:
    """The score interval of a share, low and high (E. B. Wilson, J. of the American Statistical Association 22, 1927).

    It holds what it says for small counts and for shares near 0 and 1, where the usual one does not. Without trials it
    is NaN. Shapes as given.
    """
    k, n = np.asarray(successes, np.float64), np.asarray(trials, np.float64)
    n = np.where(n > 0, n, np.nan)
    share, weight = k / n, 1 + z * z / n
    middle = (share + z * z / (2 * n)) / weight
    half = z / weight * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return np.maximum(middle - half, 0.0), np.minimum(middle + half, 1.0)
