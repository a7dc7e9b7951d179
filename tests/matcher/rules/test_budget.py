"""Rule 11: learners and escorts of a sending partner cost at most its budget, and all together the round's.

Hand arithmetic, rates of 2022, Beograd (44.804, 20.4651) to Maribor (46.5547, 15.6459): 421 km, so 180
standard. A learner is paid 28 + 2 days at 88: 14 · 88 + 16 · 62 (0.7 · 88 = 61.6) = 2224; with 350 for
organisation 2754. An escort is paid 30 days at 140: 14 · 140 + 16 · 98 = 3528; with travel 3708.
"""

import pytest

from models.outcome import Breach
from models.policy import Policy
from models.tables import Row
from tests.tiny import breaches, flow, labels, learner, partner, tiny

LEARNER, ESCORT = 2754, 3708
LEARNERS = [learner("L1"), learner("L2"), learner("L3", partner_id="cem"), partner("cem")]
EVERYONE = ("L1 o1 f1", "L2 o1 f1", "L3 o1 f1")


@pytest.mark.parametrize(("short", "fine"), [(0, True), (1, False)])
def test_the_boundary_of_a_partners_budget(short: int, fine: bool) -> None:
    """Two learners: their cost to the euro passes, a euro less is a breach; cem has no limit."""
    budget = 2 * LEARNER - short
    rnd = tiny(*LEARNERS, partner("ccis", budget_eur=budget))
    message = f"budget of partner ccis: {budget} EUR, spent {2 * LEARNER} EUR"
    expected = [] if fine else [Breach("budget", message, ("L1", "L2"))]
    assert breaches(rnd, "budget", *EVERYONE) == expected


@pytest.mark.parametrize(("short", "fine"), [(0, True), (1, False)])
def test_escorts_cost_money_while_the_rule_holds(short: int, fine: bool) -> None:
    """One escort for two learners; without the rule the same budget has money over."""
    rows: list[Row] = [*LEARNERS, partner("ccis", budget_eur=2 * LEARNER + ESCORT - short)]
    rows += [flow(learners_per_escort=2)]
    assert (breaches(tiny(*rows), "budget", *EVERYONE) == []) == fine
    assert breaches(tiny(*rows, policy=Policy(rules={"escorts": False})), "budget", *EVERYONE) == []


@pytest.mark.parametrize(("short", "fine"), [(0, True), (1, False)])
def test_the_boundary_of_the_rounds_budget(short: int, fine: bool) -> None:
    """Three learners of two partners."""
    budget = 3 * LEARNER - short
    rnd = tiny(*LEARNERS, partner("ccis"), budget_eur=budget)
    message = f"budget of the round: {budget} EUR, spent {3 * LEARNER} EUR"
    expected = [] if fine else [Breach("budget", message, ("L1", "L2", "L3"))]
    assert breaches(rnd, "budget", *EVERYONE) == expected


def test_nothing_costs_nothing() -> None:
    """No money at all is enough for nobody."""
    rnd = tiny(*LEARNERS, partner("ccis", budget_eur=0), budget_eur=0)
    assert breaches(rnd, "budget") == []


def test_rows_name_partner_and_amount() -> None:
    """One row per limit."""
    rnd = tiny(*LEARNERS, partner("ccis", budget_eur=9000), budget_eur=12000)
    assert labels(rnd, "budget") == ["budget of ccis: 9000 EUR", "budget of the round: 12000 EUR"]
