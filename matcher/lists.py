"""Lists of whole numbers for many rows at once, and the best value over each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from matcher.slots import ranges
from models.round import IntArray


@dataclass(frozen=True)
class Lists:
    """Lists of whole numbers, one after another: list i has ``count[i]`` of the ``items`` from ``first[i]``."""

    first: IntArray
    count: IntArray
    items: IntArray

    @classmethod
    def of(cls, lists: Iterable[Sequence[int]]) -> Lists:
        """The lists in their order."""
        listed = list(lists)
        count = np.array([len(one) for one in listed], np.int64)
        items = np.fromiter((item for one in listed for item in one), np.int64, int(count.sum()))
        return cls(np.cumsum(count) - count, count, items)

    def best(self, of: IntArray, value: Callable[[IntArray, IntArray], IntArray]) -> IntArray:
        """For each i the highest value over the items of list ``of[i]``, 0 for an empty one.

        ``value`` is asked for parallel arrays: the i, and the items' positions.
        """
        count = self.count[of]
        some = np.flatnonzero(count)
        best = np.zeros(len(of), np.int64)
        if len(some):
            count = count[some]
            values = value(np.repeat(some, count), ranges(self.first[of[some]], count))
            best[some] = np.maximum.reduceat(values, np.cumsum(count) - count)
        return best
