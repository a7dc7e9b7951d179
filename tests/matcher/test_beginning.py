"""The first allocation: nobody who must have a place waits for it because others were let in before."""

from __future__ import annotations

import numpy as np
import pytest

from solvers.scaling.standing import EPSILON
from tests.begun import begun


@pytest.mark.parametrize("shape", ["national", "every_rule", "groups_heavy"])
def test_whoever_is_pinned_has_a_place_from_the_beginning(shape: str) -> None:
    """Pinned learners who choose alone; a group with one of them may find no room."""
    there = begun(shape, 400)
    matrix, problem = there.matrix, there.matrix.problem
    pins = np.flatnonzero((matrix.rules == "locks") & (matrix.lower > 0))
    at, row, value = matrix.entries(np.arange(problem.options))
    alone = np.ones(problem.agents, bool) if problem.ties is None else problem.ties.of_agent < 0
    asked = np.zeros(len(matrix), bool)
    asked[row[(value > 0) & alone[problem.agent[at]]]] = True
    pins = pins[asked[pins]]
    assert len(pins)
    assert (there.standing.activity[pins] >= matrix.lower[pins] - EPSILON).all()
