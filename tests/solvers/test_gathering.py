"""Rows over auxiliaries that follow from demanded counts: true of every allocation, and worth having."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from matcher.compiling import compile_problem, options_of
from matcher.goals import discover
from models.outcome import Status
from models.policy import Policy
from models.problem import Problem
from models.round import Round
from models.tables import Quota
from solvers import get
from solvers.gathering import tightened
from solvers.interface import Limits, never, silent
from solvers.rows import Rows, stack
from tests.tiny import flow, learner, offer, tiny


def compiled(rnd: Round) -> Problem:
    """The round as numbers."""
    return compile_problem(rnd, options_of(rnd)[0])


def added(problem: Problem) -> Rows:
    """The rows that follow, alone."""
    rows = tightened(problem)
    return rows.keep(np.arange(len(rows)) >= len(stack(problem)))


def told(problem: Problem) -> list[tuple[dict[int, int], int]]:
    """Each as its coefficients, by column from the first auxiliary on, and its least."""
    rows = added(problem)
    return [
        (
            {
                int(column) - problem.options: int(value)
                for column, value in zip(
                    rows.column[rows.entries(row)], rows.value[rows.entries(row)], strict=True
                )
            },
            int(rows.lower[row]),
        )
        for row in range(len(rows))
    ]


def seven(*more: object, least: int = 7, second: int | None = 3) -> Round:
    """Nine learners, two flows with an escort for three (or ``second``) each, a quota that asks for ``least``."""
    return tiny(
        *(learner(f"L{number}") for number in range(9)),
        offer(seats=9),
        flow("f1", learners_per_escort=3),
        flow("f2", "10-10", "10-31", learners_per_escort=second),
        Quota(min_learners=least),
        policy=Policy(goals=("cost",)),
    )


def test_seven_learners_take_three_escorts() -> None:
    """7 / 3 is 2.33: in two flows together at least 3, however they are spread."""
    assert told(compiled(seven())) == [({0: 1, 1: 1}, 3)]


def test_where_nothing_is_rounded_nothing_is_added() -> None:
    """6 / 3 is 2: the relaxation knows that by itself."""
    assert told(compiled(seven(least=6))) == []


def test_unlike_groups_are_rounded_one_by_one() -> None:
    """3 y + 2 z ≥ 7: by three, y + z ≥ 3; by two, 2 y + z ≥ 4."""
    assert told(compiled(seven(second=2))) == [({0: 1, 1: 1}, 3), ({0: 2, 1: 1}, 4)]


def test_who_travels_without_an_escort_is_taken_off() -> None:
    """Everybody may travel in a flow without escorts: none need be there."""
    assert told(compiled(seven(second=None))) == []


def test_a_pin_takes_an_escort() -> None:
    """One of three takes one whole escort, not a third."""
    problem = compiled(seven(least=1))
    assert told(problem) == [({0: 1, 1: 1}, 1)]


@pytest.mark.parametrize("second", [None, 2, 3])
@pytest.mark.parametrize("least", [1, 2, 3, 4])
def test_no_allocation_is_cut_off(least: int, second: int | None) -> None:
    """Every allocation of four learners that keeps the problem's rows keeps those that were added."""
    rnd = tiny(
        *(learner(f"L{number}") for number in range(4)),
        offer(seats=9),
        flow("f1", learners_per_escort=3),
        flow("f2", "10-10", "10-31", learners_per_escort=second, min_group=2),
        Quota(min_learners=least),
        policy=Policy(goals=tuple(goal.name for goal in discover() if goal.name in {"placed", "cost"})),
    )
    problem = compiled(rnd)
    rows, allowed = added(problem), 0
    own = [np.flatnonzero(problem.agent == agent).tolist() for agent in range(problem.agents)]
    for choice in itertools.product(*([*one, -1] for one in own)):
        chosen = np.array(sorted(one for one in choice if one >= 0), np.int64)
        if not problem.allows(chosen):
            continue
        allowed += 1
        values = problem.complete(chosen)
        sums = np.bincount(rows.row, rows.value * values[rows.column], len(rows))
        assert (sums >= rows.lower).all()
    assert allowed


def test_the_least_cost_is_proven() -> None:
    """With escorts, smallest groups and a minimum: proven, and equal to the reference over every combination."""
    rnd = tiny(
        *(learner(f"L{number}", green_travel=number == 1) for number in range(4)),
        offer(seats=9),
        flow("f1", learners_per_escort=2),
        flow("f2", "10-10", "10-31", learners_per_escort=3, min_group=2),
        Quota(min_learners=3),
        policy=Policy(goals=("cost",)),
    )
    problem = compiled(rnd)
    found, wanted = (get(name).solve(problem, Limits(), silent, never) for name in ("exact", "enumerate"))
    assert found.status is Status.OPTIMAL
    assert [goal.value for goal in found.goals] == [goal.value for goal in wanted.goals]
