"""Peers: honest, on the same numbers; each proves what it can prove and says what it cannot."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest

from benchmarks.contestants import Unavailable, contestant, methods, peers
from benchmarks.families.preferences import hospital, plain
from benchmarks.judging import of_problem
from benchmarks.peers import matching, min_cost_flow, timefold
from matcher.compiling import compile_problem, options_of
from matcher.generating import Spec, generate
from models.errors import UnknownName, UnsuitableMethod
from models.outcome import Outcome, Status
from models.problem import FREE_BELOW, Block, Problem
from scripts import tools
from solvers import get, names
from solvers.blocking import lottery
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


@pytest.mark.parametrize("name", WHOLE)
def test_a_row_that_nothing_satisfies_is_a_proof(name: str) -> None:
    """Somebody without an option is pinned: the row asks for 1 of no columns at all."""
    problem = by_hand()
    nothing = np.zeros(0, np.int64)
    pin = Block("locks", nothing, nothing, nothing, np.array([1]), np.array([1]))
    found = solved(name, replace(problem, blocks=(*problem.blocks, pin)))
    assert found.status is Status.INFEASIBLE
    assert found.chosen is None


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
    chosen = solved("deferred_acceptance", problem).chosen
    assert chosen is not None
    place, seats = problem.blocks[1].row, problem.blocks[1].upper
    turn = np.argsort(lottery(60, 0))
    rank = np.full(60, 99)
    rank[problem.agent[chosen]] = problem.ranks[chosen]
    for option in np.flatnonzero(problem.ranks < rank[problem.agent]).tolist():
        there = chosen[place[chosen] == place[option]]
        assert len(there) == seats[place[option]]
        assert turn[problem.agent[there]].max() < turn[problem.agent[option]]


def test_the_package_matching_agrees_with_deferred_acceptance() -> None:
    """The residents' best stable matching is one and only, whoever computes it."""
    problem = plain(80, 3)
    outcome, other = solved("matching", problem), solved("deferred_acceptance", problem)
    assert outcome.chosen is not None
    assert other.chosen is not None
    assert outcome.chosen.tolist() == other.chosen.tolist()


def test_deferred_acceptance_needs_seats(coupled: Problem) -> None:
    """A problem without seat rows is none of its."""
    loose = replace(coupled, blocks=tuple(block for block in coupled.blocks if block.rule != "seats"))
    with pytest.raises(UnsuitableMethod, match="no seats"):
        solved("deferred_acceptance", loose)


def test_the_package_matching_takes_the_plain_game_only(coupled: Problem) -> None:
    """Anything else it says that it does not take."""
    with pytest.raises(UnsuitableMethod, match="not the plain game"):
        matching.game(coupled)


def test_without_a_compiler_timefold_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not left out in silence."""
    monkeypatch.setattr(timefold, "compiler", lambda: None)
    with pytest.raises(Unavailable, match="no Java compiler"):
        solved("timefold", by_hand())


def test_timefold_counts_as_we_do(coupled: Problem) -> None:
    """Its hard score is 0 exactly when the problem allows its choice, and its levels are our goals; where there is no
    compiler, it says that. An unattended run has one.
    """
    if timefold.compiler() is None and not tools.unattended():
        with pytest.raises(Unavailable):
            solved("timefold", coupled)
        return
    answer = timefold.searched(coupled, time.time() + 6, 0)
    values = coupled.complete(answer.chosen)
    assert (answer.score[0] == 0) is coupled.allows(answer.chosen)
    assert answer.score[1:] == tuple(goal.sense * goal.of(values) for goal in coupled.goals)
    assert len(answer.chosen) > 0


def test_timefold_is_told_every_row(coupled: Problem) -> None:
    """In the small game: one place each is in the variable, the two seats are rows; worth is placed, then rank. Where
    every rule is at work, each auxiliary has the row that defines it, and each column its entries.
    """
    agents, agent, placed, rank, lower, upper, *_ = timefold.numbers(by_hand())
    assert (agents.tolist(), agent.tolist()) == ([2, 2], [0, 0, 1, 1])
    assert (placed.tolist(), rank.tolist()) == ([1] * 4, [-1, -2, -1, -2])
    assert (lower.tolist(), upper.tolist()) == ([FREE_BELOW] * 2, [1, 1])
    start, row, value, most = list(timefold.numbers(coupled))[8:12]
    assert len(most) == coupled.columns - coupled.options
    assert len(start) == coupled.columns + 1
    assert len(row) == len(value) == start[-1]


def test_timefold_moves_those_together_who_are_not_allowed_alone(coupled: Problem) -> None:
    """Groups and minima: each has options for as many different learners as must go at once."""
    gatherings = list(timefold.gathered(coupled))
    assert gatherings
    assert all(1 < many <= len(np.unique(coupled.agent[options])) for many, options in gatherings)
    assert list(timefold.gathered(by_hand())) == []
