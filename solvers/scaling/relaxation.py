"""The linear program of a piece in HiGHS: rows that only tighten it come in where it breaks them, columns are held to
their ends, and what that costs is seen.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import highspy
import numpy as np
import numpy.typing as npt

from models.problem import IntArray
from solvers.scaling.counting import Counted, Cuts
from solvers.scaling.matrix import FloatArray, totals
from solvers.scaling.ranking import stretches
from solvers.scaling.simplex import add_rows, model, relaxed, solver

MISSING = 4.0
"""What a unit that a lower side lacks costs, in units of the largest gain of the piece."""
WHOLE = 1e-6
SIZE = 1000.0
"""The largest gain in the program: HiGHS's tolerances are absolute."""


@dataclass(frozen=True)
class Program:
    """Σ ``gain`` · column is maximised over whole columns between 0 and ``bounds``; from column ``options`` on they are
    counts.

    Rows are in coordinate form, between ``lower`` and ``upper``. ``now`` is what holds at present. ``soft`` rows may
    stay short of their lower sides, at a cost. An agent and a count that holds options of that agent are a pair: option
    ``counted[i]`` belongs to ``pair[i]``, the count of each pair is ``count_of``; of each count, ``definer`` is the row
    that says what it counts (−1: none).
    """

    row: IntArray
    column: IntArray
    value: FloatArray
    lower: FloatArray
    upper: FloatArray
    bounds: FloatArray
    gain: FloatArray
    now: FloatArray
    soft: IntArray
    counted: IntArray
    pair: IntArray
    count_of: IntArray
    definer: IntArray
    options: IntArray


@dataclass
class Relaxation:
    """A program without the demand that columns are whole: ``low`` and ``high`` bound the columns, ``values`` are the
    last optimum's, ``counts`` knows the rows that tighten it.
    """

    program: Program
    highs: highspy.Highs = field(init=False)
    low: FloatArray = field(init=False)
    high: FloatArray = field(init=False)
    values: FloatArray = field(init=False)
    counts: Counted = field(init=False)

    def __post_init__(self) -> None:
        program = self.program
        self.highs = solver()
        self.low = np.zeros(len(program.gain))
        self.high = program.bounds.copy()
        self.values = program.now.copy()
        self.counts = self._counts()

    def begin(self) -> bool:
        """Solve it without the rows that only tighten it; whether it has an optimum."""
        self.highs.passModel(self._model())
        return self.solved()

    def gain_of(self, values: npt.NDArray[np.number[Any]]) -> float:
        """What column values gain, the cost of what is lacking apart."""
        return float(self.program.gain @ values)

    def tightened(self) -> bool:
        """Take in rows that the values break; whether there are any, and an optimum with them."""
        program, options = self.program, int(self.program.options)
        part = totals(program.pair, self.values[program.counted], len(program.count_of))
        broken = self.counts.broken(part, self.values[options:])
        if not len(broken):
            return False
        self._add(broken)
        return self.solved()

    def _add(self, cuts: Cuts) -> None:
        """More rows, with the basis kept: the dual simplex method goes on from it."""
        program = self.program
        first = np.searchsorted(program.pair, np.arange(len(program.count_of) + 1))
        row = np.repeat(cuts.row, first[cuts.pair + 1] - first[cuts.pair])
        at = np.concatenate([row, np.arange(len(cuts))])
        options = program.counted[stretches(cuts.pair, first)]
        column = np.concatenate([options, int(program.options) + cuts.count])
        value = np.concatenate([-np.ones(len(row)), cuts.units])
        add_rows(self.highs, (at, column, value), cuts.least)

    def _counts(self) -> Counted:
        """What is known of the counts: their k, and how many others their rows hold."""
        program, counts = self.program, len(self.program.definer)
        defined = np.flatnonzero(program.definer >= 0)
        rows = program.definer[defined]
        count_of_row = np.full(len(program.lower), -1)
        count_of_row[rows] = defined
        own = program.column == int(program.options) + count_of_row[program.row]
        own &= count_of_row[program.row] >= 0
        divisor, others = np.full(counts, np.nan), np.full(counts, np.nan)
        divisor[count_of_row[program.row[own]]] = program.value[own]
        others[defined] = program.lower[rows]
        return Counted(program.count_of, divisor, others)

    def _model(self) -> highspy.HighsLp:
        """The linear program, with slacks for what may be lacking."""
        program = self.program
        slacks, columns = len(program.soft), len(program.gain)
        row = np.concatenate([program.row, program.soft])
        column = np.concatenate([program.column, columns + np.arange(slacks)])
        value = np.concatenate([program.value, np.ones(slacks)])
        scale = SIZE / max(1.0, float(np.abs(program.gain).max(initial=0.0)))
        reach = np.maximum(program.lower[program.soft], 0.0)
        gain = np.concatenate([program.gain * scale, np.full(slacks, -MISSING * SIZE)])
        most = np.concatenate([self.high, np.where(np.isfinite(reach), reach, 0.0)])
        return model((row, column, value), gain, most, program.lower, program.upper)

    def solved(self) -> bool:
        """Solve the linear program; whether it has an optimum."""
        if not relaxed(self.highs):
            return False
        self.values = np.array(self.highs.getSolution().col_value)[: len(self.values)]
        return True

    def set_bounds(self, columns: IntArray) -> None:
        """Let HiGHS know the bounds of some columns."""
        self.highs.changeColsBounds(
            len(columns), columns.astype(np.int32), self.low[columns], self.high[columns]
        )

    def hold(self, options: IntArray, side: FloatArray, end: float, loss: float) -> bool:
        """Hold options to one end by that side of their bounds; undone where no optimum is left, or one that is worse
        by more than ``loss`` gains.
        """
        before, sides = self.values.copy(), side[options]
        side[options] = end
        self.set_bounds(options)
        most = loss * float(self.program.gain.max(initial=0.0))
        if self.solved() and self.gain_of(before - self.values) <= most:
            return True
        side[options], self.values = sides, before
        self.set_bounds(options)
        return False
