"""What fairness costs, what is withheld, what allocations are held against: by hand and on random rounds."""

from __future__ import annotations

import json
import math

import numpy as np
import pandas as pd
import pytest

from matcher import match, metrics
from matcher.metrics.baselines import Effort
from matcher.metrics.judging import records
from matcher.metrics.pricing import at_least
from matcher.metrics.telling import about_prices, shown, varying
from matcher.metrics.withholding import pooled
from models.errors import InputErrors, UnknownName
from models.policy import Policy
from models.round import Round
from tests import tiny
from tests.strategies import random_round

QUICK = Effort(seeds=3)
FIELDS = ["0713", "0714", "0715", "0721"]


def frame(*placements: str) -> pd.DataFrame:
    """An allocation made by hand."""
    return pd.DataFrame([each.split() for each in placements], columns=["learner_id", "offer_id", "flow_id"])


@pytest.fixture
def uneven() -> Round:
    """Four seats; partner a has four learners of the very field (100 points), b two of a field that suits less (60)."""
    rows = [tiny.partner("a"), tiny.partner("b"), tiny.offer(seats=4, fields=("0713",))]
    rows += [tiny.learner(f"A{number}", partner_id="a") for number in range(4)]
    rows += [tiny.learner(f"B{number}", partner_id="b", field="0714") for number in range(2)]
    policy = Policy(fit_weights={"profile": 1, "language": 0, "preference": 0, "affinity": 0})
    return tiny.tiny(*rows, policy=policy)


def test_parity_by_hand(uneven: Round) -> None:
    """By fit alone all four seats are a's: 400 points. A half of b asks for one of them: 360. Alike: two of four and
    one of two is 500 and 500, the fourth seat makes it 500, 750 (b one) or 1000 (b two): leximin takes the latter.
    """
    prices = metrics.parity(uneven, (50, 100))
    names = ["policy", "at least 50 %", "at least 100 %", "as equal as can be"]
    assert [line.name for line in prices.lines] == names
    assert [line.known for line in prices.lines] == ["optimal", "optimal", "infeasible", "optimal"]
    assert prices.exact
    assert [line.worst for line in prices.lines] == [0, 500, None, 500]
    assert [line.fit for line in prices.lines] == [400, 360, None, 320]
    table = prices.frame()
    assert table["more_fit"].tolist()[:2] == [0, -40]
    assert table["more_placed"].tolist()[:2] == [0, 0]
    assert json.loads(json.dumps(prices.as_dict()))["lines"][1]["goals"]["placed"] == 4
    assert "exact" in about_prices("parity", prices)


def test_least_shares_are_rounded_up(uneven: Round) -> None:
    """26 % of four learners are two; a rule that was off comes with no other quotas than these."""
    rows = at_least(uneven, 26).quotas.records
    assert [(row.partner_id, row.min_learners) for row in rows] == [("a", 2), ("b", 1)]
    off = uneven.replace(policy=uneven.policy.model_copy(update={"rules": {"quotas": False}}))
    assert at_least(off, 26).policy.holds("quotas")


def test_what_parity_cannot_be_asked() -> None:
    """Least shares of schools; 101 percent; groups that there are not."""
    rnd = tiny.tiny()
    with pytest.raises(ValueError, match="sending partners only"):
        metrics.parity(rnd, (50,), by="school")
    with pytest.raises(ValueError, match="0 to 100"):
        metrics.parity(rnd, (101,))
    with pytest.raises(UnknownName, match="nearest: school"):
        metrics.parity(rnd, by="schools")


def test_parity_of_other_groups_raises_the_worst_share_first(uneven: Round) -> None:
    """By trade as by partner here: the worst share is 500."""
    policy, equal = metrics.parity(uneven, by="field").lines
    assert (policy.worst, equal.worst, equal.proven) == (0, 500, True)


def test_stability_by_hand(uneven: Round) -> None:
    """Seats go by fit, so that the best by fit is stable: it costs nothing, nobody envies with reason."""
    prices = metrics.stability(uneven)
    assert [line.name for line in prices.lines] == [
        "policy",
        "stable",
        "best placed",
        "best fit",
        "best cost",
    ]
    policy, stable, *alone = prices.lines
    assert (stable.known, stable.proven, stable.feasible_blocking_pairs) == ("stable", True, 0)
    assert (stable.fit, stable.placed) == (policy.fit, policy.placed) == (400, 4)
    assert [line.cost_eur for line in alone][-1] == 0
    assert "Another stable" in about_prices("stability", prices)


def test_prices_are_those_of_solves_by_themselves() -> None:
    """On random rounds: a line is what a solve of its own gives, goal by goal, and no line is better than the first."""
    compared = 0
    for seed in range(8):
        rnd = random_round(seed)
        if rnd.policy.weights is not None:
            continue
        policy, *rest = metrics.parity(rnd, effort=QUICK).lines
        own = match(rnd)
        if own.audit is None:
            assert policy.goals is None
            continue
        assert policy.goals == dict(own.audit.goals)
        equity = rnd.replace(policy=rnd.policy.model_copy(update={"goals": ("equity",)}))
        assert rest[-1].worst == match(equity).goals[0].value
        compared += 1
    assert compared >= 4


@pytest.mark.parametrize(
    ("counts", "apart", "together"),
    [
        ([[10, 9, 8], [10, 9, 8], [0, 0, 0]], [0, 1, 2], []),
        ([[10, 9, 3], [5, 9, 3], [5, 0, 0]], [0], [1, 2]),  # one alone would be all less the others
        ([[10, 3, 2], [5, 3, 2], [5, 0, 0]], [0], [1, 2]),  # 3 + 2 is no small count
        ([[10, 2, 2], [5, 2, 2], [5, 0, 0]], [], [0, 1, 2]),  # 2 + 2 is
        ([[10, 3], [6, 3], [4, 0]], [], [0, 1]),
        ([[0], [0], [0]], [0], []),
    ],
)
def test_small_groups_are_put_together(
    counts: list[list[int]], apart: list[int], together: list[int]
) -> None:
    """At least two, with no small sum, or all there are."""
    shown_apart, hidden = pooled(np.array(counts))
    assert (shown_apart.tolist(), hidden.tolist()) == (apart, together)


def test_nothing_that_counts_one_to_four_is_shown_where_it_is_withheld() -> None:
    """Over random crowds and keys: no count and no complement from 1 to 4, and the sums stay what they are."""
    pools = 0
    for seed in range(30):
        rng = np.random.default_rng(seed)
        rows = [
            tiny.learner(
                f"L{number:03}",
                field=str(rng.choice(FIELDS, p=[0.7, 0.2, 0.05, 0.05])),
            )
            for number in range(int(rng.integers(1, 60)))
        ]
        rnd = tiny.tiny(*rows)
        some = [row.id for row in rows if rng.random() < 0.6]
        table = metrics.by(rnd, frame(*(f"{name} o1 f1" for name in some)), "trade", withhold=True)
        for column in ("learners", "placed", "unplaced"):
            given = table[column].dropna().astype(int)
            assert not ((given > 0) & (given < 5)).any(), (seed, column)
        hidden = table[table["group"] == "withheld"]
        assert len(hidden) <= 1
        assert (hidden["groups"] != 1).all() or hidden["learners"].isna().all()
        pools += len(hidden)
        if table["learners"].notna().all():
            assert table["learners"].sum() == len(rows)
            assert table["placed"].sum() == len(some)
    assert pools > 10


def test_inequality_by_hand(uneven: Round) -> None:
    """All of a, nobody of b: rates 1 and 0, whose Gini is 1/2; no learner has a school or a reason."""
    table = metrics.inequality(uneven, frame(*(f"A{number} o1 f1" for number in range(4)))).set_index("key")
    partner = table.loc["partner"].to_dict()
    assert (partner["gini_rate"], partner["lowest"], partner["worst"]) == (0.5, 0, "b")
    assert (partner["highest"], partner["best"], partner["groups"]) == (1, "a", 2)
    assert table.loc["school", "groups"] == 0
    assert math.isnan(float(table.loc["school", "gini_rate"]))  # type: ignore[arg-type]  # a number
    assert table.loc["country", "gini_rate"] == 0


def test_judgement_holds_against_what_was_asked(uneven: Round) -> None:
    """The given one first, then the baselines in their order; random serial as its mean, with how it varies."""
    given = {"mine": frame("B0 o1 f1", "B1 o1 f1", "A0 o1 f1")}
    found = metrics.judge(uneven, given, ("random_serial", "best", "stable"), effort=QUICK)
    assert found.summary["allocation"].tolist() == ["mine", "best", "stable", "random_serial"]
    assert found.serial == (3, 3)
    assert found.known["best"] == "optimal"
    assert set(found.partners["allocation"]) == {"best", "stable"}
    assert found.groups["allocation"].unique().tolist() == ["mine", "best", "stable"]
    assert found.spread is not None
    placed = found.spread.set_index("metric").loc["placed"].to_dict()
    assert (placed["mean"], placed["sd"], placed["allocations"]) == (4, 0, 3)
    assert json.loads(json.dumps(found.as_dict()))["random_serial"] == {"allocations": 3, "orders": 3}
    assert varying(records(found.spread)[0])["metric"] == "placed"


def test_withheld_judgements_say_less(uneven: Round) -> None:
    """Six learners are too few to be told apart: no partner's rate, no wish, nobody's gain."""
    found = metrics.judge(uneven, {}, ("best",), withhold=True)
    assert found.groups["group"].tolist() == ["withheld"]
    assert found.groups["placed"].isna().all()
    assert len(found.partners) == 0


def test_what_cannot_be_judged() -> None:
    """No allocation at all; a baseline that there is not; a name that a baseline has."""
    rnd = tiny.tiny()
    with pytest.raises(InputErrors, match="no allocation to speak of"):
        metrics.judge(rnd, {}, ())
    with pytest.raises(UnknownName, match="nearest: stable"):
        metrics.judge(rnd, {}, ("stabel",))
    with pytest.raises(InputErrors, match="this name is a baseline"):
        metrics.judge(rnd, {"best": frame()}, ("best",))


def test_a_cancelled_comparison_ends_with_what_it_has() -> None:
    """Random orders stop."""
    found = metrics.baselines(tiny.tiny(), ("random_serial",), Effort(seeds=5, cancel=lambda: True))
    assert [len(one.allocations) for one in found] == [0]


@pytest.mark.parametrize(
    ("column", "value", "text"),
    [
        ("rate", 0.5, "50.0 %"),
        ("worst", 954, "95.4 %"),
        ("more_cost_eur", -12345, "−12 345"),
        ("gini_rate", 0.0071, "0.007"),
        ("cost_eur", 1234567, "1 234 567"),
        ("mean_fit", 80.126, "80.13"),
        ("valid", True, "yes"),
        ("known", "infeasible", "impossible, proven"),
        ("rate", float("nan"), "–"),
        ("placed", None, "–"),
    ],
)
def test_cells_as_people_read_them(column: str, value: object, text: str) -> None:
    """Shares in percent, differences with their sign, thousands apart."""
    assert shown(column, value) == text
