"""What caps a goal that is one auxiliary, such as the share of the group served worst: the most that a group can have.

Such an auxiliary y is the largest with ``Σ value · options ≥ size · y`` for every group. The relaxation divides agents:
a group of 44 that can have 42.15 placed bounds its share by 95.8 %. In whole numbers it has 42, and 95.4 %: the most
that each group can have, whatever becomes of the others, rounded down, caps y.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

import numpy as np

from models.problem import Goal, Problem
from solvers.highs import FloatArray
from solvers.pricing import Priced

MOST_GROUPS: Final = 50
"""Groups that are asked one by one, those that the relaxation gives least first: each takes another solution of it."""


class Group(NamedTuple):
    """A group: what it has is ``gain`` (per column) times ``unit``, of which y takes ``size`` each."""

    gain: FloatArray
    unit: int
    size: int

    def cap(self, most: float) -> float:
        """What y can be at most where the gain can be ``most`` at most, a whole number."""
        return float(int(most) * self.unit // self.size)


def groups_of(problem: Problem, goal: Goal, point: FloatArray) -> Iterator[Group]:
    """The groups of such a goal, those with the least at a point of the relaxation first; none for any other goal."""
    if goal.sense < 0 or len(goal.column) != 1 or goal.column[0] < problem.options or goal.value[0] <= 0:
        return
    single = int(goal.column[0])
    family = next(one for one in problem.auxiliaries if one.first <= single < one.first + len(one))
    block = family.definition.spelled_out()
    at = np.flatnonzero((block.column == single) & (block.value < 0) & (block.lower[block.row] == 0))
    if family.towards < 0:
        return
    found: list[tuple[float, int, Group]] = []
    for row, size in zip(block.row[at].tolist(), (-block.value[at]).tolist(), strict=True):
        own = (block.row == row) & (block.column != single)
        unit = int(np.gcd.reduce(block.value[own])) if own.any() else 0
        if unit > 0 and block.value[own].min() > 0:
            gain = np.zeros(problem.columns)
            gain[block.column[own]] = block.value[own] // unit
            found.append((float(gain @ point) * unit / size, len(found), Group(gain, unit, size)))
    yield from (group for _, _, group in sorted(found)[:MOST_GROUPS])


def capped(
    bound: float,
    value: float,
    groups: Iterator[Group],
    most: Callable[[FloatArray], Priced | None],
) -> float:
    """The bound, lowered to what the groups can have; ``most`` proves how much of a gain there can be (None: stopped).

    Ends as soon as nothing is above ``value``.
    """
    for group in groups:
        if bound <= value:
            break
        proven = most(group.gain)
        if proven is None:
            break
        bound = min(bound, group.cap(proven.whole))
    return max(bound, value)
