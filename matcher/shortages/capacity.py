"""Limits as what they can take: how many learners fit into each row that fills up, whoever they are.

Seats, beds, heads, quotas, budgets and learners of one school: rows in which every option counts. A head that has to
come with an escort counts the escort too; money counts by the cheapest places. What a limit takes is therefore a number
of learners that no allocation exceeds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matcher.explaining.probing import Obstacle
from matcher.explaining.relieving import limit_of
from matcher.options import Options
from models.problem import FREE_ABOVE, Block, IntArray, Problem

COUNTED = ("seats", "beds", "flow_heads", "quotas", "budget", "same_school")
"""Rules whose rows take so many learners and no more."""


@dataclass(frozen=True)
class Place:
    """A limit: the rule, which one (an id; the number of a quota; blank: the round's budget), the day and the school
    where it has them, and the block (number) and row that state it.
    """

    rule: str
    which: str | int
    day: np.datetime64 | None
    school: str | None
    block: int
    row: int

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What tells limits apart, in the order in which they are listed."""
        which = f"{self.which:06}" if isinstance(self.which, int) else self.which
        return self.rule, which, str(self.day or ""), self.school or ""


@dataclass(frozen=True)
class Capacities:
    """All limits that can fill up: which options are in which (parallel arrays), and how many learners each takes."""

    places: tuple[Place, ...]
    takes: IntArray
    limit: IntArray
    option: IntArray

    @classmethod
    def of(cls, problem: Problem, options: Options) -> Capacities:
        """The limits of a round's problem that take fewer learners than have an option there."""
        places: list[Place] = []
        takes, limits, members = list[int](), list[IntArray](), list[IntArray]()
        for number, block in enumerate(problem.blocks):
            if block.redundant or block.rule not in COUNTED:
                continue
            row, column = _entries(block, problem.options)
            order = np.argsort(row, kind="stable")
            edges = np.searchsorted(row[order], np.arange(len(block) + 1))
            for each in np.flatnonzero((block.upper < FREE_ABOVE) & (np.diff(edges) > 0)).tolist():
                own = column[order[edges[each] : edges[each + 1]]]
                who = options.learner[own]
                fits = capacity(options, block, each, own)
                if fits < len(np.unique(who)):
                    limits.append(np.full(len(own), len(places)))
                    places.append(_place(block, number, each))
                    members.append(own)
                    takes.append(fits)
        nothing = np.zeros(0, np.int64)
        return cls(
            tuple(places),
            np.array(takes, np.int64),
            np.concatenate([nothing, *limits]),
            np.concatenate([nothing, *members]),
        )


def _entries(block: Block, options: int) -> tuple[IntArray, IntArray]:
    """The entries of options: row, option."""
    inside = block.column < options
    return block.row[inside], block.column[inside]


def _place(block: Block, number: int, row: int) -> Place:
    limit, keys = limit_of(Obstacle(block, row, 0)), block.keys or {}
    day = keys["day"][row] if "day" in keys else None
    school = str(keys["school"][row]) if "school" in keys else None
    return Place(block.rule, limit.which, day, school, number, row)


def capacity(options: Options, block: Block, row: int, own: IntArray) -> int:
    """How many learners fit into a row of which ``own`` are the options, whoever they are."""
    upper = int(block.upper[row])
    if block.rule == "budget":
        return _affordable(options, block, row, own, upper)
    if block.rule in {"beds", "flow_heads"}:
        return with_escorts(upper, _per_escort(options, own))
    return max(0, upper)


def _per_escort(options: Options, own: IntArray) -> int | None:
    """The most learners that one escort accompanies in any of the options' flows (None: in one nobody does)."""
    if not options.rnd.policy.holds("escorts"):
        return None
    each = options.rnd.flows["learners_per_escort"][np.unique(options.flow[own])]
    return None if not len(each) or np.isnan(each).any() else int(each.max())


def with_escorts(heads: int, per_escort: int | None) -> int:
    """How many learners so many heads are at most, where every begun ``per_escort`` of them bring one escort."""
    if heads <= 0 or per_escort is None:
        return max(0, heads)
    whole, rest = divmod(heads, per_escort + 1)
    return whole * per_escort + max(0, rest - 1)


def _affordable(options: Options, block: Block, row: int, own: IntArray, upper: int) -> int:
    """How many learners the money is enough for, the cheapest first, each at the cheapest place; without escorts."""
    cost = _costs(block, row, len(options))[own]
    who, at = np.unique(options.learner[own], return_inverse=True)
    cheapest = np.full(len(who), np.iinfo(np.int64).max)
    np.minimum.at(cheapest, at, cost)
    return int((np.cumsum(np.sort(cheapest)) <= upper).sum())


def _costs(block: Block, row: int, options: int) -> IntArray:
    cost = np.zeros(options, np.int64)
    mine = (block.row == row) & (block.column < options)
    cost[block.column[mine]] = block.value[mine]
    return cost
