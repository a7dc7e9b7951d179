"""Where towns are, by the names they go by."""

from __future__ import annotations

import pytest

from models import gazetteer
from models.gazetteer import covers, locate
from models.vocabulary import fold

SEVILLE, WROCLAW = (37.38283, -5.97317), (51.10286, 17.03006)
BELGRADE, PRISTINA = (44.80401, 20.46513), (42.67272, 21.16688)


@pytest.mark.parametrize(
    ("city", "country", "place"),
    [
        ("Seville", "ES", SEVILLE),
        ("Sevilla", "ES", SEVILLE),
        ("Wroclaw", "PL", WROCLAW),
        ("WROCŁAW", "PL", WROCLAW),
        ("Breslau", "PL", WROCLAW),
        ("Beograd", "RS", BELGRADE),
        ("Belgrade", "RS", BELGRADE),
        ("Београд", "RS", BELGRADE),
        (" belgrade ", "RS", BELGRADE),
        ("Prishtina", "XK", PRISTINA),
        ("Prishtinë", "XK", PRISTINA),
        ("Pristina", "XK", PRISTINA),
        ("Priština", "XK", PRISTINA),
    ],
)
def test_a_town_is_found_by_its_own_and_other_names(
    city: str, country: str, place: tuple[float, float]
) -> None:
    """Exonyms, diacritics, case and Cyrillic letters lead to one place."""
    assert locate(city, country) == place


@pytest.mark.parametrize(
    ("one", "other", "country"),
    [
        ("Milano", "Milan", "IT"),
        ("Firenze", "Florence", "IT"),
        ("Tiranë", "Tirana", "AL"),
        ("Shkodra", "Shkodër", "AL"),
        ("Скопје", "Skopje", "MK"),
        ("Битола", "Bitola", "MK"),
        ("Peja", "Peć", "XK"),
        ("Крагујевац", "Kragujevac", "RS"),
        ("Нови Сад", "Novi Sad", "RS"),
        ("Ћуприја", "Ćuprija", "RS"),
        ("Бањалука", "Banja Luka", "BA"),
        ("Koeln", "Cologne", "DE"),
        ("Bruxelles", "Brussels", "BE"),
        ("Den Haag", "The Hague", "NL"),
        ("Wien", "Vienna", "AT"),
        ("Praha", "Prague", "CZ"),
    ],
)
def test_two_names_of_one_town(one: str, other: str, country: str) -> None:
    """Local and English names agree."""
    assert locate(one, country) == locate(other, country) is not None


@pytest.mark.parametrize(
    ("city", "country"),
    [
        ("Sarajevo", "BA"),
        ("Skopje", "MK"),
        ("Podgorica", "ME"),
        ("Bologna", "IT"),
        ("Ancona", "IT"),
        ("Lyon", "FR"),
        ("Maribor", "SI"),
        ("Valletta", "MT"),
        ("Čajniče", "BA"),  # 3,909 people: towns of the Western Balkans are listed from 500
    ],
)
def test_the_places_of_the_field_are_there(city: str, country: str) -> None:
    """Capitals and hosting towns of the project, and small towns with schools."""
    assert locate(city, country) is not None


def test_a_town_is_looked_for_in_its_country_only() -> None:
    """A missing town is missing, not taken from a neighbour."""
    assert locate("Belgrade", "IT") is None
    assert locate("Belgrade", "US") is None
    assert locate("", "RS") is None
    assert locate("x" * 1_000_000, "RS") is None
    assert covers("XK")
    assert not covers("US")


@pytest.mark.parametrize(
    ("city", "country", "place"),
    [
        ("Živinice", "BA", (44.44929, 18.64978)),  # near Tuzla, 13,641 people; two more have 3,718 and 1,274
        ("Munster", "DE", (51.96236, 7.62571)),  # Münster, 308,258; Munster has 17,746
        ("Valence", "FR", (44.9256, 4.90956)),
        ("Salamanca", "ES", (40.96882, -5.66388)),  # the city, not the district of Madrid
    ],
)
def test_of_towns_with_one_name_the_most_populous_wins(
    city: str, country: str, place: tuple[float, float]
) -> None:
    """Names are compared without case and diacritics, and a larger town hides a smaller one of that name."""
    assert locate(city, country) == place


def test_a_town_of_that_name_comes_before_one_that_is_also_called_so() -> None:
    """Every town is found under its own name, unless a larger town has the same own name."""
    for country in ("RS", "BA", "XK", "ME", "MK", "AL", "SI"):
        seen = set()
        for row in gazetteer._towns()[country]:
            name = fold(row["name"])
            if name not in seen:
                seen.add(name)
                assert locate(row["name"], country) == (float(row["lat"]), float(row["lon"]))


def test_every_point_is_on_the_globe_and_towns_are_listed_largest_first() -> None:
    """The data file keeps its promises for all its rows."""
    for towns in gazetteer._towns().values():
        populations = [int(row["population"]) for row in towns]
        assert populations == sorted(populations, reverse=True)
        assert all(-90 <= float(row["lat"]) <= 90 and -180 <= float(row["lon"]) <= 180 for row in towns)


@pytest.mark.parametrize(
    ("city", "country", "name"),
    [("Bolonga", "IT", "Bologna"), ("Sevila ES", "ES", "Sevilla"), ("Mariborr", "SI", "Maribor")],
)
def test_the_nearest_town_of_a_misspelling(city: str, country: str, name: str) -> None:
    """The suggestion is the town's own name."""
    assert gazetteer.nearest(city, country) == name


def test_no_town_is_near_nonsense() -> None:
    """Nothing alike, and no towns at all in a country that is not covered."""
    assert gazetteer.nearest("qqqqqqqqqqqq", "IT") is None
    assert gazetteer.nearest("Chicago", "US") is None
