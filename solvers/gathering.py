"""How many auxiliaries a demanded count takes: rows that follow for whole numbers, and tighten the relaxation.

Where at least L options of a row must be chosen (a quota's minimum, a goal held at a value, a pin), and each lies in a
group whose auxiliary y counts it by ``a · y ≥ Σ options of the group`` (escorts: one for every eleven), then
``Σ a · y ≥ L``, and divided by any d and rounded (Chvátal 1973, Gomory 1958) ``Σ ⌈a / d⌉ · y ≥ ⌈L / d⌉``: 56 learners
take 6 escorts, not 5.09, however they are spread. Options that no auxiliary counts are taken off L, one for each agent.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np

from models.problem import FREE_ABOVE, Auxiliary, Block, IntArray, Problem
from solvers.rows import Rows, stack, stacked

MOST_DIVISORS: Final = 6
"""Values by which one row is divided, at most: the largest of the auxiliaries' own."""


class Counted(NamedTuple):
    """A family's auxiliaries: of each option the auxiliary that counts it (−1: none), and the size of each column."""

    owner: IntArray
    size: IntArray


class Demand(NamedTuple):
    """``Σ size · column ≥ least`` over auxiliaries, all positive."""

    column: IntArray
    size: IntArray
    least: int


def tightened(problem: Problem) -> Rows:
    """All rows of a problem, with the rows over auxiliaries that follow from demanded counts, as a redundant block."""
    rows = stack(problem)
    found = [cut for demand in _demands(problem, rows) for cut in _divided(demand)]
    if not found:
        return rows
    block = Block(
        "gathered",
        np.repeat(np.arange(len(found)), [len(cut.column) for cut in found]),
        np.concatenate([cut.column for cut in found]),
        np.concatenate([cut.size for cut in found]),
        np.array([cut.least for cut in found], np.int64),
        np.full(len(found), FREE_ABOVE),
        redundant=True,
    )
    return stacked((*rows.blocks, block), problem.upper)


def _demands(problem: Problem, rows: Rows) -> Iterator[Demand]:
    """What every row that asks for options asks of each family of auxiliaries."""
    every = (_counted(problem, rows, family) for family in problem.auxiliaries)
    families = [family for family in every if family is not None]
    asking = np.flatnonzero(rows.lower > 0) if families else ()
    for row in asking:
        entries = rows.entries(int(row))
        column, value = rows.column[entries], rows.value[entries]
        if len(column) and column[-1] < problem.options and value.min() > 0:
            for family in families:
                demand = _demand(problem, family, column, value, int(rows.lower[row]))
                if demand.least > 0 and len(demand.column):
                    yield demand


def _counted(problem: Problem, rows: Rows, family: Auxiliary) -> Counted | None:
    """A family by what its definition says; None where that is no plain count."""
    of_family = [number for number, block in enumerate(rows.blocks) if block is family.definition]
    inside = np.isin(rows.block[rows.row], of_family)
    row, column, value = rows.row[inside], rows.column[inside], rows.value[inside]
    auxiliary = column >= problem.options
    plain = np.all(value[~auxiliary] == -1) and np.all(value[auxiliary] > 0) and np.all(rows.lower[row] == 0)
    if not plain or len(np.unique(row[auxiliary])) < np.count_nonzero(auxiliary):
        return None
    of_row = np.full(len(rows), -1)
    of_row[row[auxiliary]] = column[auxiliary]
    owner, size = np.full(problem.options, -1), np.zeros(problem.columns, np.int64)
    owner[column[~auxiliary]] = of_row[row[~auxiliary]]
    size[column[auxiliary]] = value[auxiliary]
    return Counted(owner, size)


def _demand(problem: Problem, family: Counted, column: IntArray, value: IntArray, least: int) -> Demand:
    """What a row over options asks of a family: an auxiliary is worth its size times the most that an option is."""
    owner = family.owner[column]
    free = owner < 0
    worth = np.zeros(problem.agents, np.int64)
    np.maximum.at(worth, problem.agent[column[free]], value[free])
    most = np.zeros(problem.columns, np.int64)
    np.maximum.at(most, owner[~free], value[~free])
    some = np.flatnonzero(most)
    return Demand(some, family.size[some] * most[some], least - int(worth.sum()))


def _divided(demand: Demand) -> Iterator[Demand]:
    """The demand divided and rounded, where rounding gains something."""
    for divisor in np.unique(demand.size)[::-1][:MOST_DIVISORS].tolist():
        if divisor > 1 and (demand.least % divisor or np.any(demand.size % divisor)):
            yield Demand(demand.column, -(-demand.size // divisor), -(-demand.least // divisor))
