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

from models.round import IntArray, Round

if TYPE_CHECKING:
    from matcher.rules.base import Rule

PAIRS_AT_ONCE = 2_000_000
"""How many candidates are looked at together: bounds the memory of the join, changes no result."""


@dataclass(frozen=True)
class Options:
    """Options, or candidates for them: parallel arrays of row numbers, sorted by learner, offer, flow."""

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
        return self.rnd.ref("offers", "company_id")[self.offer]

    @cached_property
    def host(self) -> IntArray:
        """The row number of each option's hosting partner."""
        return self.rnd.ref("flows", "host_id")[self.flow]

    @cached_property
    def partner(self) -> IntArray:
        """The row number of each option's sending partner."""
        return self.rnd.ref("learners", "partner_id")[self.learner]

    @cached_property
    def school(self) -> IntArray:
        """The row number of each option's school (−1: none)."""
        return self.rnd.ref("learners", "school_id")[self.learner]


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


def slots(rnd: Round) -> tuple[IntArray, IntArray]:
    """Every (offer, flow) at one hosting partner whose stays agree, as row numbers sorted by offer, then
    flow.
    """
    host_of_offer = rnd.ref("companies", "host_id")[rnd.ref("offers", "company_id")]
    host_of_flow = rnd.ref("flows", "host_id")
    by_host = np.argsort(host_of_flow, kind="stable")
    first = np.searchsorted(host_of_flow[by_host], host_of_offer, "left")
    count = np.searchsorted(host_of_flow[by_host], host_of_offer, "right") - first
    offer = np.repeat(np.arange(len(host_of_offer)), count)
    flow = by_host[ranges(first, count)]
    wanted, given = rnd.offers["stay"][offer], rnd.flows["stay"][flow]
    agree = (wanted == given) | np.array([stay is None for stay in rnd.offers["stay"]], bool)[offer]
    return offer[agree], flow[agree]


def ranges(first: IntArray, count: IntArray) -> IntArray:
    """The concatenation of ``first[i], first[i] + 1, …`` with ``count[i]`` numbers each."""
    ends = np.cumsum(count)
    return np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - count - first, count)


def _candidates(rnd: Round) -> Iterator[Options]:
    """Learners × slots of the learner's stay, a bounded number at a time."""
    offer, flow = slots(rnd)
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


def _joined(rnd: Round, parts: Sequence[Options]) -> Options:
    def join(name: str) -> IntArray:
        return np.concatenate([np.empty(0, np.int64), *(getattr(part, name) for part in parts)])

    return Options(rnd, join("learner"), join("offer"), join("flow"))
