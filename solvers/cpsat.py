"""CP-SAT: clause learning with linear relaxations, goal by goal. OR-Tools' own format is filled row by row,
with no Python object per option.

The same problem and seed give the same allocation with any number of workers: once every goal is proven, the
driver's tie-breaking stage leaves one best allocation, whichever worker finds it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from ortools.sat.python import cp_model

from models.errors import SolverFault
from models.outcome import Outcome
from models.problem import Goal, IntArray, Problem
from solvers import get
from solvers.interface import Cancel, Limits, Report, silent
from solvers.lexicographic import Clock, Found, Task, run
from solvers.rows import Rows, stack

POLL = 0.1
"""Seconds between looks at the clock and at the caller's cancel."""

SUBSOLVERS = ("reduced_costs", "max_lp", "core", "default_lp", "quick_restart", "pseudo_costs")
"""In the order in which workers take them: a round is close to a linear program, so bounds come from
relaxations.
"""


class CpSat:
    """The method ``cpsat``."""

    name = "cpsat"

    def solve(self, problem: Problem, limits: Limits, report: Report, cancel: Cancel) -> Outcome:
        """Every goal in order, or the weighted objective, until proven or out of time."""
        model = Model(problem, limits)
        return run(
            problem, limits, report, cancel, model.stage, method=self.name, start=model.start, break_ties=True
        )


class Model:
    """The problem in CP-SAT's format, with one row added for every goal that has been settled."""

    def __init__(self, problem: Problem, limits: Limits) -> None:
        self.problem = problem
        self.limits = limits
        self.model = cp_model.CpModel()
        self.settled = -1

    def start(self, clock: Clock) -> IntArray | None:
        """What first come first served finds: at worst it is what is returned when time runs out."""
        limits = Limits(seconds=clock.left(), seed=self.limits.seed)
        return get("greedy").solve(self.problem, limits, silent, clock.cancel).chosen

    def stage(self, task: Task) -> Found:
        """The best of one goal, with the earlier ones kept."""
        if self.settled < 0:
            self.build()
        for goal, value in task.kept[self.settled :]:
            self.add_kept(goal, value)
        self.settled = len(task.kept)
        self.aim(task)
        if task.clock.stop() is not None:
            return Found(None)
        solver = cp_model.CpSolver()
        _tune(solver, self.limits, task)
        watch = _Watch(task)
        solver.best_bound_callback = watch.on_bound
        with _watched(solver, task.clock):
            status = solver.solve(self.model, watch)
        return self.answer(status, solver, watch)

    def build(self) -> None:
        """Columns and rows."""
        for upper in self.problem.upper.tolist():
            self.model.proto.variables.add().domain.extend([0, upper])
        self.add_rows(stack(self.problem))
        self.settled = 0

    def answer(self, status: cp_model.CpSolverStatus, solver: cp_model.CpSolver, watch: _Watch) -> Found:
        """What CP-SAT's status says. The bound is the last one it reported: stopped early, its answer's bound
        may be a 0 that means nothing.
        """
        if status == cp_model.INFEASIBLE:
            return Found(None, infeasible=True)
        if status == cp_model.MODEL_INVALID:
            raise SolverFault(f"CP-SAT rejects the model: {self.model.validate()}")
        if status == cp_model.UNKNOWN:
            return Found(None, watch.limit)
        values = np.array(list(solver.response_proto.solution), np.int64)[: self.problem.options]
        proven = status == cp_model.OPTIMAL and watch.task.gap == 0
        return Found(np.flatnonzero(values), watch.limit, proven=proven)

    def aim(self, task: Task) -> None:
        """Set the objective (CP-SAT minimises) and the hint; a variable may be hinted once only."""
        proto = self.model.proto
        proto.clear_objective()
        proto.clear_solution_hint()
        cost = -task.goal.sense * task.goal.dense(self.problem.columns)
        column = np.flatnonzero(cost)
        proto.objective.vars.extend(column.tolist())
        proto.objective.coeffs.extend(cost[column].tolist())
        if task.start is not None:
            proto.solution_hint.vars.extend(range(self.problem.columns))
            proto.solution_hint.values.extend(self.problem.complete(task.start).tolist())

    def add_kept(self, goal: Goal, value: int) -> None:
        """One row: the goal stays at its value or better."""
        vector = goal.sense * goal.dense(self.problem.columns)
        column = np.flatnonzero(vector)
        most = int(np.maximum(vector[column] * self.problem.upper[column], 0).sum())
        self.add_linear(column.tolist(), vector[column].tolist(), goal.sense * value, most)

    def add_rows(self, rows: Rows) -> None:
        """Rows that can bind, as clauses where they are clauses."""
        shape = _shapes(rows, self.problem.upper)
        floor, ceiling = rows.floor.tolist(), rows.ceiling.tolist()
        for row in np.flatnonzero(rows.can_bind).tolist():
            entries = rows.entries(row)
            columns = rows.column[entries].tolist()
            if rows.impossible[row]:
                self.model.proto.constraints.add().bool_or.literals.extend([])
            elif shape[row] == "most":
                self.model.proto.constraints.add().at_most_one.literals.extend(columns)
            elif shape[row] == "exactly":
                self.model.proto.constraints.add().exactly_one.literals.extend(columns)
            else:
                self.add_linear(columns, rows.value[entries].tolist(), floor[row], ceiling[row])

    def add_linear(self, columns: list[int], values: list[int], lower: int, upper: int) -> None:
        """``lower ≤ Σ value · column ≤ upper``."""
        linear = self.model.proto.constraints.add().linear
        linear.vars.extend(columns)
        linear.coeffs.extend(values)
        linear.domain.extend([lower, upper])


def _shapes(rows: Rows, upper: IntArray) -> list[str]:
    """Which rows say "at most one" or "exactly one" of 0-1 columns."""
    odd = (rows.value != 1) | (upper[rows.column] != 1)
    plain = np.bincount(rows.row[odd], minlength=len(rows)) == 0
    single = plain & (rows.ceiling == 1) & (rows.most > 1)
    kind = np.where(
        single & (rows.floor == 0), "most", np.where(single & (rows.floor == 1), "exactly", "linear")
    )
    return [str(word) for word in kind]


def _tune(solver: cp_model.CpSolver, limits: Limits, task: Task) -> None:
    """Parameters for problems that are close to a linear program: the root relaxation in full, and little
    else before it.

    On a network of 400 learners with 30 options each, this took one worker from 60 s and more to 5 s.
    """
    parameters = solver.parameters
    parameters.num_workers = limits.workers
    parameters.random_seed = limits.seed % 2**31
    parameters.relative_gap_limit = task.gap
    # Ctrl-C is the caller's, who cancels; CP-SAT's own handler aborts the process outside its thread.
    parameters.catch_sigint_signal = False
    parameters.search_branching = parameters.SearchBranching.LP_SEARCH
    parameters.linearization_level = 2
    parameters.root_lp_iterations = 100_000
    parameters.cp_model_probing_level = 0
    parameters.symmetry_level = 0
    parameters.max_presolve_iterations = 1
    if limits.workers > 1:
        parameters.subsolvers.extend(SUBSOLVERS[: limits.workers])
    left = task.clock.left()
    if left is not None:
        parameters.max_time_in_seconds = left


class _Watch(cp_model.CpSolverSolutionCallback):
    """Passes incumbents and bounds on to the caller. CP-SAT minimises the goal turned round."""

    def __init__(self, task: Task) -> None:
        super().__init__()
        self.task = task
        self.best: int | None = None
        self.limit: int | None = None

    def on_solution_callback(self) -> None:
        """Called for every better allocation."""
        self.best = -self.task.goal.sense * round(self.objective_value)
        self.task.tell(self.best, self.limit)

    def on_bound(self, bound: float) -> None:
        """Called for every better bound."""
        self.limit = -self.task.goal.sense * round(bound)
        self.task.tell(self.best, self.limit)


@contextmanager
def _watched(solver: cp_model.CpSolver, clock: Clock) -> Iterator[None]:
    """Stop the solver from a thread of our own when the caller cancels or time is up."""
    done = threading.Event()

    def watch() -> None:
        while not done.wait(POLL):
            if clock.stop() is not None:
                solver.stop_search()

    thread = threading.Thread(target=watch, name="cpsat-watch", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


SOLVER = CpSat()
