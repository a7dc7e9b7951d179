"""Checks that partners and hosts can be placed on the map, and that rates exist for every host's country."""

from __future__ import annotations

import numpy as np

from matcher.intake.drafts import Draft, DraftRound, where
from matcher.intake.findings import Bad, Findings
from models import gazetteer
from models.round import Array

WITH_PLACES = ("sending_partners", "schools", "hosting_partners")
"""The tables that have ``city``, ``lat`` and ``lon``."""


def coordinates_in_pairs(rnd: DraftRound, findings: Findings) -> None:
    """A latitude comes with a longitude."""
    for table in WITH_PLACES:
        draft = rnd[table]
        for one, other in (("lat", "lon"), ("lon", "lat")):
            alone = draft.given(one) & draft.good[other] & ~draft.given(other)
            for position in where(alone):
                draft.fault(findings, one, position, Bad(f"{one} without {other}: give both or neither"))


def partners_on_the_map(rnd: DraftRound, findings: Findings) -> None:
    """A partner or host has coordinates or a city that the gazetteer knows; a school without is at its
    partner.
    """
    for table in ("sending_partners", "hosting_partners"):
        draft = rnd[table]
        for position in where(_without_coordinates(draft) & draft.given("country")):
            _check(draft, position, draft.values["country"][position], findings)


def schools_on_the_map(rnd: DraftRound, findings: Findings) -> None:
    """Warns of a school whose city the gazetteer does not know: it counts as being at its sending partner."""
    schools = rnd["schools"]
    countries = rnd.through("schools", "partner_id", "country")
    for position in where(_without_coordinates(schools) & schools.given("city")):
        city, country = schools.values["city"][position], countries[position]
        if country is not None and gazetteer.locate(city, country) is None:
            text = f"not in the gazetteer of {country}: the school counts as being at its sending partner"
            schools.caution(findings, "city", position, text, gazetteer.nearest(city, country))


def countries_have_rates(rnd: DraftRound, findings: Findings) -> None:
    """The country of every host is in the rate table's ``country_group``."""
    hosts = rnd["hosting_partners"]
    for position in where(hosts.given("country") if rnd.rates is not None else []):
        country = hosts.values["country"][position]
        if rnd.rates is not None and rnd.rates.group_of(country) is None:
            text = f"the rate table has no country group for {country}: add it to country_group in rates.toml"
            hosts.fault(findings, "country", position, Bad(text))


def _without_coordinates(draft: Draft) -> Array:
    """Rows that have neither latitude nor longitude, both cells being readable blanks."""
    blank = [draft.good[name] & ~draft.given(name) for name in ("lat", "lon")]
    return np.asarray(blank[0] & blank[1] & draft.good["city"], bool)


def _check(draft: Draft, position: int, country: str, findings: Findings) -> None:
    city = draft.values["city"][position]
    if city is None:
        column = "city" if "city" in draft.headings else "id"
        draft.fault(
            findings, column, position, Bad("neither coordinates nor a city: give lat and lon, or city")
        )
    elif gazetteer.locate(city, country) is None:
        known = (
            f"not in the gazetteer of {country}"
            if gazetteer.covers(country)
            else f"the gazetteer does not cover {country}"
        )
        draft.fault(
            findings, "city", position, Bad(f"{known}: give lat and lon", gazetteer.nearest(city, country))
        )
