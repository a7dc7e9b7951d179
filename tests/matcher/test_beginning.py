"""The first allocation: who must have a place does not wait for it because others were let in before."""

from __future__ import annotations

import numpy as np

from solvers.scaling.first import Proposals
from solvers.scaling.parts import Parts
from solvers.scaling.standing import Standing
from tests.begun import Begun, begun


def lacking_pins(there: Begun, standing: Standing) -> int:
    """How many pins do not hold."""
    matrix = there.matrix
    return int(((standing.activity < matrix.lower) & (matrix.rules == "locks")).sum())


def test_more_pinned_learners_have_a_place_than_if_all_propose_together() -> None:
    """In none of three rounds fewer, and in all of them together more; groups have places only if they come first."""
    first, together = [], []
    for shape in ("national", "every_rule", "groups_heavy"):
        there = begun(shape, 400)
        options, area = np.arange(there.matrix.problem.options), Parts(there.matrix.problem).areas.of_option
        nobody = np.zeros(0, np.int64)
        all_propose = Proposals(there.matrix, there.gain, options, there.worth, area, nobody).place()
        first.append(lacking_pins(there, there.standing))
        together.append(lacking_pins(there, all_propose))
        assert there.standing.value > all_propose.value, shape
    assert all(one <= other for one, other in zip(first, together, strict=True))
    assert sum(first) < sum(together)
