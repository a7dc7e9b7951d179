"""Why a problem has no solution: rows that already conflict among themselves, none of which can be spared.

What cannot be given up is never named: that an agent chooses at most one option, and the definitions of
auxiliaries. Rows that follow from those alone, and redundant ones, are not named either. The search is
QuickXplain (Junker 2004): conflicts are halved in groups, so that a few rows among many are found in few
steps. Where the linear relaxation already has no solution, its ray (Farkas' lemma) names a few rows to begin
with.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import highspy
import numpy as np

from models.outcome import Status
from models.problem import FREE_BELOW, Block, IntArray, Problem
from solvers import get
from solvers.interface import Cancel, Limits, never, silent
from solvers.network import reach
from solvers.rows import Rows, stack
from solvers.stage import Clock

Conflicts = Callable[[IntArray], bool]
"""Whether rows (by number) are proven to have no common solution; False also where time did not suffice to
tell.
"""


@dataclass(frozen=True)
class Conflict:
    """Rows that have no common solution, each as (number in ``Problem.blocks``, row in that block).

    ``irreducible``: proven that without any one of them there is a solution. Where it is False, time ran out,
    and some may be spared.
    """

    rows: tuple[tuple[int, int], ...]
    irreducible: bool


def find_conflict(problem: Problem, limits: Limits, cancel: Cancel = never) -> Conflict:
    """A smallest set of conflicting rows (none can be left out; another set may have fewer) of an infeasible
    problem.

    The caller knows that the problem is infeasible; for one that is not, the answer means nothing.
    """
    return _Search(problem, Clock.of(limits, silent, cancel)).conflict()


class _Search:
    """The rows in question, and the two ways to tell whether some of them conflict."""

    def __init__(self, problem: Problem, clock: Clock) -> None:
        self.clock = clock
        self.unsure = False
        defining = {id(family.definition) for family in problem.auxiliaries}
        rows = stack(problem, redundant=False)
        hard = np.array([id(block) in defining for block in rows.blocks], bool)[rows.block]
        least, most = reach(problem, rows)
        self.alone = np.flatnonzero(((rows.lower > most) | (rows.upper < least)) & ~hard)
        self.soft = np.flatnonzero(((rows.lower > least) | (rows.upper < most)) & ~hard)
        self.rows = rows
        self.problem = replace(problem, blocks=(_one_each(problem),), goals=(), weighted=None)
        number = {id(block): at for at, block in enumerate(problem.blocks)}
        self.number = [number.get(id(block), -1) for block in rows.blocks]

    def conflict(self) -> Conflict:
        """First by the relaxation, then for whole numbers."""
        if len(self.alone):
            return self.named(self.alone[:1])
        rows: IntArray = self.soft
        named = self.ray(rows)
        if named is not None:
            rows = smallest(named, lambda some: self.ray(some) is not None)
        return self.named(smallest(rows, self.no_solution))

    def named(self, rows: IntArray) -> Conflict:
        """Row numbers as the caller counts them."""
        found = sorted(
            (self.number[int(self.rows.block[row])], int(self.rows.index[row])) for row in rows.tolist()
        )
        return Conflict(tuple(found), irreducible=not self.unsure)

    def no_solution(self, rows: IntArray) -> bool:
        """Whether whole numbers cannot satisfy the rows together."""
        if self.clock.stop() is not None:
            self.unsure = True
            return False
        part = replace(self.problem, blocks=(*self.problem.blocks, _block(self.part(rows))))
        outcome = get("cpsat").solve(part, Limits(seconds=self.clock.left()), silent, self.clock.cancel)
        self.unsure |= outcome.status is Status.NO_SOLUTION
        return outcome.status is Status.INFEASIBLE

    def ray(self, rows: IntArray) -> IntArray | None:
        """Rows among these that the relaxation cannot satisfy together; None where it can satisfy all (or
        time is up).
        """
        if self.clock.stop() is not None:
            return None
        part, always = self.part(rows), stack(self.problem)
        weights = _farkas(part.join(always), self.problem.upper, self.clock)
        return None if weights is None else rows[weights[: len(rows)] != 0]

    def part(self, rows: IntArray) -> Rows:
        """Only these rows."""
        mask = np.zeros(len(self.rows), bool)
        mask[rows] = True
        return self.rows.keep(mask)


def smallest(rows: IntArray, conflicts: Conflicts) -> IntArray:
    """Rows of a conflict of which none can be left out, given that all of them conflict (and none at all do not)."""

    def reduce(known: IntArray, grown: bool, rest: IntArray) -> IntArray:
        """What of ``rest`` is needed beside ``known``; ``grown``: whether ``known`` has grown since it was
        last tried.
        """
        if grown and conflicts(np.sort(known)):
            return rest[:0]
        if len(rest) == 1:
            return rest
        first, second = np.split(rest, [len(rest) // 2])
        later = reduce(np.concatenate([known, first]), True, second)
        earlier = reduce(np.concatenate([known, later]), len(later) > 0, first)
        return np.concatenate([earlier, later])

    return np.sort(reduce(rows[:0], False, rows)) if len(rows) else rows


def _one_each(problem: Problem) -> Block:
    """An agent chooses at most one option."""
    agents, options = problem.agents, np.arange(problem.options)
    lower, upper = np.full(agents, FREE_BELOW), np.ones(agents, np.int64)
    return Block("one_placement", problem.agent, options, np.ones(problem.options, np.int64), lower, upper)


def _block(rows: Rows) -> Block:
    return Block("conflict", rows.row, rows.column, rows.value, rows.lower, rows.upper)


def _farkas(rows: Rows, upper: IntArray, clock: Clock) -> IntArray | None:
    """Weights with which the rows add up to a contradiction in the relaxation (which of them are not 0);
    None: none found.
    """
    highs = highspy.Highs()
    left = clock.left()
    options = {"output_flag": False, "threads": 1, "presolve": "off", "solver": "simplex"}
    for name, value in {**options, "time_limit": highspy.kHighsInf if left is None else left}.items():
        highs.setOptionValue(name, value)
    highs.passModel(_relaxation(rows, upper))
    highs.run()
    if highs.getModelStatus() != highspy.HighsModelStatus.kInfeasible:
        return None
    _, exists, ray = highs.getDualRay()
    if not exists:
        return np.ones(len(rows), np.int64)
    weights: IntArray = (np.abs(np.array(ray)) > 1e-9).astype(np.int64)
    return weights


def _relaxation(rows: Rows, upper: IntArray) -> highspy.HighsLp:
    """The rows with columns between 0 and ``upper``, and nothing to optimise."""
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = len(upper), len(rows)
    model.col_cost_, model.col_lower_ = np.zeros(len(upper)), np.zeros(len(upper))
    model.col_upper_ = upper.astype(np.float64)
    model.row_lower_ = np.where(rows.lower <= rows.least, -highspy.kHighsInf, rows.lower.astype(np.float64))
    model.row_upper_ = np.where(rows.upper >= rows.most, highspy.kHighsInf, rows.upper.astype(np.float64))
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = rows.start.astype(np.int32)
    model.a_matrix_.index_ = rows.column.astype(np.int32)
    model.a_matrix_.value_ = rows.value.astype(np.float64)
    return model
