"""A goal in steps: raise whoever is worst off as far as can be, then the second worst, and so on (leximin).

Each party stands at a level, a whole number of thousandths; the goal is the vector of all levels, the lowest first,
compared place by place. No one vector over the columns says that exactly, but a ladder of them does: for each level
that a party can stand at, from the lowest up, the number of parties that stand there or higher is made as large as can
be.
Two allocations with the same numbers have the same vector, and the first number in which they differ decides (Ogryczak
and Śliwiński, European J. of Operational Research 2006). It is exact where parties compete for places one by one, where
"raise the worst, settle whoever is stuck, go on" is not: two may each be raised, but not both.

The vector is stated as one whole number, so that it can be a goal's value like any other: ``written``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from models.problem import Goal, IntArray

DIGITS = 4
"""Decimal digits for each level."""

MOST = 1000
"""Parties at most: longer numbers are not read by everything that reads JSON."""


def written(levels: Sequence[int]) -> int:
    """A vector of levels from 0 to 1000, in any order, as one number: a 1, then four digits each, the lowest first.

    The larger of two numbers of equally many parties is the vector that leximin prefers.
    ``written([1000, 333, 500])`` is 1_0333_0500_1000.
    """
    return int("1" + "".join(f"{level:0{DIGITS}d}" for level in sorted(levels)))


def levels_of(number: int) -> tuple[int, ...]:
    """The levels that ``written`` wrote, the lowest first."""
    digits = str(number)[1:]
    return tuple(int(digits[at : at + DIGITS]) for at in range(0, len(digits), DIGITS))


@dataclass(frozen=True, kw_only=True)
class Ladder(Goal):
    """The goal over ``parties`` parties.

    ``column`` are auxiliary columns, 1 where party ``owner`` (numbers from 0) stands at level ``value`` or higher.
    ``worst`` is a vector whose value is the lowest level, or a bound on it: solved for first, it leads quickly to where
    the ladder begins.
    """

    owner: IntArray
    parties: int
    worst: Goal | None = None

    @cached_property
    def rungs(self) -> list[int]:
        """The levels that somebody can stand at, above 0, ascending."""
        found: list[int] = np.unique(self.value).tolist()
        return found

    @cached_property
    def steps(self) -> tuple[Goal, ...]:
        """The lowest level; then, level by level, how many stand there or higher."""
        first = () if self.worst is None else (replace(self.worst, name=f"{self.name} 0", part_of=self.name),)
        names = [f"{self.name} {level}" for level in self.rungs]
        return first + tuple(
            Goal(name, 1, self._at(level), np.ones(self.parties, np.int64), under, self.name)
            for name, under, level in zip(names, [None, *names], self.rungs, strict=False)
        )

    def _at(self, level: int) -> IntArray:
        """For each party the column of its lowest level that is not below this one; the highest is 1000 for all."""
        found = np.full(self.parties, -1)
        enough = np.flatnonzero(self.value >= level)
        order = enough[np.argsort(-self.value[enough], kind="stable")]
        found[self.owner[order]] = self.column[order]
        return found

    def of(self, values: IntArray) -> int:
        """The vector, as ``written`` writes it, for given column values."""
        levels = np.zeros(self.parties, np.int64)
        np.maximum.at(levels, self.owner, self.value * values[self.column])
        return written(levels.tolist())

    def bounded(self, bound: Callable[[Goal], int]) -> int:
        """A bound on the vector from those of the steps: at each level no more parties than may stand there."""
        steps = self.steps
        worst = 1000 if self.worst is None else bound(steps[0])
        levels, most = [], self.parties
        before = 0
        for level, step in zip(self.rungs, steps[len(steps) - len(self.rungs) :], strict=True):
            count = min(most, bound(step), self.parties - (level > worst))
            levels += [before] * (most - count)
            most, before = count, level
        return written([*levels, *[before] * most])

    def among(self, new: IntArray, gone: npt.NDArray[np.bool_]) -> Goal:
        """The goal with its columns, all of them auxiliaries, numbered anew."""
        worst = None if self.worst is None else self.worst.among(new, gone)
        return replace(self, column=new[self.column], worst=worst)
