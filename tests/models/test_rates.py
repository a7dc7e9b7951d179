"""Rate tables: what ships for each call year, how a round overrides it, and what is wrong with a bad one."""

from __future__ import annotations

import pickle
from decimal import Decimal
from pathlib import Path

import pytest

from models.errors import InputErrors, UnknownName
from models.rates import SHIPPED_YEARS, Band, Rates

CONTRACT = """
later_share = 0.70
full_rate_days = 14
travel_days = { standard = 2, green = 6 }
organisation = { short = 350, long = 500 }
inclusion = 100
learner_day = { 1 = 120, 2 = 104, 3 = 88 }
escort_day = { 1 = 180, 2 = 160, 3 = 140 }
country_group = { IT = 2, ES = 2, FR = 2, PL = 3, SI = 3 }
bands = [ { from_km = 100, standard = 180, green = 210 }, { from_km = 10, standard = 23, green = 23 } ]
"""

HOSTS = ("IT", "ES", "FR", "PL", "SI")


def problems(text: str) -> dict[str, str]:
    """The problems of a complete table, by key."""
    with pytest.raises(InputErrors) as caught:
        Rates.from_toml(text)
    return {str(found.column): str(found) for found in caught.value.problems}


@pytest.mark.parametrize("year", SHIPPED_YEARS)
def test_a_complete_table_ships_for_every_call_year(year: int) -> None:
    """All hosts of the project have a group, and every group has rates for learners and escorts."""
    rates = Rates.shipped(year)
    assert all(rates.group_of(country) in rates.learner_day for country in HOSTS)
    assert all(rates.group_of(country) in rates.escort_day for country in HOSTS)
    assert rates.later_share == Decimal("0.7")
    assert rates.full_rate_days == 14
    assert (rates.travel_days.standard, rates.travel_days.green) == (2, 6)


@pytest.mark.parametrize(
    ("year", "groups"),
    [(2021, (2, 2, 2, 3, 3)), (2023, (2, 2, 2, 3, 3)), (2024, (1, 2, 1, 3, 2)), (2026, (1, 2, 1, 3, 2))],
)
def test_country_groups_changed_in_2024(year: int, groups: tuple[int, ...]) -> None:
    """Italy and France moved from 2 to 1, Slovenia from 3 to 2; Spain and Poland stayed."""
    assert tuple(Rates.shipped(year).group_of(country) for country in HOSTS) == groups


def test_the_shipped_table_of_2022_holds_the_contracts_figures() -> None:
    """The contract's example of a rate table is the one that ships, as far as it goes."""
    shipped, example = Rates.shipped(2022), Rates.from_toml(CONTRACT)
    for name in ("later_share", "travel_days", "organisation", "inclusion", "learner_day", "escort_day"):
        assert getattr(shipped, name) == getattr(example, name)
    assert shipped.bands[:2] == example.bands


def test_every_shipped_figure_has_a_source() -> None:
    """No figure is without a text on where it comes from; low confidence always asks to verify."""
    for year in SHIPPED_YEARS:
        for figure in Rates.shipped(year).figures():
            assert figure.source
            assert figure.confidence in ("high", "medium", "low")
            assert figure.verify == (figure.confidence != "high")


def test_amounts_that_were_not_found_as_text_ask_to_be_verified() -> None:
    """From 2024 on the learners' day rates are derived; in 2021 they are published."""
    assert {figure.name for figure in Rates.shipped(2025).to_verify()} >= {
        "learner_day.1",
        "learner_day.2",
        "learner_day.3",
        "organisation.short",
        "organisation.long",
        "inclusion",
    }
    assert not any(figure.name.startswith("learner_day") for figure in Rates.shipped(2021).to_verify())


def test_the_finest_source_of_a_figure_counts() -> None:
    """The green amounts that SEPIE leaves out ask to be verified, the others in the bands do not."""
    verify = {figure.name: figure.verify for figure in Rates.shipped(2021).figures()}
    assert verify["bands.10.green"]
    assert not verify["bands.10.standard"]
    assert not verify["bands.100.green"]


def test_figures_are_named_and_ordered_as_in_the_file() -> None:
    """A report can list them without knowing the table's shape."""
    names = [figure.name for figure in Rates.from_toml(CONTRACT).figures()]
    assert names[:6] == [
        "later_share",
        "full_rate_days",
        "travel_days.standard",
        "travel_days.green",
        "organisation.short",
        "organisation.long",
    ]
    assert names[-4:] == ["bands.10.standard", "bands.10.green", "bands.100.standard", "bands.100.green"]


def test_a_figure_of_the_rounds_own_file_is_given_and_needs_no_check() -> None:
    """Who writes a rate answers for it."""
    figures = Rates.from_toml(CONTRACT).figures()
    assert {figure.confidence for figure in figures} == {"given"}
    assert not any(figure.verify for figure in figures)


def test_bands_are_sorted_and_looked_up_by_distance() -> None:
    """A band holds from its first kilometre; below the first there is none."""
    rates = Rates.from_toml(CONTRACT)
    assert [band.from_km for band in rates.bands] == [10, 100]
    assert rates.band_of(9) is None
    assert rates.band_of(10) == rates.band_of(99) == Band(from_km=10, standard=23, green=23)
    assert rates.band_of(100) == rates.band_of(12_000) == Band(from_km=100, standard=180, green=210)


def test_a_country_that_is_not_listed_has_no_group() -> None:
    """The intake makes it an input error; no group is guessed."""
    assert Rates.from_toml(CONTRACT).group_of("DE") is None


# --- overriding


def test_an_override_replaces_the_keys_it_gives() -> None:
    """Everything else is the shipped table's, with its sources; what is given has the round as its source."""
    rates = Rates.for_round(2025, "inclusion = 130\nlater_share = 0.65\n")
    assert (rates.inclusion, rates.later_share) == (130, Decimal("0.65"))
    assert rates.learner_day == Rates.shipped(2025).learner_day
    verify = {figure.name: (figure.confidence, figure.verify) for figure in rates.figures()}
    assert verify["inclusion"] == ("given", False)
    assert verify["organisation.short"] == ("low", True)


def test_an_override_replaces_a_key_as_a_whole() -> None:
    """A country_group that leaves a country out does not have it, though the shipped table does."""
    rates = Rates.for_round(2022, "country_group = { AL = 2 }")
    assert (rates.group_of("AL"), rates.group_of("IT")) == (2, None)


def test_an_override_can_state_its_sources() -> None:
    """A coordinator who looked a figure up says so."""
    text = 'inclusion = 125\n[source.inclusion]\ntext = "Guide 2025"\nconfidence = "high"\nverify = false\n'
    figure = next(found for found in Rates.for_round(2025, text).figures() if found.name == "inclusion")
    assert (figure.value, figure.source, figure.verify) == (125, "Guide 2025", False)


def test_without_an_override_the_shipped_table_counts() -> None:
    """And a complete override needs nothing from it."""
    assert Rates.for_round(2023) == Rates.shipped(2023)
    assert Rates.for_round(2022, CONTRACT).canonical() == Rates.from_toml(CONTRACT).canonical()


def test_a_call_year_without_a_table_needs_a_complete_file() -> None:
    """2019 has no shipped table: a complete rates.toml works, a part of one names what is missing."""
    assert Rates.for_round(2019, CONTRACT).inclusion == 100
    with pytest.raises(InputErrors) as caught:
        Rates.for_round(2019, "inclusion = 100")
    assert len(caught.value.problems) == 8
    with pytest.raises(InputErrors, match="2019"):
        Rates.for_round(2019)
    with pytest.raises(UnknownName, match="2021 to 2026"):
        Rates.shipped(2019)


def test_a_file_is_read_with_or_without_a_byte_order_mark(tmp_path: Path) -> None:
    """Windows editors write one."""
    path = tmp_path / "rates.toml"
    path.write_text(CONTRACT, encoding="utf-8-sig")
    assert Rates.from_toml(path) == Rates.from_toml(CONTRACT) == Rates.from_toml("\ufeff" + CONTRACT)


# --- what is wrong with a table


def test_all_problems_are_reported_at_once_with_file_key_and_value() -> None:
    """Eight keys with something wrong give eight problems, in order of their keys."""
    found = problems(
        """
later_share = 1.7
later_shre = 0.7
full_rate_days = 14.5
travel_days = { standard = 2 }
organisation = { short = true, long = 500 }
inclusion = -1
learner_day = { 1 = 120, x = 104 }
escort_day = { 1 = 180 }
country_group = { IT = 2, EL = 2, QQ = "two" }
bands = [ { from_km = 10, standard = 23, green = 23 }, { from_km = 10, standard = 1, green = 1 } ]
"""
    )
    assert list(found) == [
        "bands",
        "country_group.QQ",
        "full_rate_days",
        "inclusion",
        "later_share",
        "later_shre",
        "learner_day.x",
        "organisation.short",
        "travel_days.green",
    ]
    assert "two bands begin at the same from_km" in found["bands"]
    assert "rates.toml" in found["inclusion"]
    assert "-1" in found["inclusion"]
    assert "nearest: later_share" in found["later_shre"]
    assert "missing" in found["travel_days.green"]


def test_a_country_that_does_not_exist_names_the_nearest() -> None:
    """EL is GR in ISO 3166-1."""
    text = CONTRACT.replace("IT = 2", "EL = 2")
    assert "EL (nearest: GR)" in problems(text)["country_group"]


def test_a_country_group_without_a_day_rate_names_its_countries() -> None:
    """A rate that is missing is found before it is needed."""
    text = CONTRACT.replace("escort_day = { 1 = 180, 2 = 160, 3 = 140 }", "escort_day = { 1 = 180, 2 = 160 }")
    assert "escort_day has no rate for the country group of PL, SI" in problems(text)["None"]


def test_a_table_without_bands_is_refused() -> None:
    """An empty list would silently pay no travel at all."""
    text = CONTRACT[: CONTRACT.index("bands")] + "bands = []"
    assert "at least one band" in problems(text)["bands"]


def test_text_that_is_not_toml_is_an_input_error(tmp_path: Path) -> None:
    """So is a file in another encoding."""
    assert "not valid TOML" in problems("later_share = ")["None"]
    path = tmp_path / "rates.toml"
    path.write_bytes("# Šifra".encode("cp1250"))
    with pytest.raises(InputErrors, match="not UTF-8"):
        Rates.from_toml(path)


def test_shares_are_exact_decimals_never_binary_floats() -> None:
    """TOML decimals are read as they are written; a float from elsewhere is refused."""
    assert Rates.from_toml(CONTRACT).later_share == Decimal("0.70")
    with pytest.raises(InputErrors, match="1 input problem"):
        Rates.shipped(2022).merge({"later_share": 0.7})


def test_the_canonical_form_tells_figures_apart_and_nothing_else() -> None:
    """0.70 is 0.7, sources do not count, one euro more does."""
    one, other = Rates.from_toml(CONTRACT), Rates.from_toml(CONTRACT.replace("0.70", "0.7"))
    assert one.canonical() == other.canonical()
    assert one.canonical() != Rates.from_toml(CONTRACT.replace("23", "24", 1)).canonical()
    assert one.canonical()["later_share"] == "0.7"


def test_rates_are_frozen_and_can_be_sent_to_another_process() -> None:
    """Workers get equal rates."""
    rates = Rates.shipped(2024)
    assert pickle.loads(pickle.dumps(rates)) == rates  # noqa: S301 - bytes made on the same line
    with pytest.raises(ValueError, match="frozen"):
        rates.inclusion = 1  # type: ignore[misc]  # what the test is about
