"""Tells whether a problem is a pure network, and makes one of it: two families of nested sets of options.

A problem is a network when its rows, after those that cannot bind, repeat or follow from others are left out,
count options and can be shared out into two families such that within a family any two rows are disjoint or
one contains the other: on one side agents and what nests around them, on the other seats within flows within
beds. Each option is then an arc from its smallest set in the one family to its smallest set in the other
(Edmonds 1970; Schrijver 2003, section 41.4).
"""

from __future__ import annotations

import weakref
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.problem import IntArray, Problem
from solvers.rows import Rows, stack

BoolArray = npt.NDArray[np.bool_]

LARGEST = 2**61
"""Costs times nodes stay below this: the method scales costs by the number of nodes, and works with twice
that.
"""

PAIRS = 20_000_000
"""More meetings of two rows in an option than this are not looked at."""


class NotANetworkError(Exception):
    """Why a problem is not a pure network."""


@dataclass(frozen=True)
class Network:
    """A circulation: arcs from ``tail`` to ``head`` that carry at least ``lower`` and at most ``upper``.

    The first arcs are the options, in order; arcs of sets follow, and one from the sink (node 1) to the
    source (node 0). Where an arc's ``lower`` is above its ``upper``, the problem has no solution.
    """

    nodes: int
    options: int
    tail: IntArray
    head: IntArray
    lower: IntArray
    upper: IntArray

    def costs(self, vector: IntArray) -> IntArray:
        """A cost per arc from one per option."""
        return np.concatenate([vector, np.zeros(len(self.tail) - self.options, np.int64)])


@dataclass(frozen=True)
class Sets:
    """Sets of options with limits on how many are chosen. Entry i says that ``column[i]`` is in set ``row[i]``."""

    row: IntArray
    column: IntArray
    size: IntArray
    lower: IntArray
    upper: IntArray
    rule: npt.NDArray[np.object_]

    def __len__(self) -> int:
        return len(self.size)

    def keep(self, mask: BoolArray) -> Sets:
        """Only the sets of a mask."""
        number, entries = np.cumsum(mask) - 1, mask[self.row]
        sides = self.size[mask], self.lower[mask], self.upper[mask], self.rule[mask]
        return Sets(number[self.row[entries]], self.column[entries], *sides)


@dataclass(frozen=True)
class Meetings:
    """Pairs of sets, ``first`` < ``second``, that have ``shared`` > 0 options in common."""

    first: IntArray
    second: IntArray
    shared: IntArray

    def nested(self, sets: Sets) -> tuple[IntArray, IntArray]:
        """The pairs of which one contains the other: (inner, outer)."""
        inner = self.shared == sets.size[self.first]
        outer = self.shared == sets.size[self.second]
        return (
            np.concatenate([self.first[inner], self.second[outer]]),
            np.concatenate([self.second[inner], self.first[outer]]),
        )

    def crossing(self, sets: Sets) -> BoolArray:
        """The pairs of which neither contains the other."""
        return self.shared < np.minimum(sets.size[self.first], sets.size[self.second])


_LAST: dict[str, tuple[weakref.ref[Problem], Network | str]] = {}


def is_network(problem: Problem) -> Network | str:
    """The network, or a sentence that says why the problem is not one.

    The last answer is remembered: who chooses a method asks, and then the method does.
    """
    known = _LAST.get("answer")
    if known is None or known[0]() is not problem:
        known = _LAST["answer"] = (weakref.ref(problem), _recognise(problem))
    return known[1]


def _recognise(problem: Problem) -> Network | str:
    try:
        if problem.auxiliaries:
            _check_auxiliaries(problem)
        sets = _merge(_agents_and_rows(problem))
        sets = _without_implied(sets, _meetings(sets, problem.options))
        meetings = _meetings(sets, problem.options)
        return _not_too_large(problem, _arcs(problem, sets, meetings, _two_families(sets, meetings)))
    except NotANetworkError as reason:
        return str(reason)


def _not_too_large(problem: Problem, network: Network) -> Network:
    """The network, where costs as large as the goals' (or the weighted objective's) fit into 64 bits."""
    weights = problem.weighted.weights if problem.weighted else None
    total = 0
    for number, goal in enumerate(problem.goals):
        largest = int(np.abs(goal.value).max(initial=0)) * (abs(weights[number]) if weights else 1)
        total = total + largest if weights else largest
        if total * (network.nodes + 1) >= LARGEST:
            raise NotANetworkError(f"goal {goal.name} has values too large for 64 bits")
    return network


def _check_auxiliaries(problem: Problem) -> None:
    """No goal may count an auxiliary, and no definition may keep options from being chosen."""
    for goal in problem.goals:
        if np.any(goal.value[goal.column >= problem.options]):
            raise NotANetworkError(f"goal {goal.name} counts more than options")
    rows = stack(problem, redundant=False)
    defining = {id(family.definition): family.name for family in problem.auxiliaries}
    rows = rows.keep(np.array([id(block) in defining for block in rows.blocks], bool)[rows.block])
    least, most = reach(problem, rows, auxiliaries_at=_easy_ends(problem))
    strict = np.flatnonzero((least < rows.lower) | (most > rows.upper))
    if len(strict):
        raise NotANetworkError(f"{defining[id(rows.blocks[rows.block[strict[0]]])]} restricts the options")


def _easy_ends(problem: Problem) -> IntArray:
    """Every auxiliary at the end that leaves most room: those that take their smallest value at their largest."""
    towards = [np.full(len(family), family.towards) for family in problem.auxiliaries]
    high = np.concatenate([np.ones(problem.options, np.int64), *towards]) < 0
    return problem.upper * high


def _agents_and_rows(problem: Problem) -> Sets:
    """The rows that can bind, and one set per agent."""
    rows = stack(problem, redundant=False)
    defining = {id(family.definition) for family in problem.auxiliaries}
    own = np.array([id(block) in defining for block in rows.blocks], bool)
    least, most = reach(problem, rows)
    binds = ((rows.lower > least) | (rows.upper < most)) & ~own[rows.block]
    rows, least, most = rows.keep(binds), least[binds], most[binds]
    rule = np.array([block.rule for block in rows.blocks], object)[rows.block]
    each = _same_value(problem, rows, rule)
    # v · count ≥ lower, for a row of one value v, is count ≥ ⌈lower / v⌉ or, with v < 0, count ≤ ⌊lower / v⌋.
    low, high = np.where(each > 0, rows.lower, -rows.upper), np.where(each > 0, rows.upper, -rows.lower)
    low, high = -(-low // np.abs(each)), high // np.abs(each)
    size, owned = np.diff(rows.start), np.bincount(problem.agent, minlength=problem.agents)
    return Sets(
        row=np.concatenate([problem.agent, rows.row + problem.agents]),
        column=np.concatenate([np.arange(problem.options), rows.column]),
        size=np.concatenate([owned, size]),
        lower=np.concatenate([np.zeros(problem.agents, np.int64), np.maximum(low, 0)]),
        upper=np.concatenate([np.minimum(owned, 1), np.minimum(high, size)]),
        rule=np.concatenate([np.full(problem.agents, "one_placement", object), rule]),
    )


def reach(problem: Problem, rows: Rows, auxiliaries_at: IntArray | None = None) -> tuple[IntArray, IntArray]:
    """The least and the most of each row when an agent chooses at most one option; auxiliaries take any
    value, or these.
    """
    chooser = np.concatenate([problem.agent, problem.agents + np.arange(problem.columns - problem.options)])
    share = rows.value * problem.upper[rows.column]
    choosers = int(chooser.max(initial=0)) + 1
    pair, inverse = np.unique(rows.row * choosers + chooser[rows.column], return_inverse=True)
    low, high = np.zeros(len(pair), np.int64), np.zeros(len(pair), np.int64)
    np.minimum.at(low, inverse, share)
    np.maximum.at(high, inverse, share)
    if auxiliaries_at is not None:
        fixed = rows.column >= problem.options
        low[inverse[fixed]] = high[inverse[fixed]] = (rows.value * auxiliaries_at[rows.column])[fixed]
    least, most = np.zeros(len(rows), np.int64), np.zeros(len(rows), np.int64)
    np.add.at(least, pair // choosers, low)
    np.add.at(most, pair // choosers, high)
    return least, most


def _same_value(problem: Problem, rows: Rows, rule: npt.NDArray[np.object_]) -> IntArray:
    """The one value that all of a row's options have."""
    other = np.flatnonzero(rows.column >= problem.options)
    if len(other):
        raise NotANetworkError(f"{rule[rows.row[other[0]]]} counts more than options")
    each = np.ones(len(rows), np.int64)
    each[rows.row] = rows.value
    odd = np.flatnonzero(rows.value != each[rows.row])
    if len(odd):
        raise NotANetworkError(f"{rule[rows.row[odd[0]]]} weighs options differently")
    return each


def _merge(sets: Sets) -> Sets:
    """One set for all rows with the same options, and none where the limits say nothing."""
    weight = np.random.default_rng(0).integers(1, 2**63, int(sets.column.max(initial=0)) + 1)
    name = np.zeros(len(sets), np.int64)
    np.add.at(
        name, sets.row, weight[sets.column]
    )  # wraps round: two different sets have the same name once in 2^63
    _, first, same = np.unique(np.stack([name, sets.size]), axis=1, return_index=True, return_inverse=True)
    lower, upper = np.zeros(len(first), np.int64), sets.size[first]
    np.maximum.at(lower, same, sets.lower)
    np.minimum.at(upper, same, sets.upper)
    kept = np.zeros(len(sets), bool)
    kept[first] = True
    one = Sets(sets.row, sets.column, sets.size, lower[same], upper[same], sets.rule).keep(kept)
    return one.keep((one.lower > 0) | (one.upper < one.size))


def _meetings(sets: Sets, options: int) -> Meetings:
    """All pairs of sets with something in common."""
    order = np.argsort(sets.column * max(1, len(sets)) + sets.row, kind="stable")
    row, column = sets.row[order], sets.column[order]
    many = np.bincount(column, minlength=options)
    if (many * (many - 1) // 2).sum() > PAIRS:
        raise NotANetworkError("there are too many overlapping rows")
    keys = [np.zeros(0, np.int64)]
    for step in range(1, int(many.max(initial=0))):
        together = column[step:] == column[:-step]
        keys.append(row[:-step][together] * len(sets) + row[step:][together])
    pair, shared = np.unique(np.concatenate(keys), return_counts=True)
    return Meetings(pair // max(1, len(sets)), pair % max(1, len(sets)), shared)


def _without_implied(sets: Sets, meetings: Meetings) -> Sets:
    """Without limits that follow from a set that contains, or is contained in, another."""
    inner, outer = meetings.nested(sets)
    lower, upper = sets.lower.copy(), sets.upper.copy()
    upper[inner[sets.upper[inner] >= sets.upper[outer]]] = 2**62
    lower[outer[sets.lower[outer] <= sets.lower[inner]]] = 0
    upper = np.minimum(upper, sets.size)
    tidy = Sets(sets.row, sets.column, sets.size, lower, upper, sets.rule)
    return tidy.keep((lower > 0) | (upper < sets.size))


def _two_families(sets: Sets, meetings: Meetings) -> BoolArray:
    """Which sets are in the second family: a colouring in two colours, so that sets that cross differ."""
    crossing = meetings.crossing(sets)
    one, two = meetings.first[crossing], meetings.second[crossing]
    colour = np.full(len(sets), -1)
    colour[np.setdiff1d(np.arange(len(sets)), np.concatenate([one, two]))] = 1
    while np.any(colour < 0):
        colour[np.argmax(colour < 0)] = 0
        _spread(colour, np.concatenate([one, two]), np.concatenate([two, one]))
    clash = np.flatnonzero(colour[one] == colour[two])
    if len(clash):
        rules = dict.fromkeys([str(sets.rule[one[clash[0]]]), str(sets.rule[two[clash[0]]])])
        raise NotANetworkError(f"rows of {' and '.join(rules)} overlap and do not nest")
    second: BoolArray = colour == 1
    return second


def _spread(colour: IntArray, start: IntArray, end: IntArray) -> None:
    """Give every set that can be reached from a coloured one the other colour than its neighbour."""
    while True:
        fresh = (colour[start] >= 0) & (colour[end] < 0)
        if not fresh.any():
            return
        colour[end[fresh]] = 1 - colour[start[fresh]]


def _arcs(problem: Problem, sets: Sets, meetings: Meetings, second: BoolArray) -> Network:
    """Source → sets of the first family, inwards → option → sets of the second, outwards → sink."""
    inner, outer = meetings.nested(sets)
    same = second[inner] == second[outer]
    around = _smallest(sets, inner[same], outer[same], len(sets))
    node = 2 + np.arange(len(sets))
    parent = np.where(around < 0, second.astype(np.int64), 2 + around)
    leaves = []
    for family in (False, True):
        mine = second[sets.row] == family
        leaf = _smallest(sets, sets.column[mine], sets.row[mine], problem.options)
        leaves.append(np.where(leaf < 0, int(family), 2 + leaf))
    free, ones = np.zeros(problem.options, np.int64), np.ones(problem.options, np.int64)
    return Network(
        nodes=2 + len(sets),
        options=problem.options,
        tail=np.concatenate([leaves[0], np.where(second, node, parent), [1]]),
        head=np.concatenate([leaves[1], np.where(second, parent, node), [0]]),
        lower=np.concatenate([free, sets.lower, [0]]),
        upper=np.concatenate([ones, sets.upper, [problem.agents]]),
    )


def _smallest(sets: Sets, thing: IntArray, around: IntArray, things: int) -> IntArray:
    """For each thing the smallest of the sets around it; −1 where there is none."""
    order = np.lexsort((sets.size[around], thing))
    thing, first = np.unique(thing[order], return_index=True)
    found = np.full(things, -1)
    found[thing] = around[order][first]
    return found
