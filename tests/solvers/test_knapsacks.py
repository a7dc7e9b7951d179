"""Knapsacks inside the exact method: against trying everything, part by part by what each claims."""

from __future__ import annotations

from functools import cache
from itertools import combinations, product

import numpy as np
import pytest

import solvers
from models.outcome import Status
from models.problem import FREE_BELOW, IntArray, Problem
from solvers import knapsack_patterns, knapsack_search
from solvers.interface import Limits, Progress, never, silent
from solvers.knapsack_bound import Part, descend_part, fill, penalties, profits, value
from solvers.knapsack_patterns import Pool, Search, listed
from solvers.knapsack_repair import Repair
from solvers.knapsack_search import Optimum
from solvers.knapsacks import Mask, Sacks, sacks_of, shape_of
from solvers.rows import Rows, stack
from solvers.stage import Clock, Task, simple_bound
from tests.solvers.problems import Row, block, goal, problem

SEEDS = range(24)


def generalised(seed: int, *, jobs: int = 6, sacks: int = 3, goals: int = 1, tight: float = 0.9) -> Problem:
    """A random generalised assignment problem: some jobs may stay out, some have a choice that uses no capacity."""
    random = np.random.default_rng(seed)
    agent = np.repeat(np.arange(jobs), sacks + random.integers(0, 2, jobs))
    sack = np.concatenate([np.arange(count) for count in np.bincount(agent)])
    weight = random.integers(2, 12, len(agent))
    rooms = [int(tight * weight[sack == each].sum() / sacks) for each in range(sacks)]
    rows: list[Row] = [
        (FREE_BELOW, [(int(o), int(weight[o])) for o in np.flatnonzero(sack == each)], rooms[each])
        for each in range(sacks)
    ]
    must = np.flatnonzero(random.random(jobs) < (1.0 if seed % 3 else 0.5))
    asked: list[Row] = [(1, [(int(o), 1) for o in np.flatnonzero(agent == job)], 1) for job in must]
    sense = 1 if seed % 2 else -1
    vectors = [goal(f"goal {n}", sense, random.integers(-4, 20, len(agent))) for n in range(goals)]
    return problem(agent, [block("must", asked), block("room", rows)], vectors, agents=jobs)


def rows_of(given: Problem) -> Rows:
    """The rows that can bind, as the exact method states them."""
    rows = stack(given)
    return rows.keep(rows.can_bind)


def written(given: Problem) -> Sacks:
    """The problem's knapsacks for its first goal."""
    shape = shape_of(given, rows_of(given))
    assert shape is not None
    gain = (given.goals[0].sense * given.goals[0].dense(given.columns)).astype(np.float64)
    sacks = sacks_of(given, shape, gain, np.zeros(given.columns, bool))
    assert sacks is not None
    return sacks


@cache
def fitting(seed: int) -> tuple[Sacks, tuple[Mask, ...]]:
    """A random problem's knapsacks, and every allocation of them: one item per job, within all rooms."""
    sacks = written(generalised(seed))
    places = [np.argwhere(sacks.real & (sacks.job == job)).tolist() for job in range(sacks.jobs)]
    found = []
    for choice in product(*places):
        taken = np.zeros_like(sacks.real)
        taken[tuple(np.array(choice).T)] = True
        if (np.where(taken, sacks.weight, 0).sum(1) <= sacks.room).all():
            found.append(taken)
    return sacks, tuple(found)


def some_prices(sacks: Sacks, seed: int) -> IntArray:
    """Random prices about as high as the gains."""
    return np.random.default_rng([seed, 7]).integers(-5 * sacks.scale, 15 * sacks.scale, sacks.jobs)


def everything(sacks: Sacks) -> Part:
    """All items."""
    part = Part.of(sacks, sacks.real)
    assert part is not None
    return part


def task(given: Problem, cancel: bool = False) -> Task:
    """The first goal, with nothing known."""
    first = given.goals[0]
    return Task(0, first, (), None, simple_bound(given, first), 0.0, Clock(silent, lambda: cancel))


def best_of(allocations: tuple[Mask, ...], sacks: Sacks) -> int | None:
    """The most that any of the allocations gains."""
    return max((sacks.worth(taken) for taken in allocations), default=None)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("goals", [1, 3])
def test_exact_is_as_good_as_trying_everything(seed: int, goals: int) -> None:
    """Status and every goal's value are those of enumeration, and proven; with earlier goals kept too."""
    given = generalised(seed, goals=goals, tight=0.7 + 0.05 * (seed % 7))
    expected = solvers.get("enumerate").solve(given, Limits(), silent, never)
    found = solvers.get("exact").solve(given, Limits(), silent, never)
    assert found.status is expected.status
    assert [each.value for each in found.goals] == [each.value for each in expected.goals]
    assert [each.proven for each in found.goals] == [each.proven for each in expected.goals]


@pytest.mark.parametrize("seed", SEEDS)
def test_knapsacks_alone_reach_the_best_allocation(seed: int) -> None:
    """Without the rest of the method: the best of all allocations, its bound, or that there is none."""
    sacks, allocations = fitting(seed)
    optimum = Optimum(sacks, task(generalised(seed)), None)
    optimum.solve(np.zeros(sacks.jobs, np.int64))
    assert optimum.value == optimum.bound == best_of(allocations, sacks)


@pytest.mark.parametrize("seed", SEEDS)
def test_when_patterns_are_too_many_jobs_are_divided_on(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """With next to no room for patterns the answer stays the same."""
    monkeypatch.setattr(knapsack_patterns, "CELLS", 12)
    sacks, allocations = fitting(seed)
    optimum = Optimum(sacks, task(generalised(seed)), None)
    optimum.solve(np.zeros(sacks.jobs, np.int64))
    assert optimum.value == optimum.bound == best_of(allocations, sacks)


@pytest.mark.parametrize("seed", SEEDS)
def test_asking_an_integer_program_changes_no_optimum(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a program is asked before anything is searched, status and value stay those of enumeration."""
    monkeypatch.setattr(knapsack_search, "HARD", -1.0)
    monkeypatch.setattr(knapsack_search, "STEPS", 3)
    given = generalised(seed)
    expected = solvers.get("enumerate").solve(given, Limits(), silent, never)
    found = solvers.get("exact").solve(given, Limits(), silent, never)
    assert found.status is expected.status
    assert found.goals == expected.goals


def test_chosen_options_that_overfill_a_knapsack_are_no_items() -> None:
    """What another program found is taken only if it fits: here both jobs are in a knapsack with room for one."""
    rows: list[Row] = [(FREE_BELOW, [(0, 2), (1, 3)], 4)]
    sacks = written(problem([0, 1], [block("room", rows)], [goal("g", 1, [1, 1])]))
    assert sacks.taking(np.array([0, 1])) is None
    alone = sacks.taking(np.array([1]))
    assert alone is not None
    assert sacks.columns(alone).tolist() == [1]


@pytest.mark.parametrize("seed", SEEDS)
def test_any_prices_bound_all_allocations(seed: int) -> None:
    """The bound at random prices, and with every item in, is never below an allocation (with that item)."""
    sacks, allocations = fitting(seed)
    prices = some_prices(sacks, seed)
    bound, bounds = penalties(sacks, everything(sacks), prices, -(10**9) * sacks.scale)
    assert bound == value(sacks, everything(sacks), prices).bound
    for taken in allocations:
        assert bound >= sacks.worth(taken) * sacks.scale
        assert (bounds[taken] >= sacks.worth(taken) * sacks.scale).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_a_bound_is_the_sum_of_whole_knapsacks(seed: int) -> None:
    """The core decides nothing wrongly: the bound is what trying every filling of every knapsack gives."""
    sacks, _ = fitting(seed)
    for prices in (some_prices(sacks, seed), some_prices(sacks, seed + 100) // 4):
        profit, expected = profits(sacks, prices), int(prices.sum())
        for sack in range(len(sacks)):
            expected += max(sum(profit[sack, item] for item in chosen) for chosen in fillings(sacks, sack))
        before = value(sacks, everything(sacks), prices + 3).taken
        assert value(sacks, everything(sacks), prices).bound == expected
        assert value(sacks, everything(sacks), prices, before).bound == expected


def fillings(sacks: Sacks, sack: int) -> list[tuple[int, ...]]:
    """Every choice of items of a knapsack within its room."""
    items = np.flatnonzero(sacks.real[sack]).tolist()
    every = (chosen for size in range(len(items) + 1) for chosen in combinations(items, size))
    return [chosen for chosen in every if sacks.weight[sack, list(chosen)].sum() <= sacks.room[sack]]


@pytest.mark.parametrize("seed", SEEDS)
def test_what_may_be_in_something_good_stays(seed: int) -> None:
    """With the best value as the target, penalties leave every item of every best allocation."""
    sacks, allocations = fitting(seed)
    best = best_of(allocations, sacks)
    if best is None:
        assert not allocations
        return
    prices = descend_part(
        sacks, everything(sacks), some_prices(sacks, seed), 5.0, 100, lambda _: False
    ).prices
    _, bounds = penalties(sacks, everything(sacks), prices, best * sacks.scale)
    for taken in allocations:
        if sacks.worth(taken) == best:
            assert (bounds[taken] >= best * sacks.scale).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_options_ruled_out_are_in_no_best_allocation(seed: int) -> None:
    """What is left out for later goals is in none of the best allocations of the first."""
    given = generalised(seed)
    sacks = written(given)
    optimum = Optimum(sacks, task(given), None)
    optimum.solve(np.zeros(sacks.jobs, np.int64))
    _, allocations = fitting(seed)
    for taken in allocations:
        if sacks.worth(taken) == optimum.value:
            assert not set(sacks.columns(taken).tolist()) & set(optimum.ruled_out().tolist())


@pytest.mark.parametrize("seed", SEEDS)
def test_a_pool_lists_each_filling_within_the_slack_once(seed: int) -> None:
    """Knapsack by knapsack, the patterns are those fillings that lose no more than the slack."""
    sacks, _ = fitting(seed)
    prices, slack, part = some_prices(sacks, seed) // 3, 3 * sacks.scale, everything(sacks)
    profit, pool = profits(sacks, prices), listed(sacks, part, prices, 3 * sacks.scale)
    assert pool is not None
    for sack in np.flatnonzero(part.free.any(1)).tolist():
        free = part.free[sack]
        if sacks.weight[sack, free].sum() <= part.room[sack]:
            continue
        gains = {
            frozenset(sacks.job[sack, list(chosen)].tolist()): sum(profit[sack, item] for item in chosen)
            for chosen in fillings(sacks, sack)
            if free[list(chosen)].all() and sacks.weight[sack, list(chosen)].sum() <= part.room[sack]
        }
        expected = sorted(sorted(jobs) for jobs, gain in gains.items() if gain >= max(gains.values()) - slack)
        mine = pool.holds[pool.home[pool.place] == sack]
        assert sorted(pool.jobs[holds].tolist() for holds in mine) == expected


def test_a_pool_that_would_be_too_large_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """More patterns than there is room for are not listed."""
    monkeypatch.setattr(knapsack_patterns, "CELLS", 6)
    sacks, _ = fitting(1)
    assert listed(sacks, everything(sacks), np.zeros(sacks.jobs, np.int64), 50 * sacks.scale) is None


def test_a_search_that_is_stopped_proves_nothing() -> None:
    """Told to stop, a search says that it did not come to an end."""
    sacks, _ = fitting(1)
    pool = listed(sacks, everything(sacks), np.zeros(sacks.jobs, np.int64), 5 * sacks.scale)
    assert isinstance(pool, Pool)
    search = Search(sacks.scale, 0, lambda: True)
    assert not search.run(pool, np.zeros(len(pool.jobs), np.int64))
    assert search.found is None


def test_a_knapsack_without_a_pattern_ends_a_search() -> None:
    """A division may leave some knapsack no pattern at all: there is nothing in such a part."""
    holds = np.array([[True, False], [False, True]])
    pool = Pool(np.arange(2), np.arange(2), holds, np.array([1.0, 1.0]), np.array([0, 0]))
    search = Search(1, 0, lambda: False)
    assert search.run(pool, np.zeros(2, np.int64))
    assert search.found is None


@pytest.mark.parametrize("seed", SEEDS)
def test_a_repair_fits(seed: int) -> None:
    """From any choice of items: an allocation within every room, or nothing."""
    sacks, allocations = fitting(seed)
    random = np.random.default_rng(seed)
    mended = Repair(sacks).improve(sacks.real & (random.random(sacks.real.shape) < 0.4))
    assert mended is None or any(np.array_equal(mended, taken) for taken in allocations)


@pytest.mark.parametrize("seed", SEEDS)
def test_stopped_at_once_the_bound_still_holds(seed: int) -> None:
    """Cancelled from the beginning, the bound is no lower than the best allocation."""
    sacks, allocations = fitting(seed)
    optimum = Optimum(sacks, task(generalised(seed), cancel=True), None)
    optimum.solve(np.zeros(sacks.jobs, np.int64))
    best = best_of(allocations, sacks)
    assert best is None or (optimum.bound is not None and optimum.bound >= best)


def test_a_table_of_large_numbers_does_not_overflow() -> None:
    """Sums beyond 32 bits are exact: two items of 2^31 + 1 and 2^32 − 3 within the room of both."""
    table = fill(np.array([2, 3]), np.array([2**31 + 1, 2**32 - 3]), 5)
    assert table[-1].tolist() == [0, 0, 2**31 + 1, 2**32 - 3, 2**32 - 3, 2**31 + 2**32 - 2]


def test_large_gains_are_proven_too() -> None:
    """Gains of about 2^40 are solved to the unit, with prices of whole units."""
    sacks, base = 3, 2**40
    random = np.random.default_rng(5)
    agent = np.repeat(np.arange(5), sacks)
    weight = random.integers(3, 9, len(agent))
    rows = [(FREE_BELOW, [(o, int(weight[o])) for o in range(s, 15, sacks)], 12) for s in range(sacks)]
    given = problem(agent, [block("room", rows)], [goal("worth", 1, base + random.integers(0, 99, 15))])
    expected = solvers.get("enumerate").solve(given, Limits(), silent, never)
    assert written(given).scale == 1
    found = solvers.get("exact").solve(given, Limits(), silent, never)
    assert found.status is Status.OPTIMAL
    assert found.goals == expected.goals


TWO = [(0, 2), (1, 1), (2, 3), (3, 1)]


@pytest.mark.parametrize(
    ("reason", "rows"),
    [
        ("a minimum", [(2, TWO, 4)]),
        ("a negative entry", [(FREE_BELOW, [(0, 2), (2, -1)], 1)]),
        ("an option in two capacities", [(FREE_BELOW, TWO, 4), (FREE_BELOW, [(0, 1), (3, 2)], 2)]),
        ("capacities of places only", [(FREE_BELOW, [(0, 1), (1, 1), (2, 1)], 2)]),
        ("a capacity too large for tables", [(FREE_BELOW, [(0, 200_001), (2, 200_003)], 300_000)]),
    ],
)
def test_what_does_not_fit_is_left_alone(reason: str, rows: list[Row]) -> None:
    """No knapsacks where a row is neither a job nor the only capacity of its options."""
    given = problem([0, 0, 1, 1], [block(reason, rows)], [goal("worth", 1, [1, 2, 3, 4])])
    assert shape_of(given, rows_of(given)) is None


def test_a_choice_between_light_and_good_in_one_knapsack_is_left_alone() -> None:
    """An agent with a light option and a better, heavier one in the same capacity is no item."""
    given = problem(
        [0, 0, 1], [block("room", [(FREE_BELOW, [(0, 2), (1, 3), (2, 2)], 4)])], [goal("g", 1, [1, 2, 1])]
    )
    shape = shape_of(given, rows_of(given))
    assert shape is not None
    assert sacks_of(given, shape, np.array([1.0, 2.0, 1.0]), np.zeros(3, bool)) is None
    assert sacks_of(given, shape, np.array([2.0, 2.0, 1.0]), np.zeros(3, bool)) is not None


def test_weights_count_in_units_of_what_they_have_in_common() -> None:
    """300 000, 450 000 and a room of 700 000 are 2, 3 and 4 of 150 000."""
    rows: list[Row] = [(FREE_BELOW, [(0, 300_000), (1, 450_000)], 700_000)]
    given = problem([0, 1], [block("budget", rows)], [goal("g", 1, [1, 1])])
    shape = shape_of(given, rows_of(given))
    assert shape is not None
    assert shape.weight.tolist() == [2, 3]
    assert shape.room.tolist() == [4]


def test_progress_is_told_in_the_goals_own_sense() -> None:
    """A goal that is minimised is told bounds from below."""
    told: list[Progress] = []
    given = generalised(2)
    found = solvers.get("exact").solve(given, Limits(), told.append, never)
    final = found.goals[0].value
    assert final is not None
    heard = [each for each in told if each.goal == given.goals[0].name and each.bound is not None]
    assert heard
    assert all(each.bound is not None and each.bound <= final for each in heard)


def test_the_same_problem_gives_the_same_allocation() -> None:
    """Solved twice: the same options."""
    given = generalised(4, jobs=7)
    one, two = (solvers.get("exact").solve(given, Limits(), silent, never) for _ in range(2))
    assert one.chosen is not None
    assert two.chosen is not None
    assert one.chosen.tolist() == two.chosen.tolist()
