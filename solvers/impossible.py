"""Columns that can be 1 in no allocation, found by following what a single choice forces.

Groups and pairs that stay together are equalities, Σ of one learner's options at a place = Σ of another's. In
the linear relaxation two halves of learners may share one seat there; whole learners can't. An option is
impossible when it conflicts with every option that could answer for it on the other side: two options
conflict when a row has no room for both.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from models.problem import IntArray, Problem
from solvers.rows import Rows

Mask = npt.NDArray[np.bool_]


def impossible(problem: Problem, rows: Rows) -> Mask:
    """The columns that are 0 in every allocation, as far as single choices tell; the mask only ever names
    such columns.
    """
    out = _alone(problem, rows)
    pairs = list(_answers(problem, rows))
    rooms = _rooms(
        rows, np.unique(np.concatenate([np.empty(0, np.int64), *(np.append(*pair) for pair in pairs)]))
    )
    sides = [(one.tolist(), other.tolist()) for one, other in pairs]
    changed = True
    while changed:
        changed = False
        gone = out.tolist()
        for one, other in sides:
            for side, answers in ((one, other), (other, one)):
                for column in side:
                    if not gone[column] and not _answered(rooms, column, answers, gone):
                        gone[column] = changed = True
        out = np.array(gone, bool)
    return out


def _answered(rooms: dict[int, Room], column: int, answers: list[int], gone: list[bool]) -> bool:
    """Whether one of the answers that are still there goes together with the column."""
    return any(not gone[answer] and _together(rooms, column, answer) for answer in answers)


def _alone(problem: Problem, rows: Rows) -> Mask:
    """Columns that break a row all by themselves, whatever the others are (rows with no entry of the other
    sign).
    """
    same_sign = np.bincount(rows.row[rows.value <= 0], minlength=len(rows)) == 0
    out = np.zeros(problem.columns, bool)
    tight = same_sign[rows.row] & (rows.value > rows.upper[rows.row])
    out[rows.column[tight]] = True
    out[problem.options :] = False
    return out


def _answers(problem: Problem, rows: Rows) -> Iterator[tuple[IntArray, IntArray]]:
    """The two sides of every row Σ options − Σ options = 0."""
    for row in np.flatnonzero((rows.lower == 0) & (rows.upper == 0)).tolist():
        column, value = rows.column[rows.entries(row)], rows.value[rows.entries(row)]
        if len(column) and np.all(np.abs(value) == 1) and column[-1] < problem.options:
            yield column[value > 0], column[value < 0]


Room = dict[int, tuple[int, int]]
"""For one column: row → (its coefficient there, the row's upper side)."""


def _rooms(rows: Rows, columns: IntArray) -> dict[int, Room]:
    """The rows without negative entries in which the columns stand, where two of them could be too much."""
    positive = np.bincount(rows.row[rows.value <= 0], minlength=len(rows)) == 0
    wanted = np.zeros(int(rows.column.max(initial=-1)) + 1, bool)
    wanted[columns] = True
    largest = np.zeros(len(rows), np.int64)
    np.maximum.at(largest, rows.row, rows.value)
    tight = positive & (rows.upper < 2 * largest)
    entry = np.flatnonzero(wanted[rows.column] & tight[rows.row])
    rooms: dict[int, Room] = {column: {} for column in columns.tolist()}
    for column, row, value in zip(
        rows.column[entry].tolist(), rows.row[entry].tolist(), rows.value[entry].tolist(), strict=True
    ):
        rooms[column][row] = (value, int(rows.upper[row]))
    return rooms


def _together(rooms: dict[int, Room], one: int, other: int) -> bool:
    """Whether no row lacks room for both."""
    first, second = rooms[one], rooms[other]
    return all(first[row][0] + second[row][0] <= first[row][1] for row in first.keys() & second.keys())
