"""Ways out of infeasible rounds: each is one, needs all its changes, costs what is said, and none is cheaper."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from matcher import match
from matcher.explaining import ways
from matcher.explaining.ways import finding, ways_out
from matcher.explaining.ways.telling import lines
from models.outcome import Status
from models.tables import Beds, Group, Lock, Pair, Quota
from scripts.claims import planted
from tests.matcher.explaining.confirming import solved_status, way_faults
from tests.matcher.explaining.small import company, flow, learner, offer, partner, solved
from tests.strategies import random_round

A, B = learner("A"), learner("B")
PIN = Lock(learner_id="B", kind="pin", offer_id="o", flow_id="f")
TWO = Quota(partner_id="p", host_id="h", stay="short", min_learners=2)

CASES: list[tuple[list[Any], list[tuple[int, int | None, str]]]] = [
    (
        [A, B, TWO],
        [
            (5, None, "quota p→h short asks for 1 (now 2)"),
            (10, None, "offer o has 2 seats (now 1)"),
        ],
    ),
    (
        [B, PIN, partner(budget_eur=3000)],
        [(5, 249, "249 EUR more for the budget of p (3000 EUR)"), (100, None, "lift the pin of B")],
    ),
    (
        [learner("B", languages=(("en", 2),)), PIN],
        [
            (20, None, "company c asks en A2 (now B1)"),
            (25, None, "en B1 of B (now A2)"),
            (100, None, "lift the pin of B"),
        ],
    ),
    (
        [B, PIN, Beds(host_id="h", from_=flow().start, to=flow().end, beds=0)],
        [(32, None, "1 bed more at h from 2022-09-05 to 2022-10-02"), (100, None, "lift the pin of B")],
    ),
    (
        [B, PIN, flow(min_group=2)],
        [
            (5, None, "flow f takes 1 or more learners of a sending partner (now 2 or more)"),
            (100, None, "lift the pin of B"),
        ],
    ),
    (
        [
            *(learner("A", group_id="g", languages=()), learner("B", group_id="g"), offer(seats=2)),
            *(Group(id="g", partner_id="p", mode="all_or_none"), PIN),
        ],
        [
            (75, None, "en B1 of A (now none)"),
            (80, None, "let the members of group g travel apart"),
            (100, None, "lift the pin of B"),
        ],
    ),
    (
        [
            *(A, B, offer(seats=2), Pair(learner_a="A", learner_b="B", kind="apart"), PIN),
            Lock(learner_id="A", kind="pin", company_id="c"),
        ],
        [
            (80, None, "lift the pair of A and B"),
            (100, None, "lift the pin of A"),
            (100, None, "lift the pin of B"),
        ],
    ),
    (
        [
            *(B, company("c2"), offer("o2", company_id="c2")),
            *(Lock(learner_id="B", kind="pin", company_id=key) for key in ("c", "c2")),
        ],
        [
            (100, None, "lift the pin of B to c"),
            (100, None, "lift the pin of B to c2"),
            (200, None, "lift the pin of B"),
        ],
    ),
    (
        [B, PIN, Lock(learner_id="B", kind="forbid", offer_id="o")],
        [(15, None, "lift the lock that keeps B from o"), (100, None, "lift the pin of B")],
    ),
]


@pytest.mark.parametrize(("rows", "told"), CASES)
def test_the_cheapest_ways(rows: list[Any], told: list[tuple[int, int | None, str]]) -> None:
    """By hand: what can give way, at which price; and every one is confirmed."""
    result = solved(*rows)
    found = ways_out(result)
    texts = [(way.effort, way.euros, "; ".join(step.text for step in way.steps)) for way in found.ways]
    assert sorted(texts) == sorted(told)
    assert [way.effort for way in found.ways] == [effort for effort, _, _ in told]
    assert all(way.feasible and way.irreducible and way.cheapest for way in found.ways)
    assert list(way_faults(result, found)) == []


def test_a_way_of_two_changes() -> None:
    """Two seats short of what two quotas ask: no change alone does; the quota of p is met by either."""
    rows = [A, B, PIN, Lock(learner_id="A", kind="pin", offer_id="o"), partner(budget_eur=3249)]
    result = solved(*rows)
    cheapest = ways_out(result).ways[0]
    assert [step.rule for step in cheapest.steps] == ["seats", "budget"]
    assert (cheapest.effort, cheapest.euros) == (10 + 65, 3249)
    for left in cheapest.changes:
        assert solved_status(left.apply(result.round)) is Status.INFEASIBLE


def test_in_words() -> None:
    """With the price and what was proven."""
    said = list(lines(ways_out(solved(B, PIN, partner(budget_eur=3000))).as_dict()))
    assert said[1] == "1. 5 points, 249 EUR: 249 EUR more for the budget of p (3000 EUR)"
    assert said[2].endswith("without any part of it there is none; proven cheapest of what was considered")


def test_a_feasible_round_needs_none() -> None:
    """And none is looked for."""
    assert ways_out(solved(A)) == ways.Ways((), 0, ())


def test_a_round_too_large_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """No silent limit."""
    monkeypatch.setattr(finding, "MOST_OPTIONS", 0)
    (note,) = ways_out(solved(B, PIN, partner(budget_eur=3000))).notes
    assert "more than 0" in note


def test_random_infeasible_rounds() -> None:
    """Every way is one, needs all its changes, and no other way of one change alone is cheaper than the first."""
    seen = 0
    for seed in range(24):
        result = match(random_round(seed), method="exact")
        if result.status is Status.INFEASIBLE:
            found = ways_out(result)
            seen += bool(found.ways)
            assert list(way_faults(result, found)) == [], seed
            assert found.ways or found.notes
    assert seen > 1


def test_planted_conflicts() -> None:
    """Told, irreducible, with the planted cause in it, and with ways out; `scripts/claims.py` asks a hundred."""
    counts, wrong = planted(3)
    assert wrong == []
    assert counts["with a way out"] == 3


def test_no_two_ways_hold_one_another() -> None:
    """The next ones exclude the sets before them."""
    found = ways_out(solved(*CASES[6][0])).ways
    sets = [frozenset(step.text for step in way.steps) for way in found]
    assert not any(one <= other for one, other in itertools.permutations(sets, 2))
