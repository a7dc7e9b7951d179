"""In which order conditions are asked, so that few pairs of classes are ever looked at.

How many pairs are left after some of the conditions is estimated from a sample of pairs; the cheapest order is
then a shortest path over the sets of conditions (Held and Karp, "A dynamic programming approach to sequencing
problems", 1962). A wrong guess costs time, never an option.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

MOST = 8
"""Of the conditions that bar most, so many are put into the cheapest order; the others follow, by what they bar."""


class Asked(NamedTuple):
    """How many classes of learners and of slots a condition tells apart, and which pairs of the sample it allows."""

    learners: int
    slots: int
    allows: npt.NDArray[np.bool_]

    @property
    def bits(self) -> int:
        """The pairs that it allows, as bits."""
        return int.from_bytes(np.packbits(self.allows).tobytes(), "big")


def cheapest_order(asked: Sequence[Asked], learners: int, slots: int) -> list[int]:
    """The conditions' numbers in the order in which to ask them; the sample is the same pairs for all."""
    by_share = sorted(range(len(asked)), key=lambda number: (int(asked[number].allows.sum()), number))
    first, rest = by_share[:MOST], by_share[MOST:]
    bits = [asked[number].bits for number in first]
    size = max((len(one.allows) for one in asked), default=0)
    left = {0: (1 << 8 * -(-size // 8)) - 1}
    paths: dict[int, tuple[float, tuple[int, ...]]] = {0: (0.0, ())}
    for chosen in range(1, 1 << len(first)):
        some = [number for number in range(len(first)) if chosen >> number & 1]
        left[chosen] = left[chosen & ~(1 << some[0])] & bits[some[0]]
        who = min(learners, prod(asked[first[number]].learners for number in some))
        where = min(slots, prod(asked[first[number]].slots for number in some))
        paths[chosen] = min(
            (paths[before][0] + who * where * (left[before].bit_count() + 0.5), (*paths[before][1], last))
            for last in some
            for before in [chosen & ~(1 << last)]
        )
    return [first[number] for number in paths[(1 << len(first)) - 1][1]] + rest
