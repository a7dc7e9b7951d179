"""A first allocation at given prices: whom lower sides ask for, then those who choose together, then everybody else."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.bulk import narrow
from models.problem import IntArray
from solvers.scaling.first import Proposals, asking_minima
from solvers.scaling.matrix import FloatArray, Matrix
from solvers.scaling.prices import NEAR
from solvers.scaling.ranking import near_best
from solvers.scaling.standing import Standing
from solvers.scaling.together import Together
from solvers.scaling.view import View

PINNED = 200
"""Options up to which a row with a lower side is about somebody who must have a place."""
ALL_PROPOSED = 5_000_000
"""Options up to which all may be proposed; of more, only those near the best."""


@dataclass(frozen=True)
class Beginning:
    """Begins for one ``gain`` (per column); ``every`` is the view of all options, ``area`` where each of them is."""

    matrix: Matrix
    gain: FloatArray
    every: View
    area: IntArray

    def at(self, worth: FloatArray) -> Standing:
        """The first allocation where options are worth so much."""
        placed = self._together(worth, self._proposals(self._asked_for(), worth, None).enter().chosen)
        near = 2 * NEAR if len(worth) > ALL_PROPOSED else len(worth)
        options = narrow(np.flatnonzero(near_best(self.every.starts, worth, near)))
        return self._proposals(options, worth, placed).place()

    def _proposals(self, options: IntArray, worth: FloatArray, placed: IntArray | None) -> Proposals:
        placed = np.zeros(0, np.int64) if placed is None else placed
        return Proposals(self.matrix, self.gain, options, worth[options], self.area[options], placed)

    def _asked_for(self) -> IntArray:
        """The options of agents who choose alone that rows of few options ask for (of one who is pinned, say; in a
        quota there are others).
        """
        most, _ = self.matrix.most_and_least()
        asks = (self.matrix.lower > 0) & (self.matrix.defines < 0) & (most <= PINNED)
        asked = self.matrix.option_prices(asks.astype(np.float64)) > 0
        if self.every.tied is not None:
            asked &= ~self.every.tied.agents[self.matrix.problem.agent]
        return narrow(np.flatnonzero(asked))

    def _together(self, worth: FloatArray, placed: IntArray) -> IntArray:
        """The options of those who choose together, and those of who is placed already."""
        tied = self.every.tied
        if tied is None or not len(tied.option):
            return placed
        return Together(self.matrix, tied, worth, asking_minima(self.matrix), placed).place()
