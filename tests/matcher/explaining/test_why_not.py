"""Why not there: the datum of every rule, what is full, what it would cost, and ids that do not exist."""

import pytest

from matcher.explaining import why_not
from models.errors import UnknownName
from models.tables import Lock
from tests.matcher.explaining.small import company, flow, learner, offer, solved

A, B = learner("A", priority=9), learner("B")


def test_the_datum_of_the_rule() -> None:
    """Both working languages are too hard."""
    strict = company(working_languages=(("en", 4), ("it", 3)))
    result = solved(learner("B", languages=(("en", 2), ("it", 2))), strict)
    assert why_not(result, "B", "c") == "language: en A2 < B2 and it A2 < B1"


def test_each_place_has_its_own_reason() -> None:
    """Two offers, one for another field and one at the right one but too demanding."""
    rows = [offer("o1", fields=("0811",)), offer("o2", min_eqf=6), offer(seats=0, fields=("0999",))]
    lines = why_not(solved(B, *rows), "B", "c").splitlines()
    assert lines == [
        "o in f: profile: field 0713, EQF 4; asked 0999, EQF any–any, fit at least 30",
        "o1 in f: profile: field 0713, EQF 4; asked 0811, EQF any–any, fit at least 30",
        "o2 in f: profile: field 0713, EQF 4; asked 0713, EQF 6–any, fit at least 30",
    ]


def test_full_and_what_a_place_would_cost() -> None:
    """The one seat is A's, of priority 9: with B in it, placed falls to 1."""
    lines = why_not(solved(A, B), "B", "c").splitlines()
    assert lines[0] == "not as things stand: seats at offer o on 2022-09-05: 1"
    assert lines[1] == "with a place there, the best allocation has placed 1 instead of 9 (re-solved)"


def test_impossible_beside_a_pin() -> None:
    """A is pinned to the only seat."""
    result = solved(A, B, Lock(learner_id="A", kind="pin", offer_id="o"))
    assert why_not(result, "B", "c").splitlines()[1] == (
        "no allocation that keeps every rule has a place there for them (proven by re-solving)"
    )


def test_possible_but_worse() -> None:
    """A is at c, wished for first; c2 is free and worth less."""
    result = solved(learner("A", preferences=("c",)), company("c2"), offer("o2", company_id="c2"))
    assert why_not(result, "A", "c2") == (
        "offer o2 in flow f is free: with A there and nobody else moved, fit 62 instead of 92"
    )


def test_where_the_learner_is() -> None:
    """Not a question of why not."""
    result = solved(A)
    assert why_not(result, "A", "c") == "A is placed there: offer o in flow f"
    assert why_not(result, "A") == "A is placed: offer o of c in flow f"


def test_a_company_without_a_flow_for_the_stay() -> None:
    """A long stay, and short flows only."""
    answer = why_not(solved(learner("B", stay="long")), "B", "c")
    assert answer == "c has no offer with a flow of its host for the stay of B (long)"


def test_without_a_company_the_row_of_unplaced() -> None:
    """Reason, detail and nearest fix."""
    lines = why_not(solved(A, B), "B").splitlines()
    assert (
        lines[0]
        == "outcompeted: B has 1 option at 1 offer in 1 flow, none of them free: no seat left for 1 (o)"
    )
    assert lines[1].startswith("nearest fix: offer o has 2 seats (now 1)")


@pytest.mark.parametrize(
    ("who", "where", "message"),
    [
        ("L0O1", None, "there is no learner 'L0O1' (nearest: L001)"),
        ("L001", "cc", "there is no company 'cc' (nearest: c)"),
        ("zzzzzz", None, "there is no learner 'zzzzzz'"),
    ],
)
def test_unknown_ids_name_the_nearest(who: str, where: str | None, message: str) -> None:
    """Where anything is near."""
    with pytest.raises(UnknownName) as error:
        why_not(solved(learner("L001"), flow()), who, where)
    assert str(error.value) == message
