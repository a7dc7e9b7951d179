"""Counts that single nobody out: small cells are left out, and totals give no hidden cell away.

The rule, for the cells that share a published total. A cell below ``SMALLEST`` is left out, and the total may tell how
much is left out altogether; so what is left out must be nothing, or at least ``SMALLEST`` from two cells or more. Until
that holds, the smallest cell that is shown is left out too (secondary suppression). Where nothing is left to leave out,
the total is withheld. Which cells are empty and which are left out cannot be told apart: neither is listed.
Source: Hundepool et al., Statistical Disclosure Control (2012), chapter 4.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Final, Generic, NamedTuple, TypeVar

Cell = TypeVar("Cell", bound=Hashable)

SMALLEST: Final = 5
"""The smallest count that is shown, and the smallest group of which single rows are."""


class Shown(NamedTuple, Generic[Cell]):
    """What may be shown: cells, and the total over all of them (None: withheld)."""

    cells: dict[Cell, int]
    total: int | None


def suppressed(counts: Mapping[Cell, int]) -> Shown[Cell]:
    """What may be shown of counts that share a total; ties are left out in the order of the cells."""
    shown = {cell: count for cell, count in counts.items() if count >= SMALLEST}
    hidden = [count for count in counts.values() if 0 < count < SMALLEST]
    while hidden and (sum(hidden) < SMALLEST or len(hidden) < 2):
        if not shown:
            return Shown({}, None)
        least = min(shown, key=lambda cell: (shown[cell], str(cell)))
        hidden.append(shown.pop(least))
    return Shown(shown, sum(counts.values()))
