"""All rows of a problem in one matrix, row by row, with what each row's sum can be at least and at most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from models.problem import FREE_ABOVE, FREE_BELOW, Block, Goal, IntArray, Problem


@dataclass(frozen=True)
class Rows:
    """Rows in compressed form: row r has the entries ``start[r]`` … ``start[r + 1]`` − 1 of ``column`` and
    ``value``.

    Within a row the columns ascend and no value is 0. ``least`` and ``most`` (one per row) bound the row's
    sum over all column values within their own bounds. ``block`` and ``index`` say where a row comes from:
    the number in ``blocks`` and the row within it. The defining rows of auxiliaries come after the problem's
    own blocks.
    """

    blocks: tuple[Block, ...]
    start: IntArray
    column: IntArray
    value: IntArray
    lower: IntArray
    upper: IntArray
    least: IntArray
    most: IntArray
    block: IntArray
    index: IntArray

    def __len__(self) -> int:
        return len(self.lower)

    @cached_property
    def row(self) -> IntArray:
        """The row of each entry."""
        return np.repeat(np.arange(len(self)), np.diff(self.start))

    @cached_property
    def floor(self) -> IntArray:
        """The lower sides, no lower than the sum can be: never below ``least``, so that no side is a stand-in
        for −∞.
        """
        return np.maximum(self.lower, self.least)

    @cached_property
    def ceiling(self) -> IntArray:
        """The upper sides, no higher than the sum can be."""
        return np.minimum(self.upper, self.most)

    @cached_property
    def can_bind(self) -> npt.NDArray[np.bool_]:
        """Which rows some choice of column values breaks."""
        return (self.lower > self.least) | (self.upper < self.most)

    @cached_property
    def impossible(self) -> npt.NDArray[np.bool_]:
        """Which rows no column values satisfy."""
        return (self.lower > self.most) | (self.upper < self.least) | (self.lower > self.upper)

    def entries(self, row: int) -> slice:
        """Where a row's entries stand in ``column`` and ``value``."""
        return slice(int(self.start[row]), int(self.start[row + 1]))

    def join(self, other: Rows) -> Rows:
        """These rows, then the other's (its rows' blocks are not named: they count as −1)."""
        nowhere = np.full(len(other), -1)
        return Rows(
            self.blocks,
            np.concatenate([self.start, self.start[-1] + other.start[1:]]),
            np.concatenate([self.column, other.column]),
            np.concatenate([self.value, other.value]),
            np.concatenate([self.lower, other.lower]),
            np.concatenate([self.upper, other.upper]),
            np.concatenate([self.least, other.least]),
            np.concatenate([self.most, other.most]),
            np.concatenate([self.block, nowhere]),
            np.concatenate([self.index, nowhere]),
        )

    def within(self, upper: IntArray) -> Rows:
        """Those rows that can still bind when the columns stay within ``upper``."""
        least, most = _range(self.start, self.column, self.value, upper)
        return self.keep((self.lower > least) | (self.upper < most))

    def among(self, columns: IntArray, width: int) -> Rows:
        """The same rows over these columns only (ascending numbers below ``width``), numbered anew from 0."""
        at = np.full(width, -1)
        at[columns] = np.arange(len(columns))
        column = at[self.column]
        inside = column >= 0
        start = np.concatenate([[0], np.cumsum(np.bincount(self.row[inside], minlength=len(self)))])
        return replace(self, start=start, column=column[inside], value=self.value[inside])

    def pick(self, rows: IntArray) -> Rows:
        """The rows with these numbers, in this order."""
        count = np.diff(self.start)[rows]
        start = np.concatenate([[0], np.cumsum(count)])
        entry = np.arange(start[-1]) + np.repeat(self.start[rows] - start[:-1], count)
        matrix = start, self.column[entry], self.value[entry]
        sides = self.lower[rows], self.upper[rows], self.least[rows], self.most[rows]
        return Rows(self.blocks, *matrix, *sides, self.block[rows], self.index[rows])

    def keep(self, rows: npt.NDArray[np.bool_]) -> Rows:
        """The rows of a mask, in the same order."""
        entries = rows[self.row]
        start = np.concatenate([[0], np.cumsum(np.diff(self.start)[rows])])
        matrix = start, self.column[entries], self.value[entries]
        sides = self.lower[rows], self.upper[rows], self.least[rows], self.most[rows]
        return Rows(self.blocks, *matrix, *sides, self.block[rows], self.index[rows])


def kept_rows(problem: Problem, kept: Sequence[tuple[Goal, int]]) -> Rows:
    """One row per goal that is settled: it stays at its value or better."""
    blocks = tuple(
        Block(
            goal.name,
            np.zeros(len(goal.column), np.int64),
            goal.column,
            goal.value.astype(np.int64, copy=False),
            np.array([value if goal.sense > 0 else FREE_BELOW]),
            np.array([FREE_ABOVE if goal.sense > 0 else value]),
        )
        for goal, value in kept
    )
    return stacked(blocks, problem.upper)


def stack(problem: Problem, *, redundant: bool = True) -> Rows:
    """All rows, with the defining rows of auxiliaries; without the redundant blocks unless they are asked for."""
    blocks = [block for block in problem.blocks if redundant or not block.redundant]
    known = {id(block) for block in problem.blocks}
    blocks += [family.definition for family in problem.auxiliaries if id(family.definition) not in known]
    return stacked(tuple(blocks), problem.upper)


def stacked(blocks: tuple[Block, ...], columns: IntArray) -> Rows:
    """All rows of the blocks, for columns with these upper bounds."""
    sizes = np.array([len(block) for block in blocks], np.int64)
    offset = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    row = _join([block.row + first for block, first in zip(blocks, offset[:-1], strict=True)])
    start, column, value = _compress(
        row,
        _join([block.column for block in blocks]),
        _join([block.value for block in blocks]),
        int(offset[-1]),
    )
    least, most = _range(start, column, value, columns)
    return Rows(
        blocks=blocks,
        start=start,
        column=column,
        value=value,
        lower=_join([block.lower for block in blocks]),
        upper=_join([block.upper for block in blocks]),
        least=least,
        most=most,
        block=np.repeat(np.arange(len(blocks)), sizes),
        index=np.arange(offset[-1]) - np.repeat(offset[:-1], sizes),
    )


def _join(parts: list[IntArray]) -> IntArray:
    return np.concatenate([np.zeros(0, np.int64), *parts]).astype(np.int64)


def _compress(
    row: IntArray, column: IntArray, value: IntArray, rows: int
) -> tuple[IntArray, IntArray, IntArray]:
    """Sort the entries by row and column, add up those that meet in one place, and leave out zeros."""
    order = np.argsort(row * (int(column.max(initial=0)) + 1) + column, kind="stable")
    row, column, value = row[order], column[order], value[order]
    fresh = np.ones(len(row), bool)
    fresh[1:] = (row[1:] != row[:-1]) | (column[1:] != column[:-1])
    first = np.flatnonzero(fresh)
    if len(first) < len(row):
        row, column, value = row[first], column[first], np.add.reduceat(value, first)
    if not value.all():
        row, column, value = row[value != 0], column[value != 0], value[value != 0]
    start = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=rows))]).astype(np.int64)
    return start, column, value


def _range(start: IntArray, column: IntArray, value: IntArray, upper: IntArray) -> tuple[IntArray, IntArray]:
    reach = value * upper[column]
    low = np.concatenate([[0], np.cumsum(np.minimum(reach, 0))])
    high = np.concatenate([[0], np.cumsum(np.maximum(reach, 0))])
    return low[start[1:]] - low[start[:-1]], high[start[1:]] - high[start[:-1]]
