"""A goal in steps: what its number says, and that its steps decide as leximin does."""

from dataclasses import dataclass, replace
from itertools import product

import numpy as np
import pytest

from models.ladder import Ladder, levels_of, written
from models.problem import Goal, IntArray


@dataclass(frozen=True)
class Bounds:
    """A bound on every step that is its value at some columns' values, or so much more."""

    at: IntArray
    more: int

    def __call__(self, step: Goal) -> int:
        return step.of(self.at) + self.more


def ladder(sizes: tuple[int, ...]) -> Ladder:
    """Parties of these sizes; a column for each party and number placed, from column 0 on."""
    rows = [(party, 1000 * some // size) for party, size in enumerate(sizes) for some in range(1, size + 1)]
    owner, level = np.array(rows, np.int64).T
    return Ladder("leximin", 1, np.arange(len(rows)), level, owner=owner, parties=len(sizes))


def values(sizes: tuple[int, ...], placed: tuple[int, ...]) -> IntArray:
    """The columns where so many of each party are placed."""
    return np.array(
        [int(some <= had) for size, had in zip(sizes, placed, strict=True) for some in range(1, size + 1)],
        np.int64,
    )


def test_the_number_is_a_one_and_four_digits_each() -> None:
    """The lowest first, in whatever order they come; nobody is the number 1."""
    assert written([1000, 333, 500]) == 1_0333_0500_1000
    assert levels_of(1_0333_0500_1000) == (333, 500, 1000)
    assert levels_of(written([0, 0])) == (0, 0)
    assert (written([]), levels_of(1)) == (1, ())


def test_numbers_compare_as_vectors_do() -> None:
    """All pairs of vectors of three levels."""
    vectors = [tuple(sorted(each)) for each in product((0, 90, 333, 1000), repeat=3)]
    for one, other in product(vectors, repeat=2):
        assert (written(one) > written(other)) == (one > other)


@pytest.mark.parametrize("sizes", [(2, 3), (4, 1, 3), (2, 2, 2)])
def test_the_steps_in_order_decide_as_the_vector_does(sizes: tuple[int, ...]) -> None:
    """Of any two allocations the one with the larger first differing step has the larger vector."""
    goal = ladder(sizes)
    every = [values(sizes, placed) for placed in product(*(range(size + 1) for size in sizes))]
    by_steps = sorted(every, key=lambda one: [step.of(one) for step in goal.steps])
    numbers = [goal.of(one) for one in by_steps]
    assert numbers == sorted(numbers)
    assert goal.of(values(sizes, sizes)) == written([1000] * len(sizes))


def test_a_bound_of_exact_steps_is_the_value() -> None:
    """Where each step's bound is its value; and one that is looser bounds the vector from above."""
    sizes = (4, 1, 3)
    goal = ladder(sizes)
    for placed in product(*(range(size + 1) for size in sizes)):
        exact, loose = Bounds(values(sizes, placed), 0), Bounds(values(sizes, placed), 1)
        assert goal.bounded(exact) == goal.of(exact.at)
        assert goal.bounded(loose) >= goal.of(loose.at)


def test_columns_are_numbered_anew() -> None:
    """Options that are gone before the columns move them; nothing else changes."""
    goal = ladder((2, 1))
    worst = Goal("t", 1, np.array([8]), np.ones(1, np.int64))
    moved = replace(goal, column=goal.column + 5, worst=worst)
    gone = np.zeros(9, bool)
    gone[[0, 2]] = True
    found = moved.among(np.cumsum(~gone) - 1, gone)
    assert found.column.tolist() == [3, 4, 5]
    assert [step.column.tolist() for step in found.steps] == [[6], [3, 5], [4, 5]]
    assert {step.part_of for step in found.steps} == {"leximin"}
