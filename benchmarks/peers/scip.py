"""SCIP on the whole integer program, through OR-Tools' MathOpt."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
from ortools.math_opt import model_pb2
from ortools.math_opt.python import mathopt

from benchmarks.peers.highs_whole import binding
from models.outcome import Outcome
from models.problem import Problem
from solvers.interface import Cancel, Limits, Report
from solvers.lexicographic import Found, Task, run
from solvers.rows import Rows

SLACK = 1e-6
"""What SCIP takes for whole."""


class Scip:
    """Goals in order; SCIP searches on one thread."""

    name = "scip"
    about = "SCIP (through MathOpt), the whole integer program, one thread"
    blind: tuple[str, ...] = ()

    def solve(self, problem: Problem, limits: Limits, report: Report, cancel: Cancel) -> Outcome:
        """Until proven or out of time."""

        def stage(task: Task) -> Found:
            return solved(problem, limits, task)

        return run(problem, limits, report, cancel, stage, method=self.name)


def solved(problem: Problem, limits: Limits, task: Task) -> Found:
    """One goal."""
    rows = binding(problem, task)
    if (
        rows.impossible.any()
    ):  # no model to MathOpt: it refuses a row whose sides leave no number between them
        return Found(None, infeasible=True)
    model = mathopt.Model.from_model_proto(written(problem, rows, task))
    parameters = mathopt.SolveParameters(
        random_seed=limits.seed % 2**31, relative_gap_tolerance=task.gap, absolute_gap_tolerance=0.99
    )
    if (left := task.clock.left()) is not None:
        parameters.time_limit = dt.timedelta(seconds=left)
    hints = mathopt.ModelSolveParameters()
    if task.start is not None:
        values = problem.complete(task.start).astype(float).tolist()
        start = dict(zip(model.variables(), values, strict=True))
        hints.solution_hints.append(mathopt.SolutionHint(variable_values=start))
    result = mathopt.solve(model, mathopt.SolverType.GSCIP, params=parameters, model_params=hints)
    return answer(result, problem, task)


def answer(result: mathopt.SolveResult, problem: Problem, task: Task) -> Found:
    """What SCIP's end says."""
    reason = result.termination.reason
    if reason == mathopt.TerminationReason.INFEASIBLE:
        return Found(None, infeasible=True)
    bound = result.termination.objective_bounds.dual_bound
    limit = task.goal.sense * math.floor(bound + SLACK) if math.isfinite(bound) else None
    if not result.has_primal_feasible_solution():
        return Found(None, limit)
    values = np.rint(list(result.variable_values().values()))[: problem.options]
    proven = reason == mathopt.TerminationReason.OPTIMAL and task.gap == 0
    return Found(np.flatnonzero(values), limit, proven=proven)


def written(problem: Problem, rows: Rows, task: Task) -> model_pb2.ModelProto:
    """The integer program, maximised, in MathOpt's format."""
    columns = problem.columns
    model = model_pb2.ModelProto()
    model.variables.ids.extend(range(columns))
    model.variables.lower_bounds.extend([0.0] * columns)
    model.variables.upper_bounds.extend(problem.upper.astype(float).tolist())
    model.variables.integers.extend([True] * columns)
    gain = task.goal.sense * task.goal.dense(columns)
    worth = np.flatnonzero(gain)
    model.objective.maximize = True
    model.objective.linear_coefficients.ids.extend(worth.tolist())
    model.objective.linear_coefficients.values.extend(gain[worth].astype(float).tolist())
    model.linear_constraints.ids.extend(range(len(rows)))
    model.linear_constraints.lower_bounds.extend(rows.floor.astype(float).tolist())
    model.linear_constraints.upper_bounds.extend(rows.ceiling.astype(float).tolist())
    matrix = model.linear_constraint_matrix
    matrix.row_ids.extend(rows.row.tolist())
    matrix.column_ids.extend(rows.column.tolist())
    matrix.coefficients.extend(rows.value.astype(float).tolist())
    return model


PEER = Scip()
"""Found because it is here."""
