"""Weights over rows prove that nothing satisfies them only where that is so."""

from __future__ import annotations

import numpy as np
import pytest

from solvers.farkas import rays
from solvers.rows import stack
from tests.solvers.problems import at_least, at_most, block, goal, problem
from tests.solvers.test_exact import allowed


@pytest.mark.parametrize("seed", range(40))
def test_no_weights_rule_out_what_exists(seed: int) -> None:
    """Whatever the weights: where there is an allocation, they prove nothing; nor among the columns that it uses."""
    given, allocations = allowed(seed)
    rows, lower = stack(given), np.zeros_like(given.upper)
    for weights in np.random.default_rng(seed).normal(size=(20, len(rows))):
        for ray in rays(rows, weights, lower, given.upper):
            for values in allocations:
                assert not ray.proves()
                assert not ray.proves(values > 0)


def test_a_minimum_above_a_maximum_is_a_proof() -> None:
    """At least 2 and at most 1 of the same columns: weight 1 on the first row and -1 on the second prove it."""
    rows = [at_least([0, 1], 2), at_most([0, 1], 1)]
    given = problem([0, 1], [block("quotas", rows)], [goal("placed", 1, [1, 1])])
    weights = np.zeros(len(stack(given)))
    weights[-2:] = 1.0, -1.0
    assert any(ray.proves() for ray in rays(stack(given), weights, np.zeros(2, np.int64), given.upper))


def test_who_could_mend_it_is_named() -> None:
    """A minimum of 1 that only option 1 can meet: without it that is a proof, with it there is none."""
    given = problem([0, 0], [block("quotas", [at_least([1], 1)])], [goal("placed", 1, [1, 1])])
    weights = np.zeros(len(stack(given)))
    weights[-1] = 1.0
    (ray,) = (ray for ray in rays(stack(given), weights, np.zeros(2, np.int64), given.upper) if ray.least > 0)
    assert ray.proves(np.array([True, False]))
    assert not ray.proves()
    assert np.flatnonzero(ray.helps > 0).tolist() == [1]
