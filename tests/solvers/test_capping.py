"""A share of the group served worst is capped by what each group can have in whole numbers."""

from __future__ import annotations

import numpy as np
import pytest

from matcher import match
from matcher.compiling import compile_problem, options_of
from models.policy import Policy
from models.problem import Problem
from models.round import Round
from solvers.capping import capped, groups_of
from solvers.pricing import Priced
from tests.tiny import learner, offer, partner, tiny


def served(goal: str = "equity", seats: int = 3) -> Round:
    """Three learners of one partner and two of another for ``seats`` seats."""
    return tiny(
        partner("ccis"),
        partner("rea"),
        *(learner(f"L{number}", partner_id="ccis" if number < 3 else "rea") for number in range(5)),
        offer(seats=seats),
        policy=Policy(goals=(goal,)),
    )


def compiled(rnd: Round) -> Problem:
    """The round as numbers."""
    return compile_problem(rnd, options_of(rnd)[0])


def prices(bound: float) -> Priced:
    """A bound."""
    return Priced(bound, np.zeros(0), np.zeros(0))


def test_the_groups_are_read_from_the_definition() -> None:
    """A group's learners, a thousand for each against its size; whoever has least at the point is asked first."""
    problem = compiled(served())
    point = np.zeros(problem.columns)
    point[:1] = 1.0  # of ccis
    found = list(groups_of(problem, problem.goals[0], point))
    assert [(group.unit, group.size, group.gain.sum()) for group in found] == [(1000, 2, 2.0), (1000, 3, 3.0)]
    assert [group.cap(2.9) for group in found] == [1000.0, 666.0]


@pytest.mark.parametrize("goal", ["placed", "cost", "fit", "kept"])
def test_other_goals_have_none(goal: str) -> None:
    """Goals over options are no single auxiliary."""
    problem = compiled(served(goal))
    assert list(groups_of(problem, problem.goals[0], np.zeros(problem.columns))) == []


def test_it_ends_where_nothing_better_is_left_and_where_it_is_stopped() -> None:
    """The first group caps at the value: the second is not asked. Without prices the bound stays."""
    problem = compiled(served())
    asked: list[float] = []

    def most(gain: np.ndarray) -> Priced | None:
        asked.append(float(gain.sum()))
        return prices(1.2)

    point = np.zeros(problem.columns)
    groups = groups_of(problem, problem.goals[0], point)
    assert capped(900.0, 500.0, groups, most) == 500.0
    assert len(asked) == 1
    assert capped(900.0, 100.0, groups_of(problem, problem.goals[0], point), lambda _: None) == 900.0
    assert capped(900.0, 400.0, groups_of(problem, problem.goals[0], point), lambda _: prices(9.0)) == 900.0


@pytest.mark.parametrize("seats", range(6))
@pytest.mark.parametrize("goal", ["equity", "leximin", "equity_fields", "equity_countries"])
def test_proven_as_by_every_combination(goal: str, seats: int) -> None:
    """The reference tries everything; the exact method finds and proves the same."""
    rnd = served(goal, seats)
    found, wanted = (match(rnd, method=name).goals for name in ("exact", "enumerate"))
    assert found == wanted
    assert all(one.proven for one in found)
