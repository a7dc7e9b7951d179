"""Cuts hold for every allocation, whatever they are made from, and cut off the point that they are made for."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from models.problem import IntArray, Problem
from solvers.cutting import MULTIPLES, Kitchen, Recipe, best, cut_rows, recipe_of
from solvers.enumerate import combinations
from solvers.highs import Infeasible
from solvers.interface import never, silent
from solvers.relaxing import Relaxation, Working
from solvers.rows import stack
from solvers.stage import Clock
from tests.solvers.problems import at_most, block, goal, problem, random_problem

SEEDS = range(40)
CLOCK = Clock(silent, never)


@cache
def allowed(seed: int) -> tuple[Problem, tuple[IntArray, ...]]:
    """A random problem, and the column values of all its allocations."""
    given = random_problem(seed)
    return given, tuple(given.complete(chosen) for chosen in combinations(given) if given.allows(chosen))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_cut_of_any_recipe_holds_for_every_allocation(seed: int) -> None:
    """Random rows, multipliers, divisors and points: no allocation lies beyond the cut that comes of them."""
    given, allocations = allowed(seed)
    rows, dice = stack(given), np.random.default_rng(seed)
    for _ in range(20):
        kitchen = Kitchen(rows, dice.random(given.columns) * given.upper, given.upper)
        some = np.sort(dice.choice(len(rows), min(len(rows), 4), replace=False))
        recipe = Recipe(some, dice.integers(-9, 10, len(some)), int(dice.integers(2, 12)))
        cut = kitchen.cut(recipe, MULTIPLES)
        for values in allocations if cut is not None else ():
            assert cut is not None
            assert (cut.value * values[cut.column]).sum() <= cut.upper


@pytest.mark.parametrize("seed", SEEDS)
def test_cuts_of_the_relaxation_hold_and_lower_its_bound(seed: int) -> None:
    """Three rounds of cuts keep every allocation, and no bound gets worse."""
    given, allocations = allowed(seed)
    rows = stack(given)
    gain = (given.goals[0].sense * given.goals[0].dense(given.columns)).astype(np.float64)
    marks = np.array([each.redundant for each in rows.blocks], bool)
    relaxation = Relaxation(given, rows, given.upper, gain, Working.of(given, rows, marks[rows.block]))
    before = np.inf
    try:
        for _ in range(3):
            found = relaxation.solve(CLOCK)
            assert found is not None
            bound = relaxation.priced(found[1], gain).bound
            assert bound <= before + 1e-6
            before = bound
            cuts = relaxation.cuts(found[0], 50, 20)
            relaxation.tighten(cuts)
            for cut in cuts:
                assert (cut.value * found[0][cut.column]).sum() > cut.upper
                assert all((cut.value * values[cut.column]).sum() <= cut.upper for values in allocations)
    except Infeasible:
        assert not allocations


def test_half_a_seat_for_everybody_is_cut_off() -> None:
    """Three agents of whom any two exclude each other: ½ + ½ + ½ is cut off by "one of them at most"."""
    pairs = [at_most(pair, 1) for pair in ((0, 1), (1, 2), (0, 2))]
    given = problem([0, 1, 2], [block("apart", pairs)], [goal("placed", 1, [1, 1, 1])])
    rows = stack(given)
    apart = np.flatnonzero(np.diff(rows.start) == 2)
    recipe = recipe_of(apart, np.array([0.5, 0.5, 0.5]))
    assert recipe is not None
    assert recipe.divisor == 2
    cut = Kitchen(rows, np.array([0.5, 0.5, 0.5]), given.upper).cut(recipe)
    assert cut is not None
    assert (cut.column.tolist(), cut.value.tolist(), cut.upper) == ([0, 1, 2], [1, 1, 1], 1)
    assert cut.distance == pytest.approx(0.5 / 3**0.5)


def test_multipliers_without_a_small_denominator_are_taken_nearly() -> None:
    """1/1009 has no denominator up to 1000: its whole number is the nearest of a large one."""
    recipe = recipe_of(np.array([0, 1]), np.array([1 / 1009, 1.0]))
    assert recipe is not None
    assert recipe.divisor > 1000
    assert recipe.multiplier[0] / recipe.divisor == pytest.approx(1 / 1009, rel=1e-3)


def test_multipliers_too_large_to_be_exact_are_left() -> None:
    """Whole numbers beyond 2³¹ are not used."""
    assert recipe_of(np.array([0]), np.array([2.0**33])) is None


def test_of_two_cuts_that_say_the_same_one_is_taken() -> None:
    """The same recipe twice, and twice the recipe, are one cut."""
    pairs = [at_most(pair, 1) for pair in ((0, 1), (1, 2), (0, 2))]
    given = problem([0, 1, 2], [block("apart", pairs)], [goal("placed", 1, [1, 1, 1])])
    rows = stack(given)
    apart = np.flatnonzero(np.diff(rows.start) == 2)
    once, twice = Recipe(apart, np.ones(3, np.int64), 2), Recipe(apart, np.full(3, 2), 4)
    kitchen = Kitchen(rows, np.array([0.5, 0.5, 0.5]), given.upper)
    assert len(best(kitchen, [once, once, twice], 5)) == 1


def test_cuts_become_rows() -> None:
    """As rows, cuts keep their columns, values and upper sides."""
    pairs = [at_most(pair, 1) for pair in ((0, 1), (1, 2), (0, 2))]
    given = problem([0, 1, 2], [block("apart", pairs)], [goal("placed", 1, [1, 1, 1])])
    rows = stack(given)
    apart = np.flatnonzero(np.diff(rows.start) == 2)
    cut = Kitchen(rows, np.array([0.5, 0.5, 0.5]), given.upper).cut(Recipe(apart, np.ones(3, np.int64), 2))
    assert cut is not None
    made = cut_rows(given, [cut, cut])
    assert made.row.tolist() == [0, 0, 0, 1, 1, 1]
    assert made.upper.tolist() == [1, 1]
    assert len(cut_rows(given, [])) == 0


def test_without_rows_or_columns_there_is_nothing_to_cut() -> None:
    """A relaxation whose rows hold none of its columns has no tableau, and no cuts."""
    for options in (0, 2):
        given = problem([0] * options, [], [goal("placed", 1, [1] * options)], agents=1)
        rows = stack(given).keep(np.zeros(1, bool))
        nothing = Working(np.zeros(0, bool), np.zeros(options, bool))
        relaxation = Relaxation(given, rows, given.upper, np.ones(options), nothing)
        found = relaxation.solve(CLOCK)
        assert found is not None
        assert relaxation.cuts(found[0], 10, 10) == []
