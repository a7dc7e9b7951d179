"""What placements and escorts cost, against hand arithmetic and against the audit's own arithmetic."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher import arithmetic
from matcher.money import (
    Money,
    band_amounts,
    day_rates,
    escort_costs,
    half_up,
    placement_costs,
    support,
)
from matcher.places import distances, school_places, whole_km
from models.errors import InputErrors
from models.gazetteer import locate
from models.rates import Rates
from models.round import IntArray, Round
from models.tables import Flow, HostingPartner, Learner, Row, School, SendingPartner

RATES = Rates.shipped(2022)


def rows(*numbers: int) -> IntArray:
    """Row numbers."""
    return np.array(numbers, np.int64)


def partner(id: str = "ccis", **changes: Any) -> SendingPartner:
    """A partner in Belgrade at Spain's factors: 0.55 for learners, 0.65 for staff."""
    given = {"country": "RS", "city": "Beograd", "rate_factor": 0.55, "staff_rate_factor": 0.65}
    return SendingPartner(id=id, name=id, **(given | changes))


def host(id: str = "uniser", **changes: Any) -> HostingPartner:
    """A host in Bologna: country group 2 in 2022, 500 to 1999 km from Belgrade."""
    return HostingPartner(id=id, name=id, **({"country": "IT", "city": "Bologna"} | changes))


def flow(id: str = "f1", *, days: int = 30, **changes: Any) -> Flow:
    """A short flow of so many days, both ends included."""
    start = date(2022, 9, 1)
    given = {"host_id": "uniser", "stay": "short", "start": start, "end": start + timedelta(days=days - 1)}
    return Flow(id=id, **(given | changes))


def learner(id: str = "l1", **changes: Any) -> Learner:
    """A learner of ccis without a school, who travels by plane and has no fewer-opportunities reason."""
    given = {
        "partner_id": "ccis",
        "field": "0714",
        "eqf_level": 4,
        "stay": "short",
        "available_from": date(2022, 9, 1),
        "available_to": date(2022, 12, 31),
        "languages": (("en", 3),),
    }
    return Learner(id=id, **(given | changes))


def round_of(*given: Row, rates: Rates = RATES) -> Round:
    """A round of these rows."""
    return Round.of(given, rates=rates)


def parts(rnd: Round, person: int = 0, dates: int = 0) -> tuple[int, ...]:
    """Travel, support, organisation and inclusion of one placement."""
    return tuple(int(part[0]) for part in Money(rnd).placements(rows(person), rows(dates)))


# --- the arithmetic of day rates


@pytest.mark.parametrize(
    ("guide", "factor", "first", "later"),
    [
        (120, 0.55, 66, 46),  # 46.2
        (104, 0.55, 57, 40),  # 57.2; 39.9
        (88, 0.55, 48, 34),  # 48.4; 33.6
        (180, 0.65, 117, 82),  # 81.9
        (160, 0.65, 104, 73),  # 72.8
        (140, 0.65, 91, 64),  # 63.7
    ],
)
def test_day_rates_are_those_that_the_spanish_agency_publishes(
    guide: int, factor: float, first: int, later: int
) -> None:
    """All six published pairs of 2021 come out: the later rate is 70 % of the rounded first rate."""
    assert day_rates(guide, factor, RATES.later_share) == (first, later)


@pytest.mark.parametrize(
    ("guide", "factor", "first"),
    [
        (100, 1.005, 101),  # 100.5; as binary floats 100 * 1.005 is 100.49999999999999
        (10, 0.35, 4),  # 3.5
        (10, 0.25, 3),  # 2.5: half up, not half to even
        (120, 1.0, 120),
        (120, 0.0, 0),
    ],
)
def test_a_factor_counts_as_the_decimal_that_it_is_written_as(guide: int, factor: float, first: int) -> None:
    """No binary rounding error reaches an amount, and halves round up."""
    assert day_rates(guide, factor, Decimal("0.7"))[0] == first


def test_the_later_rate_rounds_half_up() -> None:
    """70 % of 65 is 45.5, which pays 46."""
    assert day_rates(65, 1.0, Decimal("0.7")) == (65, 46)


@given(st.integers(0, 10_000))
def test_half_up_of_a_half_is_the_next_euro(euros: int) -> None:
    """Every half goes up, every amount just below it goes down."""
    assert half_up(Decimal(euros) + Decimal("0.5")) == euros + 1
    assert half_up(Decimal(euros) + Decimal("0.49")) == euros


@pytest.mark.parametrize(
    ("first", "later", "days", "euros"),
    [
        (66, 46, 30, 1660),  # 14·66 + 16·46
        (57, 40, 30, 1438),
        (48, 34, 30, 1216),
        (66, 46, 90, 4420),  # 14·66 + 76·46
        (57, 40, 32, 1518),
        (66, 46, 14, 924),
        (66, 46, 15, 970),
        (66, 46, 3, 198),
    ],
)
def test_support_pays_fourteen_days_in_full(first: int, later: int, days: int, euros: int) -> None:
    """Days 1 to 14 pay the first rate, day 15 is the first that pays the later one."""
    assert support(rows(days), rows(first), rows(later), 14).tolist() == [euros]


# --- distances


@pytest.mark.parametrize(
    ("start", "end", "km"),
    [
        (("Sarajevo", "BA"), ("Maribor", "SI"), 368),
        (("Belgrade", "RS"), ("Maribor", "SI"), 421),  # 421.93, rounded down
        (("Sarajevo", "BA"), ("Ancona", "IT"), 390),
        (("Podgorica", "ME"), ("Ancona", "IT"), 485),
        (("Sarajevo", "BA"), ("Seville", "ES"), 2166),
        (("Skopje", "MK"), ("Seville", "ES"), 2389),
        (("Maribor", "SI"), ("Maribor", "SI"), 0),
    ],
)
def test_distances_between_cities(start: tuple[str, str], end: tuple[str, str], km: int) -> None:
    """Great-circle distances over the gazetteer's points, rounded down to whole kilometres."""
    assert whole_km(np.array([locate(*start)]), np.array([locate(*end)])).tolist() == [[km]]


def test_the_far_side_of_the_earth_is_half_its_circumference() -> None:
    """Antipodes are 20,015 km apart (π · 6371.0088), without a rounding error beyond the arcsine's domain."""
    assert whole_km(np.array([[0.0, 0.0]]), np.array([[0.0, 180.0]])).tolist() == [[20015]]


def test_a_school_is_at_its_coordinates_else_its_city_else_its_partner() -> None:
    """The four ways a school can be given: both, city only, half a coordinate, nothing."""
    rnd = round_of(
        partner(),
        School(id="s1", partner_id="ccis", name="x", city="Niš", lat=45.0, lon=20.0),
        School(id="s2", partner_id="ccis", name="x", city="Niš"),
        School(id="s3", partner_id="ccis", name="x", lat=45.0),
        School(id="s4", partner_id="ccis", name="x", city="Nowhere at all"),
    )
    belgrade, nis = locate("Belgrade", "RS"), locate("Niš", "RS")
    assert [tuple(place) for place in school_places(rnd)] == [(45.0, 20.0), nis, belgrade, belgrade]


def test_a_schools_city_is_looked_up_in_its_partners_country() -> None:
    """Bar is a town in Montenegro; under a Serbian partner it is not found and the school is in Belgrade."""
    rnd = round_of(
        partner(),
        partner("cem", country="ME", city="Podgorica"),
        School(id="s1", partner_id="ccis", name="x", city="Bar"),
        School(id="s2", partner_id="cem", name="x", city="Bar"),
    )
    assert [tuple(place) for place in school_places(rnd)] == [locate("Belgrade", "RS"), locate("Bar", "ME")]


def test_partners_and_hosts_without_a_place_are_input_errors_reported_together() -> None:
    """A missing place bars the round, and every missing place is named."""
    rnd = round_of(partner(city=None), host(city="Atlantis"), host("h2", city=None, lat=45.0, lon=11.0))
    with pytest.raises(InputErrors) as caught:
        distances(rnd)
    assert [(found.file, found.value) for found in caught.value.problems] == [
        ("sending_partners", None),
        ("hosting_partners", "Atlantis"),
    ]
    assert "ccis has neither" in str(caught.value.problems[0])


# --- travel bands


def test_bands_begin_at_their_first_kilometre() -> None:
    """Below 10 km nothing is paid; a band holds from its first kilometre to the one before the next."""
    km = rows(0, 9, 10, 99, 100, 499, 500, 1999, 2000, 3999, 4000, 8000, 20000)
    standard, green = band_amounts(RATES, km).T.tolist()
    assert standard == [0, 0, 23, 23, 180, 180, 275, 275, 360, 530, 820, 1500, 1500]
    assert green == [0, 0, 23, 23, 210, 210, 320, 320, 410, 610, 820, 1500, 1500]


# --- placements


def test_a_placement_by_hand() -> None:
    """Belgrade to Bologna, 30 days, learner at 55 %.

    Travel: 500 to 1999 km: 275. Support: 30 + 2 days; 104 · 0.55 = 57.2 -> 57; 57 · 0.7 = 39.9 -> 40;
    14 · 57 + 18 · 40 = 1518. Organisation 350. Together 2143.
    """
    rnd = round_of(partner(), host(), flow(), learner())
    assert parts(rnd) == (275, 1518, 350, 0)
    assert placement_costs(rnd, rows(0), rows(0)).tolist() == [2143]


def test_green_travel_pays_the_green_band_and_six_travel_days() -> None:
    """Travel 320; support 30 + 6 days: 14 · 57 + 22 · 40 = 1678."""
    assert parts(round_of(partner(), host(), flow(), learner(green_travel=True))) == (320, 1678, 350, 0)


def test_fewer_opportunities_pay_once_however_many_reasons() -> None:
    """Inclusion support is 100 per learner."""
    person = learner(fewer_opportunities=("rural", "economic"))
    assert parts(round_of(partner(), host(), flow(), person)) == (275, 1518, 350, 100)


def test_a_long_stay_pays_the_long_organisation_amount() -> None:
    """90 days + 2: 14 · 57 + 78 · 40 = 3918; organisation 500."""
    rnd = round_of(partner(), host(), flow(days=90, stay="long"), learner(stay="long"))
    assert parts(rnd) == (275, 3918, 500, 0)


def test_a_flow_of_one_day_pays_three() -> None:
    """Both ends are included, and the two travel days pay the full rate: 3 · 57 = 171."""
    assert parts(round_of(partner(), host(), flow(days=1), learner())) == (275, 171, 350, 0)


def test_travel_starts_at_the_school() -> None:
    """The partner is in Belgrade, the school in Ljubljana: the band of 100 to 499 km, not of 500 and more."""
    rnd = round_of(
        partner(),
        School(id="s1", partner_id="ccis", name="x", lat=46.0511, lon=14.5051),
        host(),
        flow(),
        learner("l1"),
        learner("l2", school_id="s1"),
    )
    assert Money(rnd).placements(rows(0, 1), rows(0, 0)).travel.tolist() == [275, 180]


def test_the_hosts_country_group_sets_the_day_rate() -> None:
    """Poland is in group 3: 48 and 34, so 14 · 48 + 18 · 34 = 1284."""
    rnd = round_of(partner(), host(country="PL", city="Wrocław"), flow(), learner())
    assert parts(rnd) == (275, 1284, 350, 0)


def test_costs_follow_row_numbers_in_any_order_and_number() -> None:
    """Gathering: repeated, shuffled and no options at all."""
    rnd = round_of(
        partner(), host(), flow("f1"), flow("f2", days=31), learner("l1"), learner("l2", green_travel=True)
    )
    # f2 pays one later day more: 40. l2 pays 45 more travel and 4 later days: 45 + 160.
    assert placement_costs(rnd, rows(1, 0, 1, 0), rows(1, 1, 0, 0)).tolist() == [2388, 2183, 2348, 2143]
    assert placement_costs(rnd, rows(), rows()).tolist() == []
    assert placement_costs(rnd, rows(), rows()).dtype == np.int64


def test_a_host_country_without_a_group_is_an_input_error() -> None:
    """Belarus is in no country group of 2022; the host is named."""
    rnd = round_of(partner(), host(country="BY", city="Minsk"), flow(), learner())
    with pytest.raises(InputErrors, match="uniser is in no country group"):
        placement_costs(rnd, rows(0), rows(0))


def test_a_round_without_learners_flows_and_schools_costs_nothing() -> None:
    """Empty tables give empty answers, not errors."""
    rnd = round_of(partner(), host())
    assert placement_costs(rnd, rows(), rows()).tolist() == []
    assert escort_costs(rnd, rows(), rows()).tolist() == []


# --- escorts


def test_an_escort_by_hand() -> None:
    """Belgrade to Bologna, 30 days, staff at 65 %.

    Travel 275, from the sending partner. Support: 160 · 0.65 = 104; 104 · 0.7 = 72.8 -> 73; 32 days:
    14 · 104 + 18 · 73 = 2770. No organisation, no inclusion: 3045.
    """
    assert escort_costs(round_of(partner(), host(), flow()), rows(0), rows(0)).tolist() == [3045]


def test_an_escort_travels_from_the_partner_even_when_schools_are_elsewhere() -> None:
    """A school in Ljubljana changes nothing for the escort."""
    near = School(id="s1", partner_id="ccis", name="x", lat=46.0511, lon=14.5051)
    assert escort_costs(round_of(partner(), near, host(), flow()), rows(0), rows(0)).tolist() == [3045]


# --- two derivations of one text


@st.composite
def money_rounds(draw: st.DrawFn) -> Round:
    """Rounds with every field in play that money depends on."""
    factors = st.sampled_from([0.0, 0.545, 0.55, 0.65, 0.7, 1.0, 1.005, 2.5])
    cities = [("RS", "Beograd"), ("BA", "Sarajevo"), ("ME", "Podgorica"), ("SI", "Maribor")]
    country, city = draw(st.sampled_from(cities))
    coordinates = draw(st.sampled_from([(None, None), (44.0, 21.0), (46.5558, 15.6459)]))
    sender = partner(country=country, city=city, rate_factor=draw(factors), staff_rate_factor=draw(factors))
    school = School(
        id="s1",
        partner_id="ccis",
        name="x",
        city=draw(st.sampled_from([None, "Nowhere", city])),
        lat=coordinates[0],
        lon=coordinates[1],
    )
    where = draw(st.sampled_from([("IT", "Ancona"), ("ES", "Sevilla"), ("SI", "Maribor"), ("IE", "Dublin")]))
    stay = draw(st.sampled_from(["short", "long"]))
    person = learner(
        stay=stay,
        school_id=draw(st.sampled_from([None, "s1"])),
        green_travel=draw(st.booleans()),
        fewer_opportunities=draw(st.sampled_from([(), ("rural",)])),
    )
    dates = flow(days=draw(st.integers(1, 120)), stay=stay)
    year = draw(st.sampled_from([2021, 2026]))
    return round_of(
        sender, school, host(country=where[0], city=where[1]), dates, person, rates=Rates.shipped(year)
    )


@given(money_rounds())
def test_money_agrees_with_the_audits_arithmetic(rnd: Round) -> None:
    """The vectorised amounts equal those that the audit works out, row by row, without sharing code."""
    sender, receiver = rnd.sending_partners.records[0], rnd.hosting_partners.records[0]
    person, dates = rnd.learners.records[0], rnd.flows.records[0]
    school = rnd.schools.records[0] if person.school_id else None
    one = arithmetic.placement_eur(rnd.rates, person, school, sender, receiver, dates)
    assert placement_costs(rnd, rows(0), rows(0)).tolist() == [one]
    escort = arithmetic.escort_eur(rnd.rates, sender, receiver, dates)
    assert escort_costs(rnd, rows(0), rows(0)).tolist() == [escort]
