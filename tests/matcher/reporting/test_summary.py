"""`report.json`: the contract's keys, numbers worked by hand, and nothing that was not computed."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from matcher import Result, match
from matcher.reporting.facts import Facts
from matcher.reporting.model import Report, schema
from matcher.reporting.occupancy import Bucket, buckets, occupancy
from matcher.reporting.summary import gap, unverified
from models.outcome import GoalValue, ObjectiveValue, Status, Stop
from models.rates import Rates
from tests.matcher.reporting import rounds

CONTRACT = (
    "status",
    "goals",
    "objective",
    "gap",
    "method",
    "seed",
    "seconds",
    "counts",
    "input_digest",
    "versions",
)


def with_outcome(result: Result, **changes: Any) -> Result:
    """The result with another outcome."""
    return replace(result, outcome=replace(result.outcome, **changes))


def test_the_contracts_keys(hand: Result) -> None:
    """Every key that the contract names is there, and the content survives JSON as it is."""
    report = hand.report
    assert set(CONTRACT) <= set(report)
    assert report["status"] == "optimal"
    assert report["goals"][0] == {"name": "placed", "value": 3, "bound": 3, "proven": True}
    assert [goal["name"] for goal in report["goals"]] == ["placed", "fit", "cost"]
    assert (report["gap"], report["objective"], report["stopped_by"]) == (0.0, None, None)
    assert report["input_digest"] == hand.round.digest
    assert json.loads(json.dumps(report)) == report
    assert {"options", "compile", "solve", "audit"} <= set(report["seconds"])


def test_stability_is_published_by_the_method_that_seeks_it(hand: Result) -> None:
    """The lottery by learners' ids, in the order of their tickets; other methods say nothing of it."""
    rnd = hand.round
    found = match(rnd, method="stable", seed=3).report["stability"]
    tickets = dict(zip(rnd.learners["id"], np.random.PCG64(3).random_raw(len(rnd.learners)), strict=True))
    assert found == {
        "priority": "fit, then the lottery",
        "lottery": sorted(tickets, key=tickets.__getitem__),
        "blocking_pairs": 0,
        "rounds": 0,
    }
    assert hand.report["stability"] is None


def test_counts_by_hand(hand: Result) -> None:
    """Three of four learners placed, one escort; each learner has one offer in one flow within the dates."""
    counts = hand.report["counts"]
    numbers = {
        name: counts[name] for name in ("learners", "placed", "unplaced", "escorts", "heads", "options")
    }
    assert numbers == {"learners": 4, "placed": 3, "unplaced": 1, "escorts": 1, "heads": 4, "options": 4}
    assert counts["candidates"] == 8  # both offers, each with its host's flow
    assert hand.report["unplaced"] == {"outcompeted": 1}
    assert hand.report["barred"] == {"dates": {"options": 4, "alone": 4}}


def test_shares_by_hand(hand: Result) -> None:
    """What each partner sends, hosts and costs."""
    p1, p2 = hand.report["partners"]
    assert p1 == {
        "id": "p1",
        "country": "RS",
        "learners": 2,
        "placed": 2,
        "unplaced": 0,
        "escorts": 1,
        "cost_eur": 2227 + 2327 + 2739,
        "budget_eur": 8000,
        "mean_fit": 89.0,
    }
    assert (p2["placed"], p2["unplaced"], p2["cost_eur"], p2["budget_eur"]) == (1, 1, 1981, None)
    h1, h2 = hand.report["hosts"]
    assert (h1["learners"], h1["escorts"], h1["heads"], h1["peak_heads"], h1["least_free_beds"]) == (
        2,
        1,
        3,
        3,
        1,
    )
    assert (h1["companies"], h1["companies_with_learners"], h1["seats"], h1["cost_eur"]) == (1, 1, 3, 7293)
    assert (h2["heads"], h2["least_free_beds"], h2["cost_eur"]) == (1, None, 1981)


def test_cost_split_by_hand(hand: Result) -> None:
    """Three travels, support of 1602 twice and 1356, three organisations, one inclusion, one escort."""
    assert hand.report["cost"] == {
        "travel": 825,
        "support": 4560,
        "organisation": 1050,
        "inclusion": 100,
        "escorts": 2739,
        "total": 9274,
    }


def test_an_infeasible_round_invents_nothing(infeasible: Result) -> None:
    """Without an allocation there are no counts of placements, no costs, no gap; the conflict is repeated."""
    report = infeasible.report
    assert report["status"] == "infeasible"
    assert report["conflict"] == list(infeasible.conflict) != []
    assert {report["counts"][name] for name in ("placed", "unplaced", "escorts", "heads")} == {None}
    assert (report["cost"], report["unplaced"], report["gap"]) == (None, None, None)
    assert {line["cost_eur"] for line in (*report["partners"], *report["hosts"])} == {None}
    assert [line["learners"] for line in report["partners"]] == [2, 2]  # known without an allocation
    assert {goal["value"] for goal in report["goals"]} <= {None}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([(100, 100), (50, 55)], 0.1),
        ([(0, 3)], 3.0),
        ([(100, None), (50, 50)], None),
        ([(None, 10)], None),
    ],
)
def test_the_gap_is_the_largest_and_never_a_guess(
    hand: Result, values: list[tuple[int | None, int | None]], expected: float | None
) -> None:
    """|bound − value| ÷ max(1, |value|), the largest over the goals; unknown as soon as one number is."""
    goals = tuple(GoalValue("fit", value, bound, value == bound) for value, bound in values)
    assert gap(with_outcome(hand, goals=goals)) == expected


def test_a_weighted_policy_has_the_objectives_gap(hand: Result) -> None:
    """With weights, the gap is that of the weighted sum."""
    result = with_outcome(
        hand,
        goals=(GoalValue("placed", 3, None, False),),
        objective=ObjectiveValue(2000.0, 2100.0, proven=False),
        status=Status.FEASIBLE,
        stopped_by=Stop.TIME,
    )
    assert result.report["gap"] == pytest.approx(0.05)
    assert result.report["objective"] == {"value": 2000.0, "bound": 2100.0, "proven": False}
    assert result.report["stopped_by"] == "time_limit"


def test_the_digests_name_the_files_on_disk(hand: Result, tmp_path: Path) -> None:
    """Whoever has the folder can see that its files belong together."""
    hand.save(tmp_path / "out")
    for name, digest in hand.report["files"].items():
        assert hashlib.sha256((tmp_path / "out" / name).read_bytes()).hexdigest() == digest


def test_unverified_rates_say_whether_they_bear() -> None:
    """Of 2024's figures without a text, those of other country groups and of no escorts do not bear on the round."""
    rnd = rounds.hand_round().replace(rates=Rates.shipped(2024), call_year=2024)
    bears = {rate.figure: rate.bears for rate in unverified(rnd)}
    assert {figure.name for figure in rnd.rates.to_verify()} == set(bears)
    # Italy is in group 1 and Slovenia in group 2 from 2024 on; stays are short
    assert (bears["learner_day.1"], bears["learner_day.2"], bears["learner_day.3"]) == (True, True, False)
    assert (bears["organisation.short"], bears["organisation.long"], bears["inclusion"]) == (
        True,
        False,
        True,
    )


def test_the_schema_describes_the_report(hand: Result) -> None:
    """The report validates against its model, and the model's schema names every key."""
    assert Report.model_validate(hand.report).model_dump(mode="json") == hand.report
    assert set(schema()["properties"]) == set(hand.report)


def test_occupancy_by_hand(hand: Result) -> None:
    """From 5 September: 14 days with three heads at h1; from the 12th (day 7) on, 14 with one at h2."""
    found = occupancy(Facts(hand))
    assert found is not None
    assert (str(found.first), found.days) == ("2022-09-05", 21)
    assert found.heads.tolist() == [[3] * 14 + [0] * 7, [0] * 7 + [1] * 14]
    assert found.learners.tolist()[0] == [2] * 14 + [0] * 7
    assert found.seats.tolist() == [[3] * 21, [1] * 21]
    assert found.limited.tolist() == [True, False]
    assert found.beds.tolist()[0] == [4] * 21
    assert found.free_beds[0].min() == 1


def test_weeks_begin_on_mondays(hand: Result) -> None:
    """Many days are shown by calendar weeks; the first and the last may be shorter."""
    found = occupancy(Facts(hand))
    assert found is not None
    assert buckets(found) == [Bucket(day, day + 1) for day in range(21)]
    long = replace(found, first=found.first.astype("datetime64[D]") + 2, heads=found.heads.repeat(2, axis=1))
    assert buckets(long)[:2] == [Bucket(0, 5), Bucket(5, 12)]  # from Wednesday, 7 September, to Sunday
    assert buckets(long)[-1] == Bucket(40, 42)
