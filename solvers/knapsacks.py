"""Rounds whose only coupling is knapsacks: each option uses up some of one capacity at most, and how much differs.

That is the generalised assignment problem (jobs to agents with budgets). Its linear relaxation is weak, and cuts mend
little of it; what proves it best is to price the *jobs* and to solve every knapsack whole. A problem that fits is
written here as a table of knapsacks; ``knapsack_search`` solves it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from models.problem import FREE_ABOVE, IntArray, Problem
from solvers.rows import Rows

Mask = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float64]

ROOM = 100_000
"""The largest capacity, in units of what its weights have in common: the tables grow with it."""
CELLS = 4_000_000
"""The largest table of knapsacks × items."""
BITS = 29
"""Prices are whole multiples of 1 / ``scale``, chosen so that sums of gains stay below 2^BITS."""
LARGEST = 2**44
"""The largest sum of gains: sums of prices stay exact in floating point, and far from the limits of whole numbers."""
MOST = 1000
"""The most knapsacks."""


@dataclass(frozen=True)
class Sacks:
    """Knapsacks as rows of equal length: item k of knapsack i is job ``job[i, k]``, which gains ``gain[i, k]`` and
    uses ``weight[i, k]`` ≥ 0 of the ``room[i]`` that there is; ``real`` tells items from padding.

    Every job is in exactly one knapsack, and a knapsack holds a job once at most. ``column`` is the option that an item
    stands for, −1 for "not placed".
    """

    jobs: int
    real: Mask
    job: IntArray
    weight: IntArray
    gain: IntArray
    column: IntArray
    room: IntArray

    def __len__(self) -> int:
        return len(self.room)

    @cached_property
    def scale(self) -> int:
        """How many steps of price there are to one unit of gain."""
        largest = np.zeros(self.jobs, np.int64)
        np.maximum.at(largest, self.job[self.real], np.abs(self.gain[self.real]))
        return int(max(1, 2**BITS // max(1, int(largest.sum()))))

    def worth(self, taken: Mask) -> int:
        """The gain of the items taken."""
        return int(self.gain[taken].sum())

    def columns(self, taken: Mask) -> IntArray:
        """The options that the items taken stand for, ascending."""
        column = self.column[taken]
        return np.sort(column[column >= 0])

    def taking(self, chosen: IntArray) -> Mask | None:
        """The items that stand for the chosen options, each job in one knapsack (None: some option has no item, or
        some knapsack is too full).
        """
        taken = self.real & np.isin(self.column, chosen) & (self.column >= 0)
        left = np.bincount(self.job[taken], minlength=self.jobs) == 0
        taken |= self.real & (self.column < 0) & left[self.job]
        once = bool((np.bincount(self.job[taken], minlength=self.jobs) == 1).all())
        all_there = int((taken & (self.column >= 0)).sum()) == len(chosen)
        fits = bool((np.where(taken, self.weight, 0).sum(1) <= self.room).all())
        return taken if once and all_there and fits else None


@dataclass(frozen=True)
class Shape:
    """How a problem's rows read as jobs and capacities: ``sack`` is each option's capacity (−1: none), ``weight`` what
    it uses of it, ``room`` the capacities, ``must`` the agents who have to be placed, ``job_rows`` the agents and
    numbers of the rows that are about one agent.
    """

    job_rows: tuple[IntArray, IntArray]
    sack: IntArray
    weight: IntArray
    room: IntArray
    must: Mask


def shape_of(problem: Problem, rows: Rows) -> Shape | None:
    """The shape of a problem whose rows (those that can bind) are jobs and capacities alone; None for any other."""
    if problem.columns > problem.options or not len(rows) or not np.diff(rows.start).all():
        return None
    agent = problem.agent[rows.column]
    first, last = _ends(agent, rows)
    ones = _all(rows.value == 1, rows)
    job = (first == last) & ones & (rows.upper >= 1) & (rows.lower <= 1)
    must = np.zeros(problem.agents, bool)
    asked = job & (rows.lower == 1)
    must[first[asked]] = True
    whole = np.diff(rows.start)[asked] == np.bincount(problem.agent, minlength=problem.agents)[first[asked]]
    sacks = ~job
    fits = _all(rows.value > 0, rows) & (rows.lower <= 0) & (rows.upper >= 0) & (rows.upper < FREE_ABOVE // 2)
    if not (whole.all() and fits[sacks].all() and (sacks & ~ones).any()):
        return None
    return _shape(problem, rows.keep(sacks), must, (first[job], np.flatnonzero(job)))


def _shape(problem: Problem, rows: Rows, must: Mask, job_rows: tuple[IntArray, IntArray]) -> Shape | None:
    if np.bincount(rows.column, minlength=problem.options).max(initial=0) > 1:
        return None
    common = np.maximum(np.gcd.reduceat(rows.value, rows.start[:-1]), 1)
    room = np.minimum(rows.upper, rows.most) // common
    if room.max(initial=0) > ROOM:
        return None
    sack, weight = np.full(problem.options, -1), np.zeros(problem.options, np.int64)
    sack[rows.column], weight[rows.column] = rows.row, rows.value // common[rows.row]
    return Shape(job_rows, sack, weight, room, must)


def sacks_of(problem: Problem, shape: Shape, gain: FloatArray, out: Mask) -> Sacks | None:
    """The knapsacks for one gain per option, without the columns that are ``out``.

    None when a job has several options in one knapsack of which none is best in both weight and gain, and when
    numbers are too large.
    """
    gains = np.rint(gain).astype(np.int64)[: problem.options]
    free, free_column = _free(problem, shape, gains, out)
    inside = np.flatnonzero((shape.sack >= 0) & ~out[: problem.options])
    inside = inside[shape.weight[inside] <= shape.room[shape.sack[inside]]]
    best = _undominated(
        problem.agent[inside], shape.sack[inside], shape.weight[inside], gains[inside], inside
    )
    if best is None:
        return None
    jobs = np.flatnonzero(free_column > -2)
    sack = np.append(shape.sack[best], np.full(len(jobs), len(shape.room)))
    order = np.lexsort((np.append(problem.agent[best], jobs), sack))
    sizes = np.bincount(sack, minlength=len(shape.room) + 1)
    if len(sizes) > MOST or sizes.max() * len(sizes) > CELLS or _reach(problem, gains) > LARGEST:
        return None
    place = sack[order], np.arange(len(sack)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    real = np.zeros((len(sizes), max(1, int(sizes.max()))), bool)
    real[place] = True

    def table(values: IntArray, blank: int) -> IntArray:
        cells = np.full(real.shape, blank, np.int64)
        cells[place] = values[order]
        return cells

    return Sacks(
        jobs=problem.agents,
        real=real,
        job=table(np.append(problem.agent[best], jobs), 0),
        weight=table(np.append(shape.weight[best], np.ones(len(jobs), np.int64)), 1),
        gain=table(np.append(gains[best], free[jobs]), 0),
        column=table(np.append(best, free_column[jobs]), -2),
        room=np.append(shape.room, len(jobs)),
    )


def _free(problem: Problem, shape: Shape, gain: IntArray, out: Mask) -> tuple[IntArray, IntArray]:
    """Each agent's best choice that uses no capacity, and its option (−1: not placed, −2: there is none)."""
    value = np.where(shape.must, np.iinfo(np.int64).min, 0)
    column = np.where(shape.must, -2, -1)
    options = np.flatnonzero((shape.sack < 0) & ~out[: problem.options])
    for option in options[np.lexsort((options, -gain[options]))].tolist():
        agent = problem.agent[option]
        if gain[option] > value[agent]:
            value[agent], column[agent] = gain[option], option
    return value, column


def _undominated(
    agent: IntArray, sack: IntArray, weight: IntArray, gain: IntArray, option: IntArray
) -> IntArray | None:
    """One option per agent and knapsack that uses least and gains most; None when there is no such option."""
    order = np.lexsort((option, -gain, weight, agent, sack))
    sack, agent, weight, gain = sack[order], agent[order], weight[order], gain[order]
    again = np.zeros(len(order), bool)
    again[1:] = (sack[1:] == sack[:-1]) & (agent[1:] == agent[:-1])
    first = np.flatnonzero(~again)
    leader = np.repeat(first, np.diff(np.append(first, len(order))))
    return None if (gain > gain[leader]).any() else option[order[first]]


def _reach(problem: Problem, gain: IntArray) -> int:
    largest = np.zeros(problem.agents, np.int64)
    np.maximum.at(largest, problem.agent, np.abs(gain))
    return sum(largest.tolist())


def _ends(values: IntArray, rows: Rows) -> tuple[IntArray, IntArray]:
    """Each row's least and greatest entry of ``values`` (no row is empty)."""
    return np.minimum.reduceat(values, rows.start[:-1]), np.maximum.reduceat(values, rows.start[:-1])


def _all(holds: Mask, rows: Rows) -> Mask:
    return np.logical_and.reduceat(holds, rows.start[:-1])
