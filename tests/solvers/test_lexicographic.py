"""The driver of goals in order, with stages that are made up."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pytest

from models.errors import SolverFault
from models.outcome import GoalValue, Outcome, Status, Stop
from models.problem import Problem
from solvers.interface import Limits, never, silent
from solvers.lexicographic import Clock, Found, Task, run
from solvers.stage import combined, relative_gap, simple_bound, tie_breaker
from tests.solvers.problems import at_most, block, ceiling, goal, problem

Stage = Callable[[Task], Found]


def two_goals(*, weights: tuple[int, ...] = ()) -> Problem:
    """Three agents with one option each, of which two may be chosen; fits 3, 2, 1; bounds 3 and 6 are plain
    to see.
    """
    limit = block("seats", [at_most([0, 1, 2], 2)])
    return problem(
        [0, 1, 2], [limit], [goal("placed", 1, [1, 1, 1]), goal("fit", 1, [3, 2, 1])], weights=weights
    )


def drive(stage: Stage, *, given: Problem | None = None, **limits: float) -> Outcome:
    """Run a made-up stage on the two goals."""
    return run(given or two_goals(), Limits(**limits), silent, never, stage, method="made-up")  # type: ignore[arg-type]  # numbers by name


def array(*options: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Option indices."""
    return np.array(options, np.int64)


def test_each_stage_is_told_what_earlier_goals_reached() -> None:
    """The second stage sees the first goal at 2 and begins with the first stage's allocation."""
    seen: list[tuple[str, list[tuple[str, int]], list[int] | None]] = []

    def stage(task: Task) -> Found:
        kept = [(each.name, value) for each, value in task.kept]
        seen.append((task.goal.name, kept, None if task.start is None else task.start.tolist()))
        return Found(array(0, 1) if task.kept else array(1, 2), proven=True)

    outcome = drive(stage)
    assert seen == [("placed", [], None), ("fit", [("placed", 2)], [1, 2])]
    assert outcome.status is Status.OPTIMAL
    assert outcome.goals == (GoalValue("placed", 2, 2, proven=True), GoalValue("fit", 5, 5, proven=True))


def test_out_of_time_in_the_first_goal_leaves_honest_bounds() -> None:
    """The bound found is kept (2), a later goal has what holds for every allocation (3 + 2 + 1), and time is
    named.
    """

    def stage(task: Task) -> Found:
        time.sleep(0.12)
        return Found(array(0), bound=2)

    outcome = drive(stage, seconds=0.1)
    assert outcome.status is Status.FEASIBLE
    assert outcome.stopped_by is Stop.TIME
    assert outcome.goals == (GoalValue("placed", 1, 2, proven=False), GoalValue("fit", 3, 6, proven=False))


def test_time_is_held_back_for_later_goals() -> None:
    """A first stage that uses all the time it is given leaves some: the second still runs and keeps the
    first's value.
    """
    numbers = []

    def stage(task: Task) -> Found:
        numbers.append(task.number)
        while task.clock.stop() is None:
            time.sleep(0.005)
        return Found(task.start if task.start is not None else array(0, 2))

    outcome = drive(stage, seconds=0.3)
    assert numbers == [0, 1]
    assert outcome.stopped_by is Stop.TIME


def test_a_value_at_the_plain_bound_needs_no_stage() -> None:
    """All agents placed is all that placed can be: only fit is asked for."""
    free = problem([0, 1], [], [goal("placed", 1, [1, 1]), goal("fit", 1, [3, -2])])
    asked = []

    def stage(task: Task) -> Found:
        asked.append(task.goal.name)
        return Found(array(0, 1), proven=True)

    outcome = run(free, Limits(), silent, never, stage, method="made-up", start=lambda _: array(0, 1))
    assert asked == ["fit"]
    assert [each.bound for each in outcome.goals] == [2, 1]


def test_an_equal_value_does_not_cost_a_later_goal() -> None:
    """A stage that finds two placed again, but a worse two, does not replace the start: fit stays 5 when time
    runs out.
    """

    def stage(task: Task) -> Found:
        return Found(array(1, 2) if task.number == 0 else None, bound=6 if task.number else 3)

    outcome = run(two_goals(), Limits(), silent, never, stage, method="made-up", start=lambda _: array(0, 1))
    assert outcome.goals[1].value == 5


def test_gap_is_named_and_goes_on() -> None:
    """A stage may stop at the gap asked for: the next goal is solved, and the status stays feasible."""

    def stage(task: Task) -> Found:
        return Found(array(0, 1), bound=3) if task.number == 0 else Found(array(0, 1), proven=True)

    outcome = drive(stage, gap=0.5)
    assert outcome.status is Status.FEASIBLE
    assert outcome.stopped_by is Stop.GAP
    assert [each.proven for each in outcome.goals] == [False, True]


def test_a_heuristic_is_named_as_such() -> None:
    """A stage that ends without a proof and without a limit is the method's own end."""
    outcome = drive(lambda _: Found(array(0)))
    assert outcome.stopped_by is Stop.METHOD


def test_infeasible_has_no_values() -> None:
    """What was proven impossible has neither values nor bounds."""
    outcome = drive(lambda _: Found(None, infeasible=True))
    assert outcome.status is Status.INFEASIBLE
    assert outcome.chosen is None
    assert outcome.goals == (GoalValue("placed", None, None, False), GoalValue("fit", None, None, False))


def test_nothing_found_keeps_the_bound() -> None:
    """No allocation, but a bound of 2 on the first goal."""
    outcome = drive(lambda _: Found(None, bound=2, stop=Stop.CANCELLED))
    assert outcome.status is Status.NO_SOLUTION
    assert outcome.stopped_by is Stop.CANCELLED
    assert outcome.goals[0] == GoalValue("placed", None, 2, proven=False)


@pytest.mark.parametrize(
    ("stage", "message"),
    [
        (lambda _: Found(array(0, 1, 2), proven=True), "breaks rows .seats"),
        (lambda task: Found(array(0, 1) if task.number == 0 else array(0), proven=True), "worsens placed"),
        (lambda _: Found(array(0, 1), bound=1), "bound 1 is worse than its value 2"),
        (lambda task: Found(array(0, 1), proven=not task.number, infeasible=task.number > 0), "infeasible"),
    ],
)
def test_a_wrong_answer_is_a_loud_error(stage: Stage, message: str) -> None:
    """An allocation that breaks a row or an earlier goal, or a claim that cannot be, is never passed on."""
    with pytest.raises(SolverFault, match=message):
        drive(stage)


def test_a_wrong_start_is_a_loud_error() -> None:
    """So is an allocation to begin with that breaks a row."""
    with pytest.raises(SolverFault, match="begin"):
        run(
            two_goals(),
            Limits(),
            silent,
            never,
            lambda _: Found(None),
            method="made-up",
            start=lambda _: array(0, 1, 2),
        )


def test_weighted_is_one_vector_and_one_stage() -> None:
    """Weights 2 and −1: agent i gains 2 − fit, that is −1, 0, 1; in units of 100ths."""
    given = two_goals(weights=(2, -1))
    assert combined(given).dense(3).tolist() == [-1, 0, 1]
    outcome = drive(lambda _: Found(array(2), proven=True), given=given)
    assert outcome.objective is not None
    assert (outcome.objective.value, outcome.objective.bound) == (0.01, 0.01)
    assert outcome.goals == (
        GoalValue("placed", 1, None, proven=False),
        GoalValue("fit", 1, None, proven=False),
    )
    assert outcome.status is Status.OPTIMAL


def test_plain_bound_takes_the_best_option_of_each_agent() -> None:
    """Agent 0 has fits 3 and 5, agent 1 has −1: 5; with an auxiliary of up to 2 that costs 4 each: nothing at
    best.
    """
    aux = ceiling("escorts", 3, [[0, 1, 2, 0, 1]], 2)
    given = problem(
        [0, 0, 1], [], [goal("fit", 1, [3, 5, -1]), goal("cost", -1, [1, 1, 1], [(3, 4)])], auxiliaries=[aux]
    )
    assert [simple_bound(given, each) for each in given.goals] == [5, 0]


def test_tie_breaker_depends_on_the_seed_alone() -> None:
    """The same seed gives the same weights; another seed others."""
    given = two_goals()
    assert tie_breaker(given, 1).value.tolist() == tie_breaker(given, 1).value.tolist()
    assert tie_breaker(given, 1).value.tolist() != tie_breaker(given, 2).value.tolist()


def test_clock_counts_down_and_cancels() -> None:
    """Half a second is half a second; a cancel outranks the time; without a limit there is none."""
    clock = Clock.of(Limits(seconds=0.5), silent, never)
    left = clock.left()
    assert left is not None
    assert 0.3 < left <= 0.5
    assert clock.stop() is None
    assert Clock.of(Limits(), silent, never).left() is None
    assert Clock.of(Limits(seconds=0), silent, lambda: True).stop() is Stop.CANCELLED
    assert Clock.of(Limits(seconds=0), silent, never).stop() is Stop.TIME


def test_relative_gap_is_measured_on_the_value() -> None:
    """From 8 to 10 is a quarter of 8; from 0, a unit counts as 1."""
    assert relative_gap(8, 10) == 0.25
    assert relative_gap(0, 2) == 2.0
