"""What every method promises, on problems that can be checked by hand (``-k cpsat``: one method's share)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.outcome import GoalValue, Status, Stop
from models.problem import Problem
from solvers.interface import Limits, Progress, Solver, never, silent
from tests.solvers.problems import Solve, at_least, at_most, block, ceiling, goal, problem, random_problem


def seats_and_taste(*, weights: tuple[int, ...] = ()) -> Problem:
    """Agents 0 and 1 both like offer A (options 0 and 2, fit 5 and 4); agent 1 may also go to B (option 3,
    fit 1).

    A and B have one seat each. Both placed: 0 → A, 1 → B, fit 6; or 0 → B (option 1, fit 3), 1 → A (4), fit
    7.
    """
    return problem(
        agent=[0, 0, 1, 1],
        blocks=[block("seats", [at_most([0, 2], 1), at_most([1, 3], 1)])],
        goals=[goal("placed", 1, [1, 1, 1, 1]), goal("fit", 1, [5, 3, 4, 1])],
        weights=weights,
    )


def test_answers_what_the_rows_allow(solver: Solver) -> None:
    """Every method returns ascending options that satisfy every row, with the values that they have."""
    given = seats_and_taste()
    outcome = solver.solve(given, Limits(), silent, never)
    assert outcome.chosen is not None
    assert given.allows(outcome.chosen)
    assert outcome.method == solver.name
    values = given.complete(outcome.chosen)
    assert [found.value for found in outcome.goals] == [each.of(values) for each in given.goals]
    assert np.all(np.diff(outcome.chosen) > 0)


@pytest.mark.parametrize("name", ["exact", "cpsat", "enumerate", "flow"])
def test_later_goal_does_not_worsen_an_earlier_one(name: str, solve: Solve) -> None:
    """Both are placed first; among the two ways to do so the better fit counts: options 1 and 2, fit 7."""
    outcome = solve(name, seats_and_taste())
    assert outcome.status is Status.OPTIMAL
    assert outcome.chosen is not None
    assert outcome.chosen.tolist() == [1, 2]
    assert outcome.goals == (GoalValue("placed", 2, 2, proven=True), GoalValue("fit", 7, 7, proven=True))
    assert outcome.stopped_by is None


@pytest.mark.parametrize("name", ["exact", "cpsat", "enumerate", "flow"])
def test_weighted_objective_counts_goals_together(name: str, solve: Solve) -> None:
    """Weights −3 and 1 (over 100): a second placement costs 3 and brings 2 at most: only 0 → A, 5 − 3."""
    outcome = solve(name, seats_and_taste(weights=(-3, 1)))
    assert outcome.status is Status.OPTIMAL
    assert outcome.chosen is not None
    assert outcome.chosen.tolist() == [0]
    assert outcome.objective is not None
    assert (outcome.objective.value, outcome.objective.bound, outcome.objective.proven) == (0.02, 0.02, True)
    assert [found.value for found in outcome.goals] == [1, 5]


def test_nothing_to_choose_is_an_allocation(solver: Solver) -> None:
    """A problem without options has one allocation, the empty one, and it is optimal."""
    empty = problem(agent=[], agents=2, blocks=[], goals=[goal("placed", 1, [])])
    outcome = solver.solve(empty, Limits(), silent, never)
    assert outcome.status is Status.OPTIMAL
    assert outcome.chosen is not None
    assert outcome.chosen.tolist() == []
    assert outcome.goals == (GoalValue("placed", 0, 0, proven=True),)


def test_minimum_without_options_is_no_silence(solver: Solver) -> None:
    """A row that asks for one of no options has no solution: proven, except by first come first served."""
    needy = problem([0], [block("quotas", [at_least([], 1)])], [goal("placed", 1, [1])])
    outcome = solver.solve(needy, Limits(), silent, never)
    assert outcome.chosen is None
    assert outcome.status is (Status.NO_SOLUTION if solver.name == "greedy" else Status.INFEASIBLE)
    assert outcome.goals[0].value is None


def test_minimum_above_the_seats_is_infeasible(solver: Solver) -> None:
    """Two agents must be placed at an offer with one seat."""
    given = seats_and_taste()
    tight = replace(given, blocks=(*given.blocks, block("quotas", [at_least([0, 2], 2)])))
    outcome = solver.solve(tight, Limits(), silent, never)
    assert outcome.chosen is None
    assert outcome.status is (Status.NO_SOLUTION if solver.name == "greedy" else Status.INFEASIBLE)


def test_auxiliary_counts_in_rows_and_goals(prover: Solver) -> None:
    """Three agents and one escort (2 per escort, rounded up) share 4 heads: 3 learners would need 2 escorts.

    So 2 are placed with 1 escort (3 heads), and the cheapest two: cost 1 + 2 and 10 for the escort.
    """
    escorts = ceiling("escorts", 3, [[0, 1, 2]], 2)
    given = problem(
        agent=[0, 1, 2],
        blocks=[block("heads", [at_most([0, 1, 2, 3], 4)])],
        goals=[goal("placed", 1, [1, 1, 1]), goal("cost", -1, [3, 1, 2], [(3, 10)])],
        auxiliaries=[escorts],
    )
    outcome = prover.solve(given, Limits(), silent, never)
    assert outcome.chosen is not None
    assert outcome.chosen.tolist() == [1, 2]
    assert [found.value for found in outcome.goals] == [2, 13]


def test_no_goal_asks_for_any_allocation(prover: Solver) -> None:
    """Without goals an allocation that satisfies every row is all there is to prove."""
    given = problem([0, 1], [block("quotas", [at_least([0, 1], 1)])], [])
    outcome = prover.solve(given, Limits(), silent, never)
    assert outcome.status is Status.OPTIMAL
    assert outcome.chosen is not None
    assert given.allows(outcome.chosen)


def test_reports_progress(solver: Solver) -> None:
    """A caller hears from every method, and never a value better than its bound."""
    heard: list[Progress] = []
    solver.solve(seats_and_taste(), Limits(), heard.append, never)
    assert heard
    both = [each for each in heard if each.value is not None and each.bound is not None]
    assert all(each.value <= each.bound for each in both)  # type: ignore[operator]  # neither is None; both goals maximise


def test_cancelled_before_it_begins(solver: Solver) -> None:
    """A method that is cancelled at once says so, or has finished; it never invents an allocation."""
    given = random_problem(0, weighted=False) if solver.name != "flow" else seats_and_taste()
    outcome = solver.solve(given, Limits(), silent, lambda: True)
    assert outcome.status is Status.OPTIMAL or outcome.stopped_by is Stop.CANCELLED
    assert outcome.chosen is None or given.allows(outcome.chosen)


def test_no_time_at_all(solver: Solver) -> None:
    """With no time a method ends at once, and what it claims still holds."""
    given = random_problem(1, weighted=False) if solver.name != "flow" else seats_and_taste()
    outcome = solver.solve(given, Limits(seconds=0.0), silent, never)
    assert outcome.status is Status.OPTIMAL or outcome.stopped_by in {Stop.TIME, Stop.METHOD}
    assert outcome.chosen is None or given.allows(outcome.chosen)


def test_same_seed_same_allocation(solver: Solver) -> None:
    """Ten agents who are all alike: the same seed chooses the same ones again."""
    alike = problem(list(range(10)), [block("seats", [at_most(range(10), 4)])], [goal("placed", 1, [1] * 10)])
    first, second = (solver.solve(alike, Limits(seed=3), silent, never) for _ in range(2))
    assert first.chosen is not None
    assert second.chosen is not None
    assert first.chosen.tolist() == second.chosen.tolist()
    assert len(first.chosen) == 4
