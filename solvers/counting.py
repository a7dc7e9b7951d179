"""Which rows of a problem count chosen options and can bind, stated over groups of options that count alike.

A round has tens of millions of options and tens of thousands of slots, so nothing here spells a row out option
by option unless its limits leave room for doubt; then a few rows at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from models.problem import Block, Grouped, IntArray, Problem

BoolArray = npt.NDArray[np.bool_]

AT_ONCE = 4_000_000
"""Options that are looked at in one go, where a row's agents are counted."""


class NotANetworkError(Exception):
    """Why a problem is not a pure network."""


@dataclass(frozen=True)
class Extras:
    """Entries of auxiliary columns, with the least and the most that each can add to its row's sum."""

    row: IntArray
    least: IntArray
    most: IntArray


@dataclass(frozen=True)
class Rows:
    """Rows over members: option o takes part as member ``of_option[o]`` (−1: not at all; None: o itself).

    Entry i gives each option of ``member[i]`` the value ``value[i]`` in ``row[i]``, times the option's
    ``weight`` (None: 1). ``lower`` and ``upper`` have one entry per row.
    """

    rule: str
    row: IntArray
    member: IntArray
    value: IntArray
    lower: IntArray
    upper: IntArray
    of_option: IntArray | None
    weight: IntArray | None
    extras: Extras

    def __len__(self) -> int:
        return len(self.lower)

    def keep(self, mask: BoolArray) -> Rows:
        """The rows of a mask, renumbered."""
        number, own, more = np.cumsum(mask) - 1, mask[self.row], mask[self.extras.row]
        extras = Extras(number[self.extras.row[more]], self.extras.least[more], self.extras.most[more])
        return replace(
            self,
            row=number[self.row[own]],
            member=self.member[own],
            value=self.value[own],
            lower=self.lower[mask],
            upper=self.upper[mask],
            extras=extras,
        )

    def entries(self, part: slice = slice(None)) -> tuple[IntArray, IntArray, IntArray]:
        """One entry per nonzero: row, option, value. ``part`` takes a range of the options, where options have
        members.
        """
        if self.of_option is None:
            return self.row, self.member, self.value
        row, option, entry = spell_out(self.row, self.member, self.of_option[part])
        option += part.start or 0
        value = self.value[entry]
        return row, option, value if self.weight is None else value * self.weight[option]

    def binds(self, least: IntArray, most: IntArray) -> BoolArray:
        """Which rows' limits are within what their sums can be."""
        found: BoolArray = (self.lower > least) | (self.upper < most)
        return found


def spell_out(row: IntArray, member: IntArray, of_option: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """One entry per option and row from entries (row, member) and each option's member: row, option, entry."""
    groups = max(int(member.max(initial=-1)), int(of_option.max(initial=-1))) + 1
    count = np.bincount(member, minlength=groups + 1)  # the last is 0, for −1
    if count.max() <= 1:
        entry_of = np.full(groups + 1, -1, np.int32)
        entry_of[member] = np.arange(len(member))
        entry = entry_of[of_option]
        option = np.flatnonzero(entry >= 0)
        entry = entry if len(option) == len(entry) else entry[option]
        return row[entry], option, entry
    order = np.argsort(member, kind="stable")
    option = np.flatnonzero(count[of_option])
    group = of_option[option]
    times = count[group]
    ends = np.cumsum(times)
    begin = (np.cumsum(count) - count)[group] - ends + times
    entry = order[np.arange(ends[-1] if len(ends) else 0) + np.repeat(begin, times)]
    return row[entry], np.repeat(option, times), entry


def rows_of(problem: Problem, block: Block, room: IntArray | None = None) -> Rows:
    """A block's rows. ``room``: a value per auxiliary column (None: each anything up to its upper bound)."""
    members: tuple[IntArray | None, IntArray | None] = None, None
    if isinstance(block, Grouped) and not np.any(block.own_column < problem.options):
        shared = block.shared
        entries = added_up(shared.row, shared.column, shared.value)
        own, column, value = block.own_row, block.own_column, block.own_value
        members = shared.group, shared.weight
    else:
        other = block.column >= problem.options
        entries = added_up(block.row[~other], block.column[~other], block.value[~other])
        own, column, value = block.row[other], block.column[other], block.value[other]
    extras = _extras(problem, own, column, value, room)
    return Rows(block.rule, *entries, block.lower, block.upper, *members, extras)


def added_up(row: IntArray, member: IntArray, value: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """The same entries, with one for each row and member, and none of value 0."""
    place = row * np.int64(int(member.max(initial=0)) + 1) + member
    ordered = np.sort(place)
    if np.all(value) and np.all(ordered[1:] > ordered[:-1]):
        return row, member, value
    _, first, same = np.unique(place, return_index=True, return_inverse=True)
    total = np.zeros(len(first), np.int64)
    np.add.at(total, same, value)
    first, total = first[total != 0], total[total != 0]
    return row[first], member[first], total


def _extras(
    problem: Problem, row: IntArray, column: IntArray, value: IntArray, room: IntArray | None
) -> Extras:
    if room is not None:
        fixed = value * room[column - problem.options]
        return Extras(row, fixed, fixed)
    upper = np.concatenate([np.zeros(0, np.int64), *(family.upper for family in problem.auxiliaries)])
    reach = value * upper[column - problem.options]
    return Extras(row, np.minimum(reach, 0), np.maximum(reach, 0))


def roughly(rows: Rows) -> tuple[IntArray, IntArray]:
    """Bounds on each row's sum that hold even if agents chose all their options."""
    low, high = _member_sums(rows)
    share = np.stack([low * rows.value, high * rows.value])
    return _with_extras(rows, rows.row, share.min(axis=0), share.max(axis=0))


def _member_sums(rows: Rows) -> tuple[IntArray, IntArray]:
    """For each entry the least and the most that its member's options weigh together."""
    if rows.of_option is None:
        return np.zeros(len(rows.row), np.int64), np.ones(len(rows.row), np.int64)
    inside = rows.of_option >= 0
    group = rows.of_option if inside.all() else rows.of_option[inside]
    groups = max(int(group.max(initial=-1)), int(rows.member.max(initial=-1))) + 1
    low, high = np.zeros(groups, np.int64), np.zeros(groups, np.int64)
    if rows.weight is None:
        high[:] = np.bincount(group, minlength=groups)
    else:
        weight = rows.weight[inside].astype(np.int64)
        np.add.at(low, group, np.minimum(weight, 0))
        np.add.at(high, group, np.maximum(weight, 0))
    return low[rows.member], high[rows.member]


def _with_extras(rows: Rows, row: IntArray, low: IntArray, high: IntArray) -> tuple[IntArray, IntArray]:
    """Sums per row of the least and the most, with the auxiliaries' part."""
    least, most = np.zeros(len(rows), np.int64), np.zeros(len(rows), np.int64)
    for where, few, many in ((row, low, high), (rows.extras.row, rows.extras.least, rows.extras.most)):
        np.add.at(least, where, few)
        np.add.at(most, where, many)
    return least, most


def exactly(problem: Problem, rows: Rows) -> tuple[IntArray, IntArray]:
    """The least and the most of each row's sum when every agent chooses one option at most."""
    row, option, value = rows.entries()
    pair = row * np.int64(max(1, problem.agents)) + problem.agent[option]
    order = np.argsort(pair, kind="stable")
    pair, value = pair[order], value[order]
    first = starts(pair)
    low, high = (
        (np.minimum.reduceat(value, first), np.maximum.reduceat(value, first))
        if len(first)
        else (value, value)
    )
    return _with_extras(rows, pair[first] // max(1, problem.agents), np.minimum(low, 0), np.maximum(high, 0))


def starts(ordered: IntArray) -> IntArray:
    """Where each run of equal numbers begins."""
    fresh = np.ones(len(ordered), bool)
    fresh[1:] = ordered[1:] != ordered[:-1]
    return np.flatnonzero(fresh)


def doubtful(problem: Problem, rows: Rows) -> Iterator[tuple[Rows, BoolArray]]:
    """Which rows can bind, exactly: a few rows first, then many, so that who looks for one need not wait."""
    begin, size = 0, 4
    while begin < len(rows):
        mask = np.zeros(len(rows), bool)
        mask[begin : begin + size] = True
        some = rows.keep(mask)
        yield some, some.binds(*exactly(problem, some))
        begin, size = begin + size, size * 64


def counting_rows(problem: Problem) -> list[Rows]:
    """Every row that can bind, as limits on how many of its options are chosen.

    Raises
    ------
    NotANetworkError
        When a row that can bind weighs options differently, or counts auxiliaries.
    """
    defining = {id(family.definition) for family in problem.auxiliaries}
    blocks = [block for block in problem.blocks if not block.redundant and id(block) not in defining]
    found = []
    for block in blocks:
        rows = rows_of(problem, block)
        rows = rows.keep(rows.binds(*roughly(rows)))
        found.append(_counts(problem, rows))
    spelled = [not isinstance(block, Grouped) for block in blocks]
    found = [
        rows.keep(_agents_can_bind(problem, rows, one_by_one=each))
        for rows, each in zip(found, spelled, strict=True)
    ]
    return [rows for rows in found if len(rows)]


def _counts(problem: Problem, rows: Rows) -> Rows:
    """The rows divided by the one value that each gives its options; those with several values must not bind."""
    each = _one_value(rows)
    odd = each == 0
    for some, binding in doubtful(problem, rows.keep(odd)):
        if binding.any():
            other = np.isin(np.argmax(binding), some.extras.row)
            what = "counts more than options" if other else "weighs options differently"
            raise NotANetworkError(f"{rows.rule} {what}")
    rows, each = rows.keep(~odd), each[~odd]
    # v · count ≥ lower, for a row of one value v, is count ≥ ⌈lower / v⌉ or, with v < 0, count ≤ ⌊lower / v⌋.
    low, high = np.where(each > 0, rows.lower, -rows.upper), np.where(each > 0, rows.upper, -rows.lower)
    low, high = -(-low // np.abs(each)), high // np.abs(each)
    none = np.zeros(0, np.int64)
    one, nobody = np.ones_like(rows.value), Extras(none, none, none)
    return _by_row(problem, replace(rows, value=one, weight=None, lower=low, upper=high, extras=nobody))


def _by_row(problem: Problem, rows: Rows) -> Rows:
    """The same rows with one member per row, where they name many single options, and each option once."""
    if rows.of_option is not None or len(rows.row) < problem.options // 8:
        return rows
    if np.bincount(rows.member, minlength=1).max() > 1:
        return rows
    of_option = np.full(problem.options, -1, np.int32)
    of_option[rows.member] = rows.row
    every = np.arange(len(rows))
    return replace(rows, row=every, member=every, value=np.ones_like(every), of_option=of_option)


def _one_value(rows: Rows) -> IntArray:
    """The one value (not 0) of each row's options; 1 for rows without options, 0 where there are several values,
    and where an auxiliary has a say.
    """
    row, value = rows.row, rows.value
    if rows.weight is not None:
        row, _, value = rows.entries()
    each = np.ones(len(rows), np.int64)
    each[row] = value
    each[row[value != each[row]]] = 0
    each[rows.extras.row[rows.extras.least != rows.extras.most]] = 0
    return each


def _agents_can_bind(problem: Problem, rows: Rows, *, one_by_one: bool) -> BoolArray:
    """Which rows can bind when every agent chooses one option at most, as far as that is told quickly: for rows over
    agents, and those that named options one by one. The others' agents are counted later, once for all that is
    asked.
    """
    none = np.zeros(len(rows), np.int64)
    if one_by_one:
        agents = none.copy()
        for _, row, _ in meetings_with_agents(problem, rows):
            agents += np.bincount(row, minlength=len(rows))
        return rows.binds(none, agents)
    if rows.of_option is not None and np.array_equal(rows.of_option, problem.agent):
        has = np.bincount(problem.agent, minlength=int(rows.member.max(initial=-1)) + 1) > 0
        return rows.binds(none, np.bincount(rows.row[has[rows.member]], minlength=len(rows)))
    return np.ones(len(rows), bool)


def meetings_with_agents(problem: Problem, rows: Rows) -> Iterator[tuple[IntArray, IntArray, IntArray]]:
    """Agents and rows that share options, part by part: agent, row, how many options."""
    for part in _parts(problem, rows):
        row, option, _ = rows.entries(part)
        pair = problem.agent[option] * np.int64(max(1, len(rows))) + row
        pair.sort()
        first = starts(pair)
        agent, row = np.divmod(pair[first], max(1, len(rows)))
        yield agent, row, np.diff(np.append(first, len(pair)))


def _parts(problem: Problem, rows: Rows) -> Iterator[slice]:
    """Ranges of options that no agent's options straddle; one for all where options are not sorted by agent."""
    agent = problem.agent
    if rows.of_option is None or len(agent) <= AT_ONCE or np.any(agent[1:] < agent[:-1]):
        yield slice(0, len(agent))
        return
    edges = np.searchsorted(agent, agent[np.arange(AT_ONCE, len(agent), AT_ONCE)])
    for begin, end in zip([0, *edges], [*edges, len(agent)], strict=True):
        yield slice(int(begin), int(end))
