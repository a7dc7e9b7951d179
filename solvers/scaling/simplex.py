"""Linear programs in HiGHS, from coordinates: on one thread, so that the same numbers give the same answer anywhere."""

from __future__ import annotations

import highspy
import numpy as np

from models.problem import IntArray
from solvers.scaling.matrix import FloatArray

Coordinates = tuple[IntArray, IntArray, FloatArray]
"""Row, column and value of each entry."""


def solver() -> highspy.Highs:
    """HiGHS, silent and deterministic."""
    highs = highspy.Highs()
    for name, setting in {"output_flag": False, "threads": 1, "random_seed": 0}.items():
        highs.setOptionValue(name, setting)
    return highs


def model(
    entries: Coordinates, gain: FloatArray, most: FloatArray, lower: FloatArray, upper: FloatArray
) -> highspy.HighsLp:
    """Columns between 0 and ``most`` whose ``gain`` is maximised, rows between ``lower`` and ``upper``."""
    row, column, value = entries
    order = np.lexsort((row, column))
    program = highspy.HighsLp()
    program.num_col_, program.num_row_ = len(gain), len(lower)
    program.sense_ = highspy.ObjSense.kMaximize
    program.col_cost_, program.col_lower_, program.col_upper_ = gain, np.zeros(len(gain)), most
    program.row_lower_, program.row_upper_ = lower, upper
    program.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    starts = np.concatenate([[0], np.cumsum(np.bincount(column, minlength=len(gain)))])
    program.a_matrix_.start_ = starts.astype(np.int32)
    program.a_matrix_.index_ = row[order].astype(np.int32)
    program.a_matrix_.value_ = value[order]
    return program


def add_rows(highs: highspy.Highs, entries: Coordinates, least: FloatArray) -> None:
    """More rows, of at least so much each, with the basis kept: the dual simplex method goes on from it."""
    row, column, value = entries
    order = np.lexsort((column, row))
    starts = np.searchsorted(row[order], np.arange(len(least))).astype(np.int32)
    endless, index = np.full(len(least), np.inf), column[order].astype(np.int32)
    highs.addRows(len(least), least, endless, len(row), starts, index, value[order])


def relaxed(highs: highspy.Highs) -> bool:
    """Solve what is loaded as a linear program; whether it has an optimum."""
    highs.run()
    return bool(highs.getModelStatus() == highspy.HighsModelStatus.kOptimal)
