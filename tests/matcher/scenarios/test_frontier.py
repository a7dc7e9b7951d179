"""Frontiers on random rounds are those of trying everything; ends, limits and prices are what they say."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from dataclasses import replace

import pytest

from matcher import match
from matcher.auditing import audit
from matcher.compiling import compile_problem, options_of
from matcher.scenarios import Frontier, frontier
from matcher.scenarios.asking import Ask, Found, answer
from matcher.scenarios.boxes import Pair, undominated
from matcher.scenarios.frontier import SENSE, Plan
from models.errors import UnknownName
from models.outcome import Placement, Status
from models.policy import Policy
from models.problem import Problem
from models.round import Round
from models.tables import Quota
from solvers.enumerate import combinations
from tests.strategies import random_round
from tests.tiny import company, learner, offer, tiny

search = importlib.import_module("matcher.scenarios.frontier")
"""The module, whose name in the package is the function's."""

EVERY = 100_000
"""More points than there are: everything is searched."""
PAIRS = (
    ("placed", "cost"),
    ("fit", "cost"),
    ("equity", "cost"),
    ("placed", "fit"),
    ("cost", "kept"),
    ("first_choices", "cost"),
)


def compiled(rnd: Round, goals: tuple[str, ...]) -> Problem:
    """The round as numbers, with these goals."""
    asked = rnd.replace(policy=rnd.policy.model_copy(update={"goals": goals, "weights": None}))
    return compile_problem(asked, options_of(asked)[0])


def every_point(rnd: Round, axes: tuple[str, str], held: tuple[str, ...]) -> set[Pair]:
    """The undominated points among all allocations that are best for what is held, in its order; more is better."""
    problem = compiled(rnd, (*held, *axes))
    values = []
    for chosen in combinations(problem):
        if problem.allows(chosen):
            columns = problem.complete(chosen)
            values.append(tuple(goal.sense * goal.of(columns) for goal in problem.goals))
    best = max((value[: len(held)] for value in values), default=())
    return undominated([(value[-2], value[-1]) for value in values if value[: len(held)] == best])


def signed(found: Frontier) -> list[Pair]:
    """The points as whole numbers of which more is better."""
    return [(SENSE[found.axes[0]] * one.first, SENSE[found.axes[1]] * one.second) for one in found.points]


def small(count: int) -> Iterator[tuple[int, Round]]:
    """Random rounds that few enough allocations are possible in to try all."""
    for seed in range(count):
        rnd = random_round(seed, most_learners=5)
        if len(options_of(rnd)[0]) <= 16:
            yield seed, rnd


@pytest.mark.slow
def test_the_points_are_those_of_trying_everything() -> None:
    """Every undominated point and no other, proven, complete, audited; with goals held and without."""
    compared = 0
    for seed, rnd in small(48):
        axes = PAIRS[seed % len(PAIRS)]
        hold = () if seed % 2 else None
        known = every_point(rnd, axes, Plan.of(rnd, *axes, hold).held)
        found = frontier(rnd, *axes, points=EVERY, hold=hold)
        assert set(signed(found)) == known, (seed, axes)
        assert len(found.points) == len(known)
        if not known:
            assert found.status is Status.INFEASIBLE
            assert found.conflict
            continue
        assert found.status is Status.OPTIMAL
        assert found.complete
        assert all(point.proven for point in found.points)
        assert all(step.nothing_between for step in found.steps)
        for point in found.points:
            assert audit(rnd, [Placement(*place) for place in point.places]).valid
        compared += len(known)
    assert compared >= 30


def test_the_ends_are_the_single_goals_best() -> None:
    """The last point has the best of the first goal and then of the second; the first point the other way round."""
    for seed in (3, 8, 12):
        rnd = random_round(seed, most_learners=6)
        rnd = rnd.replace(policy=Policy())
        found = frontier(rnd, "fit", "cost", points=3, hold=())
        for goals, point in ((("fit", "cost"), found.points[-1]), (("cost", "fit"), found.points[0])):
            alone = match(rnd.replace(policy=Policy(goals=goals)))
            assert {goal.name: goal.value for goal in alone.goals} == {
                "fit": point.first,
                "cost": point.second,
            }


def two_places() -> Round:
    """L1 and L2 can both go to c1; each costs 2754 € and fits with 96 points less what nobody wished for."""
    return tiny(
        learner("L1", preferences=("c1",)),
        learner("L2", preferences=("c2", "c1")),
        company("c1"),
        company("c2"),
        offer("o1", seats=2),
    )


def test_prices_are_the_differences_of_neighbours() -> None:
    """Nobody, one, both placed: each learner costs 2754 €, exactly, as the points differ by a single learner."""
    found = frontier(two_places(), "placed", "cost")
    assert [(one.first, one.second) for one in found.points] == [(0, 0), (1, 2754), (2, 5508)]
    assert [(step.per_unit, step.exact, step.nothing_between) for step in found.steps] == [
        (2754.0, True, True)
    ] * 2
    assert found.ties == ("fit",)


def test_a_first_choice_is_an_axis() -> None:
    """L1 at c1 is the one first choice that can be met; with everybody placed it costs nothing."""
    free = frontier(two_places(), "first_choices", "cost", hold=())
    assert [(one.first, one.second) for one in free.points] == [(0, 0), (1, 2754)]
    held = frontier(two_places(), "first_choices", "cost", hold=("placed",))
    assert [(one.first, one.second) for one in held.points] == [(1, 5508)]
    assert held.held == {"placed": 2}


def test_goals_before_both_axes_are_held() -> None:
    """Of placed, fit, cost: nothing for placed and cost, placed for fit and cost; of a weighted policy nothing."""
    rnd = two_places()
    assert Plan.of(rnd, "cost", "placed", None) == Plan(("cost", "placed"), (), ("fit",))
    assert Plan.of(rnd, "cost", "fit", None) == Plan(("cost", "fit"), ("placed",), ())
    assert Plan.of(rnd, "kept", "equity", None).held == ("placed", "fit", "cost")
    assert Plan.of(rnd, "fit", "cost", ()).held == ()
    weighted = rnd.replace(policy=Policy(weights={"placed": 1, "fit": 1}))
    assert Plan.of(weighted, "fit", "cost", None) == Plan(("fit", "cost"), (), ("placed",))


@pytest.mark.parametrize(
    ("axes", "hold", "said"),
    [
        (("fit", "csot"), None, r"unknown goal 'csot' \(nearest: cost\)"),
        (("fit", "fit"), None, "fit is named twice"),
        (("fit", "cost"), ("fit",), "fit is traded, and cannot be held"),
        (("fit", "cost"), ("hope",), "unknown goal 'hope'"),
    ],
)
def test_goals_that_make_no_frontier_are_refused(
    axes: tuple[str, str], hold: tuple[str, ...] | None, said: str
) -> None:
    """With the nearest that there is."""
    with pytest.raises(UnknownName, match=said):
        frontier(two_places(), *axes, hold=hold)


def test_any_number_of_workers_finds_the_same() -> None:
    """The result is the same to the last placement."""
    rnd = random_round(8, most_learners=7).replace(policy=Policy())
    assert frontier(rnd, "fit", "cost", points=6, hold=(), workers=2) == frontier(
        rnd, "fit", "cost", points=6, hold=()
    )


def test_an_infeasible_round_says_what_conflicts() -> None:
    """No points, and the conflict named."""
    rnd = tiny(learner("L1"), Quota(min_learners=2))
    found = frontier(rnd, "placed", "cost")
    assert (found.status, found.points, found.steps) == (Status.INFEASIBLE, (), ())
    assert "quotas" in found.conflict[0]


def test_what_is_cancelled_hands_out_what_is_found() -> None:
    """Cancelled at once: nothing is found, and nothing is claimed."""
    found = frontier(two_places(), "placed", "cost", cancel=lambda: True)
    assert (found.status, found.points, found.complete) == (Status.NO_SOLUTION, (), False)


def test_nobody_at_all_is_one_point() -> None:
    """A round without learners: one allocation, of nobody, is best for both."""
    found = frontier(tiny().replace(rows={"learners": []}), "placed", "cost")
    assert [(one.first, one.second, one.proven) for one in found.points] == [(0, 0, True)]
    assert found.complete


class Unproven:
    """Answers as they are, but without any proof."""

    def __call__(self, rnd: Round, ask: Ask, time_limit: float | None, seed: int) -> Found:
        return replace(answer(rnd, ask, time_limit, seed), proven=())


def test_without_proofs_points_are_found_and_nothing_is_claimed(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many points as with proofs, each of which says that it is not proven; no gap is called empty."""
    monkeypatch.setattr(search, "answer", Unproven())
    found = frontier(two_places(), "placed", "cost")
    assert [(one.first, one.second, one.proven) for one in found.points] == [
        (0, 0, False),
        (1, 2754, False),
        (2, 5508, False),
    ]
    assert (found.status, found.complete) == (Status.FEASIBLE, False)
    assert not any(step.nothing_between for step in found.steps)


def test_what_time_cuts_short_has_a_bound_that_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bound below the best cost is stated beside the point, never called proven; the true best lies between."""

    def hurried(rnd: Round, ask: Ask, time_limit: float | None, seed: int) -> Found:
        found = answer(rnd, ask, time_limit, seed)
        return replace(found, proven=("placed",), open=("cost", found.values["cost"] - 1))

    monkeypatch.setattr(search, "answer", hurried)
    found = frontier(two_places(), "placed", "cost")
    assert [(point.proven, point.first_bound, point.second_bound) for point in found.points] == [
        (False, None, -1),
        (False, None, 2753),
        (False, None, 5507),
    ]


@pytest.mark.parametrize("seconds", [0.01, None])
def test_open_goals_are_those_without_a_proof(seconds: float | None) -> None:
    """Whatever the time given: a goal is proven, or it has a bound that is as good as its value or better."""
    plain = random_round(8).replace(policy=Policy())
    rnd = Plan.of(plain, "fit", "cost", ()).round(plain)
    found = answer(rnd, Ask(("fit", "cost", "placed")), seconds, 0)
    if found.chosen is None:
        assert found.proven == ()
    elif found.open is not None:
        name, bound = found.open
        assert SENSE[name] * bound >= SENSE[name] * found.values[name]
        assert name not in found.proven
    else:
        assert found.proven == ("fit", "cost", "placed")
