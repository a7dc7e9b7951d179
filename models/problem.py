"""A round as numbers: integer columns, row blocks in coordinate form, goal vectors; labels lead back to
people.

Columns 0 … ``options`` − 1 are the options (0 or 1). The auxiliary columns after them are whole numbers that
follow from the options: each is the smallest (or largest) value that its own *defining* rows allow, so that
``Problem.complete`` can tell the auxiliaries of any choice of options. Everything is whole numbers: a proof
never hangs on a rounding.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int64]

FREE_BELOW = -(2**62)
"""The lower side of a row without a lower limit."""
FREE_ABOVE = 2**62
"""The upper side of a row without an upper limit."""


@dataclass(frozen=True)
class Block:
    """Rows of one kind: ``lower ≤ Σ value · column ≤ upper``, in coordinate form.

    ``rule`` is the rule that states the rows. ``row``, ``column``, ``value`` have one entry per nonzero,
    ``lower`` and ``upper`` one per row. ``keys`` holds one array per name, aligned with the rows, that says
    whom a row is about (ids, dates, amounts); ``text`` is a sentence with those names in braces. A
    *redundant* block follows from the other rows for whole numbers and only tightens the relaxation: a solver
    may leave it out, an explanation does.
    """

    rule: str
    row: IntArray
    column: IntArray
    value: IntArray
    lower: IntArray
    upper: IntArray
    text: str = ""
    keys: Mapping[str, npt.NDArray[np.generic]] | None = None
    redundant: bool = False

    def __len__(self) -> int:
        return len(self.lower)

    def label(self, row: int) -> str:
        """The sentence that says what a row is about."""
        return self.text.format(**{name: values[row] for name, values in (self.keys or {}).items()})

    def activity(self, values: IntArray) -> IntArray:
        """The rows' sums for given column values."""
        return np.bincount(self.row, weights=self.value * values[self.column], minlength=len(self)).astype(
            np.int64
        )


@dataclass(frozen=True)
class Auxiliary:
    """A family of auxiliary columns: ``first`` … ``first + len(upper)`` − 1, between 0 and ``upper``.

    Each takes the smallest whole value that ``definition`` allows (``towards`` −1) or the largest (+1); in
    ``definition`` a row holds exactly one column of this family and otherwise options.
    """

    name: str
    first: int
    upper: IntArray
    towards: int
    definition: Block

    def __len__(self) -> int:
        return len(self.upper)

    def values(self, options: IntArray) -> IntArray:
        """The family's values for given option values (0 or 1 each)."""
        block, last = self.definition, self.first + len(self)
        own = (block.column >= self.first) & (block.column < last)
        rest = np.zeros(len(block), np.int64)
        np.add.at(rest, block.row[~own], block.value[~own] * options[block.column[~own]])
        member, coefficient = block.column[own] - self.first, block.value[own]
        low, high = np.zeros(len(self), np.int64), self.upper.copy()
        _tighten(
            low, high, member, coefficient, block.lower[block.row[own]] - rest[block.row[own]], above=True
        )
        _tighten(
            low, high, member, coefficient, block.upper[block.row[own]] - rest[block.row[own]], above=False
        )
        return low if self.towards < 0 else high


def _tighten(
    low: IntArray, high: IntArray, member: IntArray, coefficient: IntArray, side: IntArray, *, above: bool
) -> None:
    """Apply ``coefficient · z ≥ side`` (or ≤, unless ``above``) to the members' ranges, in whole numbers."""
    bounded = np.abs(side) < 2**61
    raises = bounded & ((coefficient > 0) == above)
    lowers = bounded & ((coefficient > 0) != above)
    np.maximum.at(low, member[raises], -((-side[raises]) // coefficient[raises]))
    np.minimum.at(high, member[lowers], side[lowers] // coefficient[lowers])


@dataclass(frozen=True)
class Goal:
    """A goal as a vector: Σ value · column, maximised (``sense`` +1) or minimised (−1)."""

    name: str
    sense: int
    column: IntArray
    value: IntArray

    def of(self, values: IntArray) -> int:
        """The goal's value for given column values."""
        return int((self.value * values[self.column]).sum())

    def dense(self, columns: int) -> IntArray:
        """The coefficients of all columns, in the goal's own sense."""
        vector = np.zeros(columns, np.int64)
        np.add.at(vector, self.column, self.value)
        return vector


@dataclass(frozen=True)
class Weighted:
    """One objective, maximised: Σ weight · sense · goal, with whole weights and what they were multiplied by."""

    weights: tuple[int, ...]
    scale: int


@dataclass(frozen=True)
class Problem:
    """The whole round as numbers.

    ``agent`` says for each option whose it is (an agent chooses at most one), ``rank`` how far down the
    agent's own wishes it stands (0: best), ``bundle`` which agents act as one (same number) in the order in
    which they come; first come first served needs no more. ``weighted`` is None for a lexicographic policy.
    """

    options: int
    agents: int
    agent: IntArray
    rank: IntArray
    bundle: IntArray
    blocks: tuple[Block, ...]
    auxiliaries: tuple[Auxiliary, ...]
    goals: tuple[Goal, ...]
    weighted: Weighted | None = None

    @property
    def columns(self) -> int:
        """How many columns there are, options and auxiliaries."""
        return self.options + sum(len(family) for family in self.auxiliaries)

    @cached_property
    def upper(self) -> IntArray:
        """The columns' upper bounds; every lower bound is 0."""
        return np.concatenate(
            [np.ones(self.options, np.int64), *(family.upper for family in self.auxiliaries)]
        )

    def complete(self, chosen: IntArray) -> IntArray:
        """All columns' values for the chosen options (indices)."""
        options = np.zeros(self.options, np.int64)
        options[chosen] = 1
        return np.concatenate([options, *(family.values(options) for family in self.auxiliaries)])

    def violated(self, values: IntArray) -> list[tuple[Block, IntArray]]:
        """The blocks with the rows that the column values break."""
        found = []
        for block in self.blocks:
            sums = block.activity(values)
            broken = np.flatnonzero((sums < block.lower) | (sums > block.upper))
            if len(broken):
                found.append((block, broken))
        return found

    def allows(self, chosen: IntArray) -> bool:
        """Whether the chosen options, with the auxiliaries that follow, satisfy every row."""
        values = self.complete(chosen)
        return bool(np.all(values <= self.upper)) and not self.violated(values)
