"""Metrics: by hand, and by definitions written out from the tables that share no code with them."""

from __future__ import annotations

import math
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pytest

from matcher import load, match, metrics
from matcher.auditing import audit
from matcher.compiling import compile_problem, options_of
from matcher.engine import placements_of
from matcher.fitting import fit_points
from matcher.metrics.scene import read
from models.errors import InputErrors, UnknownName
from models.outcome import Placement
from models.policy import Policy
from models.round import Round
from models.tables import School
from solvers.blocking import lottery
from tests import tiny
from tests.conftest import ROOT
from tests.strategies import random_round


@pytest.fixture
def rnd() -> Round:
    """Two offers with one seat each, at companies c1 and c2; L1 and L2 wish c1 first, L3 wishes nothing, L4 only c2.

    All are of partner ccis but L4, who is of p2 in Bosnia. The fit points of a place depend on the wish alone: L1 and
    L2 100 at c1 and 80 at c2 for that component, which is all that counts here; L3 100 everywhere; L4 0 at c1.
    """
    wishes = {"L1": ("c1", "c2"), "L2": ("c1", "c2"), "L3": (), "L4": ("c2",)}
    reasons = {"L1": ("rural", "displaced"), "L2": ("rural",)}
    rows = [
        tiny.partner(),
        tiny.partner("p2", country="BA"),
        School(id="s1", partner_id="ccis", name="-"),
        tiny.company(),
        tiny.company("c2"),
        tiny.offer(seats=1),
        tiny.offer("o2", company_id="c2", seats=1),
        *(
            tiny.learner(
                name,
                partner_id="p2" if name == "L4" else "ccis",
                school_id="s1" if name == "L1" else None,
                preferences=wished,
                fewer_opportunities=reasons.get(name, ()),
            )
            for name, wished in wishes.items()
        ),
    ]
    policy = Policy(fit_weights={"profile": 0, "language": 0, "preference": 1, "affinity": 0})
    return tiny.tiny(*rows, policy=policy)


def frame(*placements: str) -> pd.DataFrame:
    """An allocation made by hand: ``frame("L1 o1 f1", …)``."""
    return pd.DataFrame([each.split() for each in placements], columns=["learner_id", "offer_id", "flow_id"])


def test_summary_by_hand(rnd: Round) -> None:
    """Swapped: L3 (100 points) at o1, L4 at o2 (100). L1 and L2 wish c1 first, but L3's claim to it is as strong but
    for the lottery. Upside down: L4 at o1 (0 points), nobody at o2.
    """
    turn = {name: place for place, name in enumerate(rnd.learners["id"][lottery(4, 0)].tolist())}
    allocations = {"a": frame("L3 o1 f1", "L4 o2 f1"), "b": frame("L4 o1 f1")}
    lines: list[dict[Any, Any]] = metrics.summary(rnd, allocations).to_dict("records")
    a, b = lines
    assert (a["learners"], a["placed"], a["placed_share"], a["valid"], a["mean_fit"]) == (
        4,
        2,
        0.5,
        True,
        100,
    )
    assert (a["first_wish"], a["second_wish"], a["third_wish"]) == (1 / 3, 0, 0)  # L4, of the three who wish
    assert (a["gini_fit"], a["gini_fit_all"]) == (
        0,
        0.5,
    )  # two of four have all: (−3·0 − 1·0 + 1 + 3) · 100 / (4 · 200)
    drawn_before = sum(turn[name] < turn["L3"] for name in ("L1", "L2"))
    assert (
        a["blocking_pairs"]
        == a["justified_envy"]
        == a["envious"]
        == a["feasible_blocking_pairs"]
        == drawn_before
    )
    assert (b["placed"], b["mean_fit"], b["first_wish"]) == (1, 0, 0)
    assert math.isnan(b["gini_fit"])
    assert (
        b["blocking_pairs"] == 7
    )  # L1, L2, L3 at both offers: o1's holder is the weakest, o2 is free; L4 at o2
    assert (b["justified_envy"], b["envious"]) == (3, 3)
    assert b["cost_eur"] > 0


def test_rank_profile_by_hand(rnd: Round) -> None:
    """Of three who wish: L1 has its second, L4 its first, L2 nothing; L3 does not wish."""
    found = metrics.rank_profile(rnd, frame("L1 o2 f1", "L3 o1 f1"))
    assert found["wish"].tolist() == ["1", "2", "unlisted", "unplaced"]
    assert found["learners"].tolist() == [0, 1, 0, 2]
    assert found["share"].tolist() == [0, 1 / 3, 0, 2 / 3]
    assert found["cumulative"].tolist() == pytest.approx([0, 1 / 3, 1 / 3, 1])


def test_groups_by_hand(rnd: Round) -> None:
    """By partner, country, school, field and reason; several reasons count each, none comes last."""
    given = frame("L1 o1 f1", "L4 o2 f1")
    partners = metrics.by(rnd, given, "partner")
    assert partners["group"].tolist() == ["ccis", "p2"]
    assert partners["learners"].tolist() == [3, 1]
    assert partners["placed"].tolist() == [1, 1]
    assert partners["unplaced"].tolist() == [2, 0]
    assert partners["rate"].tolist() == [1 / 3, 1]
    assert partners["mean_fit"].tolist() == [100, 100]
    assert partners["first_wish"].tolist() == [1, 1]
    assert partners["small"].all()
    assert metrics.by(rnd, given, "country")["group"].tolist() == ["BA", "RS"]
    schools = metrics.by(rnd, given, "school")
    assert list(zip(schools["group"], schools["placed"], strict=True)) == [("s1", 1), (None, 1)]
    reasons = metrics.by(rnd, given, "fewer_opportunities")
    assert list(zip(reasons["group"], reasons["learners"], strict=True)) == [
        ("displaced", 1),
        ("rural", 2),
        (None, 2),
    ]
    assert metrics.by(rnd, given, "field")["learners"].sum() == 4
    empty = metrics.by(rnd, frame(), "partner")
    assert empty["mean_fit"].isna().all()
    with pytest.raises(UnknownName, match="nearest: country"):
        metrics.by(rnd, given, "county")


def test_only_counts_from_one_to_four_are_small() -> None:
    """Six learners, none placed: 6, 0 and 6 are no small counts; with one placed, 1 is one."""
    made = tiny.tiny(*(tiny.learner(f"L{number}") for number in range(1, 7)))
    assert metrics.by(made, frame(), "partner")["small"].tolist() == [False]
    assert metrics.by(made, frame("L1 o1 f1"), "partner")["small"].tolist() == [True]


def test_compare_by_hand(rnd: Round) -> None:
    """L1 moves from its second to its first wish, L3 loses its place, L4 gains one, L2 has none in either."""
    a, b = frame("L1 o2 f1", "L3 o1 f1"), frame("L1 o1 f1", "L4 o2 f1")
    learners = metrics.changes(rnd, a, b).set_index("learner_id")
    assert learners["change"].to_dict() == {"L1": "moved", "L2": "unplaced", "L3": "lost", "L4": "gained"}
    assert learners["verdict"].to_dict() == {"L1": "better", "L2": "same", "L3": "worse", "L4": "better"}
    first: dict[Any, Any] = learners.to_dict("index")["L1"]
    assert [first[name] for name in ("offer_a", "flow_a", "fit_a")] == ["o2", "f1", 80]
    assert [first[name] for name in ("offer_b", "flow_b", "fit_b")] == ["o1", "f1", 100]
    assert learners.loc["L3", ["offer_b", "flow_b", "fit_b"]].isna().all()
    ccis, p2 = metrics.compare(rnd, a, b).to_dict("records")
    assert [ccis[name] for name in ("partner_id", "learners", "placed_a", "placed_b")] == ["ccis", 3, 2, 1]
    names = ("gained", "lost", "moved", "kept", "unplaced", "better", "worse")
    assert [ccis[name] for name in names] == [0, 1, 1, 0, 1, 1, 1]
    assert [p2[name] for name in names] == [1, 0, 0, 0, 0, 1, 0]
    assert (ccis["mean_fit_a"], ccis["mean_fit_b"]) == (90, 100)
    assert math.isnan(p2["mean_fit_a"])
    assert p2["cost_eur_a"] == 0
    assert p2["cost_eur_b"] > 0
    same = metrics.compare(rnd, a, a)
    assert same[["gained", "lost", "moved", "better", "worse"]].to_numpy().sum() == 0


def test_what_is_no_allocation_is_told_at_once(rnd: Round) -> None:
    """Ids that are not there, with the nearest; a learner twice; a column that is missing."""
    with pytest.raises(InputErrors) as told:
        metrics.summary(rnd, {"mine": frame("L1 o1 f1", "L1 o2 f1", "L2 o9 f1")})
    assert {(each.file, each.row, each.column) for each in told.value.problems} == {
        ("mine", 3, "learner_id"),
        ("mine", 4, "offer_id"),
    }
    with pytest.raises(InputErrors, match="flow_id"):
        metrics.summary(rnd, {"mine": frame("L1 o1 f1").drop(columns="flow_id")})


def test_the_formulas() -> None:
    """Gini of 1, 2, 3, 4: (−3 − 2 + 3 + 12) / (4 · 10) = 0.25. Wilson's interval of 8 of 10: 0.490 to 0.943 (Newcombe
    1998 gives this interval's formula and its values for 81 of 263: 0.2553 to 0.3662); of 0 of 10: 0 to 0.278.
    """
    assert metrics.gini(np.array([4, 1, 3, 2])) == 0.25
    assert metrics.gini(np.array([5, 5])) == 0
    assert math.isnan(metrics.gini(np.array([], np.int64)))
    low, high = metrics.wilson([8, 0, 10, 81, 0], [10, 10, 10, 263, 0])
    assert low[:4].round(4).tolist() == [0.4902, 0.0, 0.7225, 0.2553]
    assert high[:4].round(4).tolist() == [0.9433, 0.2775, 1.0, 0.3662]
    assert math.isnan(low[4])
    assert math.isnan(high[4])


def by_definition(rnd: Round, placements: list[Placement], seed: int) -> tuple[int, int]:
    """Blocking pairs and justified envy, placement by placement, from the tables."""
    options, _ = options_of(rnd)
    every = placements_of(options, np.arange(len(options)))
    rank = dict(zip(every, compile_problem(rnd, options).ranks.tolist(), strict=True))
    points = dict(zip(every, fit_points(rnd, options).tolist(), strict=True))
    drawn = rnd.learners["id"][lottery(len(rnd.learners), seed)].tolist()
    has = {place.learner_id: place for place in placements}
    by_fit = "fit" in rnd.policy.reported_goals
    flows = {flow.id: flow for flow in rnd.flows.records}
    seats = dict(zip(rnd.offers["id"], rnd.offers["seats"].tolist(), strict=True))

    def claim(place: Placement) -> tuple[int, int]:
        return points[place] if by_fit else 0, -drawn.index(place.learner_id)

    def open_on(day: object, wish: Placement) -> bool:
        there = [
            place
            for place in placements
            if place.learner_id != wish.learner_id
            and place.offer_id == wish.offer_id
            and flows[place.flow_id].start <= day <= flows[place.flow_id].end
        ]
        return len(there) < seats[wish.offer_id] or any(claim(place) < claim(wish) for place in there)

    wanted = [p for p in every if p.learner_id not in has or rank[p] < rank[has[p.learner_id]]]
    blocking = 0
    for wish in wanted:
        flow = flows[wish.flow_id]
        starts = [each.start for each in flows.values() if flow.start <= each.start <= flow.end]
        blocking += not rnd.policy.holds("seats") or all(open_on(day, wish) for day in starts)
    envy = sum(
        (wish.offer_id, wish.flow_id) == (place.offer_id, place.flow_id) and claim(place) < claim(wish)
        for wish, place in product(wanted, placements)
    )
    return blocking, envy


@pytest.mark.slow
def test_blocking_and_envy_are_their_definitions() -> None:
    """Two valid allocations of each of 60 random rounds: the counts are those of the tables, day by day."""
    seen = 0
    for seed in range(60):
        rnd = random_round(seed)
        found = {name: match(rnd, method=name, seed=seed) for name in ("greedy", "stable")}
        allocations = {name: each.placements for name, each in found.items() if each.audit is not None}
        table = metrics.summary(rnd, allocations, seed=seed)
        lines: list[dict[Any, Any]] = table.to_dict("records")
        for line in lines:
            name, left = line["allocation"], line["feasible_blocking_pairs"]
            counted = by_definition(rnd, read(rnd, allocations[name]), seed)
            assert (line["blocking_pairs"], line["justified_envy"]) == counted, (seed, name)
            assert left <= line["blocking_pairs"]
            stability = found[name].outcome.stability
            assert stability is None or left == stability.blocking
            seen += line["blocking_pairs"] > 0
    assert seen > 20


def test_places_against_the_rules_are_held_and_nobodys_claim() -> None:
    """Random placements of anybody anywhere, in 30 rounds: what breaks rules is counted as held, and never blocks."""
    for seed in range(30):
        rnd, draws = random_round(seed), np.random.default_rng(seed)
        some = [
            Placement(learner, *(str(draws.choice(table["id"])) for table in (rnd.offers, rnd.flows)))
            for learner in rnd.learners["id"][draws.random(len(rnd.learners)) < 0.6].tolist()
        ]
        made = pd.DataFrame(
            [(p.learner_id, p.offer_id, p.flow_id) for p in some],
            columns=["learner_id", "offer_id", "flow_id"],
        )
        table, audited = metrics.summary(rnd, {"made": made}), audit(rnd, some)
        assert table["valid"].tolist() == [audited.valid]
        assert table["feasible_blocking_pairs"].isna().tolist() == [not audited.valid]
        assert table["cost_eur"].tolist() == [int(audited.placed.spent_by.sum())]
        options, _ = options_of(rnd)
        assert table["blocking_pairs"][0] <= len(options)


@pytest.mark.slow
def test_the_sample_round_side_by_side() -> None:
    """Best possible places most; stable leaves no feasible pair; first come first served leaves many."""
    sample = load(ROOT / "sample_data" / "intervet")
    found = {name: match(sample, method=name).placements for name in ("auto", "greedy", "stable")}
    table = metrics.summary(sample, found).set_index("allocation")
    assert table["placed"].idxmax() == "auto"
    assert table["valid"].all()
    left = table["feasible_blocking_pairs"].astype(int).to_dict()
    assert (left["stable"], left["greedy"]) == (0, 187)
