"""Fixes that need more than one thing: others who move, two changes, whole groups; and searches that are cut."""

from typing import Any

import pytest

from matcher.explaining import helping, unplaced
from models.tables import Group, Pair
from tests.matcher.explaining.small import company, flow, host, learner, offer, solved
from tests.matcher.explaining.test_reasons import row_of

A, B = learner("A", priority=9, languages=(("en", 3), ("it", 3))), learner("B")
FULL = [flow(max_heads=1)]
ELSEWHERE = [
    host("h2"),
    company("c2", host_id="h2", working_languages=(("it", 3),)),
    offer("o2", company_id="c2"),
    flow("f2", host_id="h2", max_heads=0),
]


def test_somebody_moves_where_a_place_opens_elsewhere() -> None:
    """B's seat and flow are both full, and two changes would be needed; A could go to f2, if it took somebody."""
    fix = row_of(solved(A, B, *FULL, *ELSEWHERE))[2]
    assert fix == (
        "flow f2 takes 1 head (now 0): then B fits at offer o in flow f (checked by re-solving: "
        "placed rises from 1 to 2 learners, nobody loses a place, 1 moved)"
    )


def test_two_changes_where_one_is_not_enough() -> None:
    """Without f2 both the seat and the head are needed."""
    fix = row_of(solved(A, B, *FULL))[2]
    assert fix == (
        "offer o has 2 seats (now 1), and flow f takes 2 heads (now 1): "
        "then B fits at offer o in flow f (checked: fits with nobody moved)"
    )


def test_a_group_is_helped_as_a_whole() -> None:
    """Both members need a seat where there is one: one seat more places both, and both are told."""
    group = Group(id="g", partner_id="p", mode="same_company")
    result = solved(learner("A", group_id="g"), learner("B", group_id="g"), group)
    for who in ("A", "B"):
        reason, detail, fix = row_of(result, who)
        assert reason == "outcompeted"
        assert (
            detail
            == f"{who} has 1 option at 1 offer in 1 flow, none of them free: the group not in the same place for 1 (g)"
        )
        assert fix == (
            f"offer o has 2 seats (now 1): then {who} fits at offer o in flow f with 1 more who are not placed now "
            "(checked: fits with nobody moved)"
        )


def test_a_smallest_group_is_reached_together() -> None:
    """Two of one partner or none, and one seat: a seat more brings both."""
    fix = row_of(solved(learner("A"), B, flow(min_group=2), offer(seats=1)))[2]
    assert fix == (
        "flow f takes 1 or more learners of a sending partner (now 2 or more): "
        "then B fits at offer o in flow f (checked: fits with nobody moved)"
    )


def test_leaving_the_group_is_the_last_resort() -> None:
    """The mate is barred by two rules everywhere: one change cannot help the group."""
    group = Group(id="g", partner_id="p", mode="all_or_none")
    mate = learner("A", group_id="g", languages=(), needs=("stay:halal",))
    fix = row_of(solved(mate, learner("B", group_id="g"), group))[2]
    assert (
        fix == "B travels without group g: then B fits at offer o in flow f (checked: fits with nobody moved)"
    )


def test_the_higher_priority_is_helped_first_and_the_rest_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a search for one learner only, the second is told what is counted, and the table how many were searched."""
    monkeypatch.setattr(helping, "MOST_SEARCHED", 1)
    frame = unplaced(solved(learner("A", priority=9), learner("B", priority=2), learner("C", priority=3)))
    assert frame.attrs["searched"] == 1
    assert list(frame["learner_id"]) == ["B", "C"]
    assert frame["nearest_fix"][0] == (
        "1 seat more at offer o: then B fits at offer o in flow f (counted, not searched)"
    )
    assert frame["nearest_fix"][1].startswith("offer o has 2 seats (now 1): then C fits")
    assert (
        frame["detail"][0] == "B has 1 option at 1 offer in 1 flow, none of them free: no seat left for 1 (o)"
    )


def test_a_search_beyond_the_limit_is_not_passed_over_in_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    """No solver for anybody: the sentence says so."""
    monkeypatch.setattr(helping.Help.__init__, "__defaults__", (0,))
    fix = row_of(solved(A, B, *FULL))[2]
    assert fix == (
        "no single change opens a place while nobody moves (two things or more are in the way everywhere); "
        "not re-solved: 0 others come first by priority and id"
    )


def test_a_question_that_is_too_much_work_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """With no columns to weigh no solver is asked, and the sentence says so; as many as are needed, and one is."""
    monkeypatch.setattr(helping, "MOST_WEIGHED", 0)
    fix = row_of(solved(A, B, *FULL))[2]
    assert fix.startswith("no single change opens a place while nobody moves (two things or more")
    assert fix.endswith("together would be too much work")
    monkeypatch.undo()
    assert "too much work" not in row_of(solved(A, B, *FULL))[2]


def test_only_the_learners_asked_about() -> None:
    """One row for one learner, as in the whole table."""
    result = solved(learner("A", priority=9), B, learner("C"))
    whole = unplaced(result)
    only = unplaced(result, ["C"])
    assert only.to_dict("records") == whole[whole["learner_id"] == "C"].to_dict("records")
    assert unplaced(result, ["A"]).empty


@pytest.mark.parametrize("rows", [[], [Pair(learner_a="A", learner_b="B", kind="apart")], FULL])
def test_the_same_words_every_time(rows: list[Any]) -> None:
    """Two runs of the same round say the same."""
    one, other = (unplaced(solved(A, B, learner("C"), *rows)) for _ in range(2))
    assert one.equals(other)


def test_a_question_is_not_tried_by_hand_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nobody may lose a place there is mostly no answer: looking for one by hand took minutes in larger rounds,
    long after the time limit of solving.
    """
    result = solved(A, B, *FULL, *ELSEWHERE)

    def tried(*_: object) -> None:
        raise AssertionError("first come first served was asked")

    monkeypatch.setattr("solvers.exact.Coordinator", tried)
    assert "checked by re-solving" in row_of(result)[2]
