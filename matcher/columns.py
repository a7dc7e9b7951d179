"""The columns of a problem: the options, and the auxiliary columns that rules and goals ask for.

Two rules that need the same auxiliary (beds, flow heads, budget and cost all count escorts) get the same
columns: a family is made when it is first asked for and kept under its name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from matcher.options import Options
from models.problem import FREE_ABOVE, FREE_BELOW, Auxiliary, Block
from models.round import IntArray, Round

Keys = Mapping[str, npt.NDArray[np.generic]]


@dataclass(frozen=True)
class Clusters:
    """The learners of one sending partner in one flow, wherever there are options for them.

    ``partner`` and ``flow`` are row numbers, one entry per cluster; ``of_option`` the cluster of each option;
    ``learners`` how many learners have an option in it.
    """

    partner: IntArray
    flow: IntArray
    of_option: IntArray
    learners: IntArray

    def __len__(self) -> int:
        return len(self.partner)


@dataclass(frozen=True)
class Escorts:
    """The escort columns: the cluster and the column number of each."""

    cluster: IntArray
    column: IntArray
    clusters: Clusters

    @property
    def partner(self) -> IntArray:
        """The sending partner (row number) of each escort column."""
        return self.clusters.partner[self.cluster]

    @property
    def flow(self) -> IntArray:
        """The flow (row number) of each escort column."""
        return self.clusters.flow[self.cluster]


class Columns:
    """Options first, auxiliaries after, in the order in which they were first asked for."""

    def __init__(self, rnd: Round, options: Options) -> None:
        self.rnd = rnd
        self.options = options
        self._families: dict[str, Auxiliary] = {}
        self._cuts: list[Block] = []

    def __len__(self) -> int:
        return len(self.options) + sum(len(family) for family in self._families.values())

    @property
    def families(self) -> tuple[Auxiliary, ...]:
        """The auxiliary families so far."""
        return tuple(self._families.values())

    @property
    def cuts(self) -> tuple[Block, ...]:
        """Redundant rows that tie auxiliaries to options more tightly than their definitions do."""
        return tuple(self._cuts)

    def family(self, name: str, make: Callable[[int], Auxiliary]) -> Auxiliary:
        """The family of that name; ``make`` receives the number of its first column when it does not exist
        yet.
        """
        if name not in self._families:
            self._families[name] = make(len(self))
        return self._families[name]

    def ceiling(self, name: str, rule: str, owner: IntArray, divisor: IntArray) -> Auxiliary:
        """Columns that count up: member i is ⌈number of chosen options with ``owner`` i / ``divisor[i]``⌉.

        ``owner`` has an entry per option (−1: nobody's). Adds the rows that hold a member at 1 or more as
        soon as one learner's option is chosen: they follow for whole numbers, and the relaxation without them
        is hopeless.
        """

        def make(first: int) -> Auxiliary:
            learners = distinct_learners(self.options, owner, len(divisor))
            definition = counting_rows(rule, owner, divisor, first)
            self._cuts.append(self._presence_rows(rule, owner, first))
            return Auxiliary(name, first, -(-learners // divisor), -1, definition)

        return self.family(name, make)

    def _presence_rows(self, rule: str, owner: IntArray, first: int) -> Block:
        """Member ≥ Σ of one learner's options in it, for every learner."""
        option = np.flatnonzero(owner >= 0)
        pair, row = unique_rows(owner[option], self.options.learner[option])
        member = pair[0]
        rows = len(member)
        return Block(
            rule=rule,
            row=np.concatenate([row, np.arange(rows)]),
            column=np.concatenate([option, first + member]),
            value=np.concatenate([np.full(len(option), -1), np.ones(rows, np.int64)]),
            lower=np.zeros(rows, np.int64),
            upper=np.full(rows, FREE_ABOVE),
            redundant=True,
        )

    @cached_property
    def clusters(self) -> Clusters:
        """The (sending partner, flow) pairs that have options."""
        (partner, flow), of_option = unique_rows(self.options.partner, self.options.flow)
        learners = distinct_learners(self.options, of_option, len(partner))
        return Clusters(partner, flow, of_option, learners)

    @cached_property
    def escorts(self) -> Escorts:
        """The escorts of every cluster whose flow asks for them; none when the rule is switched off."""
        clusters = self.clusters
        per_escort = self.rnd.flows["learners_per_escort"][clusters.flow]
        asked = np.flatnonzero(~np.isnan(per_escort) & self.rnd.policy.holds("escorts"))
        member = np.full(len(clusters), -1)
        member[asked] = np.arange(len(asked))
        family = self.ceiling(
            "escorts", "escorts", member[clusters.of_option], per_escort[asked].astype(np.int64)
        )
        return Escorts(asked, family.first + np.arange(len(family)), clusters)


def unique_rows(*columns: IntArray) -> tuple[tuple[IntArray, ...], IntArray]:
    """The distinct combinations of parallel arrays of whole numbers ≥ 0, sorted, and each entry's
    combination.
    """
    key = np.zeros(len(columns[0]), np.int64)
    for column in columns:
        key = key * (int(column.max(initial=0)) + 1) + column
    _, first, inverse = np.unique(key, return_index=True, return_inverse=True)
    return tuple(column[first] for column in columns), inverse


def distinct_learners(options: Options, owner: IntArray, members: int) -> IntArray:
    """How many learners have an option of each owner."""
    option = np.flatnonzero(owner >= 0)
    (member, _), _ = unique_rows(owner[option], options.learner[option])
    return np.bincount(member, minlength=members)


def counting_rows(rule: str, owner: IntArray, divisor: IntArray, first: int) -> Block:
    """``divisor · member − Σ options ≥ 0``: with the smallest member, the count rounded up."""
    option, members = np.flatnonzero(owner >= 0), np.arange(len(divisor))
    return Block(
        rule=rule,
        row=np.concatenate([members, owner[option]]),
        column=np.concatenate([first + members, option]),
        value=np.concatenate([divisor, np.full(len(option), -1)]),
        lower=np.zeros(len(divisor), np.int64),
        upper=np.full(len(divisor), FREE_ABOVE),
    )


def at_most(
    rule: str,
    row: IntArray,
    column: IntArray,
    upper: IntArray,
    text: str,
    keys: Keys,
    value: IntArray | None = None,
) -> Block:
    """``Σ value · column ≤ upper`` (``value``: 1 unless given)."""
    lower = np.full(len(upper), FREE_BELOW)
    return between(rule, row, column, lower, upper, text, keys, value)


def at_least(
    rule: str,
    row: IntArray,
    column: IntArray,
    lower: IntArray,
    text: str,
    keys: Keys,
    value: IntArray | None = None,
) -> Block:
    """``Σ value · column ≥ lower`` (``value``: 1 unless given)."""
    upper = np.full(len(lower), FREE_ABOVE)
    return between(rule, row, column, lower, upper, text, keys, value)


def between(
    rule: str,
    row: IntArray,
    column: IntArray,
    lower: IntArray,
    upper: IntArray,
    text: str,
    keys: Keys,
    value: IntArray | None = None,
) -> Block:
    """``lower ≤ Σ value · column ≤ upper`` (``value``: 1 unless given)."""
    values = np.ones(len(column), np.int64) if value is None else value
    return Block(rule, row, column, values, lower.astype(np.int64), upper.astype(np.int64), text, keys)
