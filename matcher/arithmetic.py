"""The audit's own arithmetic: fit points, kilometres, euros and ages of single rows, from the contract.

Plain Python, written apart from the vectorised arithmetic that makes options, and sharing no code with it:
two derivations of one text have to agree before an allocation leaves the engine. Only data are shared: the
rate table and the gazetteer.
Contract: "Rules" 2, 4 and 13, "Goals" (fit points), "Cost of a placement".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from math import asin, cos, floor, radians, sin, sqrt
from typing import NamedTuple

from models import gazetteer
from models.policy import FitWeights
from models.rates import Rates
from models.tables import (
    Affinity,
    Flow,
    HostingPartner,
    LanguageLevels,
    Learner,
    MicroCredential,
    Offer,
    School,
    SendingPartner,
)

EARTH_RADIUS_KM = 6371.0088
MICRO_CREDENTIAL_CAP = 80

Point = tuple[float, float]
"""Latitude and longitude in degrees."""


class Score(NamedTuple):
    """What counts in a row of the table `affinity`."""

    company_id: str | None
    host_id: str | None
    score: int


def code_fit(learner_code: str, offer_code: str) -> int:
    """How well a learner's ISCED-F code suits one code of an offer: 100, 60, 30 or 0."""
    if learner_code[: len(offer_code)] == offer_code:
        return 100
    for digits, points in ((3, 60), (2, 30)):
        if learner_code[:digits] == offer_code[:digits]:
            return points
    return 0


def profile_fit(learner: Learner, credentials: Iterable[MicroCredential], offer: Offer) -> int:
    """The best fit, 0–100, of the learner's field or a micro-credential's (up to 80), over the offer's."""
    return profile_points(learner.field, tuple(row.field for row in credentials), offer.fields)


def profile_points(field: str, earned: Sequence[str], asked: Sequence[str]) -> int:
    """The same from the codes alone: the learner's own, those of the micro-credentials, the offer's."""
    own = max(code_fit(field, code) for code in asked)
    other = max((code_fit(code, wanted) for code in earned for wanted in asked), default=0)
    return max(own, min(MICRO_CREDENTIAL_CAP, other))


def language_margin(spoken: LanguageLevels, working: LanguageLevels) -> int | None:
    """How many levels above what is asked, in the best working language satisfied (``None``: none is)."""
    levels = dict(spoken)
    margins = [levels[code] - asked for code, asked in working if code in levels]
    return max((margin for margin in margins if margin >= 0), default=None)


def language_fit(spoken: LanguageLevels, working: LanguageLevels) -> int:
    """60 for exactly the level asked, 80 for one above, 100 for more; 0 where no language is satisfied."""
    margin = language_margin(spoken, working)
    return 0 if margin is None else (60, 80, 100)[min(margin, 2)]


def preference_fit(preferences: Sequence[str], company_id: str, host_id: str) -> int:
    """100 without a list; else 100 less 20 for each place down of the company or its host; 0 for neither."""
    if not preferences:
        return 100
    positions = [place for place, wish in enumerate(preferences) if wish in (company_id, host_id)]
    return max(0, 100 - 20 * positions[0]) if positions else 0


def affinity_fit(scores: Iterable[Affinity | Score], company_id: str, host_id: str) -> int:
    """The learner's score for the company; else for its host; else 0."""
    listed = list(scores)
    for_company = [row.score for row in listed if row.company_id == company_id]
    for_host = [row.score for row in listed if row.company_id is None and row.host_id == host_id]
    return [*for_company, *for_host, 0][0]


def fit_points(weights: FitWeights, profile: int, language: int, preference: int, affinity: int) -> int:
    """The weighted mean of the four components, rounded down: 0–100."""
    points = weights.profile * profile + weights.language * language
    points += weights.preference * preference + weights.affinity * affinity
    return points // (weights.profile + weights.language + weights.preference + weights.affinity)


def completed_years(birth: date, day: date) -> int:
    """Completed years of age on ``day``; a birthday on 29 February is 1 March in a common year."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def distance_km(here: Point, there: Point) -> int:
    """The great-circle distance (haversine) in kilometres, rounded down."""
    (lat, lon), (other_lat, other_lon) = here, there
    up, along = radians(other_lat - lat), radians(other_lon - lon)
    chord = sin(up / 2) ** 2 + cos(radians(lat)) * cos(radians(other_lat)) * sin(along / 2) ** 2
    return floor(2 * EARTH_RADIUS_KM * asin(min(1.0, sqrt(chord))))


def place_of(row: SendingPartner | HostingPartner) -> Point:
    """Where a partner is: its own coordinates, else its city's."""
    found = own_or_city(row.lat, row.lon, row.city, row.country)
    assert found is not None, f"{row.id} has no place: intake refuses such a round"
    return found


def place_of_school(school: School | None, partner: SendingPartner) -> Point:
    """Where a learner sets out: the school's own coordinates, else its city, else the sending partner."""
    found = None if school is None else own_or_city(school.lat, school.lon, school.city, partner.country)
    return place_of(partner) if found is None else found


def own_or_city(lat: float | None, lon: float | None, city: str | None, country: str) -> Point | None:
    """The coordinates where both are given, else those of the city, if the gazetteer knows it."""
    if lat is not None and lon is not None:
        return lat, lon
    return gazetteer.locate(city, country) if city else None


def whole_euros(amount: Decimal) -> int:
    """The amount rounded to whole euros, half a euro up."""
    return int(amount.quantize(Decimal(1), ROUND_HALF_UP))


def travel_eur(rates: Rates, km: int, *, green: bool) -> int:
    """The amount of the highest band that begins at or below the distance; 0 below the first band."""
    reached = [band for band in rates.bands if band.from_km <= km]
    if not reached:
        return 0
    band = max(reached, key=lambda candidate: candidate.from_km)
    return band.green if green else band.standard


def support_eur(rates: Rates, full_day: int, factor: float, days: int) -> int:
    """Day rate × factor for the first days, the later share of that for the rest, each in whole euros."""
    day_rate, later_rate = paid_a_day(full_day, factor, rates.later_share)
    full_days = min(days, rates.full_rate_days)
    return full_days * day_rate + (days - full_days) * later_rate


@lru_cache(maxsize=65536)
def paid_a_day(full_day: int, factor: float, later_share: Decimal) -> tuple[int, int]:
    """What the first days pay, and the later ones, in whole euros."""
    day_rate = whole_euros(full_day * Decimal(str(factor)))
    return day_rate, whole_euros(day_rate * later_share)


def days_of(flow: Flow) -> int:
    """The days of a flow, both ends included."""
    return (flow.end - flow.start).days + 1


def placement_eur(
    rates: Rates,
    learner: Learner,
    school: School | None,
    partner: SendingPartner,
    host: HostingPartner,
    flow: Flow,
) -> int:
    """What a placement costs: travel, support, organisation and inclusion, in whole euros."""
    km = distance_km(place_of_school(school, partner), place_of(host))
    support = learner_support_eur(rates, partner, host, flow, green=learner.green_travel)
    inclusion = inclusion_eur(rates, learner.fewer_opportunities)
    return travel_eur(rates, km, green=learner.green_travel) + support + inclusion


def learner_support_eur(
    rates: Rates, partner: SendingPartner, host: HostingPartner, flow: Flow, *, green: bool
) -> int:
    """Support of a learner of a sending partner in a flow, and organisation: what its stay costs."""
    paid_travel = rates.travel_days.green if green else rates.travel_days.standard
    full_day = rates.learner_day[rates.country_group[host.country]]
    organisation = {"short": rates.organisation.short, "long": rates.organisation.long}[flow.stay]
    return support_eur(rates, full_day, partner.rate_factor, days_of(flow) + paid_travel) + organisation


def inclusion_eur(rates: Rates, reasons: Sequence[str]) -> int:
    """The amount for a learner with a reason for fewer opportunities."""
    return rates.inclusion if reasons else 0


def escort_eur(rates: Rates, partner: SendingPartner, host: HostingPartner, flow: Flow) -> int:
    """What one escort of a sending partner costs in a flow: standard travel from the partner, and support."""
    km = distance_km(place_of(partner), place_of(host))
    return travel_eur(rates, km, green=False) + escort_support_eur(rates, partner, host, flow)


def escort_support_eur(rates: Rates, partner: SendingPartner, host: HostingPartner, flow: Flow) -> int:
    """Support of one escort of a sending partner in a flow."""
    full_day = rates.escort_day[rates.country_group[host.country]]
    days = days_of(flow) + rates.travel_days.standard
    return support_eur(rates, full_day, partner.staff_rate_factor, days)
