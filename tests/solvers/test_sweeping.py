"""Sweeps of the exact method over large rounds: what they yield are allocations, and better ones each time."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

import solvers
from models.outcome import Outcome, Status
from models.problem import IntArray, Problem
from solvers import exact, relaxing
from solvers.crew import crew
from solvers.interface import Limits, never, silent
from solvers.stage import Clock, targets_of
from solvers.sweeping import Sweeps
from tests.solvers.problems import at_least, at_most, block, goal, problem, random_network, random_problem

SEEDS = range(40)
CLOCK = Clock(silent, never)


@cache
def plain(seed: int) -> Outcome:
    """What the method makes of a random problem that counts as small, as it is."""
    return solvers.get("exact").solve(random_problem(seed), Limits(), silent, never)


def swept(given: Problem, start: IntArray | None, rough: IntArray | None = None) -> list[IntArray]:
    """What sweeps for the first goal yield, where an option is worth what it gains."""
    first = targets_of(given)[0]
    gain = (first.sense * first.dense(given.columns)).astype(np.float64)
    with crew(Limits()) as hands:
        sweeps = Sweeps(given, hands, CLOCK, 0, rough)
        return list(sweeps.better((), gain, start, gain[: given.options], 1.0))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_round_that_counts_as_large_has_the_same_optimum(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With everything that is done for large rounds alone, the same goals are proven, or the same infeasibility."""
    expected = plain(seed)
    monkeypatch.setattr(exact, "MANY_OPTIONS", 0)
    monkeypatch.setattr(relaxing, "MANY_OPTIONS", 0)
    monkeypatch.setattr(relaxing, "LARGE", 0)
    found = solvers.get("exact").solve(random_problem(seed), Limits(), silent, never)
    assert found.status is expected.status
    assert found.goals == expected.goals


@pytest.mark.parametrize("seed", SEEDS)
def test_sweeps_yield_allocations_that_do_not_get_worse(seed: int) -> None:
    """Each satisfies every row and gains no less than the one before."""
    given = random_problem(seed)
    start = solvers.get("greedy").solve(given, Limits(), silent, never).chosen
    if start is None:
        return
    first = targets_of(given)[0]
    found = swept(given, start)
    worth = [first.sense * first.of(given.complete(chosen)) for chosen in (start, *found)]
    assert all(given.allows(chosen) for chosen in found)
    assert worth == sorted(worth)


def test_sweeps_reach_the_optimum_of_a_network() -> None:
    """40 agents, 6 options each: what one part can hold is solved to the end."""
    given = random_network(3, agents=40, per_agent=6)
    best = solvers.get("exact").solve(given, Limits(), silent, never)
    found = swept(given, np.zeros(0, np.int64))
    assert given.goals[0].of(given.complete(found[-1])) == best.goals[0].value


def test_sweeps_mend_what_they_begin_with() -> None:
    """One seat, and agent 1 must be placed. To begin with agent 0 has the seat, which is no allocation; a sweep gives
    it to agent 1.
    """
    seat = block("seats", [at_most([0, 1], 1)])
    pin = block("locks", [at_least([1], 1)])
    given = problem([0, 1], [seat, pin], [goal("placed", 1, [1, 1])])
    assert [chosen.tolist() for chosen in swept(given, None, np.array([0]))] == [[1]]


def test_a_large_round_that_is_infeasible_is_said_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two agents must be placed and there is one seat."""
    monkeypatch.setattr(exact, "MANY_OPTIONS", 0)
    seat = block("seats", [at_most([0, 1], 1)])
    pins = block("locks", [at_least([0], 1), at_least([1], 1)])
    given = problem([0, 1], [seat, pins], [goal("placed", 1, [1, 1])])
    assert solvers.get("exact").solve(given, Limits(), silent, never).status is Status.INFEASIBLE


def test_workers_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two processes make of a round that counts as large what one does."""
    monkeypatch.setattr(exact, "MANY_OPTIONS", 0)
    given = random_network(5, agents=60, per_agent=9)
    alone = solvers.get("exact").solve(given, Limits(), silent, never)
    together = solvers.get("exact").solve(given, Limits(workers=2), silent, never)
    assert alone.chosen is not None
    assert together.chosen is not None
    assert alone.chosen.tolist() == together.chosen.tolist()
