"""The columns of a problem: the options, and the auxiliary columns that rules and goals ask for.

Two rules that need the same auxiliary (beds, flow heads, budget and cost all count escorts) get the same
columns: a family is made when it is first asked for and kept under its name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TypeVar, cast

import numpy as np
import numpy.typing as npt

from matcher.options import Options
from models.bulk import numbers
from models.problem import FREE_ABOVE, FREE_BELOW, NOTHING, Auxiliary, Block, Cut, Grouped, Shared
from models.round import IntArray, Round

T = TypeVar("T")

Keys = Mapping[str, npt.NDArray[np.generic]]


@dataclass(frozen=True)
class Owner:
    """Who counts which options: option o counts for member ``member[group[o]]`` (−1: for nobody).

    ``learners`` says how many learners have an option of each member.
    """

    group: IntArray
    member: IntArray
    learners: IntArray

    def shared(self, value: IntArray, weight: IntArray | None = None) -> Shared:
        """One row per member, in which each of its options counts ``value[member]``."""
        inside = np.flatnonzero(self.member >= 0)
        return Shared(self.group, self.member[inside], inside, value[self.member[inside]], weight)


@dataclass(frozen=True)
class Places:
    """The (offer, flow) pairs that have options: ``offer`` and ``flow`` are row numbers, ``of_option`` the
    place of each option.
    """

    offer: IntArray
    flow: IntArray
    of_option: IntArray

    def __len__(self) -> int:
        return len(self.offer)

    def shared(self, row: IntArray, place: IntArray) -> Shared:
        """Every option at a place counts 1 in each row that names the place."""
        return Shared(self.of_option, row, place, np.ones(len(row), np.int64))


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

    def owner(self, asked: IntArray) -> Owner:
        """Those clusters as owners of their options, in the order asked for."""
        member = np.full(len(self), -1)
        member[asked] = np.arange(len(asked))
        return Owner(self.of_option, member, self.learners[asked])


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
        self._once: dict[str, object] = {}

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

    def once(self, name: str, make: Callable[[], T]) -> T:
        """What rules and goals share under a name, made when it is first asked for."""
        if name not in self._once:
            self._once[name] = make()
        return cast("T", self._once[name])

    def ceiling(self, name: str, rule: str, owner: Owner, divisor: IntArray) -> Auxiliary:
        """Columns that count up: member i is ⌈number of chosen options of owner i / ``divisor[i]``⌉.

        Adds the rows that hold a member at 1 or more as soon as one learner's option is chosen: they follow for
        whole numbers, and the relaxation without them is hopeless.
        """

        def make(first: int) -> Auxiliary:
            definition = counting_rows(rule, owner, divisor, first)
            self._cuts.append(Cut(rule, partial(_presence_rows, rule, self.options.learner, owner, first)))
            return Auxiliary(name, first, -(-owner.learners // divisor), -1, definition)

        return self.family(name, make)

    @cached_property
    def _numbers(self) -> IntArray:
        """The numbers of the columns that there are when it is first asked."""
        return numbers(len(self))

    @property
    def every(self) -> IntArray:
        """All options' columns."""
        return self._numbers[: len(self.options)]

    @property
    def priced(self) -> IntArray:
        """The columns that cost money: all options, then all escorts; no copy where these come one after another."""
        escorts, first = self.escorts.column, len(self.options)
        last = first + len(escorts)
        if np.array_equal(self._numbers[first:last], escorts):
            return self._numbers[:last]
        return np.concatenate([self.every, escorts])

    @cached_property
    def places(self) -> Places:
        """The (offer, flow) pairs that have options."""
        options = self.options
        (slot,), of_option = unique_rows(options.slot)
        offer, flow = options.slot_offer[slot], options.slot_flow[slot]
        order = np.lexsort((flow, offer))
        place = np.empty(len(order), np.int32)
        place[order] = np.arange(len(order))
        return Places(offer[order], flow[order], place[of_option])

    @cached_property
    def clusters(self) -> Clusters:
        """The (sending partner, flow) pairs that have options."""
        (partner, flow), of_option = unique_rows(self.options.partner, self.options.flow)
        learners = distinct_learners(self.options.learner, of_option, len(partner))
        return Clusters(partner, flow, of_option, learners)

    @cached_property
    def escorts(self) -> Escorts:
        """The escorts of every cluster whose flow asks for them; none when the rule is switched off."""
        clusters = self.clusters
        per_escort = self.rnd.flows["learners_per_escort"][clusters.flow]
        asked = np.flatnonzero(~np.isnan(per_escort) & self.rnd.policy.holds("escorts"))
        family = self.ceiling("escorts", "escorts", clusters.owner(asked), per_escort[asked].astype(np.int64))
        return Escorts(asked, family.first + np.arange(len(family)), clusters)


def unique_rows(*columns: IntArray) -> tuple[tuple[IntArray, ...], IntArray]:
    """The distinct combinations of parallel arrays of whole numbers ≥ 0, sorted, and each entry's
    combination.
    """
    key, span = np.zeros(len(columns[0]), np.int64), 1
    for column in columns:
        size = int(column.max(initial=0)) + 1
        key, span = key * size + column, span * size
    if span <= FEW_KEYS + 4 * len(key):
        return _counted(key, span, columns)
    _, first, inverse = np.unique(key, return_index=True, return_inverse=True)
    return tuple(column[first] for column in columns), inverse


FEW_KEYS = 1_000_000
"""Possible combinations up to which counting them is surely cheaper than sorting."""


def _counted(key: IntArray, span: int, columns: Sequence[IntArray]) -> tuple[tuple[IntArray, ...], IntArray]:
    """Distinct keys below ``span`` without a sort."""
    width = np.int32 if len(key) <= np.iinfo(np.int32).max else np.int64
    one_of: IntArray = np.full(span, -1, width)
    one_of[key] = np.arange(len(key), dtype=width)
    found = np.flatnonzero(one_of >= 0)
    entry = one_of[found]
    one_of[found] = np.arange(len(found))
    return tuple(column[entry] for column in columns), one_of.astype(np.int32, copy=False)[key]


AT_ONCE = 20_000_000
"""Cells of a table of learners and owners that are looked at together: bounds memory, changes no result."""


def distinct_learners(learner: IntArray, owner: IntArray, members: int) -> IntArray:
    """How many learners (sorted) have an option of each owner (−1: nobody's)."""
    counted = np.zeros(members, np.int64)
    step = max(1, AT_ONCE // max(members, 1))
    edges = np.searchsorted(learner, np.arange(0, int(learner.max(initial=-1)) + 1 + step, step))
    for begin, end in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        option = begin + np.flatnonzero(owner[begin:end] >= 0)
        (member, _), _ = unique_rows(
            owner[option], learner[option] - learner[begin] if len(option) else option
        )
        counted += np.bincount(member, minlength=members)
    return counted


def counting_rows(rule: str, owner: Owner, divisor: IntArray, first: int) -> Block:
    """``divisor · member − Σ options ≥ 0``: with the smallest member, the count rounded up."""
    members = np.arange(len(divisor))
    return Grouped(
        rule,
        owner.shared(np.full(len(divisor), -1)),
        lower=np.zeros(len(divisor), np.int64),
        upper=np.full(len(divisor), FREE_ABOVE),
        own=(members, first + members, divisor),
    )


def _presence_rows(rule: str, learner: IntArray, owner: Owner, first: int) -> Block:
    """Member ≥ Σ of one learner's options in it, for every learner."""
    member_of = np.append(owner.member, -1)[owner.group]
    option = np.flatnonzero(member_of >= 0)
    (member, _), row = unique_rows(member_of[option], learner[option])
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
    lower = _free(FREE_BELOW, len(upper))
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
    upper = _free(FREE_ABOVE, len(lower))
    return between(rule, row, column, lower, upper, text, keys, value)


def shared_between(
    rule: str,
    shared: Shared,
    lower: IntArray,
    upper: IntArray,
    text: str,
    keys: Keys,
    own: tuple[IntArray, IntArray, IntArray] = (NOTHING, NOTHING, NOTHING),
) -> Block:
    """``lower ≤ Σ entries ≤ upper`` for entries that options share, with those of single columns (row, column,
    value).
    """
    return Grouped(rule, shared, _whole(lower), _whole(upper), text, keys, own)


def shared_at_most(
    rule: str,
    shared: Shared,
    upper: IntArray,
    text: str,
    keys: Keys,
    own: tuple[IntArray, IntArray, IntArray] = (NOTHING, NOTHING, NOTHING),
) -> Block:
    """``Σ entries ≤ upper`` for entries that options share."""
    return shared_between(rule, shared, _free(FREE_BELOW, len(upper)), upper, text, keys, own)


def shared_at_least(
    rule: str,
    shared: Shared,
    lower: IntArray,
    text: str,
    keys: Keys,
    own: tuple[IntArray, IntArray, IntArray] = (NOTHING, NOTHING, NOTHING),
) -> Block:
    """``Σ entries ≥ lower`` for entries that options share."""
    return shared_between(rule, shared, lower, _free(FREE_ABOVE, len(lower)), text, keys, own)


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
    return Block(rule, row, column, values, _whole(lower), _whole(upper), text, keys)


def _whole(limits: IntArray) -> IntArray:
    return limits.astype(np.int64, copy=False)


def _free(limit: int, rows: int) -> IntArray:
    """One limit for so many rows, in the memory of one: some rules state millions of them."""
    return np.broadcast_to(np.int64(limit), rows)
