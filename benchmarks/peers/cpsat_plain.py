"""CP-SAT as the manual has it: one Boolean per option, the rules as linear rows, default parameters."""

from __future__ import annotations

import numpy as np
from ortools.sat.python import cp_model

from models.outcome import Outcome
from models.problem import Goal, Problem
from solvers.interface import Cancel, Limits, Report
from solvers.lexicographic import Found, Task, run
from solvers.rows import Rows, kept_rows, stack


class CpSatPlain:
    """Goals in order, each with what the one before found as a hint; no cuts of ours, no parameters but the workers."""

    name = "cpsat_plain"
    about = "CP-SAT, one Boolean per option, default parameters"
    blind: tuple[str, ...] = ()
    subsolvers: tuple[str, ...] = ()

    def solve(self, problem: Problem, limits: Limits, report: Report, cancel: Cancel) -> Outcome:
        """Until proven or out of time."""

        def stage(task: Task) -> Found:
            return self.stage(problem, limits, task)

        return run(problem, limits, report, cancel, stage, method=self.name)

    def stage(self, problem: Problem, limits: Limits, task: Task) -> Found:
        """One goal, with the earlier ones kept."""
        model = written(problem, task)
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = limits.workers
        solver.parameters.random_seed = limits.seed % 2**31
        solver.parameters.relative_gap_limit = task.gap
        solver.parameters.subsolvers.extend(self.subsolvers[: limits.workers])
        if (left := task.clock.left()) is not None:
            solver.parameters.max_time_in_seconds = left
        status = solver.solve(model)
        if status == cp_model.INFEASIBLE:
            return Found(None, infeasible=True)
        if status == cp_model.UNKNOWN:
            return Found(None)
        values = np.array(list(solver.response_proto.solution), np.int64)[: problem.options]
        bound = task.goal.sense * -round(solver.best_objective_bound)
        proven = status == cp_model.OPTIMAL and task.gap == 0
        return Found(np.flatnonzero(values), bound, proven=proven)


def written(problem: Problem, task: Task) -> cp_model.CpModel:
    """The model with its objective (CP-SAT minimises) and hint."""
    model = cp_model.CpModel()
    for upper in problem.upper.tolist():
        model.proto.variables.add().domain.extend([0, upper])
    for rows in (stack(problem, redundant=False), kept_rows(problem, task.kept)):
        add(model, rows)
    column, cost = costs(problem, task.goal)
    model.proto.objective.vars.extend(column)
    model.proto.objective.coeffs.extend(cost)
    if task.start is not None:
        model.proto.solution_hint.vars.extend(range(problem.columns))
        model.proto.solution_hint.values.extend(problem.complete(task.start).tolist())
    return model


def add(model: cp_model.CpModel, rows: Rows) -> None:
    """The rows that can bind, as linear constraints: presolve finds the clauses among them. One that nothing satisfies
    is an empty clause: an interval without a number in it would make the model invalid.
    """
    floor, ceiling = rows.floor.tolist(), rows.ceiling.tolist()
    for row in np.flatnonzero(rows.can_bind).tolist():
        if rows.impossible[row]:
            model.proto.constraints.add().bool_or.literals.extend([])
            continue
        entries, linear = rows.entries(row), model.proto.constraints.add().linear
        linear.vars.extend(rows.column[entries].tolist())
        linear.coeffs.extend(rows.value[entries].tolist())
        linear.domain.extend([floor[row], ceiling[row]])


def costs(problem: Problem, goal: Goal) -> tuple[list[int], list[int]]:
    """The columns with a cost, and their costs, to be minimised."""
    cost = -goal.sense * goal.dense(problem.columns)
    column = np.flatnonzero(cost)
    return column.tolist(), cost[column].tolist()


PEER = CpSatPlain()
"""Found because it is here."""
