"""Fairness in `report.json` and on the page: the same figures as the metrics, cheaply, and what is left out is said."""

from __future__ import annotations

import re

import pytest

from matcher import load, match, metrics
from matcher.reporting import fairness
from matcher.reporting.model import Fairness, Goal, RateLine, WishLine
from matcher.reporting.page import page
from matcher.reporting.rates import NOT_COUNTED, fairness_view
from matcher.reporting.views import Range
from matcher.reporting.words import goal_value, proof, shares
from models.policy import Policy
from tests import tiny
from tests.conftest import EXAMPLES
from tests.strategies import random_round


def test_it_is_what_the_metrics_say() -> None:
    """On 14 random rounds: counts, Gini and intervals are those of `matcher.metrics` on the same placements."""
    compared = 0
    for seed in range(14):
        result = match(random_round(seed), seed=seed)
        if result.audit is None:
            assert result.report["fairness"] is None
            continue
        found, rnd = Fairness.model_validate(result.report["fairness"]), result.round
        (line,) = metrics.summary(rnd, {"a": result.placements}, seed=seed).to_dict("records")
        for name in ("blocking_pairs", "justified_envy", "envious"):
            assert getattr(found, name) == line[name], (seed, name)
        assert (
            found.gini_rates == pytest.approx(line["gini_rate"], abs=1e-4, nan_ok=True)
            or found.gini_rates is None
        )
        groups = metrics.by(rnd, result.placements, "partner")
        assert [one.id for one in found.partners] == groups["group"].tolist()
        assert [one.low for one in found.partners] == pytest.approx(groups["low"].tolist(), abs=1e-4)
        profile = metrics.rank_profile(rnd, result.placements)
        assert [one.learners for one in found.wishes] == profile["learners"].tolist()
        compared += 1
    assert compared > 7


def test_claims_are_left_out_of_a_report_on_very_many_options(monkeypatch: pytest.MonkeyPatch) -> None:
    """And the page says so; rates are there."""
    monkeypatch.setattr(fairness, "COUNTED_UP_TO", 0)
    result = match(load(EXAMPLES / "example-01"))
    assert result.report["fairness"]["blocking_pairs"] is None
    assert result.report["fairness"]["partners"]
    assert NOT_COUNTED in re.sub(r"\s+", " ", page(result))


def test_the_page_has_the_section() -> None:
    """Its heading, a link to it, and numbers beside the bars."""
    text = page(match(load(EXAMPLES / "example-01")))
    assert '<a href="#fairness">Fairness</a>' in text
    assert 'class="bar ranged"' in text


def test_the_section_by_hand() -> None:
    """3 of 4 with its interval; wishes that nobody has are left out, and those without a place are none."""
    found = Fairness(
        partners=(RateLine(id="ccis", learners=4, placed=3, low=0.3006, high=0.9544),),
        gini_rates=0.0,
        gini_fit=0.25,
        wishes=(
            WishLine(wish="1", learners=2),
            WishLine(wish="2", learners=0),
            WishLine(wish="unlisted", learners=1),
            WishLine(wish="unplaced", learners=1),
        ),
        blocking_pairs=1,
        justified_envy=2,
        envious=1,
    )
    view = fairness_view(tiny.tiny(), found)
    ((_, bar, share, interval),) = view.rates.rows
    assert bar == Range("3 of 4", 0.75, 0.3006, 0.9544)
    assert (share, interval) == ("75\u202f%", "30.1 to 95.4\u202f%")
    assert view.wishes is not None
    assert [row[0] for row in view.wishes.rows] == ["wish 1", "not among the wishes", "no place"]
    assert [row[3] for row in view.wishes.rows] == ["50\u202f%", "", ""]
    assert any(sentence.startswith("1 blocking pair:") for sentence in view.sentences)
    assert any("1 learner has reason to envy" in sentence for sentence in view.sentences)


def test_leximin_in_words() -> None:
    """Its shares, not its number; of many the worst; with a bound where it is not proven."""
    assert shares(1_0333_0500) == "33.3\u202f%, 50\u202f%"
    assert shares(1) == "–"
    assert shares(int("1" + "0500" * 8)).endswith("(the worst 6 of 8)")
    assert goal_value("leximin", 1_0333_0500_1000) == "33.3\u202f%, 50\u202f% …"
    assert goal_value("leximin", 1_1000) == "100\u202f%"
    assert goal_value("equity_schools", 500) == "50\u202f%"
    one = tiny.tiny(policy=Policy(goals=("leximin",)))
    (goal,) = match(one).report["goals"]
    assert goal == {"name": "leximin", "value": 1_1000, "bound": 1_1000, "proven": True}
    said = proof(Goal(name="leximin", value=1_0000, bound=1_1000, proven=False), 0)
    assert said == "Not proven: 0\u202f%; at most 100\u202f% could be possible."
