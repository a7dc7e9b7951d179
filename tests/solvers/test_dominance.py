"""Without dominated options the best is as good as with them."""

from __future__ import annotations

import numpy as np
import pytest

from models.problem import Problem
from solvers.dominance import dominated
from solvers.enumerate import combinations
from solvers.rows import stack
from solvers.stage import targets_of
from tests.solvers.problems import at_least, at_most, block, goal, problem, random_problem


def out_of(given: Problem) -> list[int]:
    """The dominated options, found as the exact method finds them."""
    rows = stack(given, redundant=False)
    return np.flatnonzero(dominated(given, rows.keep(rows.can_bind), targets_of(given))).tolist()


@pytest.mark.parametrize("seed", range(60))
def test_the_best_stays_without_dominated_options(seed: int) -> None:
    """Goals in order (or the weighted objective): the best of all allocations is the best without them."""
    given = random_problem(seed)
    out, targets = out_of(given), targets_of(given)
    allowed = [given.complete(chosen) for chosen in combinations(given) if given.allows(chosen)]
    worth = [[goal.sense * goal.of(values) for goal in targets] for values in allowed]
    without = [score for score, values in zip(worth, allowed, strict=True) if not np.any(values[out])]
    assert max(worth, default=None) == max(without, default=None)


def test_the_dearer_of_two_equal_options_goes() -> None:
    """Two options of one agent in the same row: the one that gains less is out."""
    seats = block("seats", [at_most([0, 1, 2], 1)])
    assert out_of(problem([0, 0, 1], [seats], [goal("fit", 1, [3, 4, 5])])) == [0]


def test_of_twins_the_first_stays() -> None:
    """Options with the same entries and gains: one of them stays."""
    seats = block("seats", [at_most([0, 1, 2, 3], 1)])
    assert out_of(problem([0, 0, 0, 1], [seats], [goal("fit", 1, [3, 3, 3, 5])])) == [1, 2]


def test_a_free_seat_is_better_than_a_contested_one() -> None:
    """The same gain without an entry in the row that can bind: the other one is out."""
    seats = block("seats", [at_most([0, 2], 1)])
    assert out_of(problem([0, 0, 1], [seats], [goal("fit", 1, [3, 3, 5])])) == [0]


def test_what_a_minimum_needs_is_not_dominated() -> None:
    """An option that counts towards a minimum stays, though another gains more."""
    quota = block("quotas", [at_least([0, 2], 1)])
    assert out_of(problem([0, 0, 1], [quota], [goal("fit", 1, [3, 4, 5])])) == []


def test_goals_that_disagree_leave_both() -> None:
    """Better for one goal and worse for another: neither is out."""
    seats = block("seats", [at_most([0, 1, 2], 1)])
    goals = [goal("fit", 1, [3, 4, 5]), goal("cost", -1, [10, 20, 5])]
    assert out_of(problem([0, 0, 1], [seats], goals)) == []


@pytest.mark.parametrize("seed", range(20))
def test_how_much_is_looked_at_at_once_changes_nothing(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pair by pair, the same options are out."""
    given = random_problem(seed)
    out = out_of(given)
    monkeypatch.setattr("solvers.dominance.CELLS", 1)
    assert out_of(given) == out


def test_an_agent_with_too_many_options_keeps_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the limit nothing is held against anything: memory would go with the square."""
    monkeypatch.setattr("solvers.dominance.MOST", 1)
    seats = block("seats", [at_most([0, 1, 2], 1)])
    assert out_of(problem([0, 0, 1], [seats], [goal("fit", 1, [3, 4, 5])])) == []
