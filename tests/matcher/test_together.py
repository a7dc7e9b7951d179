"""Those who choose together, in the first allocation: all rows hold, they meet, and all come or none."""

from __future__ import annotations

import numpy as np
import pytest

from solvers.scaling.standing import EPSILON, Standing
from tests.begun import SHAPES, begun, placed_together


@pytest.mark.parametrize("shape", SHAPES)
def test_whoever_is_placed_together_meets_and_breaks_nothing(shape: str) -> None:
    """Upper sides hold; of a tie all have a place with one label or, where all have to come, none has; with what they
    are worth, no more than their best labels are.
    """
    there = begun(shape, 300)
    ties, problem = there.matrix.problem.ties, there.matrix.problem
    chosen = placed_together(there.matrix, there.worth)
    standing = Standing.of(there.matrix, there.gain, chosen)
    assert not (standing.activity > there.matrix.upper + EPSILON).any()
    if ties is None or not len(ties.option):
        assert not len(chosen)
        return
    assert len(chosen) > len(ties.whole)
    assert np.isin(chosen, ties.option).all()
    label = np.full(problem.options, -1)
    label[ties.option] = ties.label
    of_tie = ties.of_agent[problem.agent[chosen]]
    size = np.bincount(ties.of_agent[ties.of_agent >= 0], minlength=len(ties.whole))
    for tie in np.unique(of_tie).tolist():
        assert len(np.unique(label[chosen[of_tie == tie]])) == 1
        assert not ties.whole[tie] or np.count_nonzero(of_tie == tie) == size[tie]


@pytest.mark.parametrize("shape", ["groups_heavy", "national"])
def test_nobody_of_a_group_stays_alone_after_proposals(shape: str) -> None:
    """Groups that fell short of a minimum go home as groups."""
    there = begun(shape, 300)
    ties = there.matrix.problem.ties
    assert ties is not None
    of_tie = ties.of_agent[there.matrix.problem.agent[there.standing.chosen]]
    size = np.bincount(ties.of_agent[ties.of_agent >= 0], minlength=len(ties.whole))
    placed = np.bincount(of_tie[of_tie >= 0], minlength=len(size))
    assert ((placed == 0) | (placed == size) | ~ties.whole).all()
    assert (placed > 0).any()
