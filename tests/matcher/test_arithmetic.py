"""The audit's own arithmetic by hand, and against the vectorised arithmetic on random rounds."""

from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from matcher import arithmetic, fitting, money
from matcher.joining import find_options
from matcher.placements import Placements
from models.outcome import Placement
from models.policy import FitWeights
from models.rates import Rates
from models.tables import Affinity, MicroCredential, School
from tests.strategies import random_round
from tests.tiny import RATES, flow, host, learner, offer, partner

Levels = tuple[tuple[str, int], ...]


@pytest.mark.parametrize(
    ("own", "asked", "points"),
    [
        ("0713", "0713", 100),
        ("0713", "071", 100),
        ("0713", "07", 100),
        ("071", "071", 100),
        ("0713", "0714", 60),
        ("071", "0713", 60),
        ("0713", "0721", 30),
        ("0713", "072", 30),
        ("071", "0721", 30),
        ("0713", "0613", 0),
        ("0713", "06", 0),
    ],
)
def test_code_fit(own: str, asked: str, points: int) -> None:
    """A prefix is 100, three common digits 60, two 30, fewer nothing."""
    assert arithmetic.code_fit(own, asked) == points


def test_profile_fit_takes_the_best_and_caps_credentials() -> None:
    """Own field 0713 against 0714: 60; a course of the very field: 80; own field of the very field: 100."""
    course = MicroCredential(learner_id="L1", title="-", field="0714")
    far = MicroCredential(learner_id="L1", title="-", field="0111")
    asked = offer(fields=("0111x"[:4], "0714"))
    assert arithmetic.profile_fit(learner(), [], asked) == 60
    assert arithmetic.profile_fit(learner(), [course], asked) == 80
    assert arithmetic.profile_fit(learner(), [far, course], offer(fields=("0713",))) == 100
    assert arithmetic.profile_fit(learner(field="1013"), [], asked) == 0


@pytest.mark.parametrize(
    ("spoken", "working", "margin", "points"),
    [
        ((("en", 3),), (("en", 3),), 0, 60),
        ((("en", 4),), (("en", 3),), 1, 80),
        ((("en", 5),), (("en", 3),), 2, 100),
        ((("en", 6),), (("en", 1),), 5, 100),
        ((("en", 2),), (("en", 3),), None, 0),
        ((("it", 6),), (("en", 1),), None, 0),
        ((("en", 3), ("it", 3)), (("en", 3), ("it", 2)), 1, 80),
        ((("en", 1), ("it", 3)), (("en", 3), ("it", 3)), 0, 60),
        ((), (("en", 1),), None, 0),
    ],
)
def test_language(spoken: Levels, working: Levels, margin: int | None, points: int) -> None:
    """The best of the satisfied working languages counts."""
    assert arithmetic.language_margin(spoken, working) == margin
    assert arithmetic.language_fit(spoken, working) == points


@pytest.mark.parametrize(
    ("preferences", "points"),
    [
        ((), 100),
        (("c1",), 100),
        (("zni", "c1"), 100),
        (("x", "c1", "zni"), 80),
        (("x", "y", "zni"), 60),
        (("a", "b", "c", "d", "c1"), 20),
        (("a", "b", "c", "d", "e", "c1"), 0),
        (("a", "b", "c", "d", "e", "f", "c1"), 0),
        (("x",), 0),
    ],
)
def test_preference(preferences: tuple[str, ...], points: int) -> None:
    """20 less per place of the company or its host, whichever is better; no list is no wish against."""
    assert arithmetic.preference_fit(preferences, "c1", "zni") == points


def test_affinity_prefers_the_company() -> None:
    """The row for the company, else for the host, else 0; a company's row says nothing of its host."""
    company = Affinity(learner_id="L1", company_id="c1", score=0)
    of_host = Affinity(learner_id="L1", host_id="zni", score=70)
    other = Affinity(learner_id="L1", company_id="c2", host_id="zni", score=9)
    assert arithmetic.affinity_fit([of_host, other, company], "c1", "zni") == 0
    assert arithmetic.affinity_fit([other, of_host], "c1", "zni") == 70
    assert arithmetic.affinity_fit([other, company], "c9", "zni") == 0
    assert arithmetic.affinity_fit([of_host], "c1", "mode") == 0
    assert arithmetic.affinity_fit([], "c1", "zni") == 0


def test_fit_points_are_the_weighted_mean_rounded_down() -> None:
    """(50·60 + 20·80 + 30·100 + 40·7) / 140 = 7880 / 140 = 56.28…; each weight counts for its component."""
    weights = FitWeights(profile=50, language=20, preference=30, affinity=40)
    assert arithmetic.fit_points(weights, 60, 80, 100, 7) == 56
    for position in range(4):
        names = ("profile", "language", "preference", "affinity")
        single = FitWeights(**{name: int(name == names[position]) for name in names})
        assert arithmetic.fit_points(single, 1, 20, 33, 47) == (1, 20, 33, 47)[position]


@pytest.mark.parametrize(
    ("born", "on", "years"),
    [
        (date(2004, 9, 12), date(2022, 9, 12), 18),
        (date(2004, 9, 13), date(2022, 9, 12), 17),
        (date(2004, 10, 1), date(2022, 9, 12), 17),
        (date(2004, 8, 31), date(2022, 9, 12), 18),
        (date(2004, 2, 29), date(2022, 2, 28), 17),
        (date(2004, 2, 29), date(2022, 3, 1), 18),
        (date(2004, 2, 29), date(2024, 2, 29), 20),
    ],
)
def test_completed_years(born: date, on: date, years: int) -> None:
    """The day before the birthday is a year less."""
    assert arithmetic.completed_years(born, on) == years


@pytest.mark.parametrize(
    ("here", "there", "km"),
    [
        ((0.0, 0.0), (0.0, 0.0), 0),
        ((0.0, 0.0), (0.0, 1.0), 111),
        ((0.0, 0.0), (1.0, 0.0), 111),
        ((60.0, 0.0), (60.0, 1.0), 55),
        ((0.0, 0.0), (0.0, 180.0), 20015),
        ((90.0, 0.0), (-90.0, 0.0), 20015),
        ((44.804, 20.4651), (46.5547, 15.6459), 421),
        ((43.8563, 18.4131), (46.5547, 15.6459), 370),
    ],
)
def test_distance(here: tuple[float, float], there: tuple[float, float], km: int) -> None:
    """A degree of a great circle is 111.195 km, on the 60th parallel half of that."""
    assert arithmetic.distance_km(here, there) == km
    assert arithmetic.distance_km(there, here) == km


def test_places_are_own_coordinates_else_the_city() -> None:
    """Half a coordinate is none."""
    assert arithmetic.place_of(partner(lat=1.5, lon=2.5, city="Beograd")) == (1.5, 2.5)
    of_city = arithmetic.place_of(partner(lat=None, lon=None, city="Beograd"))
    assert np.allclose(of_city, (44.8, 20.5), atol=0.1)
    for lat, lon in ((1.5, None), (None, 2.5)):
        assert arithmetic.place_of(partner(city="Beograd", lat=lat, lon=lon)) == of_city
    assert arithmetic.place_of(host(lat=0.0, lon=0.0, city="Maribor")) == (0.0, 0.0)


def test_who_has_no_place_is_named() -> None:
    """Intake refuses such a round; the audit does not guess."""
    with pytest.raises(AssertionError, match="ccis has no place"):
        arithmetic.place_of(partner(lat=None, lon=None))


def test_a_school_without_a_place_is_at_its_partner() -> None:
    """Own coordinates, else its city in the partner's country, else the partner; no school: the partner."""
    home = partner(lat=1.0, lon=2.0)

    def at(**place: float | str) -> tuple[float, float]:
        row = School.model_validate({"id": "s1", "partner_id": "ccis", "name": "-"} | place)
        return arithmetic.place_of_school(row, home)

    assert at(lat=3.0, lon=4.0, city="Niš") == (3.0, 4.0)
    assert np.allclose(at(city="Niš"), (43.3, 21.9), atol=0.1)
    assert at(city="Nowhere at all") == (1.0, 2.0)
    assert at() == (1.0, 2.0)
    assert arithmetic.place_of_school(None, home) == (1.0, 2.0)


@pytest.mark.parametrize(
    ("km", "standard", "green"),
    [(0, 0, 0), (9, 0, 0), (10, 23, 23), (99, 23, 23), (100, 180, 210), (499, 180, 210), (20000, 1500, 1500)],
)
def test_travel_bands_begin_at_their_distance(km: int, standard: int, green: int) -> None:
    """The rates of 2022; below the first band nothing is paid."""
    assert arithmetic.travel_eur(RATES, km, green=False) == standard
    assert arithmetic.travel_eur(RATES, km, green=True) == green


@pytest.mark.parametrize(
    ("amount", "euros"), [("49.5", 50), ("50.5", 51), ("49.49", 49), ("0.5", 1), ("7", 7)]
)
def test_half_a_euro_is_rounded_up(amount: str, euros: int) -> None:
    """Also where banker's rounding would go down."""
    assert arithmetic.whole_euros(Decimal(amount)) == euros


@pytest.mark.parametrize(
    ("full_day", "factor", "days", "euros"),
    [
        (120, 0.55, 14, 14 * 66),
        (120, 0.55, 15, 14 * 66 + 46),
        (120, 0.55, 13, 13 * 66),
        (100, 0.145, 20, 14 * 15 + 6 * 11),
        (90, 0.55, 1, 50),
    ],
)
def test_support(full_day: int, factor: float, days: int, euros: int) -> None:
    """From day 15 on 70 %: 46.2 of 66 is 46, 10.5 of 15 is 11; 14.5 is 15 and 49.5 is 50 (exact decimals)."""
    assert arithmetic.support_eur(RATES, full_day, factor, days) == euros


def test_days_of_a_flow_count_both_ends() -> None:
    """One day is one day."""
    assert arithmetic.days_of(flow(start="09-12", end="10-09")) == 28
    assert arithmetic.days_of(flow(start="09-12", end="09-12")) == 1


def test_the_cost_of_a_placement_by_hand() -> None:
    """Beograd to Maribor, 421 km, 28 days.

    Standard: 180 + 14 · 88 + 16 · 62 + 350 = 2754. Green, 34 paid days: 210 + 14 · 88 + 20 · 62 + 350 = 3032.
    Long stay: 150 more for organisation. Fewer opportunities: 100 more.
    """
    rows = (None, partner(), host(), flow())
    assert arithmetic.placement_eur(RATES, learner(), *rows) == 2754
    assert arithmetic.placement_eur(RATES, learner(green_travel=True), *rows) == 3032
    assert arithmetic.placement_eur(RATES, learner(fewer_opportunities=("rural",)), *rows) == 2854
    long = (None, partner(), host(), flow(stay="long"))
    assert arithmetic.placement_eur(RATES, learner(stay="long"), *long) == 2904


def test_the_cost_of_a_placement_depends_on_school_factor_and_country() -> None:
    """A school beside the host pays no travel; half the rate is 44, then 31 (30.8); Italy 104, then 73."""
    near = School(id="s1", partner_id="ccis", name="-", lat=46.5547, lon=15.6459)
    assert arithmetic.placement_eur(RATES, learner(), near, partner(), host(), flow()) == 2754 - 180
    half = partner(rate_factor=0.5, staff_rate_factor=0.1)
    assert (
        arithmetic.placement_eur(RATES, learner(), None, half, host(), flow())
        == 180 + 14 * 44 + 16 * 31 + 350
    )
    italy = host(country="IT")
    assert (
        arithmetic.placement_eur(RATES, learner(), None, partner(), italy, flow())
        == 180 + 14 * 104 + 16 * 73 + 350
    )


def test_the_cost_of_an_escort_by_hand() -> None:
    """180 + 14 · 140 + 16 · 98 = 3708; with a staff factor of 0.65 the day is 91, later 64 (63.7)."""
    assert arithmetic.escort_eur(RATES, partner(rate_factor=0.1), host(), flow()) == 3708
    paid = partner(staff_rate_factor=0.65)
    assert arithmetic.escort_eur(RATES, paid, host(), flow()) == 180 + 14 * 91 + 16 * 64


def test_the_rate_table_of_the_round_counts() -> None:
    """20 full days, a travel day, 55 % later: 29 days are 20 · 88 + 9 · 48 (48.4)."""
    own = {"full_rate_days": 20, "later_share": Decimal("0.55"), "travel_days": {"standard": 1, "green": 1}}
    rates = Rates.shipped(2022).merge(own)
    rows = (None, partner(), host(), flow())
    assert arithmetic.placement_eur(rates, learner(), *rows) == 180 + 20 * 88 + 9 * 48 + 350


def test_both_derivations_of_fit_and_money_agree() -> None:
    """Every candidate of 150 random rounds: the audit's figures equal the vectorised ones."""
    compared = 0
    for seed in range(150):
        rnd = random_round(seed)
        every, _ = find_options(rnd, ())
        tables = (
            rnd.learners["id"][every.learner],
            rnd.offers["id"][every.offer],
            rnd.flows["id"][every.flow],
        )
        placed = Placements(rnd, [Placement(*ids) for ids in zip(*tables, strict=True)])
        assert [placed.fit(place) for place in placed] == fitting.fit_points(rnd, every).tolist()
        assert [placed.profile_fit(place) for place in placed] == fitting.profile_fit(rnd, every).tolist()
        euros = money.placement_costs(rnd, every.learner, every.flow).tolist()
        assert [placed.cost_eur(place) for place in placed] == euros
        compared += len(euros)
    assert compared > 3000
