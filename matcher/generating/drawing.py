"""Chance that can be repeated: all of it comes from one stream of uniform numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


class Draws:
    """A seeded stream. Every method takes how many to draw and returns an array of that length."""

    def __init__(self, seed: int) -> None:
        self._stream = np.random.Generator(np.random.PCG64(seed))

    def uniform(self, count: int) -> FloatArray:
        """Numbers in [0, 1)."""
        return self._stream.random(count)

    def chance(self, share: float, count: int) -> BoolArray:
        """True with the given probability."""
        return self.uniform(count) < share

    def whole(self, low: int, high: int, count: int) -> IntArray:
        """Whole numbers from ``low`` to ``high``, both included."""
        return low + (self.uniform(count) * (high - low + 1)).astype(np.int64)

    def index(self, weights: Sequence[float] | FloatArray | IntArray, count: int) -> IntArray:
        """Positions in ``weights``, by weight."""
        edges = np.cumsum(np.asarray(weights, np.float64))
        found = np.searchsorted(edges, self.uniform(count) * edges[-1], side="right")
        found = np.minimum(found, len(edges) - 1)
        return np.asarray(found, np.int64)

    def within(self, weights: FloatArray, first: IntArray, last: IntArray) -> IntArray:
        """For each range ``first[i] <= position < last[i]`` of ``weights`` one position, by weight."""
        edges = np.concatenate([[0.0], np.cumsum(weights)])
        at = edges[first] + self.uniform(len(first)) * (edges[last] - edges[first])
        found = np.searchsorted(edges, at, side="right") - 1
        return np.asarray(np.clip(found, first, last - 1), np.int64)

    def even(self, weights: Sequence[float] | FloatArray | IntArray, count: int) -> IntArray:
        """Positions by weight, in numbers as near to the weights as whole numbers can be, shuffled."""
        edges = np.cumsum(np.asarray(weights, np.float64))
        at = (np.arange(count) + self.uniform(1)[0]) / max(count, 1) * edges[-1]
        found = np.minimum(np.searchsorted(edges, at, side="right"), len(edges) - 1).astype(np.int64)
        return np.asarray(found[self.order(count)], np.int64)

    def order(self, count: int) -> IntArray:
        """A permutation."""
        return np.argsort(self.uniform(count), kind="stable").astype(np.int64)

    def some(self, share: float, count: int) -> IntArray:
        """Distinct positions, a share of ``count`` of them (rounded up, when the share is above 0), ascending."""
        wanted = min(count, int(np.ceil(share * count)))
        return np.sort(self.order(count)[:wanted])
