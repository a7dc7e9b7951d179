"""Exports: no text cell can turn into a formula, and nothing is lost by it."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.spreadsheets import FORMULA_STARTS, neutralise, restore, write_csv


@pytest.mark.parametrize("text", ["=1+1", "+381 11", "-x", "@SUM(A1)", "\tx", "\rx", "'=1", "''+1", "="])
def test_what_a_spreadsheet_would_take_for_a_formula_gets_an_apostrophe(text: str) -> None:
    """The apostrophe makes it text; it is taken away again."""
    assert neutralise(text) == f"'{text}"
    assert restore(neutralise(text)) == text


@pytest.mark.parametrize("text", ["", "x=1", "L001", "'quoted'", "5 - 3", "'s-Hertogenbosch", " =1"])
def test_other_text_is_left_alone(text: str) -> None:
    """An apostrophe in front of anything else is the text's own."""
    assert neutralise(text) == text
    assert restore(text) == text


@given(st.text(alphabet="'=+-@\t\rab1 ", max_size=8))
def test_the_rule_can_be_reversed(text: str) -> None:
    """Every text comes back, and no neutralised text begins like a formula."""
    assert restore(neutralise(text)) == text
    assert not neutralise(text).startswith(FORMULA_STARTS)


def test_numbers_are_never_touched() -> None:
    """-5.98 stays a number; the same as text does not."""
    stream = io.StringIO()
    write_csv(stream, ["a", "=b"], [[-5.98, "-5.98"], [None, True]])
    assert stream.getvalue() == "a,'=b\n-5.98,'-5.98\n,True\n"
    assert list(csv.reader(io.StringIO(stream.getvalue())))[1] == ["-5.98", "'-5.98"]
