"""An allocation with the sums of all rows, kept up to date while parts of it change."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.problem import IntArray
from solvers.scaling.matrix import FloatArray, Matrix

EPSILON = 1e-6
"""Sums are whole numbers held as doubles."""


@dataclass(frozen=True)
class Standing:
    """``choice`` is each agent's option (−1: none), ``auxiliaries`` their values, ``of_options`` every row's sum over
    options alone, ``activity`` over all, ``value`` the gain.
    """

    choice: IntArray
    auxiliaries: IntArray
    of_options: FloatArray
    activity: FloatArray
    value: float

    @staticmethod
    def of(matrix: Matrix, gain: FloatArray, chosen: IntArray) -> Standing:
        """Where an allocation stands."""
        problem = matrix.problem
        choice = np.full(problem.agents, -1)
        choice[problem.agent[chosen]] = chosen
        nothing = np.zeros(problem.columns - problem.options)
        return _with_counts(matrix, gain, choice, matrix.activity(chosen, nothing))

    def moved(self, matrix: Matrix, gain: FloatArray, choice: IntArray) -> Standing:
        """Where things stand with another choice of each agent: only those who move are counted anew."""
        moves = np.flatnonzero(choice != self.choice)
        of_options = self.of_options.copy()
        for options, sign in ((self.choice[moves], -1.0), (choice[moves], 1.0)):
            _, row, value = matrix.entries(options[options >= 0])
            np.add.at(of_options, row, sign * value)
        return _with_counts(matrix, gain, choice, of_options)

    @property
    def chosen(self) -> IntArray:
        """The chosen options, ascending."""
        return np.sort(self.choice[self.choice >= 0])

    def better_than(self, other: Standing, matrix: Matrix) -> bool:
        """Whether less is lacking, or the same and the gain is higher."""
        mine, theirs = self.lacking(matrix), other.lacking(matrix)
        return mine < theirs - EPSILON or (mine <= theirs + EPSILON and self.value > other.value + EPSILON)

    def holds(self, matrix: Matrix) -> bool:
        """Whether no row is broken."""
        over = self.activity > matrix.upper + EPSILON
        under = self.activity < matrix.lower - EPSILON
        return not bool(np.any(over | under))

    def broken(self, matrix: Matrix) -> npt.NDArray[np.bool_]:
        """The rows that would hold with fewer placed: those over an upper side, and those short of a lower one that is
        no demand in itself.
        """
        short = (self.activity < matrix.lower - EPSILON) & (matrix.lower <= 0)
        found: npt.NDArray[np.bool_] = (self.activity > matrix.upper + EPSILON) | short
        return found

    def lacking(self, matrix: Matrix) -> float:
        """By how much lower sides are missed, all together."""
        return float(np.maximum(matrix.lower - self.activity, 0.0).sum())


def mended(matrix: Matrix, gain: FloatArray, standing: Standing) -> Standing:
    """The allocation without those in broken rows, or counted there, and whoever acts as one with them."""
    bundle = matrix.problem.bundle
    while True:
        broken = standing.broken(matrix)
        counts = np.unique(matrix.auxiliary.owner[broken[matrix.auxiliary.row]])
        broken |= np.isin(matrix.defines, counts[standing.auxiliaries[counts] > 0])
        chosen = standing.chosen
        at, row, _ = matrix.entries(chosen)
        out = np.unique(bundle[matrix.problem.agent[chosen[at[broken[row]]]]])
        if not len(out):
            return standing
        stays = ~np.isin(bundle[matrix.problem.agent[chosen]], out)
        standing = Standing.of(matrix, gain, chosen[stays])


def _with_counts(matrix: Matrix, gain: FloatArray, choice: IntArray, of_options: FloatArray) -> Standing:
    """Where a choice stands whose rows' sums over options are known."""
    options = matrix.problem.options
    chosen = choice[choice >= 0]  # ascending: options are sorted by agent
    auxiliaries = _completed(matrix, chosen, of_options)
    activity = of_options + matrix.auxiliary.activity(auxiliaries.astype(np.float64), len(matrix))
    value = float(gain[chosen].sum() + gain[options:] @ auxiliaries)
    return Standing(choice, auxiliaries, of_options, activity, value)


def _completed(matrix: Matrix, chosen: IntArray, of_options: FloatArray) -> IntArray:
    """The auxiliaries' values for chosen options: counts by what they count, others as the problem says."""
    problem = matrix.problem
    counts = np.flatnonzero(matrix.defines >= 0)
    if len(counts) < problem.columns - problem.options:
        return problem.complete(chosen)[problem.options :]
    values = np.zeros(problem.columns - problem.options, np.int64)
    counted = np.maximum(-of_options[counts], 0.0)
    values[matrix.defines[counts]] = np.ceil(counted / matrix.divisor[counts] - EPSILON)
    return values
