"""Row sums kept up to date while options are taken and given back, with the auxiliaries that follow from
them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.problem import IntArray, Problem
from solvers.slots import lay_out

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Look:
    """What taking each of some positions would do, one entry per slot.

    ``position`` counts from ``first``; ``before`` and ``after`` are the row's sums without and with the
    position taken.
    """

    first: int
    count: int
    position: IntArray
    row: IntArray
    before: IntArray
    after: IntArray

    def hit(self, slots: BoolArray) -> BoolArray:
        """Which positions have a slot in the mask."""
        return np.bincount(self.position[slots], minlength=self.count) > 0

    def total(self, amount: IntArray) -> IntArray:
        """The sum of an amount per slot for each position."""
        return np.bincount(self.position, weights=amount, minlength=self.count).astype(np.int64)


class Ledger:
    """Which positions are taken, every row's sum, every auxiliary's value."""

    def __init__(self, problem: Problem) -> None:
        self.slots = lay_out(problem)
        self.lower, self.upper = self.slots.lower, self.slots.upper
        self.clear()

    def clear(self) -> None:
        """Give everything back."""
        definitions = self.slots.definitions
        self.sums = np.zeros(len(self.lower), np.int64)
        self.rest = np.zeros(len(definitions.auxiliary), np.int64)
        self.taken = np.zeros(len(self.slots.option), bool)
        self.auxiliary = np.zeros(len(definitions.towards), np.int64)
        for member in range(len(self.auxiliary)):
            self._follow(member)

    def look(self, first: int, last: int) -> Look:
        """What taking each position from ``first`` to ``last`` − 1 would do (each on its own)."""
        slots = self.slots
        a, b = int(slots.start[first]), int(slots.start[last])
        row = slots.row[a:b]
        change = slots.direct[a:b]
        c, d = int(slots.effect_start[first]), int(slots.effect_start[last])
        if c < d:
            moved = slots.effect_size[c:d] * self._moves(slots.effect_def[c:d], slots.effect_value[c:d])
            change = change + np.bincount(slots.effect_slot[c:d] - a, moved, b - a).astype(np.int64)
        before = self.sums[row]
        return Look(first, last - first, slots.position[a:b] - first, row, before, before + change)

    def _moves(self, row: IntArray, value: IntArray) -> IntArray:
        """How far an auxiliary moves when ``value`` is added to a defining row; 0 where that row alone does
        not tell.
        """
        definitions = self.slots.definitions
        now = self.auxiliary[definitions.auxiliary[row]]
        need = -((self.rest[row] + value - definitions.low[row]) // definitions.size[row])
        need = np.maximum(need, np.where(definitions.alone[row], 0, now))
        return np.where(definitions.rises[row], need - now, 0)

    def take(self, position: int, sign: int = 1) -> None:
        """Take a position, or give it back (``sign`` −1)."""
        slots, definitions = self.slots, self.slots.definitions
        own = slice(int(slots.start[position]), int(slots.start[position + 1]))
        self.sums[slots.row[own]] += sign * slots.direct[own]
        self.taken[position] = sign > 0
        defining = slice(int(definitions.start[position]), int(definitions.start[position + 1]))
        rows = definitions.row[defining]
        np.add.at(self.rest, rows, sign * definitions.value[defining])
        for member in dict.fromkeys(definitions.auxiliary[rows].tolist()):
            self._follow(member)

    def _follow(self, member: int) -> None:
        """Set an auxiliary to the value that its defining rows give it, if any row depends on it."""
        rows, size = self.slots.rows_of_aux[member]
        if not len(rows):
            return
        value = self.slots.definitions.value_of(member, self.rest)
        change = value - int(self.auxiliary[member])
        if change:
            self.sums[rows] += change * size
            self.auxiliary[member] = value

    def rows_of(self, positions: list[int]) -> IntArray:
        """The rows that the positions can change."""
        slots = self.slots
        parts = [slots.row[slots.start[p] : slots.start[p + 1]] for p in positions]
        return np.unique(np.concatenate(parts))

    def excess(self, rows: IntArray) -> IntArray:
        """By how much each row is broken, on either side."""
        return self.broken_by(self.sums[rows], rows)

    def broken_by(self, sums: IntArray, rows: IntArray) -> IntArray:
        """By how much rows with these sums would be broken, on either side."""
        excess: IntArray = np.maximum(0, np.maximum(self.lower[rows] - sums, sums - self.upper[rows]))
        return excess

    def violated(self) -> IntArray:
        """The rows that are broken now."""
        return np.flatnonzero((self.sums < self.lower) | (self.sums > self.upper))
