"""Peers: honest, on the same numbers; each proves what it can prove and says what it cannot."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.contestants import Unavailable, contestant, methods, peers
from benchmarks.families.preferences import hospital, plain
from benchmarks.judging import of_problem
from benchmarks.peers import deferred_acceptance, matching, min_cost_flow, timefold
from matcher.compiling import compile_problem, options_of
from matcher.generating import Spec, generate
from models.errors import UnknownName, UnsuitableMethod
from models.outcome import Outcome, Status
from models.problem import Problem
from solvers import get, names
from solvers.interface import Limits, never, silent

WHOLE = ("cpsat_plain", "cpsat_lp", "highs_whole", "scip")


def solved(name: str, problem: Problem, seconds: float = 30) -> Outcome:
    """A peer's outcome."""
    return contestant(name).solver.solve(problem, Limits(seconds, 1), silent, never)


@pytest.fixture(scope="module")
def coupled() -> Problem:
    """A round of 30 with every rule at work."""
    rnd = generate(Spec.of_shape("every_rule", 30), 4)
    return compile_problem(rnd, options_of(rnd)[0])


def by_hand() -> Problem:
    """Two learners who both want place 0 first (one seat), then place 1. Best: both placed, ranks 1 + 2 = 3."""
    agent, place = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])
    return hospital(2, agent, place, np.array([0, 1, 0, 1]), np.array([1, 1]))


def test_all_are_there_and_say_what_they_are() -> None:
    """One file each; every method of ours takes part by itself."""
    wanted = {*WHOLE, "min_cost_flow", "deferred_acceptance", "matching", "timefold"}
    assert wanted <= set(peers())
    assert all(peer.name == name and peer.about for name, peer in peers().items())
    assert methods() == ("auto", *names())
    assert contestant("exact").blind == ()
    with pytest.raises(UnknownName, match="nearest: scip"):
        contestant("scipp")


@pytest.mark.parametrize("name", [*WHOLE, "min_cost_flow"])
def test_the_small_game_is_proven(name: str) -> None:
    """Both placed, ranks 1 and 2; and the problem itself agrees."""
    outcome = solved(name, by_hand())
    assert outcome.status is Status.OPTIMAL
    assert [(goal.value, goal.bound) for goal in outcome.goals] == [(2, 2), (3, 3)]
    assert outcome.chosen is not None
    verdict = of_problem(by_hand(), outcome.chosen)
    assert (verdict.goals, verdict.breaches) == ({"placed": 2, "rank": 3}, {})


@pytest.mark.slow
@pytest.mark.parametrize("name", WHOLE)
def test_those_who_know_every_rule_agree_with_exact(name: str, coupled: Problem) -> None:
    """Same proven values goal by goal, in an allocation that keeps every row."""
    best = get("exact").solve(coupled, Limits(60, 1), silent, never)
    outcome = solved(name, coupled, 60)
    assert outcome.status is best.status is Status.OPTIMAL
    assert [goal.value for goal in outcome.goals] == [goal.value for goal in best.goals]
    assert outcome.chosen is not None
    assert coupled.allows(outcome.chosen)


@pytest.mark.parametrize("name", ["min_cost_flow", "deferred_acceptance"])
def test_blind_peers_are_found_out(name: str, coupled: Problem) -> None:
    """What they break is counted, and it is among the rules that they say they do not know; no proof is claimed."""
    outcome = solved(name, coupled)
    assert outcome.status is Status.FEASIBLE
    assert outcome.chosen is not None
    broken = of_problem(coupled, outcome.chosen).breaches
    assert broken
    assert set(broken) - {"seats", "escorts", "locks"} <= set(contestant(name).blind)


def test_the_flow_without_the_other_rules_is_a_bound(coupled: Problem) -> None:
    """It places at least as many as any allocation that keeps them, and bounds no later goal."""
    best = get("exact").solve(coupled, Limits(60, 1), silent, never)
    flow = solved("min_cost_flow", coupled)
    assert flow.goals[0].bound is not None
    assert best.goals[0].value is not None
    assert flow.goals[0].bound >= best.goals[0].value
    assert all(goal.bound is None for goal in flow.goals[1:])


def test_one_cost_orders_the_goals() -> None:
    """A placement outweighs all ranks together."""
    problem = by_hand()
    cost, whole = min_cost_flow.one_cost(problem, 10)
    assert whole
    assert -cost.max() > 0
    assert cost.max() - cost.min() < -cost.max()


def test_deferred_acceptance_is_stable() -> None:
    """No learner and place would both rather have each other: by definition, on 60 learners."""
    problem = plain(60, 2)
    chosen = deferred_acceptance.stable(problem)
    place, seats = problem.blocks[1].row, problem.blocks[1].upper
    liking = deferred_acceptance.liked(problem)
    rank = np.full(60, 99)
    rank[problem.agent[chosen]] = problem.ranks[chosen]
    for option in np.flatnonzero(problem.ranks < rank[problem.agent]).tolist():
        there = chosen[place[chosen] == place[option]]
        assert len(there) == seats[place[option]]
        assert liking[there].min() > liking[option]


def test_the_package_matching_agrees_with_deferred_acceptance() -> None:
    """The residents' best stable matching is one and only, whoever computes it."""
    problem = plain(80, 3)
    outcome = solved("matching", problem)
    assert outcome.chosen is not None
    assert outcome.chosen.tolist() == deferred_acceptance.stable(problem).tolist()


def test_the_package_matching_takes_the_plain_game_only(coupled: Problem) -> None:
    """Anything else it says that it does not take."""
    with pytest.raises(UnsuitableMethod, match="not the plain game"):
        matching.game(coupled)


def test_without_java_timefold_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not left out in silence."""
    monkeypatch.setattr(timefold, "java", lambda: None)
    with pytest.raises(Unavailable, match="no Java"):
        solved("timefold", by_hand())


def test_timefold_is_told_rows_with_capacities_only(coupled: Problem) -> None:
    """In the small game: one place each is in the variable, the two seats are rows; worth is placed, then rank."""
    described = timefold.described(by_hand())
    assert described.capacity == [1, 1]
    assert described.uses == [[(0, 1)], [(1, 1)], [(0, 1)], [(1, 1)]]
    assert (described.medium, described.soft) == ([1] * 4, [-1, -2, -1, -2])
    uses, capacity = timefold.limited(coupled)
    assert all(amount > 0 and row < len(capacity) for each in uses for row, amount in each)
