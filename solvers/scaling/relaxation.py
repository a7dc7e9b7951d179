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
from solvers.scaling.matrix import FloatArray, Mask, totals
from solvers.scaling.ranking import keenest
from solvers.scaling.simplex import model, relaxed, solver

MISSING = 4.0
"""What a unit that a lower side lacks costs, in units of the largest gain of the piece."""
WHOLE = 1e-6
SIZE = 1000.0
"""The largest gain in the program: HiGHS's tolerances are absolute."""
CUTS = 4
"""Rows that only tighten the relaxation, for one count and round, at most."""
BROKEN = 0.02
"""By how much the values must break such a row."""


@dataclass(frozen=True)
class Program:
    """Σ ``gain`` · column is maximised over whole columns between 0 and ``bounds``; from column ``options`` on they are
    counts.

    Rows are in coordinate form, between ``lower`` and ``upper``. ``now`` is what holds at present. ``soft`` rows may
    stay short of their lower sides, at a cost; ``presence`` rows only tighten the relaxation.
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
    presence: IntArray
    options: IntArray


@dataclass
class Relaxation:
    """A program without the demand that columns are whole: ``low`` and ``high`` bound the columns, ``values`` are the
    last optimum's, ``held`` says which rows are in it.
    """

    program: Program
    highs: highspy.Highs = field(init=False)
    low: FloatArray = field(init=False)
    high: FloatArray = field(init=False)
    values: FloatArray = field(init=False)
    held: Mask = field(init=False)

    def __post_init__(self) -> None:
        program = self.program
        self.highs = solver()
        self.low = np.zeros(len(program.gain))
        self.high = program.bounds.copy()
        self.values = program.now.copy()
        self.held = np.ones(len(program.lower), bool)
        self.held[program.presence] = False

    def begin(self) -> bool:
        """Solve it without the rows that only tighten it; whether it has an optimum."""
        self.highs.passModel(self._model(self.held))
        return self.solved()

    def gain_of(self, values: npt.NDArray[np.number[Any]]) -> float:
        """What column values gain, the cost of what is lacking apart."""
        return float(self.program.gain @ values)

    def tightened(self) -> bool:
        """Take in rows that the values break; whether there are any, and an optimum with them."""
        broken = self._broken(self.held)
        if not len(broken):
            return False
        self.held[broken] = True
        self._add(broken)
        return self.solved()

    def _add(self, rows: IntArray) -> None:
        """More rows, with the basis kept: the dual simplex method goes on from it."""
        program = self.program
        number = np.full(len(program.lower), -1)
        number[rows] = np.arange(len(rows))
        entries = np.flatnonzero(number[program.row] >= 0)
        entries = entries[np.lexsort((program.column[entries], number[program.row[entries]]))]
        starts = np.concatenate(
            [[0], np.cumsum(np.bincount(number[program.row[entries]], minlength=len(rows)))]
        )
        self.highs.addRows(
            len(rows),
            program.lower[rows],
            program.upper[rows],
            len(entries),
            starts[:-1].astype(np.int32),
            program.column[entries].astype(np.int32),
            program.value[entries],
        )

    def _model(self, held: Mask) -> highspy.HighsLp:
        """The linear program with some of the rows, and slacks for what may be lacking."""
        program = self.program
        number = np.where(held, np.cumsum(held) - 1, -1)
        stay = held[program.row]
        slacks, columns = len(program.soft), len(program.gain)
        row = np.concatenate([number[program.row[stay]], number[program.soft]])
        column = np.concatenate([program.column[stay], columns + np.arange(slacks)])
        value = np.concatenate([program.value[stay], np.ones(slacks)])
        scale = SIZE / max(1.0, float(np.abs(program.gain).max(initial=0.0)))
        reach = np.maximum(program.lower[program.soft], 0.0)
        gain = np.concatenate([program.gain * scale, np.full(slacks, -MISSING * SIZE)])
        most = np.concatenate([self.high, np.where(np.isfinite(reach), reach, 0.0)])
        return model((row, column, value), gain, most, program.lower[held], program.upper[held])

    def solved(self) -> bool:
        """Solve the linear program; whether it has an optimum."""
        if not relaxed(self.highs):
            return False
        self.values = np.array(self.highs.getSolution().col_value)[: len(self.values)]
        return True

    def _broken(self, held: Mask) -> IntArray:
        """Rows left out that the values break, the worst of each count."""
        program = self.program
        if not len(program.presence):
            return program.presence
        first = int(program.presence[0])
        entries = np.flatnonzero(program.row >= first)
        row, column, value = program.row[entries] - first, program.column[entries], program.value[entries]
        short = -totals(row, value * self.values[column], len(program.presence))
        count = np.zeros(len(program.presence), np.int64)
        is_count = column >= int(program.options)
        count[row[is_count]] = column[is_count]
        short[held[program.presence]] = 0.0
        broken = np.flatnonzero(short > BROKEN)
        order, rank = keenest(broken, count[broken], short[broken])
        return program.presence[order[rank < CUTS]]

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
