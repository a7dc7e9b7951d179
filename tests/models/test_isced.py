"""Fields of education: which codes exist, what they are called, how two of them relate."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.vocabulary import field_fit, isced

SENT = st.sampled_from(isced.codes((3, 4)))
OFFERED = st.sampled_from(isced.codes())


def test_the_classification_is_complete() -> None:
    """12 broad, 58 narrow and 150 detailed fields, with 99, 999 and 9999 for unknown."""
    assert [len(isced.codes((digits,))) for digits in (2, 3, 4)] == [12, 58, 150]
    assert len(isced.codes()) == 220
    assert all(isced.exists(code) for code in ("99", "999", "9999"))


def test_every_field_lies_in_a_broader_one() -> None:
    """A code without its last digit is a code."""
    assert all(isced.exists(code[:-1]) for code in isced.codes((3, 4)))


def test_labels_are_there_in_every_language() -> None:
    """English and 29 more languages, and no label is blank."""
    assert len(isced.languages()) == 30
    assert {"en", "sr", "mk", "hr", "it", "es", "fr", "sl", "pl", "de"} <= set(isced.languages())
    assert all(isced.label(code, language) for language in isced.languages() for code in isced.codes())


def test_a_language_without_labels_gets_the_english_one() -> None:
    """There are no official labels in Albanian or Bosnian."""
    assert isced.label("0714") == "Electronics and automation"
    assert isced.label("0714", "sr") == "Elektronika i automatizacija"
    assert isced.label("0714", "sq") == "Electronics and automation"


def test_a_label_of_an_unknown_code_is_an_error() -> None:
    """Labels are looked up, never invented, in any language."""
    for language in ("en", "sr", "sq"):
        with pytest.raises(KeyError):
            isced.label("0777", language)


@pytest.mark.parametrize(
    ("code", "digits", "restored"),
    [
        ("714", (3, 4), "0714"),
        ("71", (3, 4), "071"),
        ("71", (2, 3, 4), "071"),
        ("7", (2, 3, 4), "07"),
        ("7", (3, 4), None),
        ("11", (3, 4), None),  # 011 or 0011
        ("11", (3,), "011"),
        ("3", (2, 3, 4), None),  # 03 or 003
        ("0", (2, 3, 4), None),
        ("99", (3, 4), None),  # unknown, too short for a learner; not 0099
        ("99", (2, 3, 4), "99"),
        ("999", (3, 4), "999"),
        ("1013", (3, 4), "1013"),
        ("101", (3, 4), "101"),
        ("777", (3, 4), None),
        ("", (3, 4), None),
        ("-71", (3, 4), None),
        ("abc", (3, 4), None),
    ],
)
def test_lost_zeros_are_restored_only_where_one_code_is_possible(
    code: str, digits: tuple[int, ...], restored: str | None
) -> None:
    """A spreadsheet drops every leading zero; two candidates are none."""
    assert isced.restore_zero(code, digits) == restored


@given(SENT)
def test_restoring_never_yields_another_field(code: str) -> None:
    """What comes back is the code that lost its zeros, or nothing; but 0999 became 999, a code itself."""
    restored = isced.restore_zero(code.lstrip("0"), (3, 4))
    assert restored in ((code, None) if code != "0999" else ("999",))


@pytest.mark.parametrize(
    ("text", "digits", "code"),
    [
        ("714", (3, 4), "0714"),
        ("0777", (3, 4), "070"),
        ("07145", (3, 4), "0714"),
        ("7145", (3, 4), "0714"),
        ("Mechanics", (3, 4), "0715"),
        ("mecanics", (3, 4), "0715"),
        ("Elektronika", (3, 4), "0714"),
        ("tourism", (3, 4), "1015"),
        ("qqqqqqq", (3, 4), None),
        ("", (3, 4), None),
        ("x" * 50_000, (3, 4), None),
    ],
)
def test_the_nearest_field(text: str, digits: tuple[int, ...], code: str | None) -> None:
    """By lost zeros, by the longest common beginning, by a word of a label in any language."""
    assert isced.nearest(text, digits) == code


@pytest.mark.parametrize(
    ("sent", "offered", "fit"),
    [
        ("0714", "0714", 100),
        ("0714", "071", 100),
        ("0714", "07", 100),
        ("071", "071", 100),
        ("071", "07", 100),
        ("0714", "0715", 60),
        ("071", "0714", 60),  # the offer is finer than what is known of the learner: no prefix
        ("0714", "0721", 30),
        ("0714", "072", 30),
        ("071", "072", 30),
        ("071", "0722", 30),
        ("0714", "0611", 0),
        ("0714", "06", 0),
        ("071", "10", 0),
        ("1015", "0714", 0),
    ],
)
def test_field_fit_by_the_contract(sent: str, offered: str, fit: int) -> None:
    """Prefix 100, same three digits 60, same two 30, otherwise 0; the learner's code comes first."""
    assert field_fit(sent, offered) == fit


@given(SENT, OFFERED)
def test_field_fit_depends_on_the_common_beginning_alone(sent: str, offered: str) -> None:
    """100 exactly for prefixes; otherwise the number of digits in common decides."""
    common = sum(
        1 for end in range(1, 5) if sent[:end] == offered[:end] and len(min(sent, offered, key=len)) >= end
    )
    expected = 100 if common == len(offered) else {0: 0, 1: 0, 2: 30, 3: 60}[common]
    assert field_fit(sent, offered) == expected
