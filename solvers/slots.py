"""What taking each option changes, laid out once: the rows it enters directly, and those it moves through
auxiliaries.

*Positions* are the options in the order in which agents look at them: by agent, then rank, then column. A
*slot* is a pair of a position and a row that taking it can change. Only rows that can bind are laid out, and
no redundant ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from models.problem import Auxiliary, IntArray, Problem
from solvers.rows import Rows, stack

BOUNDED = 2**61
"""A side beyond this (either way) is no side."""


@dataclass(frozen=True)
class Definitions:
    """The defining rows of all auxiliaries, turned so that ``low ≤ size · auxiliary + Σ options ≤ high`` with
    ``size`` > 0.

    ``auxiliary`` counts from 0 over all families. ``rises`` marks rows in which a chosen option can only
    raise (or lower) the auxiliary's floor, so that its new value can be told from this row (``alone``: the
    auxiliary's only row). The entries say which position stands in which row with which value, by position.
    """

    auxiliary: IntArray
    size: IntArray
    low: IntArray
    high: IntArray
    rises: npt.NDArray[np.bool_]
    alone: npt.NDArray[np.bool_]
    rows_of: tuple[IntArray, ...]
    towards: IntArray
    most: IntArray
    start: IntArray
    row: IntArray
    value: IntArray

    def value_of(self, auxiliary: int, rest: IntArray) -> int:
        """The auxiliary's value where ``rest`` holds the options' sum in every defining row."""
        least, most = 0, int(self.most[auxiliary])
        for row, low, high, size in self._sides[auxiliary]:
            now = int(rest[row])
            least = max(least, -((now - low) // size) if low > -BOUNDED else 0)
            most = min(most, (high - now) // size if high < BOUNDED else most)
        return least if self.towards[auxiliary] < 0 else most

    @cached_property
    def _sides(self) -> list[list[tuple[int, int, int, int]]]:
        """Each auxiliary's defining rows in plain numbers, which are faster one by one: row, low, high, size."""
        numbers = [self.low, self.high, self.size]
        return [
            list(zip(rows.tolist(), *(each[rows].tolist() for each in numbers), strict=True))
            for rows in self.rows_of
        ]


@dataclass(frozen=True)
class Slots:
    """The layout.

    ``option`` and ``agent`` per position, ``first`` the first position of each agent (and one more). Slots go
    by position and row: position p has the slots ``start[p]`` … ``start[p + 1]`` − 1 of ``row`` and
    ``direct`` (the option's own value in the row). Side effects go by position too, in ``effect_start``:
    through defining row ``effect_def``, where the option has ``effect_value``, the auxiliary moves the slot
    ``effect_slot``, where it has ``effect_size``. ``lower`` and ``upper`` are the rows' sides.
    """

    option: IntArray
    agent: IntArray
    first: IntArray
    start: IntArray
    position: IntArray
    row: IntArray
    direct: IntArray
    effect_start: IntArray
    effect_def: IntArray
    effect_value: IntArray
    effect_slot: IntArray
    effect_size: IntArray
    lower: IntArray
    upper: IntArray
    definitions: Definitions
    rows_of_aux: tuple[tuple[IntArray, IntArray], ...]


def lay_out(problem: Problem) -> Slots:
    """Everything that does not change while options are taken and given back."""
    option = np.lexsort((np.arange(problem.options), problem.ranks, problem.agent))
    place = np.empty_like(option)
    place[option] = np.arange(len(option))
    rows = _binding(problem)
    definitions = _definitions(problem, place)
    direct = rows.column < problem.options
    through = ~direct
    order = np.argsort(rows.column[through], kind="stable")
    auxiliary = rows.column[through][order] - problem.options
    bounds = np.searchsorted(auxiliary, np.arange(problem.columns - problem.options + 1))
    aux_row, aux_size = rows.row[through][order], rows.value[through][order]
    entry, item = _expand(definitions.auxiliary[definitions.row], bounds)
    entry_position = np.repeat(np.arange(problem.options), np.diff(definitions.start))
    position = np.concatenate([place[rows.column[direct]], entry_position[entry]])
    row = np.concatenate([rows.row[direct], aux_row[item]])
    slot, inverse = np.unique(position * max(1, len(rows)) + row, return_inverse=True)
    owned = np.zeros(len(slot), np.int64)
    own = int(direct.sum())
    owned[inverse[:own]] = rows.value[direct]
    slot_position = slot // max(1, len(rows))
    agent = problem.agent[option]
    return Slots(
        option=option,
        agent=agent,
        first=np.searchsorted(agent, np.arange(problem.agents + 1)),
        start=np.searchsorted(slot_position, np.arange(problem.options + 1)),
        position=slot_position,
        row=slot % max(1, len(rows)),
        direct=owned,
        effect_start=np.searchsorted(entry_position[entry], np.arange(problem.options + 1)),
        effect_def=definitions.row[entry],
        effect_value=definitions.value[entry],
        effect_slot=inverse[own:],
        effect_size=aux_size[item],
        lower=rows.lower,
        upper=rows.upper,
        definitions=definitions,
        rows_of_aux=tuple(
            (aux_row[a:b], aux_size[a:b])
            for a, b in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True)
        ),
    )


def _binding(problem: Problem) -> Rows:
    """The rows to keep an eye on: not redundant, not defining, and able to bind."""
    rows = stack(problem, redundant=False)
    defining = {id(family.definition) for family in problem.auxiliaries}
    own = np.array([id(block) in defining for block in rows.blocks], bool)
    return rows.keep(rows.can_bind & ~own[rows.block])


def _expand(key: IntArray, bounds: IntArray) -> tuple[IntArray, IntArray]:
    """The join of entries with keys and items grouped by key: (entry, item) pairs, by entry."""
    sizes = np.diff(bounds)[key]
    entry = np.repeat(np.arange(len(key)), sizes)
    within = np.arange(len(entry)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return entry, np.repeat(bounds[key], sizes) + within


def _definitions(problem: Problem, place: IntArray) -> Definitions:
    """The defining rows of all families, one under the other."""
    made, parts = 0, []
    for family in problem.auxiliaries:
        parts.append(_defining(family, problem.options, place, made))
        made += len(family.definition)
    auxiliary, size, low, high, at, row, value = (
        np.concatenate([np.zeros(0, np.int64), *part])
        for part in (zip(*parts, strict=True) if parts else [()] * 7)
    )
    order = np.lexsort((row, at))
    members = problem.columns - problem.options
    towards = np.concatenate(
        [np.zeros(0, np.int64), *(np.full(len(f), f.towards) for f in problem.auxiliaries)]
    )
    by_auxiliary = np.argsort(auxiliary, kind="stable")
    cuts = np.searchsorted(auxiliary[by_auxiliary], np.arange(members + 1))
    return Definitions(
        auxiliary=auxiliary,
        size=size,
        low=low,
        high=high,
        rises=(towards[auxiliary] < 0) & (low > -BOUNDED),
        alone=np.bincount(auxiliary, minlength=members)[auxiliary] == 1,
        rows_of=tuple(by_auxiliary[a:b] for a, b in zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True)),
        towards=towards,
        most=problem.upper[problem.options :],
        start=np.searchsorted(at[order], np.arange(problem.options + 1)),
        row=row[order],
        value=value[order],
    )


def _defining(family: Auxiliary, options: int, place: IntArray, made: int) -> tuple[IntArray, ...]:
    """One family's rows (auxiliary, size, low, high) and entries (position, row, value); rows count from ``made``."""
    block = family.definition
    mine = (block.column >= family.first) & (block.column < family.first + len(family))
    auxiliary, size = np.zeros(len(block), np.int64), np.ones(len(block), np.int64)
    auxiliary[block.row[mine]] = block.column[mine] - options
    size[block.row[mine]] = block.value[mine]
    turn = np.sign(size)
    low = np.where(turn > 0, block.lower, -block.upper)
    high = np.where(turn > 0, block.upper, -block.lower)
    at, row, value = place[block.column[~mine]], block.row[~mine], block.value[~mine]
    return auxiliary, np.abs(size), low, high, at, row + made, value * turn[row]
