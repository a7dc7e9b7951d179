"""HiGHS on the whole integer program: every option a column, every row in, the solver's own presolve and cuts."""

from __future__ import annotations

import math
from typing import Any

import highspy
import numpy as np
import numpy.typing as npt

from models.errors import SolverFault
from models.outcome import Outcome
from models.problem import Goal, IntArray, Problem
from solvers.interface import Cancel, Limits, Report
from solvers.lexicographic import Found, Task, run
from solvers.rows import Rows, kept_rows, stack

SLACK = 1e-6
"""What HiGHS takes for whole: a bound this little below a whole number is that number."""


class HighsWhole:
    """Goals in order, each with the allocation before as a start. Its relative gap of 0.01 % is set to 0."""

    name = "highs_whole"
    about = "HiGHS, the whole integer program"
    blind: tuple[str, ...] = ()

    def solve(self, problem: Problem, limits: Limits, report: Report, cancel: Cancel) -> Outcome:
        """Until proven or out of time."""

        def stage(task: Task) -> Found:
            return solved(problem, limits, task)

        return run(problem, limits, report, cancel, stage, method=self.name)


def binding(problem: Problem, task: Task) -> Rows:
    """The rows that can bind, with those that keep earlier goals; none of our redundant cuts."""
    rows = stack(problem, redundant=False).join(kept_rows(problem, task.kept))
    return rows.keep(rows.can_bind)


def solved(problem: Problem, limits: Limits, task: Task) -> Found:
    """One goal."""
    highs = highspy.Highs()
    settings = {
        "output_flag": False,
        "threads": limits.workers,
        "random_seed": limits.seed % (2**31 - 1),
        "mip_rel_gap": task.gap,
        "mip_abs_gap": 0.99,  # goals are whole numbers
    }
    if (left := task.clock.left()) is not None:
        settings["time_limit"] = left
    for name, value in settings.items():
        highs.setOptionValue(name, value)
    highs.passModel(program(binding(problem, task), problem.upper, task.goal))
    if task.start is not None:
        start = highspy.HighsSolution()
        start.col_value = problem.complete(task.start).astype(np.float64).tolist()
        highs.setSolution(start)
    if highs.run() == highspy.HighsStatus.kError:
        raise SolverFault("HiGHS ended with an error")
    return answer(highs, problem, task)


def answer(highs: highspy.Highs, problem: Problem, task: Task) -> Found:
    """What HiGHS's status says."""
    status, info = highs.getModelStatus(), highs.getInfo()
    if status == highspy.HighsModelStatus.kInfeasible:
        return Found(None, infeasible=True)
    found = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    values = np.rint(np.array(highs.getSolution().col_value)) if found else None
    chosen = None if values is None else np.flatnonzero(values[: problem.options])
    proven = status == highspy.HighsModelStatus.kOptimal and task.gap == 0
    if not math.isfinite(info.mip_dual_bound):
        return Found(chosen, proven=proven)
    return Found(chosen, task.goal.sense * math.floor(info.mip_dual_bound + SLACK), proven=proven)


def program(rows: Rows, upper: IntArray, goal: Goal) -> Any:
    """The integer program, maximised."""
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(upper), len(rows)
    lp.sense_ = highspy.ObjSense.kMaximize
    lp.col_cost_ = floats(goal.sense * goal.dense(len(upper)))
    lp.col_lower_, lp.col_upper_ = np.zeros(len(upper)), floats(upper)
    lp.row_lower_, lp.row_upper_ = floats(rows.floor), floats(rows.ceiling)
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = rows.start.astype(np.int32)
    lp.a_matrix_.index_ = rows.column.astype(np.int32)
    lp.a_matrix_.value_ = floats(rows.value)
    lp.integrality_ = [highspy.HighsVarType.kInteger] * len(upper)
    return lp


def floats(values: IntArray) -> npt.NDArray[np.float64]:
    """As HiGHS wants them."""
    return values.astype(np.float64)


PEER = HighsWhole()
"""Found because it is here."""
