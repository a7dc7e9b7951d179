"""A first allocation: auxiliaries rounded few at a time, with the relaxation solved again after each time, until all
of them are whole. No way back, and no proof: it takes a dozen solutions of a relaxation that is nearly the last one.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from models.problem import IntArray
from solvers.highs import FloatArray, Infeasible
from solvers.relaxing import Relaxation
from solvers.stage import Clock

AT_ONCE = 0.5
"""The part of the fractional auxiliaries that are rounded together at least where a relaxation takes long."""
CLEAR = 0.1
"""How near to a whole number an auxiliary must be to be rounded together with others."""
STEPS = 40
"""Roundings at most."""
WHOLE = 1e-6
"""How near to a whole number a column counts as whole."""

Found = tuple[IntArray, FloatArray]
"""Whole auxiliaries, and the relaxation's prices there."""


def dive(
    relaxation: Relaxation, point: FloatArray, worth: Callable[[FloatArray], bool], clock: Clock
) -> Found | None:
    """Whole auxiliaries near a point (None: nothing worth it on that way). ``worth`` says whether prices leave hope.

    Leaves the relaxation divided; the caller goes back.
    """
    first, prices = relaxation.problem.options, None
    for _ in range(STEPS):
        nearest = np.rint(point[first:])
        if prices is not None and np.abs(point[first:] - nearest).max(initial=0.0) < WHOLE:
            return nearest.astype(np.int64), prices
        found = _rounded(relaxation, point[first:], worth, clock)
        if found is None:
            return None
        point, prices = found
    return None


def _rounded(
    relaxation: Relaxation, values: FloatArray, worth: Callable[[FloatArray], bool], clock: Clock
) -> tuple[FloatArray, FloatArray] | None:
    """The relaxation's optimum and prices at the first rounding that leaves hope."""
    first = relaxation.problem.options
    bounds = relaxation.lower[first:], relaxation.upper[first:]
    for lower, upper in _roundings(values, *bounds, AT_ONCE if relaxation.large else 0.0):
        relaxation.divide(lower, upper)
        try:
            found = relaxation.solve(clock)
        except Infeasible:
            continue
        if found is None or worth(found[1]):
            return found
    return None


def _roundings(
    values: FloatArray, lower: IntArray, upper: IntArray, at_once: float
) -> list[tuple[IntArray, IntArray]]:
    """Bounds to try: the fractional auxiliaries that are clear rounded to the nearest whole number, only the clearest
    one, that one the other way.
    """
    nearest = np.rint(values)
    distance = np.abs(values - nearest)
    if distance.max(initial=0.0) < WHOLE:
        return [(lower, upper)]
    clearest = int(np.argmin(np.where(distance >= WHOLE, distance, np.inf)))
    single = np.arange(len(values)) == clearest
    fractional = distance >= WHOLE
    clear = single | fractional & (distance <= max(CLEAR, float(np.quantile(distance[fractional], at_once))))
    other = np.where(nearest > values, np.floor(values), np.ceil(values))
    tries = [(clear, nearest), *([(single, nearest)] if clear.sum() > 1 else []), (single, other)]
    return [
        (np.where(which, to, lower).astype(np.int64), np.where(which, to, upper).astype(np.int64))
        for which, to in tries
    ]
