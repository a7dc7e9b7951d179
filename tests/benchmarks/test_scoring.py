"""Gaps, ratios, growth and contradictions, by hand."""

from __future__ import annotations

import pytest

from benchmarks.comparing import Tolerance, regressions
from benchmarks.results import Book
from benchmarks.scoring import Row, contradictions, growth, ratio, rows
from tests.benchmarks.books import book, goal, run


def by_name(found: Book) -> dict[str, Row]:
    """The rows by contestant."""
    return {row.contestant: row for row in rows(found)}


def test_the_gap_is_to_the_tightest_bound_of_anybody() -> None:
    """Bounds 110 and 105 on the first goal: who has 100 is 5 / 105 below, who has 84 is 21 / 105 = 20 %."""
    found = by_name(book(run("a", [goal("placed", 100, 110)]), run("b", [goal("placed", 84, 105)])))
    assert found["a"].gap == pytest.approx(5 / 105)
    assert found["b"].gap == pytest.approx(0.2)
    assert found["a"].gap_goal == "placed"
    assert found["a"].claimed == pytest.approx(0.1)


def test_a_later_goal_counts_where_the_earlier_ones_are_reached() -> None:
    """Both place 10 of 10; cost is minimised, the bound given 10 placed is 80: 100 is 25 % above it. The bound of c on
    cost counts for nothing, as c places fewer.
    """
    found = by_name(
        book(
            run("a", [goal("placed", 10, 10), goal("cost", 100, 80, -1)]),
            run("b", [goal("placed", 10, 10), goal("cost", 90, None, -1)]),
            run("c", [goal("placed", 9, 10), goal("cost", 50, 50, -1)]),
        )
    )
    assert found["a"].gap == pytest.approx(0.25)
    assert found["a"].gap_goal == "cost"
    assert found["b"].gap == pytest.approx(0.125)
    assert found["c"].gap == pytest.approx(0.1)
    assert found["c"].gap_goal == "placed"


def test_what_is_known_comes_first() -> None:
    """A known optimum of 50 is the measure, whatever bounds say."""
    (row,) = rows(book(run("a", [goal("value", 40, 60)]), goals={"value": 50}))
    assert row.gap == pytest.approx(0.2)


def test_a_weighted_objective_is_the_only_goal_that_counts() -> None:
    """990 of at most 1,000 is 1 %, though the goals have no bounds."""
    objective = {"value": 990.0, "bound": 1000.0, "proven": False}
    (row,) = rows(book(run("a", [goal("placed", 9, None)], objective=objective)))
    assert row.gap == pytest.approx(0.01)
    assert row.gap_goal == "objective"


def test_what_breaks_a_rule_has_no_gap() -> None:
    """An invalid allocation is counted by what it breaks; its bound on the first goal still holds."""
    blind = run("flow", [goal("placed", 12, 12)], peer=True, breaches={"beds": 3})
    found = by_name(book(run("a", [goal("placed", 10, None)]), blind))
    assert found["flow"].gap is None
    assert found["flow"].breaches == {"beds": 3}
    assert found["a"].gap == pytest.approx(2 / 12)


def test_repetitions_give_the_median_time_and_the_worst_gap() -> None:
    """1, 2 and 9 seconds are 2; 100, 90 and 95 of 100 are 10 % below."""
    runs = [
        run("a", [goal("placed", value, 100)], seconds, repetition=number)
        for number, (value, seconds) in enumerate([(100, 1.0), (90, 9.0), (95, 2.0)])
    ]
    (row,) = rows(book(*runs))
    assert (row.solve, row.repetitions) == (2.0, 3)
    assert row.gap == pytest.approx(0.1)


def test_a_ratio_says_when_it_is_only_a_limit() -> None:
    """A peer that was still at work after its 60 s, without the proof that took 2 s here, is more than 30 times slower;
    one that ended by itself with less is 0.5 and worse; one with the same proof is plainly 4.
    """
    own = run("own", [goal("placed", 10, 10)], 2.0, status="optimal")
    peers = [
        run("late", [goal("placed", 10, 11)], 60.0, peer=True),
        run("quick", [goal("placed", 8, None)], 1.0, peer=True),
        run("same", [goal("placed", 10, 10)], 8.0, peer=True, status="optimal"),
    ]
    found = by_name(book(own, *peers))
    told = {name: str(ratio(found["own"], found[name])) for name in ("late", "quick", "same")}
    assert told == {"late": "> 30 (worse)", "quick": "0.5 (worse)", "same": "4"}


def test_a_peer_that_does_not_take_the_instance_has_no_ratio() -> None:
    """Nor has one that was never timed."""
    found = by_name(
        book(
            run("own", [goal("placed", 10, 10)], status="optimal"),
            run("peer", [], 0.1, peer=True, status="unsuitable"),
        )
    )
    assert ratio(found["own"], found["peer"]) is None


def test_growth_is_the_slope_of_the_logarithms() -> None:
    """100 → 1,000 → 10,000 learners with times 1, 10, 100 and memory 10, 20, 40: exponents 1 and log10(2) = 0.301."""
    runs = [
        run("a", [goal("placed", 1, 1)], 10.0**n, instance=f"toy-{n}", size=100 * 10**n, peak_mb=10.0 * 2**n)
        for n in range(3)
    ]
    (found,) = growth(book(*runs))
    assert (found.series, found.contestant, found.sizes) == ("toy", "a", (100, 1000, 10_000))
    assert found.solve == pytest.approx(1)
    assert found.memory == pytest.approx(0.30103)


def test_contradictions_are_found() -> None:
    """A bound that somebody beats, a wrong optimum, an impossible claim of impossibility, a refused answer."""
    beaten = book(run("a", [goal("placed", 10, 11)]), run("b", [goal("placed", 8, 9)]))
    assert contradictions(beaten) == ["toy-100-0: b claims placed at best 9, a has 10"]
    wrong = book(run("a", [goal("value", 4, 4)], status="optimal"), goals={"value": 5}, status="optimal")
    assert any("best is {'value': 5}" in each for each in contradictions(wrong))
    denied = book(run("a", [goal("placed", 4, None)]), run("b", [], status="infeasible"))
    assert contradictions(denied) == ["toy-100-0: b claims that there is no allocation"]
    invented = book(run("a", [goal("placed", 4, None)]), status="infeasible")
    assert contradictions(invented) == ["toy-100-0: a has an allocation where there is none"]
    refused = book(run("a", [], status="rejected", note="broke beds"))
    assert contradictions(refused) == ["toy-100-0: a rejected: broke beds"]
    assert contradictions(book(run("a", [goal("placed", 4, 4)], status="optimal"))) == []


def pair(solve: float, peer: float, value: int = 1000, status: str = "optimal") -> Book:
    """A method and a peer."""
    own = run("own", [goal("placed", value, 1000)], solve, status=status)
    return book(own, run("rival", [goal("placed", 1000, 1000)], peer, peer=True, status="optimal"))


def test_slower_with_its_peers_is_no_regression() -> None:
    """A machine of half the speed changes no ratio; twice the time on the same machine does."""
    assert regressions(pair(2, 4), pair(4, 8)) == []
    (found,) = regressions(pair(2, 4), pair(4, 4))
    assert "2.00 times as slow against its peers" in str(found)
    assert regressions(pair(2, 4), pair(4, 4), Tolerance(ratio=2.5)) == []
    assert regressions(pair(0.01, 4), pair(0.04, 4)) == []


def test_worse_values_and_lost_proofs_are_regressions() -> None:
    """990 after 1,000 is 1 % worse, and the proof is gone; better is no regression."""
    found = [each.text for each in regressions(pair(2, 4), pair(2, 4, 990, "feasible"))]
    assert found == ["had a proof, now feasible", "placed 1000 → 990, 1 % worse"]
    assert regressions(pair(2, 4, 990, "feasible"), pair(2, 4)) == []
    gone = book(run("own", [], None, status="killed"))
    assert "had a valid allocation, now killed" in [each.text for each in regressions(pair(2, 4), gone)]


def test_only_what_both_have_is_compared() -> None:
    """An instance of the one book alone says nothing."""
    other = book(run("own", [goal("placed", 1, 1)], instance="toy-7-0"))
    assert regressions(pair(2, 4), other) == []
