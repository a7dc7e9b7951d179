"""Methods against each other, on problems made by chance."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

import solvers
from models.outcome import Outcome, Status
from models.problem import Problem
from solvers.interface import Limits, never, silent
from solvers.network import Network, is_network
from solvers.stage import simple_bound, targets_of
from tests.solvers.problems import Solve, random_network, random_problem

SEEDS = range(60)


@cache
def tried(seed: int) -> tuple[Problem, Outcome]:
    """A random problem, and what trying everything says of it."""
    given = random_problem(seed)
    return given, solvers.get("enumerate").solve(given, Limits(), silent, never)


@pytest.mark.parametrize("seed", SEEDS)
def test_methods_that_prove_agree(seed: int, solve: Solve) -> None:
    """Status, every value and every proof are the same by exact, CP-SAT and enumeration."""
    given, by_hand = tried(seed)
    for name in ("exact", "cpsat"):
        outcome = solve(name, given)
        assert outcome.status is by_hand.status
        assert outcome.goals == by_hand.goals
        assert outcome.objective == by_hand.objective
        assert outcome.chosen is None or given.allows(outcome.chosen)


@pytest.mark.parametrize("seed", SEEDS)
def test_first_come_first_served_is_allowed_and_no_better(seed: int, solve: Solve) -> None:
    """It satisfies every row, its first goal is at most the best, and its bounds hold."""
    given, best = tried(seed)
    greedy = solve("greedy", given)
    if greedy.chosen is None:
        assert greedy.status is Status.NO_SOLUTION
        return
    assert given.allows(greedy.chosen)
    target = targets_of(given)[0]
    first, truth = (
        target.of(given.complete(each.chosen)) for each in (greedy, best) if each.chosen is not None
    )
    assert first <= truth <= simple_bound(given, target)


@pytest.mark.parametrize("seed", SEEDS)
def test_flow_agrees_on_networks(seed: int, solve: Solve) -> None:
    """Minimum-cost flow gives what enumeration gives, minima and infeasible ones included."""
    given = random_network(seed, agents=5, per_agent=3)
    assert isinstance(is_network(given), Network)
    flow, by_hand = solve("flow", given), solve("enumerate", given)
    assert flow.status is by_hand.status
    assert flow.goals == by_hand.goals


def test_random_problems_are_of_every_kind() -> None:
    """The seeds hold problems that begin broken or not, with and without weights, and every sort of row."""
    made = [random_problem(seed) for seed in SEEDS]
    rules = {block.rule for given in made for block in given.blocks}
    assert rules >= {"seats", "beds", "presence", "min_group", "quotas", "budget", "pairs", "inclusion"}
    assert 0 < sum(given.weighted is not None for given in made) < len(made)
    feasible = [np.any([given.allows(np.zeros(0, np.int64))]) for given in made]
    assert 0 < sum(feasible) < len(made)
