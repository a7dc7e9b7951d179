"""What a placement and an escort cost, in whole euros: travel, support, organisation, inclusion.

Contract, "Cost of a placement". Amounts are computed once per distinct (place, host), (partner, flow, way of
travelling), then gathered: nothing is done per option but looking up. Day rates are exact: a rate factor
counts as the decimal that it is written as, and halves round up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from typing import NamedTuple

import numpy as np

from matcher.places import Distances, distances
from models.errors import InputErrors, InputProblem
from models.rates import Rates
from models.round import IntArray, Round

__all__ = [
    "Distances",
    "Money",
    "Parts",
    "day_rates",
    "distances",
    "escort_costs",
    "half_up",
    "placement_costs",
    "support",
]

STANDARD = 0
"""Position of standard travel on a way-of-travelling axis; green is 1, as in ``green_travel``."""

AT_ONCE = 1_000_000
"""How many placements are priced together: bounds memory, changes no result."""


def half_up(amount: Decimal) -> int:
    """Round to whole euros; halves go up."""
    return int(amount.quantize(Decimal(1), ROUND_HALF_UP))


def day_rates(guide: int, factor: float, later_share: Decimal) -> tuple[int, int]:
    """Return what a day pays at first and later on, in euros.

    ``guide`` is the rate table's amount, ``factor`` the partner's, taken as the decimal that it is written
    as. The later rate is ``later_share`` of the rounded first one, rounded again: 0.55 of 120 is 66, and
    0.7 of 66 (46.2) is 46.
    """
    first = half_up(guide * Decimal(repr(float(factor))))
    return first, half_up(first * later_share)


def support(days: IntArray, first: IntArray, later: IntArray, full_rate_days: int) -> IntArray:
    """Return the support for so many paid days: ``full_rate_days`` at the ``first`` rate, then ``later``."""
    early = np.minimum(days, full_rate_days)
    return early * first + (days - early) * later


class Parts(NamedTuple):
    """The four parts of placements' costs in euros, one element per placement."""

    travel: IntArray
    support: IntArray
    organisation: IntArray
    inclusion: IntArray

    @property
    def total(self) -> IntArray:
        """The costs of the placements."""
        return self.travel + self.support + self.organisation + self.inclusion


@dataclass(frozen=True)
class Money:
    """The amounts of one round, ready to be looked up by row numbers of learners, partners and flows.

    Raises ``InputErrors`` on first use when a host's country has no country group, or a partner or host no
    place.
    """

    rnd: Round

    def placements(self, learner: IntArray, flow: IntArray) -> Parts:
        """Return the parts of the costs of placing ``learner[i]`` in ``flow[i]``; both of shape (n,)."""
        way = self.rnd.learners["green_travel"].astype(np.int64)[learner]
        partner = self.rnd.ref("learners", "partner_id")[learner]
        return Parts(
            travel=self.travel[self._start[learner], self._host[flow], way],
            support=self.learner_support[partner, flow, way],
            organisation=self._organisation[flow],
            inclusion=self._inclusion[learner],
        )

    def costs(self, learner: IntArray, flow: IntArray) -> IntArray:
        """Return the costs of placing ``learner[i]`` in ``flow[i]``, of shape (n,), in bounded memory."""
        found = np.empty(len(learner), np.int64)
        for start in range(0, len(learner), AT_ONCE):
            part = slice(start, start + AT_ONCE)
            found[part] = self.placements(learner[part], flow[part]).total
        return found

    def escorts(self, partner: IntArray, flow: IntArray) -> IntArray:
        """Return what one escort of sending partner ``partner[i]`` in ``flow[i]`` costs, in euros."""
        start = len(self.rnd.schools) + partner
        travel: IntArray = self.travel[start, self._host[flow], STANDARD]
        return travel + self.escort_support[partner, flow]

    @cached_property
    def distances(self) -> Distances:
        """The distances in whole kilometres."""
        return distances(self.rnd)

    @cached_property
    def travel(self) -> IntArray:
        """Travel amounts of shape (schools, then sending partners; hosts; 2 ways), in euros."""
        km = np.concatenate([self.distances.school, self.distances.partner])
        return band_amounts(self.rnd.rates, km)

    @cached_property
    def learner_support(self) -> IntArray:
        """Support of a learner, of shape (sending partners, flows, 2 ways), in euros."""
        rates, days = self.rnd.rates, self.rnd.rates.travel_days
        tables = [
            self._support(rates.learner_day, "rate_factor", travel_days)
            for travel_days in (days.standard, days.green)
        ]
        return np.stack(tables, axis=2)

    @cached_property
    def escort_support(self) -> IntArray:
        """Support of an escort, of shape (sending partners, flows), in euros."""
        rates = self.rnd.rates
        return self._support(rates.escort_day, "staff_rate_factor", rates.travel_days.standard)

    def _support(self, guide: Mapping[int, int], factor: str, travel_days: int) -> IntArray:
        rates, factors = self.rnd.rates, self.rnd.sending_partners[factor].tolist()
        groups = sorted(set(self._group.tolist()))
        pairs = [[day_rates(guide[group], each, rates.later_share) for group in groups] for each in factors]
        table = np.array(pairs, np.int64).reshape(len(factors), len(groups), 2)
        of_flow = table[:, np.searchsorted(groups, self._group[self._host]), :]
        return support(self._days + travel_days, of_flow[:, :, 0], of_flow[:, :, 1], rates.full_rate_days)

    @cached_property
    def _host(self) -> IntArray:
        return self.rnd.ref("flows", "host_id")

    @cached_property
    def _days(self) -> IntArray:
        flows = self.rnd.flows
        return (flows["end"] - flows["start"]).astype(np.int64) + 1

    @cached_property
    def _start(self) -> IntArray:
        """Where each learner travels from, as a row of ``travel``: the school, else the sending partner."""
        school, partner = self.rnd.ref("learners", "school_id"), self.rnd.ref("learners", "partner_id")
        return np.where(school >= 0, school, len(self.rnd.schools) + partner)

    @cached_property
    def _group(self) -> IntArray:
        """The country group of each host."""
        hosts, rates = self.rnd.hosting_partners, self.rnd.rates
        groups = [rates.group_of(country) for country in hosts["country"]]
        message = "is in no country group of the rates"
        missing = [
            InputProblem(
                "hosting_partners", None, "country", hosts["country"][row], f"{hosts['id'][row]} {message}"
            )
            for row, group in enumerate(groups)
            if group is None
        ]
        if missing:
            raise InputErrors(missing)
        return np.array(groups, np.int64)

    @cached_property
    def _organisation(self) -> IntArray:
        amounts = self.rnd.rates.organisation
        return np.where(self.rnd.flows["stay"] == "short", amounts.short, amounts.long).astype(np.int64)

    @cached_property
    def _inclusion(self) -> IntArray:
        reasons = self.rnd.learners["fewer_opportunities"]
        return np.array([self.rnd.rates.inclusion if codes else 0 for codes in reasons], np.int64)


def band_amounts(rates: Rates, km: IntArray) -> IntArray:
    """Return the travel amounts for distances ``km``; a last axis is added for standard and green."""
    amounts = np.array([(0, 0), *((band.standard, band.green) for band in rates.bands)], np.int64)
    starts = np.array([band.from_km for band in rates.bands], np.int64)
    return amounts[np.searchsorted(starts, km, side="right")]


def placement_costs(rnd: Round, learner: IntArray, flow: IntArray) -> IntArray:
    """Return what placing ``learner[i]`` in ``flow[i]`` costs, in whole euros; row numbers in, shape (n,)
    out.

    Who asks often keeps a :class:`Money`; it also has the parts.
    """
    return Money(rnd).costs(learner, flow)


def escort_costs(rnd: Round, partner: IntArray, flow: IntArray) -> IntArray:
    """Return what ONE escort of sending partner ``partner[i]`` in ``flow[i]`` costs, in whole euros."""
    return Money(rnd).escorts(partner, flow)
