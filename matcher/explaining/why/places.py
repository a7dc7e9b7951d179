"""A learner's candidate places, one by one: barred, full, or open, with everybody else where they are.

The learner's own place counts as free: what is asked is where the learner could be, alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from matcher import rules
from matcher.compiling import rules_of
from matcher.explaining.probing import Probe, candidates
from matcher.explaining.relieving import Limit, limit_of
from matcher.explaining.standing import Standing
from matcher.fitting import fit_points, preference_position
from matcher.options import Options
from matcher.slots import Slots, stays
from models.outcome import Placement
from models.round import IntArray

AT_ONCE = 1_000_000
"""How many candidate places are asked about together: bounds memory, changes no result."""


@dataclass(frozen=True)
class Where:
    """A place by ids."""

    offer_id: str
    flow_id: str
    company_id: str
    host_id: str


@dataclass(frozen=True)
class Places:
    """The candidate places of a learner (row number); ``probe`` stands without the learner."""

    standing: Standing
    learner: int
    probe: Probe

    @classmethod
    def of(cls, standing: Standing, learner: int, offers: IntArray | None = None) -> Places:
        """All candidate places, or those at some offers (row numbers)."""
        every = candidates(standing.rnd, np.array([learner]))
        every = every if offers is None else every.take(np.isin(every.offer, offers))
        return cls(standing, learner, probe_of(without(standing, [learner]), every))

    @property
    def every(self) -> Options:
        """The candidates."""
        return self.probe.candidates

    @cached_property
    def now(self) -> int | None:
        """The number of the candidate where the learner is; None: nowhere, or not among these."""
        chosen = self.standing.chosen
        own = np.flatnonzero(chosen.learner == self.learner)
        if not len(own):
            return None
        here = np.flatnonzero(np.isin(self.every.keys, chosen.keys[own]))
        return int(here[0]) if len(here) else None

    @cached_property
    def barred(self) -> IntArray:
        """The candidates that rules bar."""
        return np.flatnonzero(self.probe.bars > 0)

    @cached_property
    def limits(self) -> Mapping[int, tuple[Limit, ...]]:
        """Of every candidate that no rule bars, and where the learner is not: the limits in the way."""
        found = {}
        for number in np.flatnonzero(self.probe.bars == 0).tolist():
            if number != self.now:
                obstacles = self.probe.obstacles(number)
                found[number] = tuple(dict.fromkeys(limit_of(obstacle) for obstacle in obstacles))
        return found

    @cached_property
    def wish(self) -> IntArray:
        """Where each candidate stands in the learner's wishes (−1: not in them)."""
        return preference_position(self.standing.rnd, self.every)

    @cached_property
    def fit(self) -> IntArray:
        """The fit points of each candidate."""
        return fit_points(self.standing.rnd, self.every)

    @cached_property
    def dearest(self) -> IntArray:
        """The candidates that no rule bars, what the learner would like best first: by wish, by fit, in order."""
        options = np.array(list(self.limits), np.int64)
        wish = np.where(self.wish < 0, np.iinfo(np.int64).max, self.wish)[options]
        return options[np.lexsort((options, -self.fit[options], wish))]

    def where(self, number: int) -> Where:
        """A candidate by ids."""
        return where_of(self.every, number)

    def data(self, rule: str, numbers: IntArray) -> Iterator[tuple[str, int]]:
        """For each of some candidates that a rule bars, the datum for it."""
        why = next(one for one in rules.discover() if one.name == rule).why
        rnd, every = self.standing.rnd, self.every
        for number in numbers.tolist():
            yield why(rnd, self.learner, int(every.offer[number]), int(every.flow[number])), number

    def placement(self, number: int) -> Placement:
        """A candidate as a placement."""
        where = self.where(number)
        return Placement(self.standing.id(self.learner), where.offer_id, where.flow_id)


def where_of(options: Options, number: int) -> Where:
    """A place (its number among some options) by ids."""
    rnd = options.rnd
    return Where(
        str(rnd.offers["id"][options.offer[number]]),
        str(rnd.flows["id"][options.flow[number]]),
        str(rnd.companies["id"][options.company[number]]),
        str(rnd.hosting_partners["id"][options.host[number]]),
    )


def without(standing: Standing, learners: list[int]) -> Standing:
    """How the others stand: nobody of the learners (row numbers) is placed."""
    gone = {standing.id(learner) for learner in learners}
    others = tuple(row for row in standing.placements if row.learner_id not in gone)
    return replace(standing, placements=others) if len(others) < len(standing.placements) else standing


def probe_of(standing: Standing, every: Options) -> Probe:
    """A probe of given candidates (sorted by learner, offer, flow) of learners who are not placed."""
    masks = {rule.name: rule.bars(standing.rnd, every) for rule in rules_of(standing.rnd)}
    return Probe(standing, every, masks)


def places_at(standing: Standing, offers: IntArray, learners: IntArray) -> Iterator[Options]:
    """Every candidate place of learners (row numbers, ascending) at some offers, some learners at a time."""
    rnd, slots = standing.rnd, Slots.of(standing.rnd)
    here = np.flatnonzero(np.isin(slots.offer, offers))
    own = stays(rnd.learners["stay"])
    step = max(1, AT_ONCE // max(1, len(here)))
    for begin in range(0, len(learners), step):
        some = learners[begin : begin + step]
        who, slot = np.repeat(some, len(here)), np.tile(here, len(some))
        fits = slots.stay[slot] == own[who]
        yield Options(rnd, who[fits], slots.offer[slot[fits]], slots.flow[slot[fits]])
