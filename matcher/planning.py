"""In which order conditions are asked, so that few pairs of classes are ever looked at.

Under the assumption that conditions bar independently of each other, the number of pairs after some of them is
known without looking; the cheapest order is then a shortest path over the sets of conditions (Held and Karp,
"A dynamic programming approach to sequencing problems", 1962). A wrong guess costs time, never an option.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

MOST = 8
"""Of the conditions that bar most, so many are put into the cheapest order; the others follow, by what they bar."""


class Size(NamedTuple):
    """How many classes of learners and of slots a condition tells apart, and the share that it allows."""

    learners: int
    slots: int
    density: float


def cheapest_order(sizes: Sequence[Size], learners: int, slots: int) -> list[int]:
    """The conditions' numbers in the order in which to ask them."""
    by_density = sorted(range(len(sizes)), key=lambda number: (sizes[number].density, number))
    first, rest = by_density[:MOST], by_density[MOST:]
    paths: dict[tuple[int, ...], tuple[float, tuple[int, ...]]] = {(): (0.0, ())}
    for length in range(1, len(first) + 1):
        for chosen in combinations(range(len(first)), length):
            paths[chosen] = min(
                _extended(paths, chosen, last, [sizes[number] for number in first], learners, slots)
                for last in chosen
            )
    return [first[number] for number in paths[tuple(range(len(first)))][1]] + rest


def _extended(
    paths: dict[tuple[int, ...], tuple[float, tuple[int, ...]]],
    chosen: tuple[int, ...],
    last: int,
    sizes: Sequence[Size],
    learners: int,
    slots: int,
) -> tuple[float, tuple[int, ...]]:
    """The cost and the order of asking ``last`` after the others that are chosen: the pairs to be looked at."""
    cost, order = paths[tuple(number for number in chosen if number != last)]
    left, right, share = 1.0, 1.0, 1.0
    for number in chosen:
        left, right = left * sizes[number].learners, right * sizes[number].slots
        share *= 1.0 if number == last else sizes[number].density
    return cost + min(left, learners) * min(right, slots) * share, (*order, last)
