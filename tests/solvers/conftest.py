"""Every method, for tests of what all of them promise."""

from __future__ import annotations

import pytest

import solvers
from models.outcome import Outcome
from models.problem import Problem
from solvers.interface import Limits, Solver, never, silent
from tests.solvers.problems import Solve

PROVERS = ("exact", "cpsat", "enumerate")
"""The methods that prove whatever the rows are."""


@pytest.fixture(params=solvers.names())
def solver(request: pytest.FixtureRequest) -> Solver:
    """Each method in turn."""
    return solvers.get(request.param)


@pytest.fixture(params=PROVERS)
def prover(request: pytest.FixtureRequest) -> Solver:
    """Each method that proves, in turn."""
    return solvers.get(request.param)


@pytest.fixture
def solve() -> Solve:
    """Solve by a method's name, with nothing but limits to say."""

    def by_name(name: str, problem: Problem, **limits: float) -> Outcome:
        return solvers.get(name).solve(problem, Limits(**limits), silent, never)  # type: ignore[arg-type]  # numbers by name

    return by_name
