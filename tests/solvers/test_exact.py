"""The parts of the exact method, each by what it claims: on random problems, against trying everything."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

import solvers
from models.outcome import Status, Stop
from models.problem import Goal, IntArray, Problem
from solvers import proving
from solvers.diving import dive
from solvers.enumerate import combinations
from solvers.exact import SOLVER as EXACT
from solvers.exact import Search
from solvers.highs import FloatArray, Infeasible, Model
from solvers.impossible import impossible
from solvers.interface import Limits, Progress, never, silent
from solvers.pricing import Priced, whole
from solvers.programs import reach
from solvers.relaxing import Relaxation, Working
from solvers.rows import Rows, kept_rows, stack
from solvers.stage import Clock, Task, simple_bound
from tests.solvers.problems import at_least, at_most, block, goal, problem, random_network, random_problem

SEEDS = range(40)
CLOCK = Clock(silent, never)


@cache
def allowed(seed: int) -> tuple[Problem, tuple[IntArray, ...]]:
    """A random problem, and the column values of all its allocations."""
    given = random_problem(seed)
    return given, tuple(given.complete(chosen) for chosen in combinations(given) if given.allows(chosen))


def relaxation(given: Problem, rows: Rows) -> Relaxation:
    """The relaxation of the first goal, begun with as little as the method ever begins with."""
    marks = np.array([each.redundant for each in rows.blocks], bool)
    gain = (given.goals[0].sense * given.goals[0].dense(given.columns)).astype(np.float64)
    return Relaxation(given, rows, given.upper, gain, Working.of(given, rows, marks[rows.block]))


@pytest.mark.parametrize("seed", SEEDS)
def test_growing_ends_where_the_whole_relaxation_does(seed: int) -> None:
    """Grown by rows and columns, the relaxation has the value of the program with all of them from the start."""
    given = random_problem(seed)
    rows = stack(given)
    grown = relaxation(given, rows)
    try:
        found = grown.solve(CLOCK)
    except Infeasible:
        with pytest.raises(Infeasible):
            Model(rows, given.upper, grown.gain, whole=False).relax(CLOCK)
        return
    at_once = Model(rows, given.upper, grown.gain, whole=False).relax(CLOCK)
    assert found is not None
    assert at_once is not None
    assert grown.gain @ found[0] == pytest.approx(at_once.value, abs=1e-6)


@pytest.mark.parametrize("seed", SEEDS)
def test_rows_that_others_imply_may_wait(seed: int) -> None:
    """Where no lowering is worth another solution, the optimum still satisfies every row that says what an allocation
    is, and is no lower than with all rows.
    """
    given = random_problem(seed)
    rows = stack(given)
    grown = relaxation(given, rows)
    grown.needed = ~np.array([each.redundant for each in rows.blocks], bool)[rows.block]
    grown.slight = np.inf
    try:
        found = grown.solve(CLOCK)
        least = value_at_once(given, rows, grown.gain)
    except Infeasible:
        return
    assert found is not None
    sums = np.bincount(rows.row, rows.value * found[0][rows.column], minlength=len(rows))
    assert np.all((sums <= rows.upper + 1e-5) & (sums >= rows.lower - 1e-5) | ~grown.needed)
    assert grown.gain @ found[0] >= least - 1e-6


def test_a_program_that_ends_early_states_a_bound_that_holds() -> None:
    """One of two options fits, worth 3 and 2. Begun with the second and content with less than 5 more, the program
    may end there, but says that 3 is possible.
    """
    rows = stack(problem([0, 1], [block("seats", [at_most([0, 1], 1)])], [goal("fit", 1, [3, 2])]))
    model = Model(rows, np.ones(2, np.int64), np.array([3.0, 2.0]), whole=True)
    found = model.search(CLOCK, lambda *_: False, start=np.array([0, 1]), gap=5.0, plain=True)
    assert found.columns is not None
    assert found.bound >= 3


@pytest.mark.parametrize("seed", SEEDS)
def test_prices_bound_every_allocation(seed: int) -> None:
    """Whatever the prices, no allocation is above the bound, and none with a column is above the column's bound."""
    given, allocations = allowed(seed)
    rows = stack(given)
    grown = relaxation(given, rows)
    try:
        found = grown.solve(CLOCK)
    except Infeasible:
        assert not allocations
        return
    assert found is not None
    noise = np.random.default_rng(seed).normal(size=len(rows))
    for prices in (found[1], found[1] + noise, np.zeros(len(rows))):
        proof = grown.priced(prices, grown.gain)
        for values in allocations:
            worth = float(grown.gain @ values)
            assert worth <= proof.whole
            assert proof.possible(worth)[values > 0].all()


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_called_impossible_is_in_no_allocation(seed: int) -> None:
    """A column that is left out for good is 0 in every allocation."""
    given, allocations = allowed(seed)
    out = impossible(given, stack(given))
    assert not any((values[out] > 0).any() for values in allocations)


def test_two_who_stay_together_cannot_share_one_seat() -> None:
    """Agents 0 and 1 must both be at the place of options 0 and 1 (one seat) or of 2 and 3 (two seats): the first
    place is impossible, though half of each would fit.
    """
    together = block("together", [(0, [(0, 1), (1, -1)], 0), (0, [(2, 1), (3, -1)], 0)])
    seats = block("seats", [at_most([0, 1], 1), at_most([2, 3], 2)])
    given = problem([0, 1, 0, 1], [together, seats], [goal("placed", 1, [1, 1, 1, 1])])
    assert impossible(given, stack(given)).tolist() == [True, True, False, False]


def test_a_round_without_columns_to_take_is_no_fault() -> None:
    """An offer with no seats leaves a relaxation without columns: nobody is placed, and that is proven."""
    given = problem([0, 1], [block("seats", [at_most([0, 1], 0)])], [goal("placed", 1, [1, 1])])
    outcome = solvers.get("exact").solve(given, Limits(), silent, never)
    assert outcome.status is Status.OPTIMAL
    assert outcome.goals[0].value == 0


def test_a_minimum_that_nobody_can_meet_is_infeasible() -> None:
    """A row with a lower side and no option is kept, and proven impossible."""
    given = problem([0], [block("quotas", [at_least([], 1)])], [goal("placed", 1, [1])])
    assert solvers.get("exact").solve(given, Limits(), silent, never).status is Status.INFEASIBLE


def test_bounds_are_rounded_down_to_whole_values() -> None:
    """3.9999999 is 4 to within the tolerance, 3.99 is 3."""
    assert whole(3.9999999) == 4
    assert whole(3.99) == 3
    assert Priced(7.5, np.zeros(1), np.full(1, 7.5)).whole == 7


def test_reach_takes_each_agent_once() -> None:
    """Two options of one agent worth 5 and −7 and one of another worth 2 differ by at most 7 + 2."""
    given = problem([0, 0, 1], [], [goal("fit", 1, [0, 0, 0])])
    assert reach(given, np.array([5.0, -7.0, 2.0])) == 9


def test_progress_names_goals_values_and_bounds() -> None:
    """Each goal is reported with a value that its bound does not contradict."""
    seen: list[Progress] = []
    given = random_network(3, agents=40, per_agent=6)
    outcome = solvers.get("exact").solve(given, Limits(), seen.append, never)
    told = {p.goal: p for p in seen if p.goal is not None and p.value is not None and p.bound is not None}
    assert set(told) == {each.name for each in given.goals}
    assert {name: told[name].value for name in told} == {each.name: each.value for each in outcome.goals}


def test_a_cancelled_search_says_so() -> None:
    """Cancelled before it began, the method claims nothing and names the reason."""
    outcome = solvers.get("exact").solve(random_problem(1), Limits(), silent, lambda: True)
    assert outcome.status in (Status.FEASIBLE, Status.NO_SOLUTION)
    assert outcome.stopped_by is Stop.CANCELLED


def tied(seed: int) -> int:
    """Solve goal by goal and check what is left for the next goal each time: into how many parts, in the end."""
    given, allocations = allowed(seed)
    search = Search(given, Limits())
    left_out = search.out.copy()
    kept: tuple[tuple[Goal, int], ...] = ()
    start = None
    for number, each in enumerate(given.goals if allocations else ()):
        found = search.stage(Task(number, each, kept, start, simple_bound(given, each), 0.0, CLOCK))
        assert found.proven
        assert found.chosen is not None
        best, start = each.of(given.complete(found.chosen)), found.chosen
        assert each.sense * best == max(each.sense * each.of(values) for values in allocations)
        kept = (*kept, (each, best))
        allocations = tuple(values for values in allocations if each.of(values) == best)
        allocations = tuple(values for values in allocations if not np.any(values[left_out]))
        assert allocations
        for values in allocations:
            within = [np.all(low <= values[given.options :]) for low, _ in search.parts]
            below = [np.all(values[given.options :] <= high) for _, high in search.parts]
            assert not search.parts or any(x and y for x, y in zip(within, below, strict=True))
            assert not np.any(values[search.out])
    return len(search.parts)


def test_what_ties_lies_in_the_parts_that_are_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """After each goal, every allocation that is as good in it and in those before (but for dominated options) lies
    in one of the parts (no parts: everywhere), and holds no column that is out; also where a search over
    auxiliaries must prove it all.
    """
    for seed in SEEDS:
        tied(seed)
    monkeypatch.setattr(proving, "LITTLE_LEFT", -1)
    monkeypatch.setattr(proving, "TINY_LEFT", -1)
    monkeypatch.setattr(proving, "SMALL", -1)
    monkeypatch.setattr(proving, "CUT_ROUNDS", 0)
    assert sum(tied(seed) for seed in range(80)) > 3


def test_a_look_at_a_branch_leaves_the_model_as_it_was() -> None:
    """Probing a bound says what it would cost; afterwards the optimum is the same as before."""
    rows = stack(problem([0, 1], [block("seats", [at_most([0, 1], 1)])], [goal("fit", 1, [3, 2])]))
    model = Model(rows, np.ones(2, np.int64), np.array([3.0, 2.0]), whole=False)
    before = model.relax(CLOCK)
    assert before is not None
    assert model.probe(0, 0, 0, 100) == pytest.approx(2.0)
    after = model.relax(CLOCK)
    assert after is not None
    assert after.value == before.value
    assert after.columns.tolist() == before.columns.tolist()


def test_a_minimum_that_only_a_poor_option_meets_is_no_infeasibility() -> None:
    """The relaxation begins with each agent's six best options: when a row needs the eighth, it fetches it, instead
    of calling the problem infeasible (which it did).
    """
    pin = block("locks", [(1, [(7, 1)], 1)])
    given = problem([0] * 8, [pin], [goal("fit", 1, [9, 8, 7, 6, 5, 4, 3, 2])])
    found = relaxation(given, stack(given)).solve(CLOCK)
    assert found is not None
    assert found[0].tolist() == [0, 0, 0, 0, 0, 0, 0, 1]


def test_two_minima_that_no_option_meets_together_are_infeasible() -> None:
    """Of one agent's options both the seventh and the eighth are asked for: fetching them all does not help."""
    pins = block("locks", [(1, [(6, 1)], 1), (1, [(7, 1)], 1)])
    given = problem([0] * 8, [pins], [goal("fit", 1, [9, 8, 7, 6, 5, 4, 3, 2])])
    with pytest.raises(Infeasible):
        relaxation(given, stack(given)).solve(CLOCK)


def value_at_once(given: Problem, rows: Rows, gain: FloatArray) -> float:
    """The optimum of the program with all rows and columns from the start."""
    found = Model(rows, given.upper, gain, whole=False).relax(CLOCK)
    assert found is not None
    return found.value


@pytest.mark.parametrize("seed", SEEDS)
def test_the_relaxation_lives_on_from_goal_to_goal(seed: int) -> None:
    """With a goal's value kept, loose rows forgotten and another aim, it ends where the whole program does."""
    given, allocations = allowed(seed)
    if not allocations or len(given.goals) < 2:
        return
    rows, (first, second) = stack(given), given.goals[:2]
    grown = relaxation(given, rows)
    assert grown.solve(CLOCK) is not None
    best = max(first.sense * first.of(values) for values in allocations)
    kept = kept_rows(given, ((first, first.sense * best),))
    grown.forget(np.ones(len(rows), bool))
    grown.add(kept, needed=True)
    gain = (second.sense * second.dense(given.columns)).astype(np.float64)
    grown.aim(gain)
    found = grown.solve(CLOCK)
    assert found is not None
    assert gain @ found[0] == pytest.approx(value_at_once(given, rows.join(kept), gain), abs=1e-6)


@pytest.mark.parametrize("seed", SEEDS)
def test_after_a_dive_the_relaxation_is_what_it_was(seed: int) -> None:
    """A dive ends at whole auxiliaries within their bounds or at nothing; going back undoes its divisions."""
    given, allocations = allowed(seed)
    if not allocations:
        return
    grown = relaxation(given, stack(given))
    found = grown.solve(CLOCK)
    assert found is not None
    before = grown.value
    grown.remember()
    dived = dive(grown, found[0], lambda _: True, CLOCK)
    if dived is not None:
        assert np.all((dived[0] >= 0) & (dived[0] <= given.upper[given.options :]))
    grown.go_back()
    assert grown.solve(CLOCK) is not None
    assert grown.value == pytest.approx(before, abs=1e-6)


def test_an_interior_point_ends_where_the_simplex_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a relaxation counts as large, it is solved by the other method, to the same value."""
    given = random_network(5, agents=60, per_agent=9)
    value = relaxation(given, stack(given))
    inner = relaxation(given, stack(given))
    assert value.solve(CLOCK) is not None
    monkeypatch.setattr("solvers.relaxing.LARGE", 0)
    assert inner.solve(CLOCK) is not None
    assert inner.value == pytest.approx(value.value, rel=1e-6)


def test_two_prices_prove_what_either_does() -> None:
    """Together: the lower bound, and for each column the lower reach."""
    one = Priced(5.0, np.zeros(2), np.array([5.0, 2.0]))
    other = Priced(4.0, np.ones(2), np.array([3.0, 4.0]))
    both = one.also(other)
    assert (both.bound, both.reach.tolist()) == (4.0, [3.0, 2.0])
    assert both.possible(3).tolist() == [True, False]


def test_without_a_start_nobody_is_placed_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever doubts that there is an allocation asks without one, and the answers are as good."""

    class Never:
        def __init__(self, *_: object) -> None:
            raise AssertionError("first come first served was asked")

    with_start = [
        solvers.get("exact").solve(random_problem(seed), Limits(), silent, never) for seed in range(8)
    ]
    monkeypatch.setattr("solvers.exact.Coordinator", Never)
    for seed, expected in enumerate(with_start):
        found = solvers.get("exact").solve(random_problem(seed), Limits(starts=False), silent, never)
        assert (found.status, found.goals) == (expected.status, expected.goals)


@pytest.mark.parametrize("seed", SEEDS)
def test_from_any_allocation_it_ends_where_it_ends_alone(seed: int) -> None:
    """Begun with the worst of all allocations, every goal reaches the value that `solve` proves."""
    given, every = allowed(seed)
    if not every:
        return
    first = given.goals[0]
    worst = min(every, key=lambda values: first.sense * first.of(values))
    alone = EXACT.solve(given, Limits(), silent, never)
    found = EXACT.improve(given, np.flatnonzero(worst[: given.options]), Limits(), silent, never)
    assert found.status is Status.OPTIMAL
    assert [goal.value for goal in found.goals] == [goal.value for goal in alone.goals]
