"""A round as numbers: integer columns, row blocks in coordinate form, goal vectors; labels lead back to
people.

Columns 0 … ``options`` − 1 are the options (0 or 1). The auxiliary columns after them are whole numbers that
follow from the options: each is the smallest (or largest) value that its own *defining* rows allow, so that
``Problem.complete`` can tell the auxiliaries of any choice of options. Everything is whole numbers: a proof
never hangs on a rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from models.bulk import in_order, spans

IntArray = npt.NDArray[np.integer[Any]]

NOTHING = np.zeros(0, np.int64)

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
        return sums(self.row, self.value * values[self.column], len(self))

    def of_family(self, first: int, last: int) -> tuple[IntArray, IntArray, IntArray]:
        """The entries of columns ``first`` … ``last`` − 1: row, column, value."""
        own = (self.column >= first) & (self.column < last)
        return self.row[own], self.column[own], self.value[own]

    def spelled_out(self) -> Block:
        """The same rows with one entry per nonzero."""
        return self


@dataclass(frozen=True)
class Shared:
    """Entries that options have in common: option o takes part as member of ``group[o]`` (−1: not at all).

    ``row``, ``column`` (a group) and ``value`` have one entry per nonzero over the groups; ``weight``, one per
    option, multiplies them (None: 1). A round has many times more options than groups.
    """

    group: IntArray
    row: IntArray
    column: IntArray
    value: IntArray
    weight: IntArray | None = None

    @cached_property
    def groups(self) -> int:
        """How many groups there can be: one more than the highest number that an entry names."""
        return int(self.column.max(initial=-1)) + 1

    def spelled_out(self) -> tuple[IntArray, IntArray, IntArray]:
        """One entry per option and row: row, option, value."""
        order = np.argsort(self.column, kind="stable")
        edges = np.searchsorted(self.column[order], np.arange(self.groups + 1))
        option = np.flatnonzero((self.group >= 0) & (self.group < self.groups))
        group = self.group[option]
        count = edges[group + 1] - edges[group]
        ends = np.cumsum(count)
        entry = order[np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - count - edges[group], count)]
        every = np.repeat(option, count)
        value = self.value[entry] if self.weight is None else self.value[entry] * self.weight[every]
        return self.row[entry], every, value

    def activity(self, values: IntArray, rows: int) -> IntArray:
        """The rows' sums for given option values."""
        option = np.flatnonzero(values[: len(self.group)])
        group = self.group[option]
        amount = values[option] if self.weight is None else values[option] * self.weight[option]
        inside = (group >= 0) & (group < self.groups)
        of_group = sums(group[inside], amount[inside], self.groups)
        return sums(self.row, self.value * of_group[self.column], rows)


class Grouped(Block):
    """Rows over groups of options, with the entries of single columns beside them.

    ``own_row``, ``own_column``, ``own_value`` are the entries of single columns (mostly auxiliaries). ``row``,
    ``column`` and ``value`` spell everything out, once somebody asks: whoever works at scale does not.
    """

    def __init__(
        self,
        rule: str,
        shared: Shared,
        lower: IntArray,
        upper: IntArray,
        text: str = "",
        keys: Mapping[str, npt.NDArray[np.generic]] | None = None,
        own: tuple[IntArray, IntArray, IntArray] = (NOTHING, NOTHING, NOTHING),
    ) -> None:
        vars(self).update(rule=rule, shared=shared, lower=lower, upper=upper, text=text, keys=keys)
        vars(self).update(own_row=own[0], own_column=own[1], own_value=own[2])

    shared: Shared
    own_row: IntArray
    own_column: IntArray
    own_value: IntArray

    @cached_property
    def _spelled(self) -> tuple[IntArray, IntArray, IntArray]:
        row, column, value = self.shared.spelled_out()
        return (
            np.concatenate([row, self.own_row]),
            np.concatenate([column, self.own_column]),
            np.concatenate([value, self.own_value]),
        )

    def __getattr__(self, name: str) -> IntArray:
        """``row``, ``column`` and ``value``: not stored, made when they are asked for."""
        if name in _SPELLED:
            return self._spelled[_SPELLED.index(name)]
        raise AttributeError(name)

    def activity(self, values: IntArray) -> IntArray:
        """The rows' sums for given column values."""
        single = sums(self.own_row, self.own_value * values[self.own_column], len(self))
        return single + self.shared.activity(values, len(self))

    def of_family(self, first: int, last: int) -> tuple[IntArray, IntArray, IntArray]:
        """The entries of columns ``first`` … ``last`` − 1, which are never options: row, column, value."""
        own = (self.own_column >= first) & (self.own_column < last)
        return self.own_row[own], self.own_column[own], self.own_value[own]

    def spelled_out(self) -> Block:
        """The same rows with one entry per nonzero."""
        row, column, value = self._spelled
        return Block(self.rule, row, column, value, self.lower, self.upper, self.text, self.keys)


_SPELLED = ("row", "column", "value")


class Cut(Block):
    """Redundant rows that are made when somebody looks at them: whoever works at scale does not."""

    def __init__(self, rule: str, make: Callable[[], Block]) -> None:
        vars(self).update(rule=rule, redundant=True, make=make)

    make: Callable[[], Block]

    @cached_property
    def _made(self) -> Block:
        return self.make()

    def __getattr__(self, name: str) -> Any:
        """The entries and sides."""
        if name in (*_SPELLED, "lower", "upper"):
            return getattr(self._made, name)
        raise AttributeError(name)

    def spelled_out(self) -> Block:
        """The same rows with one entry per nonzero."""
        return self._made.spelled_out()


def sums(group: IntArray, amount: IntArray, groups: int) -> IntArray:
    """The whole sum of the amounts of each group (below 2**53)."""
    return np.bincount(group, weights=amount, minlength=groups).astype(np.int64)


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

    @cached_property
    def _sides(self) -> tuple[IntArray, IntArray, IntArray, IntArray, IntArray]:
        """What bounds a member on the side that counts: row, member, coefficient, the row's side, all by members; and
        where each member that is bounded begins. An entry ``coefficient · z`` of a row that is at least ``side``
        bounds z below where the coefficient is positive, and above where it is negative; of one that is at most
        ``side``, the other way round.
        """
        block = self.definition
        row, column, coefficient = block.of_family(self.first, self.first + len(self))
        below = (coefficient > 0) == (self.towards < 0)
        side = np.where(below, block.lower[row], block.upper[row])
        own = np.flatnonzero(np.abs(side) < 2**61)
        own = own[np.argsort(column[own], kind="stable")]
        member = column[own] - self.first
        first = np.flatnonzero(np.diff(member, prepend=-1))
        return row[own], member[first], coefficient[own], side[own], first

    def values(self, options: IntArray) -> IntArray:
        """The family's values for given option values (0 or 1 each)."""
        row, member, coefficient, side, first = self._sides
        every = np.concatenate([options, np.zeros(self.first + len(self) - len(options), np.int64)])
        left = side - self.definition.activity(every)[row]
        found = np.zeros(len(self), np.int64) if self.towards < 0 else self.upper.astype(np.int64)
        if not len(first):
            return found
        if self.towards < 0:
            found[member] = np.maximum(np.maximum.reduceat(-(-left // coefficient), first), 0)
        else:
            found[member] = np.minimum(np.minimum.reduceat(left // coefficient, first), found[member])
        return found


@dataclass(frozen=True)
class Goal:
    """A goal as a vector: Σ value · column, maximised (``sense`` +1) or minimised (−1).

    ``under`` names a vector solved for before whose value this one never exceeds (None: none is known);
    ``part_of`` the goal of which this is one step (None: it is a goal by itself, see ``models.ladder``).
    """

    name: str
    sense: int
    column: IntArray
    value: IntArray
    under: str | None = None
    part_of: str | None = None

    @property
    def steps(self) -> tuple[Goal, ...]:
        """The vectors to solve for, in order: the goal itself."""
        return (self,)

    def counts_options(self, options: int) -> bool:
        """Whether it counts options (columns below ``options``), not auxiliaries alone."""
        return bool((self.column < options).any())

    def bounded(self, bound: Callable[[Goal], int]) -> int:
        """The goal's bound, from those of its steps."""
        return bound(self)

    def among(self, new: IntArray, gone: npt.NDArray[np.bool_]) -> Goal:
        """The goal without the columns that are gone (a mask over all), the others numbered anew."""
        stay = ~gone[self.column]
        return replace(self, column=new[self.column[stay]], value=self.value[stay])

    def of(self, values: IntArray) -> int:
        """The goal's value for given column values."""
        every = spans(0, len(self.column))
        return sum(int((self.value[span] * values[self.column[span]]).sum()) for span in every)

    def dense(self, columns: int) -> IntArray:
        """The coefficients of all columns, in the goal's own sense."""
        vector = np.zeros(columns, np.int64)
        self.add_to(vector)
        return vector

    def add_to(self, vector: npt.NDArray[Any], times: int = 1) -> None:
        """Add so many times the coefficients to a vector over all columns, in place."""
        for span in spans(0, len(self.column)):
            values = times * self.value[span].astype(np.int64, copy=False)
            np.add.at(
                vector, self.column[span], values.astype(vector.dtype, copy=False)
            )  # another width is slow


@dataclass(frozen=True)
class Weighted:
    """One objective, maximised: Σ weight · sense · goal, with whole weights and what they were multiplied by."""

    weights: tuple[int, ...]
    scale: int


@dataclass(frozen=True)
class Areas:
    """Where options are, for methods that look at one part of a problem at a time; it restricts nothing.

    ``of_option`` says in which area an option is. Areas of one ``district`` use the same resources, the more so the
    nearer they lie ``along`` (days) one another; of different districts, hardly any.
    """

    of_option: IntArray
    district: IntArray
    along: IntArray

    @cached_property
    def listed(self) -> tuple[IntArray, IntArray]:
        """The options in order of their areas, where each area begins among them, and one end more."""
        return in_order(self.of_option, len(self.district))

    def options_in(self, areas: IntArray) -> IntArray:
        """The options of some areas, ascending."""
        order, first = self.listed
        return np.sort(np.concatenate([order[first[area] : first[area + 1]] for area in areas.tolist()]))


@dataclass(frozen=True)
class Ties:
    """Agents that choose alike, which the rows say too; said outright, it makes bounds tighter.

    ``of_agent`` is an agent's tie (−1: none). The placed agents of a tie choose options of one label; where a tie is
    ``whole`` they are all placed or none. ``option`` holds the options of tied agents (ascending),
    ``label`` their labels.
    """

    of_agent: IntArray
    whole: npt.NDArray[np.bool_]
    option: IntArray
    label: IntArray


@dataclass(frozen=True)
class Problem:
    """The whole round as numbers.

    ``agent`` says for each option whose it is (an agent chooses at most one), ``rank`` (or what it gives when it
    is asked) how far down the agent's own wishes it stands (0: best), ``bundle`` which agents act as one (same
    number) in the order in which they come; first come first served needs no more. ``weighted`` is None for a
    lexicographic policy.
    """

    options: int
    agents: int
    agent: IntArray
    rank: IntArray | Callable[[], IntArray]
    bundle: IntArray
    blocks: tuple[Block, ...]
    auxiliaries: tuple[Auxiliary, ...]
    goals: tuple[Goal, ...]
    weighted: Weighted | None = None
    areas: Areas | None = None
    ties: Ties | None = None

    @cached_property
    def ranks(self) -> IntArray:
        """Each option's place in its agent's own wishes; 0 is best."""
        return self.rank() if callable(self.rank) else self.rank

    @property
    def columns(self) -> int:
        """How many columns there are, options and auxiliaries."""
        return self.options + sum(len(family) for family in self.auxiliaries)

    @cached_property
    def upper(self) -> IntArray:
        """The columns' upper bounds; every lower bound is 0. Whoever works at scale asks for the auxiliaries' alone."""
        return np.concatenate([np.ones(self.options, np.int64), self.auxiliary_upper])

    @cached_property
    def auxiliary_upper(self) -> IntArray:
        """The auxiliary columns' upper bounds; those of options are 1."""
        return np.concatenate([NOTHING, *(family.upper for family in self.auxiliaries)])

    def complete(self, chosen: IntArray) -> IntArray:
        """All columns' values for the chosen options (indices)."""
        options = np.zeros(self.options, np.int64)
        options[chosen] = 1
        return np.concatenate([options, *(family.values(options) for family in self.auxiliaries)])

    def violated(self, values: IntArray) -> list[tuple[Block, IntArray]]:
        """The blocks with the rows that the column values break; redundant blocks are not looked at."""
        found: list[tuple[Block, IntArray]] = []
        for block in self.blocks:
            if block.redundant:
                continue
            activity = block.activity(values)
            broken = np.flatnonzero((activity < block.lower) | (activity > block.upper))
            if len(broken):
                found.append((block, broken))
        return found

    def allows(self, chosen: IntArray) -> bool:
        """Whether the chosen options, with the auxiliaries that follow, satisfy every row."""
        return self.holds(self.complete(chosen))

    def holds(self, values: IntArray) -> bool:
        """Whether the columns' values, as ``complete`` gives them, satisfy every row."""
        auxiliaries = values[self.options :]
        return bool(np.all(auxiliaries <= self.auxiliary_upper)) and not self.violated(values)
