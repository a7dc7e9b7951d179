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
from solvers.scaling.matrix import Matrix, Sparse

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
