"""Where between the known points of a frontier further ones may lie, and where to ask next.

Both axes are maximised here (a goal that is minimised counts negative), and points are whole numbers. Between two
neighbours, undiscovered points can only lie in a box: right of the one and below it, left of the other and above it
(the box method of Hamacher, Pedersen and Ruzika, Operations Research Letters 35, 2007, halved along its longer side).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

Pair = tuple[int, int]


class Cut(NamedTuple):
    """A question: the best of the other axis where this ``axis`` (0 or 1) is at least ``least``."""

    axis: int
    least: int


@dataclass(frozen=True)
class Box:
    """The whole numbers, ends included, between which undiscovered points may lie on each axis.

    ``left`` and ``right`` are the neighbours: the first has less on axis 0 and more on axis 1. ``sure``: every question
    that led here was answered with a proof, so that there is nothing between the neighbours but in the box.
    """

    left: Pair
    right: Pair
    spans: tuple[Pair, Pair]
    sure: bool = True

    @classmethod
    def between(cls, left: Pair, right: Pair) -> Box:
        """All that lies strictly between two points on both axes."""
        return cls(left, right, ((left[0] + 1, right[0] - 1), (right[1] + 1, left[1] - 1)))

    @property
    def empty(self) -> bool:
        """Whether there is nothing in it to ask about."""
        return any(low > high for low, high in self.spans)

    def sides(self, whole: Pair) -> tuple[float, float]:
        """Its sides as shares of the ranges of both axes."""
        first, second = (
            (high - low + 1) / max(1, all_of) for (low, high), all_of in zip(self.spans, whole, strict=True)
        )
        return first, second

    def halved(self, whole: Pair) -> Cut:
        """The question that halves its longer side."""
        sides = self.sides(whole)
        axis = 0 if sides[0] >= sides[1] else 1
        low, high = self.spans[axis]
        return Cut(axis, low + (high - low + 1) // 2)

    @property
    def closed(self) -> bool:
        """Whether it is proven that no point lies between the neighbours."""
        return self.empty and self.sure

    def given_up(self) -> Box:
        """The box when a question about it has no answer: nothing is asked, and nothing is known."""
        return replace(self, spans=((1, 0), (1, 0)), sure=False)

    def shrunk(self, cut: Cut, *, sure: bool = True) -> Box:
        """What is left of it when the question led to the neighbour, or to nothing better."""
        spans = list(self.spans)
        spans[cut.axis] = (spans[cut.axis][0], cut.least - 1)
        return replace(self, spans=(spans[0], spans[1]), sure=self.sure and sure)

    def holds(self, point: Pair) -> bool:
        """Whether a point lies in it."""
        return all(low <= value <= high for value, (low, high) in zip(point, self.spans, strict=True))

    def split(self, cut: Cut, point: Pair, *, sure: bool = True) -> tuple[Box, Box]:
        """What is left of it on either side of a point that the question led to (``sure``: proven best of both)."""
        sure = self.sure and sure
        (x_low, x_high), (y_low, y_high) = self.spans
        left_x = cut.least - 1 if cut.axis == 0 else point[0] - 1
        right_y = cut.least - 1 if cut.axis == 1 else point[1] - 1
        return (
            Box(self.left, point, ((x_low, left_x), (point[1] + 1, y_high)), sure),
            Box(point, self.right, ((point[0] + 1, x_high), (y_low, right_y)), sure),
        )


def to_ask(boxes: Sequence[Box], whole: Pair, fewest: float, most: int) -> list[Box]:
    """The boxes to halve next, at most so many: the largest, and those more than half as large.

    Boxes whose longer side is below ``fewest`` (a share) are left alone.
    """
    sizes = {box: max(box.sides(whole)) for box in boxes if not box.empty}
    largest = max(sizes.values(), default=0.0)
    if largest < fewest or most < 1:
        return []
    chosen = [box for box, size in sizes.items() if size >= fewest and 2 * size > largest]
    return sorted(chosen, key=lambda box: (-sizes[box], box.left))[:most]


def undominated(points: Sequence[Pair]) -> set[Pair]:
    """The points that no other is at least as good as on both axes."""
    best: set[Pair] = set()
    top: int | None = None
    for point in sorted(set(points), reverse=True):
        if top is None or point[1] > top:
            best.add(point)
            top = point[1]
    return best
