"""HiGHS, as little of it as the exact method needs: linear relaxations that grow by rows, and integer
programs.

Always maximises, always on one thread: the same numbers give the same answer on any machine with any number
of workers.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np
import numpy.typing as npt

from models.errors import SolverFault
from models.problem import FREE_ABOVE, FREE_BELOW, IntArray
from solvers.rows import Rows
from solvers.stage import Clock

FloatArray = npt.NDArray[np.float64]

TOLERANCE = 1e-6
"""What HiGHS takes for satisfied, for whole and for optimal."""

DOUBT = 1e-4
"""By how much a bound that an integer program states is taken to be too low: far more than its tolerances add up to."""
GAP = 1 - 10 * DOUBT
"""The gap at which an integer program over whole values may end: below 1, so that nothing better fits in between, and
by more than the doubt, so that the proof survives it."""
DUAL, PRIMAL = 1, 4
"""HiGHS's numbers for the two simplex methods."""
UNLIMITED = 2**31 - 1
"""HiGHS's number for simplex iterations without a limit."""
EFFORT = 0.0
"""HiGHS's effort for heuristics where its nodes are limited: there it is asked for cuts, or for a small program."""
PLAIN = {
    f"mip_heuristic_run_{name}": False for name in ("feasibility_jump", "rens", "rins", "root_reduced_cost")
}
"""Without integer programs inside the integer program: they take half the time where all that is left is a proof."""
ENUMERATION = 1 << 16
"""HiGHS's mark of a rule of its presolve that takes long and helps little here."""

Watch = Callable[[float, float], bool]
"""Told an integer program's best value and bound now and then; says whether that is enough."""


@dataclass(frozen=True)
class Relaxed:
    """An optimal relaxation: its value, the column values, the rows' prices (0 or more for an upper side that
    binds).
    """

    value: float
    columns: FloatArray
    prices: FloatArray


@dataclass(frozen=True)
class Searched:
    """What an integer program ended with: column values (None: none found), a bound from above, whether it is
    infeasible.
    """

    columns: IntArray | None
    bound: float
    infeasible: bool = False
    finished: bool = False


class Model:
    """A maximisation over ``Rows``, with columns between 0 and ``upper``."""

    def __init__(
        self,
        rows: Rows,
        upper: IntArray,
        gain: FloatArray,
        *,
        whole: bool,
        seed: int = 0,
        lower: IntArray | None = None,
    ) -> None:
        self._highs = highspy.Highs()
        self._set(output_flag=False, threads=1, random_seed=seed % (2**31 - 1))
        self._highs.passModel(
            _program(rows, np.zeros_like(upper) if lower is None else lower, upper, gain, whole)
        )

    def _set(self, **options: Any) -> None:
        for name, value in options.items():
            self._highs.setOptionValue(name, value)

    def add_rows(
        self, lower: IntArray, upper: IntArray, start: IntArray, column: IntArray, value: IntArray
    ) -> None:
        """More rows, in compressed form; what was solved before remains the point to start from."""
        entries = (start.astype(np.int32), column.astype(np.int32), value.astype(np.float64))
        self._highs.addRows(len(lower), _side(lower), _side(upper), len(column), *entries)

    def add_columns(
        self, gain: FloatArray, upper: IntArray, start: IntArray, row: IntArray, value: IntArray
    ) -> None:
        """More columns, in compressed form."""
        entries = (start.astype(np.int32), row.astype(np.int32), value.astype(np.float64))
        self._highs.addCols(
            len(gain), gain, np.zeros(len(gain)), upper.astype(np.float64), len(row), *entries
        )

    def bound(self, columns: IntArray, lower: IntArray, upper: IntArray) -> None:
        """Other bounds for some columns."""
        sides = (lower.astype(np.float64), upper.astype(np.float64))
        self._highs.changeColsBounds(len(columns), columns.astype(np.int32), *sides)

    def loose(self) -> npt.NDArray[np.bool_]:
        """Which rows have a basic slack: without them the last optimum is the same."""
        status = self._highs.getBasis().row_status
        return np.array([row == highspy.HighsBasisStatus.kBasic for row in status], bool)

    def remove_rows(self, rows: IntArray) -> None:
        """Without some rows with basic slacks: what was solved before remains the point to start from."""
        basis = self._highs.getBasis()
        status = np.delete(np.array(basis.row_status, object), rows).tolist()
        self._highs.deleteRows(len(rows), rows.astype(np.int32))
        basis.row_status = status
        self._highs.setBasis(basis)

    def basis(self) -> Any:
        """The last basis, for ``set_basis``."""
        return self._highs.getBasis()

    def set_basis(self, basis: Any) -> None:
        """Start from a basis, with the rows and columns that have come in since outside and at 0."""
        rows, columns = self._highs.getNumRow(), self._highs.getNumCol()
        status = highspy.HighsBasisStatus
        basis.row_status = [*basis.row_status, *[status.kBasic] * (rows - len(basis.row_status))]
        basis.col_status = [*basis.col_status, *[status.kLower] * (columns - len(basis.col_status))]
        self._highs.setBasis(basis)

    def aim(self, gain: FloatArray) -> None:
        """Another gain for the same columns."""
        self._highs.changeColsCost(len(gain), np.arange(len(gain), dtype=np.int32), gain)

    def relax(
        self, clock: Clock, *, primal: bool = False, anew: bool = False, inner: bool = False
    ) -> Relaxed | None:
        """Solve the linear program from where the last one ended (None: stopped). Infeasible: raises
        ``Infeasible``.

        ``primal``: only columns are new, so that the last optimum still satisfies the rows. ``anew``: from the
        beginning, for which the program is presolved. ``inner``: by an interior point method; it ends at a vertex all
        the same.
        """
        strategy = PRIMAL if primal and not anew else DUAL
        self._set(simplex_strategy=strategy, solver="ipm" if inner else "simplex")
        self._interrupt(clock, self._highs.cbSimplexInterrupt)
        self._interrupt(clock, self._highs.cbIpmInterrupt)
        if anew:
            self._highs.clearSolver()
        for _ in range(2):
            self._limit(clock)
            self._highs.run()
            match self._highs.getModelStatus():
                case highspy.HighsModelStatus.kOptimal:
                    found = self._highs.getSolution()
                    value = self._highs.getInfo().objective_function_value
                    return Relaxed(value, np.array(found.col_value), np.array(found.row_dual))
                case highspy.HighsModelStatus.kInfeasible:
                    raise Infeasible
                case highspy.HighsModelStatus.kModelEmpty:
                    return self._without_columns()
                case _ if clock.stop() is not None:
                    return None
            self._highs.clearSolver()  # lost in rounding errors: once more from the beginning
        status = self._highs.modelStatusToString(self._highs.getModelStatus())
        raise SolverFault(f"HiGHS ended a relaxation with {status}")

    def ray(self) -> FloatArray:
        """Weights per row that show why nothing satisfies the rows (all 0: HiGHS has none)."""
        _, found, weights = self._highs.getDualRay()
        return np.array(weights) if found else np.zeros(self._highs.getNumRow())

    def probe(self, column: int, lower: int, upper: int, iterations: int) -> float:
        """What the last optimum's value falls to, about, with other bounds for one column (−∞: infeasible).

        The model is as before afterwards, the last basis included.
        """
        basis = self._highs.getBasis()
        _, _, low, high, _ = self._highs.getCol(column)
        self._highs.changeColBounds(column, lower, upper)
        self._set(simplex_strategy=DUAL, solver="simplex", simplex_iteration_limit=iterations)
        self._highs.run()
        infeasible = self._highs.getModelStatus() == highspy.HighsModelStatus.kInfeasible
        value = -math.inf if infeasible else self._highs.getInfo().objective_function_value
        self._highs.changeColBounds(column, low, high)
        self._set(simplex_iteration_limit=UNLIMITED)
        self._highs.setBasis(basis)
        return value

    def basic(self) -> IntArray:
        """Which column is basic in each row of the last tableau (below 0: a row's slack)."""
        return np.array(self._highs.getBasicVariables()[1], np.int64)

    def tableau(self, row: int) -> FloatArray:
        """The multiplier of every row of the model that makes a row of the last tableau."""
        return np.array(self._highs.getBasisInverseRow(row)[1])

    def _without_columns(self) -> Relaxed:
        """Nothing can be chosen: every row's sum is 0."""
        lp = self._highs.getLp()
        if (np.array(lp.row_lower_) > 0).any() or (np.array(lp.row_upper_) < 0).any():
            raise Infeasible
        return Relaxed(lp.offset_, np.empty(0), np.zeros(lp.num_row_))

    def search(
        self,
        clock: Clock,
        watch: Watch,
        *,
        start: IntArray | None = None,
        nodes: int | None = None,
        effort: float = EFFORT,
        gap: float = GAP,
        plain: bool = False,
    ) -> Searched:
        """Solve the integer program in at most ``nodes`` nodes; ``watch`` may end it, and it ends where nothing can
        be better by more than ``gap``. ``plain``: an allocation is at hand that is hardly bettered.
        """
        self._set(mip_rel_gap=0.0, mip_abs_gap=gap, mip_allow_restart=False, presolve_rule_off=ENUMERATION)
        if plain:
            self._set(**PLAIN)
        if nodes is not None:
            self._set(mip_max_nodes=nodes, mip_heuristic_effort=effort)
        self._limit(clock)
        if start is not None:
            given = highspy.HighsSolution()
            given.col_value = start.astype(np.float64)
            given.value_valid = True
            self._highs.setSolution(given)
        self._interrupt(clock, self._highs.cbMipInterrupt, watch)
        self._highs.run()
        return self._searched(gap)

    def _searched(self, gap: float) -> Searched:
        status, info = self._highs.getModelStatus(), self._highs.getInfo()
        if status == highspy.HighsModelStatus.kInfeasible:
            return Searched(None, -math.inf, infeasible=True, finished=True)
        found = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
        values = np.rint(np.array(self._highs.getSolution().col_value)).astype(np.int64) if found else None
        finished = status == highspy.HighsModelStatus.kOptimal
        bound = info.mip_dual_bound
        if finished:
            bound = max(bound, info.objective_function_value + gap)
        return Searched(values, bound, finished=finished)

    def _limit(self, clock: Clock) -> None:
        """HiGHS counts its time over all runs of a model."""
        left = clock.left()
        self._set(time_limit=math.inf if left is None else self._highs.getRunTime() + left)

    def _interrupt(self, clock: Clock, callback: Any, watch: Watch | None = None) -> None:
        def ask(event: Any) -> None:
            seen = event.data_out
            enough = watch is not None and watch(seen.mip_primal_bound, seen.mip_dual_bound)
            event.data_in.user_interrupt = enough or clock.stop() is not None

        callback.clear()
        callback.subscribe(ask)


class Infeasible(Exception):
    """No column values satisfy the rows, whole or not."""


def _program(rows: Rows, lower: IntArray, upper: IntArray, gain: FloatArray, whole: bool) -> Any:
    program = highspy.HighsLp()
    program.num_col_, program.num_row_ = len(upper), len(rows)
    program.sense_ = highspy.ObjSense.kMaximize
    program.col_cost_ = gain
    program.col_lower_ = lower.astype(np.float64)
    program.col_upper_ = upper.astype(np.float64)
    program.row_lower_, program.row_upper_ = _side(rows.lower), _side(rows.upper)
    program.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    program.a_matrix_.start_ = rows.start.astype(np.int32)
    program.a_matrix_.index_ = rows.column.astype(np.int32)
    program.a_matrix_.value_ = rows.value.astype(np.float64)
    if whole:
        program.integrality_ = [highspy.HighsVarType.kInteger] * len(upper)
    return program


def _side(side: IntArray) -> FloatArray:
    free = np.where(side <= FREE_BELOW // 2, -np.inf, np.where(side >= FREE_ABOVE // 2, np.inf, 0.0))
    return np.where(np.isinf(free), free, side.astype(np.float64))
