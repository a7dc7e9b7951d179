"""What placements are worth and what they cost, for all of them at once: the audit's own arithmetic, asked once
per distinct case.

Contract: "Goals" (fit points), "Cost of a placement". Plain functions of single rows (``arithmetic``) do the
reckoning; here they are only remembered, because hundreds of thousands of placements share few fields, few
levels and few journeys.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache, partial
from typing import Any

import numpy as np

from matcher import arithmetic
from matcher.seated import Rows, Seated
from models.round import Array, Round
from models.tables import Flow, HostingPartner, SendingPartner

_profile_points = lru_cache(2**17)(arithmetic.profile_points)
_distance_km = lru_cache(2**17)(arithmetic.distance_km)
"""Remembered from one audit to the next, because rounds with a change tried are audited one after another."""


def profile_points(seated: Seated) -> Rows:
    """The profile fit of rule 2 of every placement."""
    rnd, points = seated.rnd, _profile_points
    earned = rnd.once(earned_fields)
    fields, asked = _cells(rnd.learners["field"], seated.learner), _cells(rnd.offers["fields"], seated.offer)
    cases = zip(fields, seated.learner.tolist(), asked, strict=True)
    return _numbers(points(field, earned.get(learner, ()), codes) for field, learner, codes in cases)


def language_points(seated: Seated) -> Rows:
    """The language component of every placement: 0 where no working language is satisfied."""
    rnd, points = seated.rnd, cache(arithmetic.language_fit)
    spoken = _cells(rnd.learners["languages"], seated.learner)
    return _numbers(map(points, spoken, _cells(rnd.companies["working_languages"], seated.company)))


def preference_points(seated: Seated) -> Rows:
    """The preference component of every placement."""
    rnd = seated.rnd
    wishes = _cells(rnd.learners["preferences"], seated.learner)
    companies = _cells(rnd.companies["id"], seated.company)
    hosts = _cells(rnd.hosting_partners["id"], seated.host)
    return _numbers(map(arithmetic.preference_fit, wishes, companies, hosts))


def affinity_points(seated: Seated) -> Rows:
    """The affinity component of every placement."""
    rnd, scores = seated.rnd, seated.rnd.once(scores_of)
    companies = _cells(rnd.companies["id"], seated.company)
    hosts = _cells(rnd.hosting_partners["id"], seated.host)
    own = (scores.get(learner, ()) for learner in seated.learner.tolist())
    return _numbers(map(arithmetic.affinity_fit, own, companies, hosts))


def fit_points(seated: Seated, profile: Rows, language: Rows) -> Rows:
    """The fit points of every placement; a component without weight is not worked out."""
    weights = seated.rnd.policy.fit_weights
    nothing = np.zeros(len(seated), np.int64)
    preference = preference_points(seated) if weights.preference else nothing
    affinity = affinity_points(seated) if weights.affinity else nothing
    parts = zip(*(part.tolist() for part in (profile, language, preference, affinity)), strict=True)
    return _numbers(arithmetic.fit_points(weights, *each) for each in parts)


def costs_eur(seated: Seated) -> Rows:
    """What every placement costs in whole euros, without escorts."""
    rnd, prices = seated.rnd, seated.rnd.once(Prices)
    green = rnd.learners["green_travel"][seated.learner].tolist()
    partner, host = seated.partner.tolist(), seated.host.tolist()
    travel = map(prices.travel, seated.school.tolist(), partner, host, green)
    support = map(prices.support, partner, seated.flow.tolist(), green)
    extra = map(prices.inclusion, _cells(rnd.learners["fewer_opportunities"], seated.learner))
    return _numbers(travel) + _numbers(support) + _numbers(extra)


def escorts_eur(rnd: Round, partner: Rows, flow: Rows) -> Rows:
    """What one escort of each sending partner in each flow costs in whole euros."""
    return _numbers(map(rnd.once(Prices).escort, partner.tolist(), flow.tolist()))


class Prices:
    """The amounts of a round in whole euros by row numbers, each reckoned once."""

    def __init__(self, rnd: Round) -> None:
        self.rnd = rnd
        self._host_of = rnd.ref("flows", "host_id").tolist()
        self._row = cache(lambda table, number: rnd.tables[table].record(number))
        self._km = cache(self._kilometres)
        self._own = list(zip(*(rnd.schools.cells(name) for name in ("lat", "lon", "city")), strict=True))
        self._start, self._end = cache(self._leaves_from), cache(self._goes_to)
        self._amount = cache(partial(arithmetic.travel_eur, rnd.rates))
        self.support = cache(self._support)
        self.inclusion = cache(partial(arithmetic.inclusion_eur, rnd.rates))

    def travel(self, school: int, partner: int, host: int, green: bool) -> int:
        """From a school (−1: none) of a sending partner to a host."""
        return self._amount(self._km(school, partner, host), green=green)

    def escort(self, partner: int, flow: int) -> int:
        """An escort of a sending partner in a flow, from the partner's own place."""
        host = self._host_of[flow]
        support = arithmetic.escort_support_eur(self.rnd.rates, *self._rows(partner, flow))
        return self._amount(self._km(-1, partner, host), green=False) + support

    def _support(self, partner: int, flow: int, green: bool) -> int:
        """Support of a learner of a sending partner in a flow, and organisation."""
        return arithmetic.learner_support_eur(self.rnd.rates, *self._rows(partner, flow), green=green)

    def _rows(self, partner: int, flow: int) -> tuple[SendingPartner, HostingPartner, Flow]:
        host = self._row("hosting_partners", self._host_of[flow])
        return self._row("sending_partners", partner), host, self._row("flows", flow)

    def _kilometres(self, school: int, partner: int, host: int) -> int:
        return _distance_km(self._start(school, partner), self._end(host))

    def _leaves_from(self, school: int, partner: int) -> arithmetic.Point:
        sender: SendingPartner = self._row("sending_partners", partner)
        if school >= 0:
            lat, lon, city = self._own[school]
            own = arithmetic.own_or_city(lat, lon, city, sender.country)
            if own is not None:
                return own
        return arithmetic.place_of(sender)

    def _goes_to(self, host: int) -> arithmetic.Point:
        return arithmetic.place_of(self._row("hosting_partners", host))


def earned_fields(rnd: Round) -> Mapping[int, tuple[str, ...]]:
    """The fields of the micro-credentials of every learner (row number) who has some."""
    found: defaultdict[int, list[str]] = defaultdict(list)
    learners = rnd.ref("micro_credentials", "learner_id").tolist()
    for learner, field in zip(learners, rnd.micro_credentials["field"], strict=True):
        found[learner].append(field)
    return {learner: tuple(fields) for learner, fields in found.items()}


def scores_of(rnd: Round) -> Mapping[int, tuple[arithmetic.Score, ...]]:
    """The scores of every learner (row number) who has some, in the order of the table."""
    found: defaultdict[int, list[arithmetic.Score]] = defaultdict(list)
    table = rnd.affinity
    rows = map(arithmetic.Score, *(table.cells(name) for name in arithmetic.Score._fields))
    for learner, score in zip(rnd.ref("affinity", "learner_id").tolist(), rows, strict=True):
        found[learner].append(score)
    return {learner: tuple(scores) for learner, scores in found.items()}


def _cells(column: Array, rows: Rows) -> list[Any]:
    """The cells of a column at these rows."""
    cells: list[Any] = column[rows].tolist()
    return cells


def _numbers(values: Iterable[int]) -> Rows:
    return np.fromiter(values, np.int64)
