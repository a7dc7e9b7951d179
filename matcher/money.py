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
import numpy.typing as npt

from matcher.places import Distances, distances, every_start, whole_km
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

PLACES_AT_ONCE = 1000
"""From how many places distances are taken together; bounds memory too."""


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


class Support(NamedTuple):
    """Support in euros: the number of each sending partner's rate factor, and the amounts by factor, flow and way."""

    factor: IntArray
    amounts: IntArray

    def of(self, partner: IntArray, flow: IntArray, way: IntArray | int) -> IntArray:
        """What ``partner[i]`` gets in ``flow[i]`` travelling that way."""
        found: IntArray = self.amounts[self.factor[partner], flow, way]
        return found


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
            travel=self._travel(self._start[learner], self._host[flow], way),
            support=self._learner_support.of(partner, flow, way),
            organisation=self._organisation[flow],
            inclusion=self._inclusion[learner],
        )

    def costs(self, learner: IntArray, flow: IntArray, into: IntArray | None = None) -> IntArray:
        """Return the costs of placing ``learner[i]`` in ``flow[i]``, of shape (n,), in bounded memory; written
        ``into`` an array if one is given.
        """
        found = np.empty(len(learner), np.int64) if into is None else into
        for start in range(0, len(learner), AT_ONCE):
            part = slice(start, start + AT_ONCE)
            found[part] = self.placements(learner[part], flow[part]).total
        return found

    def escorts(self, partner: IntArray, flow: IntArray) -> IntArray:
        """Return what one escort of sending partner ``partner[i]`` in ``flow[i]`` costs, in euros."""
        start = len(self.rnd.schools) + partner
        travel = self._travel(start, self._host[flow], np.full(len(start), STANDARD))
        return travel + self._escort_support.of(partner, flow, STANDARD)

    def _travel(self, start: IntArray, host: IntArray, way: IntArray) -> IntArray:
        """What it costs to travel from ``start[i]`` (schools, then sending partners) to ``host[i]``, in euros."""
        place, bands = self._bands
        amounts: IntArray = band_table(self.rnd.rates)[bands[place[start], host], way]
        return amounts

    @cached_property
    def _bands(self) -> tuple[IntArray, npt.NDArray[np.uint16]]:
        """The place of each school, then sending partner; the number of the band of each place and host.

        Amounts or kilometres in their stead would take gigabytes where there are 100,000 schools.
        """
        places, ends = every_start(self.rnd)
        distinct, place = np.unique(places, axis=0, return_inverse=True)
        bands = np.empty((len(distinct), len(ends)), np.uint16)
        starts_of = np.array([band.from_km for band in self.rnd.rates.bands], np.int64)
        for first in range(0, len(distinct), PLACES_AT_ONCE):
            part = slice(first, first + PLACES_AT_ONCE)
            bands[part] = np.searchsorted(starts_of, whole_km(distinct[part], ends), side="right")
        return place.reshape(-1), bands

    @cached_property
    def _learner_support(self) -> Support:
        """Support of a learner by both ways of travelling."""
        days = self.rnd.rates.travel_days
        return self._support(self.rnd.rates.learner_day, "rate_factor", (days.standard, days.green))

    @cached_property
    def _escort_support(self) -> Support:
        """Support of an escort, who travels the standard way."""
        rates = self.rnd.rates
        return self._support(rates.escort_day, "staff_rate_factor", (rates.travel_days.standard,))

    def _support(self, guide: Mapping[int, int], factor: str, travel_days: tuple[int, ...]) -> Support:
        rates = self.rnd.rates
        factors, factor_of = np.unique(self.rnd.sending_partners[factor], return_inverse=True)
        groups = sorted(set(self._group.tolist()))
        pairs = [
            [day_rates(guide[group], each, rates.later_share) for group in groups]
            for each in factors.tolist()
        ]
        table = np.array(pairs, np.int64).reshape(len(factors), len(groups), 2)
        of_flow = table[:, np.searchsorted(groups, self._group[self._host]), :]
        first, later = of_flow[:, :, 0], of_flow[:, :, 1]
        ways = [support(self._days + days, first, later, rates.full_rate_days) for days in travel_days]
        return Support(factor_of, np.stack(ways, axis=2))

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
    starts = np.array([band.from_km for band in rates.bands], np.int64)
    return band_table(rates)[np.searchsorted(starts, km, side="right")]


def band_table(rates: Rates) -> IntArray:
    """Return the amounts of shape (1 + bands, 2 ways); the first row is for what lies below the first band."""
    return np.array([(0, 0), *((band.standard, band.green) for band in rates.bands)], np.int64)


def placement_costs(rnd: Round, learner: IntArray, flow: IntArray) -> IntArray:
    """Return what placing ``learner[i]`` in ``flow[i]`` costs, in whole euros; row numbers in, shape (n,)
    out.

    Who asks often keeps a :class:`Money`; it also has the parts.
    """
    return Money(rnd).costs(learner, flow)


def escort_costs(rnd: Round, partner: IntArray, flow: IntArray) -> IntArray:
    """Return what ONE escort of sending partner ``partner[i]`` in ``flow[i]`` costs, in whole euros."""
    return Money(rnd).escorts(partner, flow)
