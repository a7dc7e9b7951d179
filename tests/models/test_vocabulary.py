"""The words of a round: levels, countries, languages, barriers."""

from __future__ import annotations

import pytest

from models import tables
from models.vocabulary import (
    BARRIER_GROUPS,
    EQF_MAX,
    EQF_MIN,
    FEWER_OPPORTUNITIES,
    Cefr,
    GroupMode,
    LockKind,
    PairKind,
    Stay,
    barrier_label,
    countries,
    languages,
    nearest_barrier,
)


def test_language_levels_are_ordered_from_a1_to_c2() -> None:
    """A1 is 1 and C2 is 6; a higher level is a larger number."""
    assert [(level.name, int(level)) for level in Cefr] == [
        ("A1", 1),
        ("A2", 2),
        ("B1", 3),
        ("B2", 4),
        ("C1", 5),
        ("C2", 6),
    ]


def test_closed_word_lists_are_those_of_the_tables() -> None:
    """The enumerations and the table classes spell the contract's words alike."""
    assert tuple(Stay) == tables.STAYS
    assert tuple(GroupMode) == tables.GROUP_MODES
    assert tuple(PairKind) == tables.PAIR_KINDS
    assert tuple(LockKind) == tables.LOCK_KINDS
    assert (EQF_MIN, EQF_MAX) == (1, 8)


class TestCountries:
    def test_the_list_is_complete(self) -> None:
        """249 officially assigned codes and XK, each with a name."""
        assert len(countries.codes()) == len(set(countries.codes())) == 250
        assert all(countries.name(code) for code in countries.codes())
        assert list(countries.codes()) == sorted(countries.codes())

    @pytest.mark.parametrize(
        "code", ["RS", "AL", "ME", "BA", "XK", "MK", "IT", "ES", "FR", "PL", "SI", "NL", "MT", "BE"]
    )
    def test_a_code_stands_for_itself_without_a_note(self, code: str) -> None:
        """What is written as the contract asks needs no report."""
        assert countries.exists(code)
        assert countries.resolve(code) == (code, None)

    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("EL", "GR"),
            ("UK", "GB"),
            ("rs", "RS"),
            (" IT ", "IT"),
            ("SRB", "RS"),
            ("Serbia", "RS"),
            ("Srbija", "RS"),
            ("Србија", "RS"),
            ("Kosovo*", "XK"),
            ("Kosovë", "XK"),
            ("Shqipëria", "AL"),
            ("Bosna i Hercegovina", "BA"),
            ("BOSNIA AND HERZEGOVINA", "BA"),
            ("Crna Gora", "ME"),
            ("Macedonia", "MK"),
            ("España", "ES"),
            ("Espana", "ES"),
            ("Türkiye", "TR"),
            ("Turkey", "TR"),
        ],
    )
    def test_other_ways_to_write_a_country_are_read_and_reported(self, text: str, code: str) -> None:
        """EU codes, three-letter codes and names are understood, and the note says as what."""
        reading = countries.resolve(text)
        assert reading is not None
        assert reading.code == code
        if text.strip() != code:
            assert reading.note is not None
            assert code in reading.note

    @pytest.mark.parametrize("text", ["", "ZZ", "Atlantis", "R S", "x" * 1_000_000])
    def test_what_is_no_country_is_not_resolved(self, text: str) -> None:
        """No guess is passed off as a reading."""
        assert countries.resolve(text) is None

    @pytest.mark.parametrize(
        ("text", "code"), [("Slovnia", "SI"), ("Itlay", "IT"), ("EL", "GR"), ("Monte negro", "ME")]
    )
    def test_the_nearest_country_of_a_misspelling(self, text: str, code: str) -> None:
        """A name with a slip suggests the code of the country that was meant."""
        assert countries.nearest_code(text) == code

    def test_a_name_of_an_unknown_code_is_an_error(self) -> None:
        """Names are looked up, never invented."""
        with pytest.raises(KeyError):
            countries.name("ZZ")


class TestLanguages:
    def test_the_list_is_complete(self) -> None:
        """183 codes are in force in ISO 639-1, each with a name."""
        assert len(languages.codes()) == len(set(languages.codes())) == 183
        assert all(languages.name(code) for code in languages.codes())

    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("alb", "sq"),
            ("sqi", "sq"),
            ("mac", "mk"),
            ("mkd", "mk"),
            ("fre", "fr"),
            ("fra", "fr"),
            ("ger", "de"),
            ("deu", "de"),
            ("slv", "sl"),
            ("EN", "en"),
            ("English", "en"),
            ("english", "en"),
            ("en-GB", "en"),
            ("sr_Latn", "sr"),
            ("Slovene", "sl"),
            ("Slovenian", "sl"),
            ("srpski", "sr"),
            ("српски", "sr"),
        ],
    )
    def test_other_ways_to_write_a_language_are_read_and_reported(self, text: str, code: str) -> None:
        """Three-letter codes of both kinds, regions and names are understood, and the note says as what."""
        reading = languages.resolve(text)
        assert reading is not None
        assert reading.code == code
        assert reading.note is not None
        assert languages.name(code) in reading.note

    @pytest.mark.parametrize("text", ["cnr", "Montenegrin", "sh", "CNR"])
    def test_montenegrin_is_read_as_serbian_and_the_note_says_why(self, text: str) -> None:
        """A language without a two-letter code is not silently turned into another."""
        reading = languages.resolve(text)
        assert reading is not None
        assert reading.code == "sr"
        assert "read as Serbian (sr)" in str(reading.note)

    def test_a_code_stands_for_itself_without_a_note(self) -> None:
        """All codes, including those that are spelt like something else."""
        assert all(languages.resolve(code) == (code, None) for code in languages.codes())

    @pytest.mark.parametrize("text", ["", "xx", "Klingon", "en:B1", "x" * 1_000_000])
    def test_what_is_no_language_is_not_resolved(self, text: str) -> None:
        """No guess is passed off as a reading."""
        assert languages.resolve(text) is None

    @pytest.mark.parametrize(("text", "code"), [("Englsh", "en"), ("Itallian", "it"), ("Slovenain", "sl")])
    def test_the_nearest_language_of_a_misspelling(self, text: str, code: str) -> None:
        """A name with a slip suggests the code of the language that was meant."""
        assert languages.nearest_code(text) == code


class TestBarriers:
    def test_the_official_groups_come_first_and_belong_to_themselves(self) -> None:
        """The programme has eight groups of barriers."""
        assert len(BARRIER_GROUPS) == 8
        assert list(FEWER_OPPORTUNITIES)[:8] == list(BARRIER_GROUPS)
        assert all(FEWER_OPPORTUNITIES[code].group == code for code in BARRIER_GROUPS)

    def test_every_finer_code_belongs_to_a_group(self) -> None:
        """So a report can count by group."""
        assert {barrier.group for barrier in FEWER_OPPORTUNITIES.values()} <= set(BARRIER_GROUPS)

    def test_a_code_that_is_not_listed_is_its_own_label(self) -> None:
        """National agencies define their own reasons: none is refused."""
        assert barrier_label("rural") == "Lives in a rural area"
        assert barrier_label("brainport") == "brainport"

    def test_the_nearest_code_of_a_misspelling(self) -> None:
        """A slip suggests the known code; something else suggests nothing."""
        assert nearest_barrier("displacd") == "displaced"
        assert nearest_barrier("qqqqqq") is None
