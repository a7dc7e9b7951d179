"""All rows of a problem over groups of options, laid out for pricing, counting and cutting out pieces.

Nothing here has an entry per option and row: an option's rows are those of its groups. Pricing is a gather per
layer, and a piece (a few thousand options) is spelled out when it is needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from models.bulk import narrow, numbers, spans
from models.problem import FREE_ABOVE, FREE_BELOW, Block, Goal, Grouped, IntArray, Problem

FloatArray = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Sparse:
    """Entries sorted by owner: owner i has the entries ``start[i]`` … ``start[i + 1]`` − 1 of ``row`` and ``value``."""

    start: IntArray
    row: IntArray
    value: FloatArray

    @staticmethod
    def of(owner: IntArray, row: IntArray, value: npt.NDArray[np.generic], owners: int) -> Sparse:
        """Entries in any order."""
        order = np.lexsort((row, owner))
        start = np.concatenate([[0], np.cumsum(np.bincount(owner, minlength=owners))])
        return Sparse(narrow(start), narrow(row[order]), value[order].astype(np.float64))

    @property
    def owners(self) -> int:
        """How many owners there are."""
        return len(self.start) - 1

    @cached_property
    def owner(self) -> IntArray:
        """The owner of each entry."""
        return np.repeat(numbers(self.owners), np.diff(self.start))

    def prices(self, of_row: FloatArray) -> FloatArray:
        """Σ value · price of row, for every owner."""
        return totals(self.owner, self.value * of_row[self.row], self.owners)

    def activity(self, amount: FloatArray, rows: int) -> FloatArray:
        """Σ value · amount of owner, for every row."""
        return totals(self.row, self.value * amount[self.owner], rows)

    def entries(self, owner: IntArray) -> tuple[IntArray, IntArray, FloatArray]:
        """The entries of some owners: position in ``owner``, row, value."""
        count = self.start[owner + 1] - self.start[owner]
        ends = np.cumsum(count)
        total = int(ends[-1]) if len(ends) else 0
        at = np.arange(total) - np.repeat(ends - count - self.start[owner], count)
        return np.repeat(np.arange(len(owner)), count), self.row[at], self.value[at]

    def renumbered(self, new: IntArray) -> Sparse:
        """The same entries with other row numbers; rows with the number −1 are left out."""
        stay = new[self.row] >= 0
        return Sparse.of(self.owner[stay], new[self.row[stay]], self.value[stay], self.owners)


@dataclass(frozen=True)
class Layer:
    """Rows over one grouping of the options: option o takes part as ``group[o]`` (the last group has no rows, and −1
    stands for it), times ``weight[o]`` (None: 1). Both are the problem's own arrays of whole numbers.
    """

    group: IntArray
    sparse: Sparse
    weight: IntArray | None

    def of(self, options: IntArray | slice) -> IntArray:
        """The groups of some options, none of them negative."""
        group = self.group[options]
        return np.where(group < 0, self.sparse.owners - 1, group)

    def counts(self) -> FloatArray:
        """What the options of each group weigh together."""
        total = np.zeros(self.sparse.owners)
        for span in spans(0, len(self.group)):
            weight = None if self.weight is None else self.weight[span]
            total += np.bincount(self.of(span), weights=weight, minlength=len(total))
        return total

    def paid(self, of_row: FloatArray, options: IntArray) -> FloatArray:
        """What each of some options pays: only their groups are looked at, which are few of all."""
        group = self.group[options]
        seen = np.zeros(self.sparse.owners, bool)
        seen[group] = True
        owner = np.flatnonzero(seen)
        at, row, value = self.sparse.entries(owner)
        price = np.zeros(self.sparse.owners)
        price[owner] = totals(at, value * of_row[row], len(owner))
        share: FloatArray = price[group]
        return share if self.weight is None else share * self.weight[options]


@dataclass(frozen=True)
class Matrix:
    """A problem's rows, redundant ones left out, with those of one agent alone that say no more than "at most one".

    ``lower`` and ``upper`` are infinite where a row has no such side. ``single`` holds the entries of options that
    no layer covers, for the options in ``singled`` (sorted); ``auxiliary`` those of the auxiliary columns.
    ``defines`` says for each row which auxiliary it defines as a count rounded up (−1: none).
    """

    problem: Problem
    lower: FloatArray
    upper: FloatArray
    layers: tuple[Layer, ...]
    singled: IntArray
    single: Sparse
    auxiliary: Sparse
    defines: IntArray
    rules: npt.NDArray[np.object_]

    def __len__(self) -> int:
        return len(self.lower)

    @cached_property
    def first(self) -> IntArray:
        """Where each agent's options begin, and one end more; the options are sorted by agent."""
        return np.searchsorted(self.problem.agent, np.arange(self.problem.agents + 1))

    @cached_property
    def has_options(self) -> Mask:
        """Which rows hold options, not auxiliaries alone."""
        held = np.zeros(len(self), bool)
        for sparse in (*(layer.sparse for layer in self.layers), self.single):
            held[sparse.row] = True
        return held

    @cached_property
    def divisor(self) -> FloatArray:
        """How many options count as one unit, for each row that defines a count (others: 1)."""
        divisor = np.ones(len(self))
        own = self.defines[self.auxiliary.row] == self.auxiliary.owner
        divisor[self.auxiliary.row[own]] = self.auxiliary.value[own]
        return divisor

    @cached_property
    def uncounted(self) -> IntArray:
        """The auxiliaries that are not counts rounded up (such as the share that everybody has)."""
        defined = np.zeros(self.auxiliary.owners, bool)
        defined[self.defines[self.defines >= 0]] = True
        return np.flatnonzero(~defined)

    def option_prices(self, of_row: FloatArray, begin: int = 0, end: int | None = None) -> FloatArray:
        """What each option from ``begin`` to before ``end`` pays at these prices."""
        end = self.problem.options if end is None else end
        paid = np.zeros(end - begin)
        for layer in self.layers:
            price = layer.sparse.prices(of_row)
            for span in spans(begin, end) if price.any() else ():
                share = price[layer.group[span]]
                share = share if layer.weight is None else share * layer.weight[span]
                paid[span.start - begin : span.stop - begin] += share
        low, high = np.searchsorted(self.singled, [begin, end])
        paid[self.singled[low:high] - begin] += self.single.prices(of_row)[low:high]
        return paid

    def prices_of(self, of_row: FloatArray, options: IntArray) -> FloatArray:
        """What each of some options pays at these prices."""
        paid = np.zeros(len(options))
        for layer in self.layers:
            for span in spans(0, len(options)):
                paid[span] += layer.paid(of_row, options[span])
        position, own = self._singles(options)
        at, row, value = self.single.entries(own)
        paid[position] += totals(at, value * of_row[row], len(own))
        return paid

    def activity(self, chosen: IntArray, auxiliaries: npt.NDArray[np.generic]) -> FloatArray:
        """The rows' sums for chosen options and auxiliary values."""
        total = self.auxiliary.activity(auxiliaries.astype(np.float64), len(self))
        for layer in self.layers:
            weight = None if layer.weight is None else layer.weight[chosen]
            count = np.bincount(layer.of(chosen), weights=weight, minlength=layer.sparse.owners)
            total += layer.sparse.activity(count.astype(np.float64), len(self))
        _, row, value = self.single.entries(self._singles(chosen)[1])
        return total + np.bincount(row, weights=value, minlength=len(self))

    def entries(self, options: IntArray) -> tuple[IntArray, IntArray, FloatArray]:
        """The entries of some options: position in ``options``, row, value."""
        parts = []
        for layer in self.layers:
            at, row, value = layer.sparse.entries(layer.of(options))
            parts.append((at, row, value if layer.weight is None else value * layer.weight[options][at]))
        position, own = self._singles(options)
        at, row, value = self.single.entries(own)
        parts.append((position[at], row, value))
        return tuple(np.concatenate(each) for each in zip(*parts, strict=True))  # type: ignore[return-value]  # three arrays

    def _singles(self, options: IntArray) -> tuple[IntArray, IntArray]:
        """Which of the options have single entries (positions), and their numbers in ``singled``."""
        if not len(self.singled):
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        position = np.flatnonzero(self._is_singled[options])
        wanted = options[position].astype(
            self.singled.dtype, copy=False
        )  # else all that are singled would be copied
        return position, np.searchsorted(self.singled, wanted)

    @cached_property
    def _is_singled(self) -> Mask:
        """Which options have single entries."""
        found = np.zeros(self.problem.options, bool)
        found[self.singled] = True
        return found

    def keep(self, rows: Mask) -> Matrix:
        """The rows of a mask, in the same order."""
        new = np.where(rows, np.cumsum(rows) - 1, -1)
        layers = [Layer(each.group, each.sparse.renumbered(new), each.weight) for each in self.layers]
        return Matrix(
            self.problem,
            self.lower[rows],
            self.upper[rows],
            tuple(layer for layer in layers if len(layer.sparse.row)),
            self.singled,
            self.single.renumbered(new),
            self.auxiliary.renumbered(new),
            self.defines[rows],
            self.rules[rows],
        )

    def most_and_least(self) -> tuple[FloatArray, FloatArray]:
        """What each row's sum can be at most and at least, when every column is free within its own bounds."""
        most, least = np.zeros(len(self)), np.zeros(len(self))
        for layer in self.layers:
            _add_range(layer.sparse, layer.counts(), most, least)
        _add_range(self.single, np.ones(len(self.singled)), most, least)
        _add_range(self.auxiliary, self.problem.auxiliary_upper.astype(np.float64), most, least)
        return most, least


def totals(group: IntArray, amount: FloatArray, groups: int) -> FloatArray:
    """The sum of the amounts of each group; doubles also where there are none."""
    return np.bincount(group, weights=amount, minlength=groups).astype(np.float64)


def _add_range(sparse: Sparse, amount: FloatArray, most: FloatArray, least: FloatArray) -> None:
    reach = sparse.value * amount[sparse.owner]
    most += np.bincount(sparse.row, weights=np.maximum(reach, 0.0), minlength=len(most))
    least += np.bincount(sparse.row, weights=np.minimum(reach, 0.0), minlength=len(least))


def matrix_of(problem: Problem, kept: Sequence[tuple[Goal, int]] = ()) -> Matrix:
    """The rows of a problem that can bind, then one row per goal that has to stay at its value."""
    return _laid_out(problem, kept)[0]


def labelled(problem: Problem) -> tuple[Matrix, IntArray, IntArray]:
    """The rows of a problem that can bind, and of each its number in ``problem.blocks`` and its row in that block."""
    matrix, blocks, can_bind = _laid_out(problem, ())
    number = {id(block): place for place, block in enumerate(problem.blocks)}
    sizes = [len(block) for block in blocks]
    of_block = np.repeat([number[id(block)] for block in blocks], sizes).astype(np.int64)
    of_row = np.concatenate([np.zeros(0, np.int64), *(np.arange(size) for size in sizes)])
    return matrix, of_block[can_bind], of_row[can_bind]


def _laid_out(problem: Problem, kept: Sequence[tuple[Goal, int]]) -> tuple[Matrix, list[Block], Mask]:
    """The rows that can bind, the blocks that were looked at, and which of their rows those are."""
    blocks = [block for block in problem.blocks if not block.redundant and not _is_one_each(problem, block)]
    blocks += [goal_row(goal, value) for goal, value in kept]
    builder = _Builder(problem)
    for block in blocks:
        builder.add(block)
    matrix = builder.matrix()
    most, least = matrix.most_and_least()
    can_bind = (most > matrix.upper) | (least < matrix.lower)
    return matrix.keep(can_bind), blocks, can_bind


def _is_one_each(problem: Problem, block: Block) -> bool:
    """Whether a block says of some agents that they choose one option at most, which is known without it."""
    if np.any(block.upper != 1) or np.any(block.lower > 0):
        return False
    if isinstance(block, Grouped):
        shared = block.shared
        alone = shared.weight is None and not len(block.own_row) and shared.group is problem.agent
        return alone and bool(np.all(shared.value == 1)) and len(np.unique(shared.row)) == len(shared.row)
    if np.any(block.column >= problem.options) or np.any(block.value != 1):
        return False
    agent = problem.agent[block.column]
    of_row = np.full(len(block), -1)
    of_row[block.row] = agent
    return bool(np.all(of_row[block.row] == agent))


def goal_row(goal: Goal, value: int) -> Block:
    """The row that keeps a goal at its value or better."""
    side = np.array([value])
    lower, upper = (side, np.array([FREE_ABOVE])) if goal.sense > 0 else (np.array([FREE_BELOW]), side)
    return Block(goal.name, np.zeros(len(goal.column), np.int64), goal.column, goal.value, lower, upper)


class _Builder:
    """Collects blocks into layers: blocks that share a grouping and a weight share a layer."""

    def __init__(self, problem: Problem) -> None:
        self.problem, self.rows = problem, 0
        self.layers: dict[tuple[int, int], list[tuple[Grouped, int]]] = {}
        self.single: list[tuple[IntArray, IntArray, IntArray]] = []
        self.auxiliary: list[tuple[IntArray, IntArray, IntArray]] = []
        self.blocks: list[Block] = []

    def add(self, block: Block) -> None:
        """One block more."""
        if isinstance(block, Grouped):
            shared = block.shared
            self.layers.setdefault((id(shared.group), id(shared.weight)), []).append((block, self.rows))
            self._columns(block.own_row, block.own_column, block.own_value)
        else:
            self._columns(block.row, block.column, block.value)
        self.blocks.append(block)
        self.rows += len(block)

    def _columns(self, row: IntArray, column: IntArray, value: IntArray) -> None:
        option = column < self.problem.options
        self.single.append((column[option], row[option] + self.rows, value[option]))
        rest = ~option
        self.auxiliary.append((column[rest] - self.problem.options, row[rest] + self.rows, value[rest]))

    def matrix(self) -> Matrix:
        """Everything, laid out."""
        option, row, value = (np.concatenate(each) for each in zip(*self.single, strict=True))
        singled, owner = np.unique(narrow(option), return_inverse=True)
        columns, at, amount = (np.concatenate(each) for each in zip(*self.auxiliary, strict=True))
        names = [np.full(len(block), block.rule, object) for block in self.blocks]
        return Matrix(
            self.problem,
            _sides([block.lower for block in self.blocks]),
            _sides([block.upper for block in self.blocks]),
            tuple(self._layer(parts) for parts in self.layers.values()),
            singled,
            Sparse.of(owner, row, value, len(singled)),
            Sparse.of(columns, at, amount, self.problem.columns - self.problem.options),
            self._defines(),
            np.concatenate([np.zeros(0, object), *names]),
        )

    def _layer(self, parts: list[tuple[Grouped, int]]) -> Layer:
        shared = parts[0][0].shared
        groups = max(int(shared.group.max(initial=-1)) + 1, *(block.shared.groups for block, _ in parts))
        column, value = (
            np.concatenate([getattr(block.shared, name) for block, _ in parts])
            for name in ("column", "value")
        )
        row = np.concatenate([block.shared.row + first for block, first in parts])
        return Layer(shared.group, Sparse.of(column, row, value, groups + 1), shared.weight)

    def _defines(self) -> IntArray:
        """The auxiliary that a row defines as a count rounded up, counted from the first auxiliary."""
        defines = np.full(self.rows, -1)
        firsts = np.cumsum([0, *(len(block) for block in self.blocks)])
        for family in self.problem.auxiliaries:
            for block, first in zip(self.blocks, firsts.tolist(), strict=False):
                if block is family.definition and family.towards < 0:
                    row, column, _ = block.of_family(family.first, family.first + len(family))
                    defines[first + row] = column - self.problem.options
        return defines


def _sides(parts: list[IntArray]) -> FloatArray:
    side = np.concatenate([np.zeros(0, np.int64), *parts])
    found: FloatArray = side.astype(np.float64)
    found[side <= FREE_BELOW // 2] = -np.inf
    found[side >= FREE_ABOVE // 2] = np.inf
    return found
