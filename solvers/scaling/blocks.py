"""Blocks: a few districts with all their rows, whose prices can be made at once while everything else keeps its own.

A row is local where all its options lie in one district (seats, beds, heads of flows); money and shares of the whole
round are not. What is local to the districts of a block is decided in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from models.bulk import spans
from models.problem import Areas, IntArray, Problem, sums
from solvers.scaling.matrix import Mask, Matrix, Sparse
from solvers.scaling.ranking import stretches

NOWHERE, EVERYWHERE = np.iinfo(np.int32).max, -1


def areas_of(problem: Problem) -> Areas:
    """The problem's areas; one for all where it names none."""
    if problem.areas is not None:
        return problem.areas
    zero = np.zeros(1, np.int64)
    return Areas(np.zeros(problem.options, np.int64), zero, zero)


@dataclass(frozen=True)
class Districts:
    """Where the options and the rows of a problem lie."""

    matrix: Matrix

    @property
    def problem(self) -> Problem:
        """The problem."""
        return self.matrix.problem

    @cached_property
    def areas(self) -> Areas:
        """The problem's areas."""
        return areas_of(self.problem)

    @property
    def count(self) -> int:
        """How many districts there are."""
        return int(self.areas.district.max(initial=0)) + 1

    @cached_property
    def of_option(self) -> IntArray:
        """The district of each option."""
        found: IntArray = self.areas.district.astype(np.int32)[self.areas.of_option]
        return found

    @cached_property
    def of_row(self) -> IntArray:
        """The district that all options of a row lie in; −1 where they lie in several, or there are none."""
        low = np.full(len(self.matrix), NOWHERE, np.int32)
        high = np.full(len(self.matrix), EVERYWHERE, np.int32)
        for layer in self.matrix.layers:
            _spread(layer.sparse, *_range(self.of_option, layer.group, layer.sparse.owners), low, high)
        own = self.of_option[self.matrix.singled]
        _spread(self.matrix.single, own, own, low, high)
        return np.where(low == high, low, -1)

    @cached_property
    def of_auxiliary(self) -> IntArray:
        """The district of the row that defines a count; −1 for others."""
        found = np.full(self.matrix.auxiliary.owners, -1)
        defining = np.flatnonzero(self.matrix.defines >= 0)
        found[self.matrix.defines[defining]] = self.of_row[defining]
        return found

    def options_in(self, districts: IntArray) -> IntArray:
        """The options of some districts, ascending."""
        return self.areas.options_in(np.flatnonzero(np.isin(self.areas.district, districts)))

    def rows_in(self, districts: IntArray) -> IntArray:
        """The rows that lie in some districts, ascending."""
        return _listed(self._rows, districts)

    def counts_in(self, districts: IntArray) -> IntArray:
        """The counts whose defining rows lie in some districts, ascending."""
        return _listed(self._counts, districts)

    def inside(self, districts: IntArray) -> Mask:
        """Per district whether it is one of these, and one False more, for those that lie in none (−1)."""
        chosen = np.zeros(self.count + 1, bool)
        chosen[districts] = True
        return chosen

    @cached_property
    def _rows(self) -> tuple[IntArray, IntArray]:
        return _by_district(self.of_row, self.count)

    @cached_property
    def _counts(self) -> tuple[IntArray, IntArray]:
        return _by_district(self.of_auxiliary, self.count)

    @cached_property
    def size(self) -> IntArray:
        """Options per district."""
        return sums(self.areas.district, np.diff(self.areas.listed[1]), self.count)

    def blocks(self, agents: int, turn: int) -> Iterator[IntArray]:
        """Blocks that cover every district once, each with the options of about ``agents`` agents; ``turn`` varies
        which districts go together.
        """
        wanted = agents * self.problem.options / max(1, self.problem.agents)
        order = np.random.default_rng(turn).permutation(self.count)
        order = order[self.size[order] > 0]
        total = np.cumsum(self.size[order])
        number = max(1, round(float(total[-1]) / wanted)) if len(total) else 1
        yield from (part for part in np.array_split(order, min(number, max(1, len(order)))) if len(part))


def _by_district(district: IntArray, count: int) -> tuple[IntArray, IntArray]:
    """Numbers in order of their districts, and where those of each begin, and one end more; without those of none."""
    some = np.flatnonzero(district >= 0)
    order = some[np.argsort(district[some], kind="stable")]
    return order, np.concatenate([[0], np.cumsum(np.bincount(district[some], minlength=count))])


def _listed(lists: tuple[IntArray, IntArray], districts: IntArray) -> IntArray:
    order, first = lists
    found: IntArray = np.sort(order[stretches(districts, first)])
    return found


def _range(district: IntArray, group: IntArray, groups: int) -> tuple[IntArray, IntArray]:
    """The lowest and the highest district of each group's options."""
    low, high = np.full(groups, NOWHERE, np.int32), np.full(groups, EVERYWHERE, np.int32)
    for span in spans(0, len(group)):
        np.minimum.at(low, group[span], district[span])
        np.maximum.at(high, group[span], district[span])
    return low, high


def _spread(sparse: Sparse, low: IntArray, high: IntArray, of_low: IntArray, of_high: IntArray) -> None:
    np.minimum.at(of_low, sparse.row, low[sparse.owner])
    np.maximum.at(of_high, sparse.row, high[sparse.owner])
