"""Prices in rounds worked by hand: what one more of each kind is worth, and what is said where nothing is solved."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from matcher import match
from matcher.shortages import pricing, shortages
from matcher.shortages.answer import SetLine
from matcher.shortages.asking import Asked
from matcher.shortages.units import RULES, Unit, changed
from models.outcome import Status
from models.round import Round
from models.tables import Beds, Quota
from solvers import shadows as shadow_prices
from solvers.interface import Limits
from solvers.shadows import shadows
from tests import tiny
from tests.strategies import random_round

EXACT = Asked(top=50, places=0)


def worth(rnd: Round, what: str, asked: Asked = EXACT) -> dict[str, int]:
    """What one more of something is worth, exactly."""
    lines = [line for line in shortages(match(rnd), asked).prices if line.what == what]
    assert [line.mark for line in lines] == ["exact"], what
    assert lines[0].exact is not None
    return dict(lines[0].exact)


TWO = [tiny.learner("L1"), tiny.learner("L2")]
YEAR = {"from_": tiny.day("01-01"), "to": tiny.day("12-31")}


@pytest.mark.parametrize(
    ("row", "what"),
    [
        (tiny.offer(seats=1), "1 seat more at offer o1"),
        (tiny.flow(max_heads=1), "1 head more in flow f1"),
        (Beds(host_id="zni", beds=1, **YEAR), "1 bed more at zni, 2022-09-12 to 2022-10-09"),
        (Quota(partner_id="ccis", max_learners=1), "1 learner more in quota ccis→all"),
        (tiny.company(working_languages=(("en", 4),)), "company c1 asks one level less of English"),
        (tiny.offer(min_eqf=5), "offer o1 takes one EQF level lower"),
        (tiny.offer(max_eqf=3), "offer o1 takes one EQF level higher"),
        (tiny.flow(min_group=3), "smallest group of flow f1 smaller by 1"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_one_more_of_each_kind_places_somebody(row: object, what: str) -> None:
    """Two learners, and one thing that keeps one of them (or both) out: one more of it places them."""
    assert worth(tiny.tiny(*TWO, row), what)["placed"] >= 1  # type: ignore[arg-type]  # a row of any table


def test_money_is_worth_something_in_its_unit() -> None:
    """One placement's price more of budget places the second learner."""
    cost = int(match(tiny.tiny()).placements["cost_eur"][0])
    rnd = tiny.tiny(*TWO, tiny.partner(budget_eur=cost))
    asked = EXACT._replace(euros=cost)
    assert worth(rnd, f"{cost} EUR more for the budget of ccis", asked)["placed"] == 1
    rnd = tiny.tiny(*TWO, budget_eur=cost)
    assert worth(rnd, f"{cost} EUR more for the budget of the round", asked)["placed"] == 1


def test_what_is_not_short_is_not_priced() -> None:
    """With room for everybody nothing binds: no prices, no shortages."""
    answer = shortages(match(tiny.tiny()), EXACT)
    assert answer.prices == ()
    assert answer.shortages == ()


def test_every_kind_changes_the_round() -> None:
    """Every kind of unit has a rule, and a change that makes another round of it."""
    rnd = tiny.tiny(
        *TWO,
        tiny.offer(seats=1, min_eqf=3, max_eqf=4),
        tiny.flow(max_heads=2, min_group=2),
        tiny.company(min_age=16, max_same_school=1),
        tiny.partner(budget_eur=9000),
        Beds(host_id="zni", beds=1, **YEAR),
        Quota(host_id="zni", min_learners=1, max_learners=2),
        budget_eur=9000,
    )
    details = {"language": "en", "bed": "2022-09-12/2022-10-09"}
    ids = {"bed": "zni"}
    for kind in RULES:
        unit = Unit(kind, 0, ids.get(kind, ""), details.get(kind, ""))
        assert changed(rnd, unit).digest != rnd.digest, kind


def test_top_limits_what_is_solved_again() -> None:
    """With --top 1 one price at most is re-solved; the others are from prices, or proven to be nothing, and marked."""
    answer = shortages(match(random_round(3, most_learners=8)), Asked(top=1, places=0))
    assert sum(line.how == "re-solved" for line in answer.prices) <= 1
    assert {line.mark for line in answer.prices} <= {"exact", "from prices"}
    assert all((line.exact is None) == (line.mark == "from prices") for line in answer.prices)


def test_a_large_round_gets_prices_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the size up to which changed rounds are solved, nothing is called exact, and it is said why."""
    monkeypatch.setattr("matcher.shortages.asking.MOST_RESOLVED", 0)
    answer = shortages(match(tiny.tiny(*TWO, tiny.offer(seats=1), tiny.flow(max_heads=1))), EXACT)
    assert answer.prices
    exact = [line for line in answer.prices if line.exact is not None]
    assert all(line.how == "proven from prices" for line in exact)
    assert answer.best_set is None
    assert any("Nothing was solved again" in note for note in answer.notes)


def test_the_best_is_sought_from_an_allocation_that_is_not_proven() -> None:
    """First come first served proves nothing: the round is solved to its proof from there, and prices are exact."""
    result = match(tiny.tiny(*TWO, tiny.offer(seats=1)), method="greedy")
    answer = shortages(result, Asked(top=5, places=3))
    assert answer.proven
    assert answer.best_set is not None


def test_an_unproven_round_gets_prices_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the round itself is not proven, differences mean nothing: prices only, and it is said."""
    result = match(tiny.tiny(*TWO, tiny.offer(seats=1)), method="greedy")
    monkeypatch.setattr("matcher.shortages.asking.solved", lambda *_: None)
    monkeypatch.setattr(type(result), "status", Status.FEASIBLE)
    answer = shortages(result, Asked(top=5, places=3))
    assert not answer.proven
    assert answer.best_set is None
    assert any("not solved to a proof" in note for note in answer.notes)
    assert {line.mark for line in answer.prices} == {"from prices"}


@pytest.mark.parametrize("seed", range(8))
def test_prices_by_steps_bound_as_duals_do(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the relaxation's reach prices come from steps: their bound holds for the best allocation too."""
    result = match(random_round(seed, most_learners=8))
    if result.outcome.chosen is None or not len(result.options):
        return
    closed = np.zeros(result.problem.options, bool)
    reached = pricing.reached_of(result.problem, result.outcome.chosen)
    duals = shadows(result.problem, closed, reached, Limits())
    monkeypatch.setattr(shadow_prices, "REACH", -1)
    (steps,) = shadows(result.problem, closed, reached, Limits())
    best = steps.goal.sense * reached[0]
    assert steps.bound >= best - 1e-6
    assert duals[0].bound >= best - 1e-6
    assert not steps.settled
    assert duals[0].settled


def test_seats_one_by_one_are_never_better_than_the_best_set() -> None:
    """Picked greedily, each beside those before it: exact, no better than the best set, and never called the best."""
    compared = 0
    for seed in range(40):
        result = match(random_round(seed, most_learners=7))
        if result.outcome.chosen is None or not len(result.options):
            continue
        answer = shortages(result, Asked(top=0, places=3, one_by_one=True))
        best, greedy = answer.best_set, answer.one_by_one
        assert (best is None) == (greedy is None)
        if best is None or greedy is None or not best.proven:
            continue
        assert greedy.checked
        assert not greedy.proven
        assert sum(greedy.seats.values()) <= 3
        senses = {goal.name: goal.sense for goal in result.problem.goals}
        assert gained(best, senses) >= gained(greedy, senses)
        compared += bool(greedy.seats)
        if compared == 3:
            break
    assert compared == 3


def gained(line: SetLine, senses: Mapping[str, int]) -> list[int]:
    """What a set brings, goal by goal, more being better."""
    return [senses[name] * worth for name, worth in line.worth.items()]
