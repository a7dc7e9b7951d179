"""Counts that single nobody out: small cells are left out, and a total gives no hidden cell away.

The rule, for the cells that share a total. A cell below ``SMALLEST`` is not listed, and cannot be told from one that is
empty. An exact total would tell the sum of what is not listed, and with one hidden cell the cell itself. Hiding a
second cell for it is not enough: who knows that it was the smallest one left can often solve for both. So the total is
stated as *at least*: what is listed, and what is not in whole steps of ``SMALLEST``, never so much that every hidden
cell would have to be as large as a hidden cell can be. Source: Hundepool et al., Statistical Disclosure Control (2012),
chapter 4; Wong et al., Minimality Attack in Privacy Preserving Data Publishing (2007).
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Final, Generic, NamedTuple, TypeVar

Cell = TypeVar("Cell", bound=Hashable)

SMALLEST: Final = 5
"""The smallest count that is shown, and the smallest group of which single rows are."""


class Shown(NamedTuple, Generic[Cell]):
    """What may be shown: cells, and how many there are at least over all of them."""

    cells: dict[Cell, int]
    at_least: int


def suppressed(counts: Mapping[Cell, int]) -> Shown[Cell]:
    """What may be shown of counts that share a total."""
    shown = {cell: count for cell, count in counts.items() if count >= SMALLEST}
    hidden = [count for count in counts.values() if 0 < count < SMALLEST]
    most = (SMALLEST - 1) * len(hidden)
    steps = min(sum(hidden), most - 1) // SMALLEST if hidden else 0
    return Shown(shown, sum(shown.values()) + SMALLEST * steps)
