"""The join that makes options: learner × offer × flow, vectorised, with counts of what each rule barred.

Contract: section "The option".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from matcher.slots import Slots
from models.round import IntArray, Round

if TYPE_CHECKING:
    from matcher.rules.base import Rule

PAIRS_AT_ONCE = 2_000_000
"""How many candidates are looked at together: bounds the memory of the join, changes no result."""


@dataclass(frozen=True)
class Options:
    """Options, or candidates for them: parallel arrays of row numbers, sorted by learner, offer, flow.

    A large round has tens of millions: whole columns over them are ``int32`` (widen before multiplying two).
    """

    rnd: Round
    learner: IntArray
    offer: IntArray
    flow: IntArray

    def __len__(self) -> int:
        return len(self.learner)

    def take(self, which: npt.NDArray[np.generic]) -> Options:
        """Those options that a mask or an index array names."""
        return Options(self.rnd, self.learner[which], self.offer[which], self.flow[which])

    @cached_property
    def company(self) -> IntArray:
        """The row number of each option's company."""
        return _narrow(self.rnd.ref("offers", "company_id"))[self.offer]

    @cached_property
    def host(self) -> IntArray:
        """The row number of each option's hosting partner."""
        return _narrow(self.rnd.ref("flows", "host_id"))[self.flow]

    @cached_property
    def partner(self) -> IntArray:
        """The row number of each option's sending partner."""
        return _narrow(self.rnd.ref("learners", "partner_id"))[self.learner]

    @cached_property
    def school(self) -> IntArray:
        """The row number of each option's school (−1: none)."""
        return _narrow(self.rnd.ref("learners", "school_id"))[self.learner]

    @property
    def slot(self) -> IntArray:
        """The slot of each option, as a row of ``slot_offer`` and ``slot_flow``."""
        return self._slots[0]

    @property
    def slot_offer(self) -> IntArray:
        """The offer of each slot: of the round's slots in their order, whether an option is there or not."""
        return self._slots[1]

    @property
    def slot_flow(self) -> IntArray:
        """The flow of each slot."""
        return self._slots[2]

    @cached_property
    def _slots(self) -> tuple[IntArray, IntArray, IntArray]:
        """The slot of each option, the offers and the flows of the slots.

        Placements that somebody wrote by hand may be no slots at all: such pairs get numbers after the others.
        """
        slots = Slots.of(self.rnd)
        slot = slots.number(self.offer, self.flow)
        strange = np.flatnonzero(slot < 0)
        if not len(strange):
            return slot, slots.offer, slots.flow
        pairs = np.stack([self.offer[strange], self.flow[strange]])
        pairs, slot[strange] = np.unique(pairs, axis=1, return_inverse=True)
        slot[strange] += len(slots)
        return slot, np.concatenate([slots.offer, pairs[0]]), np.concatenate([slots.flow, pairs[1]])


@dataclass(frozen=True)
class Barred:
    """Per learner: how many candidates there were, how many each rule bars, and how many it bars alone."""

    candidates: IntArray
    by_rule: Mapping[str, IntArray]
    by_rule_alone: Mapping[str, IntArray]


def find_options(rnd: Round, rules: Sequence[Rule]) -> tuple[Options, Barred]:
    """The options that none of ``rules`` bars, and the counts of what they barred."""
    learners = len(rnd.learners)
    candidates = np.zeros(learners, np.int64)
    by_rule = {rule.name: np.zeros(learners, np.int64) for rule in rules}
    alone = {rule.name: np.zeros(learners, np.int64) for rule in rules}
    kept = []
    for chunk in _candidates(rnd):
        masks = {rule.name: rule.bars(rnd, chunk) for rule in rules}
        times = np.zeros(len(chunk), np.int8)
        for mask in masks.values():
            times += mask
        candidates += np.bincount(chunk.learner, minlength=learners)
        for name, mask in masks.items():
            by_rule[name] += np.bincount(chunk.learner[mask], minlength=learners)
            alone[name] += np.bincount(chunk.learner[mask & (times == 1)], minlength=learners)
        kept.append(chunk.take(times == 0))
    return _joined(rnd, kept), Barred(candidates, by_rule, alone)


def _candidates(rnd: Round) -> Iterator[Options]:
    """Learners × slots of the learner's stay, a bounded number at a time."""
    slots = Slots.of(rnd)
    offer, flow = slots.offer, slots.flow
    stay = rnd.flows["stay"][flow] if len(flow) else np.empty(0, object)
    of_stay = {name: np.flatnonzero(stay == name) for name in ("short", "long")}
    sizes = np.array([len(of_stay[name]) for name in rnd.learners["stay"]], np.int64)
    for learners in _chunks(sizes):
        chosen = [of_stay[rnd.learners["stay"][learner]] for learner in learners]
        slot = np.concatenate([*chosen, np.empty(0, np.int64)])
        yield Options(rnd, np.repeat(learners, sizes[learners]), offer[slot], flow[slot])


def _chunks(sizes: IntArray) -> Iterator[IntArray]:
    """Consecutive learners whose candidates together stay within bounds (one learner at least)."""
    group = np.cumsum(sizes) // PAIRS_AT_ONCE
    for number in np.unique(group):
        yield np.flatnonzero(group == number)


def _narrow(rows: IntArray) -> IntArray:
    return rows.astype(np.int32, copy=False)


def _joined(rnd: Round, parts: Sequence[Options]) -> Options:
    def join(name: str) -> IntArray:
        return np.concatenate([np.empty(0, np.int32), *(_narrow(getattr(part, name)) for part in parts)])

    return Options(rnd, join("learner"), join("offer"), join("flow"))
