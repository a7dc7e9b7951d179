"""Methods against each other, on problems made by chance."""

from __future__ import annotations

import numpy as np
import pytest

from models.outcome import Status
from solvers.network import Network, is_network
from tests.solvers.problems import Solve, random_network, random_problem

SEEDS = range(60)


@pytest.mark.parametrize("seed", SEEDS)
def test_methods_that_prove_agree(seed: int, solve: Solve) -> None:
    """Status, every value and every proof are the same by exact, CP-SAT and enumeration."""
    given = random_problem(seed)
    by_hand = solve("enumerate", given)
    for name in ("exact", "cpsat"):
        outcome = solve(name, given)
        assert outcome.status is by_hand.status
        assert outcome.goals == by_hand.goals
        assert outcome.objective == by_hand.objective
        assert outcome.chosen is None or given.allows(outcome.chosen)


@pytest.mark.parametrize("seed", SEEDS)
def test_first_come_first_served_is_allowed_and_no_better(seed: int, solve: Solve) -> None:
    """It satisfies every row, its first goal is at most the best, and its bounds hold."""
    given = random_problem(seed, weighted=False)
    greedy, best = solve("greedy", given), solve("enumerate", given)
    if greedy.chosen is None:
        assert greedy.status is Status.NO_SOLUTION
        return
    assert given.allows(greedy.chosen)
    first, truth = greedy.goals[0], best.goals[0]
    assert first.value is not None
    assert truth.value is not None
    assert first.bound is not None
    assert first.value <= truth.value <= first.bound


@pytest.mark.parametrize("seed", SEEDS)
def test_flow_agrees_on_networks(seed: int, solve: Solve) -> None:
    """Minimum-cost flow gives what enumeration gives, minima and infeasible ones included."""
    given = random_network(seed, per_agent=3)
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
