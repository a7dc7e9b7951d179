"""Halving boxes finds every point that no other dominates, whatever the points are, and spreads evenly on the way."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.scenarios.boxes import Box, Cut, Pair, to_ask, undominated

POINTS = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=1, max_size=60)


def best(points: Sequence[Pair], axis: int, cut: Cut | None = None) -> Pair:
    """What a solver would answer: the best of one axis within the cut, then of the other."""
    within = [point for point in points if cut is None or point[cut.axis] >= cut.least]
    return max(within, key=lambda point: (point[axis], point[1 - axis]))


def searched(points: Sequence[Pair], most: int, fewest: float) -> tuple[set[Pair], int]:
    """The points found by halving boxes, and the questions that it took."""
    right, left = best(points, 0), best(points, 1)
    found, asked = {right, left}, 2
    whole = (right[0] - left[0], left[1] - right[1])
    boxes = [Box.between(left, right)] if left != right else []
    while chosen := to_ask(boxes, whole, fewest, most - len(found)):
        for box in chosen:
            cut = box.halved(whole)
            point = best(points, 1 - cut.axis, cut)
            asked += 1
            boxes.remove(box)
            if box.holds(point):
                found.add(point)
                boxes += box.split(cut, point)
            else:
                assert point == (box.right if cut.axis == 0 else box.left)
                boxes.append(box.shrunk(cut))
    return found, asked


@given(POINTS)
@settings(max_examples=300)
def test_every_point_is_found_and_no_other(points: list[Pair]) -> None:
    """Asked until nothing is left, exactly the undominated points are found."""
    found, _ = searched(points, 1000, 0.0)
    assert found == undominated(points)


@given(POINTS)
def test_undominated_is_what_it_says(points: list[Pair]) -> None:
    """By the definition, point by point."""
    by_definition = {
        one
        for one in points
        if not any(other != one and other[0] >= one[0] and other[1] >= one[1] for other in points)
    }
    assert undominated(points) == by_definition


def test_points_of_a_dense_frontier_are_spread_evenly() -> None:
    """On a straight line of 1001 points, nine lie an eighth apart, found by nine questions."""
    line = [(at, 1000 - at) for at in range(1001)]
    found, asked = searched(line, 9, 0.5 / 8)
    across = sorted(point[0] for point in found)
    assert (len(found), asked) == (9, 9)
    assert np.abs(np.diff(across) - 125).max() <= 1


def test_a_gap_is_not_searched_without_end() -> None:
    """Two clusters far apart: what is below half an even step is left alone."""
    found, asked = searched([(0, 100_000), (1, 99_999), (100_000, 0), (99_999, 1)], 9, 0.5 / 8)
    assert found >= {(0, 100_000), (100_000, 0)}
    assert asked < 20
