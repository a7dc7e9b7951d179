"""The method for large rounds on small ones, where the exact method knows the truth."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import solvers
from matcher import match
from matcher.compiling import compile_problem, options_of
from matcher.generating import Spec, generate
from models.outcome import Outcome, Status
from models.problem import Problem, Weighted
from models.round import Round
from solvers.interface import Limits, never, silent
from solvers.scaling.beginning import Beginning
from solvers.scaling.efforts import TIED, Effort
from solvers.scaling.matrix import FloatArray, matrix_of
from solvers.scaling.prices import Descent, Market
from solvers.scaling.standing import Standing
from solvers.stage import targets_of
from tests.strategies import random_round


def compiled(rnd: Round) -> Problem:
    """A round as numbers."""
    return compile_problem(rnd, options_of(rnd)[0])


def solved(problem: Problem, method: str, workers: int = 1, seconds: float = 120) -> Outcome:
    """What a method finds."""
    return solvers.get(method).solve(problem, Limits(seconds, workers), silent, never)


def claims_hold(problem: Problem) -> bool:
    """Whether what ``large`` says of a problem can be true beside what ``exact`` proves; True if it found anything.
    Where there is nothing to find it may look for very long; what it says when time is up must be as true.
    """
    truth, found = solved(problem, "exact"), solved(problem, "large", seconds=3)
    if truth.status is Status.INFEASIBLE:
        assert found.status in (Status.INFEASIBLE, Status.NO_SOLUTION)
        return False
    assert found.status is not Status.INFEASIBLE
    if found.chosen is None:
        return False
    assert problem.allows(found.chosen)
    best, mine, goal = truth.goals[0], found.goals[0], problem.goals[0]
    if problem.weighted is not None:
        assert truth.objective is not None
        assert found.objective is not None
        assert truth.objective.value is not None
        assert found.objective.value is not None
        assert found.objective.bound is not None
        assert found.objective.value <= truth.objective.value <= found.objective.bound
        return True
    assert best.value is not None
    assert mine.value is not None
    assert mine.bound is not None
    assert goal.sense * mine.value <= goal.sense * best.value <= goal.sense * mine.bound
    return True


@pytest.fixture(autouse=True)
def _on_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small rounds are not handed to the exact method, nor is it asked whether there is an allocation."""
    monkeypatch.setattr("solvers.large.SMALL", -1)
    monkeypatch.setattr("solvers.scaling.doubting.ASKED", -1)


@pytest.fixture
def _few_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Prices that are far from the best bound as truly as good ones; and most of the time goes into steps."""
    monkeypatch.setattr("solvers.large.STEPS", (4, 10))


@pytest.mark.usefixtures("_few_steps")
@pytest.mark.parametrize("block", range(6))
def test_values_and_bounds_enclose_the_optimum(block: int) -> None:
    """On random rounds with every rule, goal by goal: allocations hold every row, the optimum lies between."""
    found = sum(claims_hold(compiled(random_round(seed))) for seed in range(100 * block, 100 * block + 8))
    assert found >= 3


@pytest.mark.usefixtures("_few_steps")
@pytest.mark.parametrize("block", range(4))
def test_weighted_values_and_bounds_enclose_the_optimum(block: int) -> None:
    """The same for one weighted objective."""
    found = 0
    for seed in range(5000 + 100 * block, 5000 + 100 * block + 6):
        problem = compiled(random_round(seed))
        weights = tuple(1000 // 30**number or 1 for number in range(len(problem.goals)))
        found += claims_hold(replace(problem, weighted=Weighted(weights, 1)))
    assert found >= 2


def test_prices_that_fall_for_ever_prove_that_there_is_no_allocation() -> None:
    """The round of seed 106 has none: the bound falls below what any choice gains, and the search ends there."""
    problem = compiled(random_round(106))
    assert solved(problem, "exact").status is Status.INFEASIBLE
    assert solved(problem, "large").status is Status.INFEASIBLE


@pytest.mark.parametrize("conflict", ["quota", "beds", "group", "budget", "seats", "pair", "min_group"])
def test_a_small_round_with_a_conflict_is_proven_to_have_none(
    conflict: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prices would fall till the clock ends them; the question whether there is an allocation is soon answered."""
    monkeypatch.setattr("solvers.scaling.doubting.ASKED", 20_000)
    problem = compiled(generate(Spec.of_shape("intervet", 60), 1, (conflict,)))
    found = solved(problem, "large", seconds=20)
    assert (found.status, found.stopped_by) == (Status.INFEASIBLE, None)


def test_where_mending_finds_none_the_answer_to_the_doubt_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Proposals that place nobody in a round where a quota asks for somebody, and nothing that mends them."""
    monkeypatch.setattr("solvers.scaling.doubting.ASKED", 20_000)
    monkeypatch.setattr("solvers.large.MENDS", 0)
    monkeypatch.setattr("solvers.scaling.beginning.Beginning.at", nobody)
    rounds = (random_round(seed) for seed in range(100, 140))
    problem = next(problem for problem in map(compiled, rounds) if asks_for_somebody(problem))
    found = solved(problem, "large", seconds=20)
    assert found.chosen is not None
    assert problem.allows(found.chosen)


@pytest.mark.parametrize(("shape", "seed"), [("national", 2), ("every_rule", 9)])
def test_whoever_is_in_the_way_of_a_pin_moves_wherever_they_are(
    shape: str, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those in the way need not be where the pinned place is: one of the same school at the company in a flow that
    overlaps is elsewhere. Found at 10,000 learners, where no sweep ever put it right and nothing came out.
    """
    monkeypatch.setattr("solvers.scaling.improving.Improver.sweep", lambda *_: iter(()))
    rnd = generate(Spec.of_shape(shape, 1_000), seed, ())
    found = solvers.get("large").solve(compiled(rnd), Limits(60, 1, 0, 1.0), silent, never)
    assert found.status is Status.FEASIBLE


def nobody(beginning: Beginning, worth: FloatArray) -> Standing:
    """An allocation in which nobody is placed."""
    return Standing.of(beginning.matrix, beginning.gain, np.zeros(len(worth), np.int64)[:0])


def asks_for_somebody(problem: Problem) -> bool:
    """Whether there is an allocation, but not without anybody placed."""
    empty = problem.allows(np.zeros(0, np.int64))
    return not empty and solved(problem, "exact").chosen is not None


SHAPES = ("intervet", "national", "groups_heavy", "tight_budget", "every_rule", "preferences")


@pytest.mark.usefixtures("_few_steps")
@pytest.mark.parametrize("shape", SHAPES)
def test_generated_rounds_are_placed_and_audited(shape: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rounds of every shape, several blocks each: an audited allocation, and a bound that holds for what first come
    first served finds. The last goal would go on for long: the clock may end it.
    """
    few = Effort(30, 1, 10, 1e-3)
    small = replace(TIED, lowered=(30, 60), settled=few, sweeps=(replace(few, chunks=4),))
    monkeypatch.setattr("solvers.large.APART", small)
    monkeypatch.setattr("solvers.large.TIED", replace(small, settled=None))
    rnd = generate(Spec.of_shape(shape, 90), 3)
    result = match(rnd, method="large", time_limit=3, gap=0.02)
    assert result.outcome.chosen is not None
    greedy = match(rnd, method="greedy")
    for goal, mine, other in zip(result.problem.goals, result.goals, greedy.goals, strict=True):
        assert mine.value is not None
        assert mine.bound is not None
        assert goal.sense * mine.value <= goal.sense * mine.bound
        if other.value is not None and goal is result.problem.goals[0]:
            assert goal.sense * other.value <= goal.sense * mine.bound


def test_the_same_allocation_on_any_number_of_workers() -> None:
    """One worker and two: the same options, the same bounds."""
    problem = compiled(generate(Spec.of_shape("national", 150), 5))
    one, two = solved(problem, "large"), solved(problem, "large", workers=2)
    assert one.chosen is not None
    assert two.chosen is not None
    assert one.chosen.tolist() == two.chosen.tolist()
    assert one.goals == two.goals


@pytest.mark.parametrize("seed", range(12))
def test_any_prices_bound_the_optimum(seed: int) -> None:
    """Prices found by descent, and prices at random, prove nothing below the optimum."""
    problem = compiled(random_round(seed + 9000))
    truth = solved(problem, "exact")
    if truth.status is not Status.OPTIMAL or not problem.options:
        return
    goal = targets_of(problem)[0]
    gain = (goal.sense * goal.dense(problem.columns)).astype(np.float64)
    market = Market(matrix_of(problem), gain)
    assert truth.goals[0].value is not None
    best = goal.sense * truth.goals[0].value
    found = Descent(market, market.begin()).go(60, best, np.zeros(0, np.int64), never)
    assert found.bound >= best - 1e-6
    rng = np.random.default_rng(seed)
    for _ in range(20):
        prices = market.within(rng.normal(0, 1 + abs(best), len(market.matrix)) * market.priced)
        assert market.state(prices, found.sharing).bound >= best - 1e-6


def test_auto_takes_it_beyond_the_exact_methods_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    """Above the limit of options ``auto`` says large, and why."""
    monkeypatch.setattr("solvers.EXACT_REACH", 10)
    result = match(generate(Spec.of_shape("national", 60), 1), time_limit=30)
    assert result.outcome.method == "large"
    assert "beyond the exact method's reach" in (result.outcome.why or "")
