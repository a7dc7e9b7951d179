"""What adding one option at a time does to the rows of a problem, for many options together.

The sums of all rows are known with the options that stand; an addition changes a few of them, directly and
through the auxiliaries that it moves (one more escort, a flow that is no longer empty). Vectorised over all
additions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.problem import Auxiliary, Block, Grouped, IntArray, Problem, Shared


@dataclass(frozen=True)
class Additions:
    """The rows that each addition breaks: parallel arrays sorted by addition, block and row.

    ``excess`` is by how much the row is broken. A row that is broken without the addition counts where it
    gets worse.
    """

    blocks: tuple[Block, ...]
    addition: IntArray
    block: IntArray
    row: IntArray
    excess: IntArray

    @classmethod
    def to(cls, problem: Problem, chosen: IntArray, additions: IntArray) -> Additions:
        """Add each of ``additions`` (columns, of agents without a chosen option) to ``chosen`` on its own."""
        values = problem.complete(chosen)
        number_of = np.full(problem.columns, -1)
        number_of[additions] = np.arange(len(additions))
        moves = _moves(problem, values, number_of)
        blocks = tuple(
            block for block in problem.blocks if not block.redundant and not _defines(problem, block)
        )
        found = [_broken(number, block, values, number_of, moves) for number, block in enumerate(blocks)]
        addition, block, row, excess = (
            (np.concatenate([np.empty(0, np.int64), *parts]) for parts in zip(*found, strict=True))
            if found
            else (np.empty(0, np.int64),) * 4
        )
        order = np.lexsort((row, block, addition))
        return cls(blocks, addition[order], block[order], row[order], excess[order])

    def broken(self, number: int) -> Iterator[tuple[Block, int, int]]:
        """The rows that an addition breaks: block, row in the block, excess."""
        first, last = np.searchsorted(self.addition, [number, number + 1])
        for entry in range(int(first), int(last)):
            yield self.blocks[self.block[entry]], int(self.row[entry]), int(self.excess[entry])


Moves = tuple[IntArray, IntArray, IntArray]
"""Parallel arrays: the addition, the auxiliary column that it moves, by how much."""


def _defines(problem: Problem, block: Block) -> bool:
    return any(block is family.definition for family in problem.auxiliaries)


def _moves(problem: Problem, values: IntArray, number_of: IntArray) -> Moves:
    parts = [_family_moves(family, values, number_of) for family in problem.auxiliaries if family.towards < 0]
    addition, column, change = (
        (np.concatenate([np.empty(0, np.int64), *arrays]) for arrays in zip(*parts, strict=True))
        if parts
        else (np.empty(0, np.int64),) * 3
    )
    return addition, column, change


def _family_moves(family: Auxiliary, values: IntArray, number_of: IntArray) -> Moves:
    """How each addition raises the members whose defining rows it enters: ``size · member ≥ low − rest``,
    rounded up.
    """
    block, last = family.definition, family.first + len(family)
    own = (block.column >= family.first) & (block.column < last)
    member, size = np.full(len(block), -1), np.ones(len(block), np.int64)
    member[block.row[own]], size[block.row[own]] = block.column[own], block.value[own]
    rest = block.activity(values) - size * values[member]
    entry = np.flatnonzero(~own & (number_of[block.column] >= 0))
    row = block.row[entry]
    need = -((rest[row] + block.value[entry] - block.lower[row]) // size[row])
    change = np.maximum(need - values[member[row]], 0)
    moved = change > 0
    return number_of[block.column[entry]][moved], member[row][moved], change[moved]


def _broken(
    number: int, block: Block, values: IntArray, number_of: IntArray, moves: Moves
) -> tuple[IntArray, IntArray, IntArray, IntArray]:
    """The rows of one block that additions break."""
    before = block.activity(values)
    own_row, own_column, own_value = _single(block)
    moved, entry = _matches(moves[1], own_column)
    touched = np.zeros(len(block), bool)
    touched[own_row[entry]] = True
    row, column, change = _entering(block, before, number_of, touched)
    addition = np.concatenate([number_of[column], moves[0][moved]])
    row = np.concatenate([row, own_row[entry]])
    change = np.concatenate([change, moves[2][moved] * own_value[entry]])
    key, inverse = np.unique(addition * len(block) + row, return_inverse=True)
    total = np.bincount(inverse, weights=change, minlength=len(key)).astype(np.int64)
    addition, row = key // len(block), key % len(block)
    excess = _excess(block, row, before[row] + total)
    bad = excess > _excess(block, row, before[row])
    return addition[bad], np.full(int(bad.sum()), number), row[bad], excess[bad]


def _single(block: Block) -> tuple[IntArray, IntArray, IntArray]:
    """The entries among which those of auxiliaries are: row, column, value."""
    if isinstance(block, Grouped):
        return block.own_row, block.own_column, block.own_value
    return block.row, block.column, block.value


def _entering(
    block: Block, before: IntArray, number_of: IntArray, touched: npt.NDArray[np.bool_]
) -> tuple[IntArray, IntArray, IntArray]:
    """The entries (row, column, value) of additions in rows that one of them could break, or that are touched by what
    they move: of a round's millions of entries few.
    """
    row, column, value = _single(block)
    direct = number_of[column] >= 0
    row, column, value = row[direct], column[direct], value[direct]
    if not isinstance(block, Grouped):
        return row, column, value
    shared = block.shared
    may = touched[shared.row]
    for weight in _extremes(shared, number_of):
        after = before[shared.row] + shared.value * weight[shared.column]
        may |= _excess(block, shared.row, after) > 0
    part = Shared(shared.group, shared.row[may], shared.column[may], shared.value[may], shared.weight)
    more = part.spelled_out()
    added = number_of[more[1]] >= 0
    parts = zip((row, column, value), more, strict=True)
    row, column, value = (np.concatenate([one, other[added]]) for one, other in parts)
    return row, column, value


def _extremes(shared: Shared, number_of: IntArray) -> tuple[IntArray, ...]:
    """The least and the greatest weight that an addition has in each group."""
    if shared.weight is None:
        return (np.ones(shared.groups, np.int64),)
    options = len(shared.group)
    inside = (number_of[:options] >= 0) & (shared.group >= 0) & (shared.group < shared.groups)
    group, weight = shared.group[inside], shared.weight[inside]
    least, most = np.zeros((2, shared.groups), np.int64)
    np.minimum.at(least, group, weight)
    np.maximum.at(most, group, weight)
    return least, most


def _excess(block: Block, row: IntArray, sums: IntArray) -> IntArray:
    broken: IntArray = np.maximum(0, np.maximum(block.lower[row] - sums, sums - block.upper[row]))
    return broken


def _matches(left: IntArray, right: IntArray) -> tuple[IntArray, IntArray]:
    """All (position in left, position in right) with equal entries."""
    order = np.argsort(right, kind="stable")
    first = np.searchsorted(right[order], left, "left")
    count = np.searchsorted(right[order], left, "right") - first
    ends = np.cumsum(count)
    inside = np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - count - first, count)
    return np.repeat(np.arange(len(left)), count), order[inside]
