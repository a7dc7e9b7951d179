"""The nearest valid thing to what somebody typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.vocabulary import Suggester, fold, hint, nearest
from models.vocabulary.suggestions import EXHAUSTIVE, LONGEST


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Wrocław", "wroclaw"),
        ("  Novi   Sad ", "novi sad"),
        ("ŠĐČĆŽ", "sdccz"),
        ("Straße", "strasse"),
        ("Ærø", "aero"),
        ("İzmir", "izmir"),
        ("\u015e\u0131rnak", "sirnak"),
        ("Ћуприја", "ћуприја"),
    ],
)
def test_folding_drops_case_marks_and_spare_blanks(text: str, folded: str) -> None:
    """Letters that Unicode does not decompose are replaced too; other scripts stay."""
    assert fold(text) == folded


def test_the_most_like_candidate_wins() -> None:
    """One slip away beats two."""
    assert nearest("lerner_id", ["learner_id", "level", "offer_id"]) == "learner_id"


def test_a_swap_of_neighbours_is_one_slip() -> None:
    """Typing slips are mostly swaps: "feild" is nearer to field than to shield."""
    assert nearest("feild", ["shield", "field", "fold"]) == "field"


def test_nothing_alike_suggests_nothing() -> None:
    """Below the cutoff there is no suggestion, and none among no candidates."""
    assert nearest("xyz", ["learner_id"]) is None
    assert nearest("", ["a"]) is None
    assert nearest("a", []) is None


def test_the_cutoff_is_where_suggesting_stops() -> None:
    """Two of four letters alike is a likeness of one half."""
    assert nearest("abcd", ["abxy"], cutoff=0.5) == "abxy"
    assert nearest("abcd", ["abxy"], cutoff=0.51) is None


def test_diacritics_and_case_cost_nothing_and_the_original_is_suggested() -> None:
    """The suggestion can be copied as it stands."""
    assert nearest("NIS", ["Niš", "Pariz"]) == "Niš"


@given(st.permutations(["o01", "o02", "o03", "p01"]))
def test_ties_fall_to_the_first_in_alphabetical_order(candidates: list[str]) -> None:
    """So the order of the candidates does not change a message."""
    assert nearest("o0", candidates) == "o01"
    assert nearest("o09", candidates) == "o01"


def test_far_too_long_texts_get_no_suggestion() -> None:
    """A cell of 50 MB costs no comparison at all."""
    assert nearest("a" * (LONGEST + 1), ["a" * (LONGEST + 1)]) is None


def test_many_candidates_are_searched_by_beginning_and_ending() -> None:
    """Among 20,000 ids one slip at either end, or in the middle, is still found."""
    suggest = Suggester(f"learner-{number:05d}" for number in range(10 * EXHAUSTIVE))
    assert suggest("learner-12345x") == "learner-12345"
    assert suggest("earner-12345") == "learner-12345"
    assert suggest("lerner-12345") == "learner-12345"
    assert suggest("learner-1234") == "learner-01234"  # as near as learner-12340 to 12349, and first in order
    assert suggest("###") is None


def test_a_hint_is_nothing_where_nothing_is_like_it() -> None:
    """No message says that the nearest is None."""
    assert hint("stabel", ["best", "stable"]) == " (nearest: stable)"
    assert hint("zebra", ["best", "stable"]) == ""
