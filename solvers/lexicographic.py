"""What all proving methods share: goals in order, deadlines, cancel, gap, progress, and the Outcome that
comes of it.

A goal may come in steps (``models.ladder``): each is a vector of its own, solved for in turn, and what is proven of all
of them together is proven of the goal. A method brings one *stage*: "make this one vector as good as possible, subject
to the rows and to what earlier goals have reached". ``run`` calls it goal by goal (or once, for a weighted objective),
checks every answer against the problem itself, and says what was proven and why it stopped::

    def stage(task: Task) -> Found:
        ...  # the best task.goal under the rows and, for (goal, value) in task.kept, with goal no worse
        return Found(chosen, bound, proven)

    outcome = run(problem, limits, report, cancel, stage, method="exact")
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from models.errors import SolverFault
from models.outcome import GoalValue, ObjectiveValue, Outcome, Status, Stop
from models.problem import Goal, IntArray, Problem
from solvers.interface import Cancel, Limits, Report
from solvers.stage import (
    Clock,
    Found,
    Stage,
    Start,
    Task,
    at_least,
    relative_gap,
    simple_bound,
    targets_of,
    tie_breaker,
)

__all__ = ["Clock", "Found", "Stage", "Start", "Task", "run"]

KEPT = 1_000_000
"""Columns up to which all their values are kept from one question about them to the next."""


def run(
    problem: Problem,
    limits: Limits,
    report: Report,
    cancel: Cancel,
    stage: Stage,
    *,
    method: str,
    start: Start | None = None,
    break_ties: bool = False,
) -> Outcome:
    """Solve goal by goal, or the weighted objective at once.

    Parameters
    ----------
    stage
        The method, see ``Task`` and ``Found``. An answer that breaks a row, or worsens an earlier goal, is a
        ``SolverFault``.
    start
        Gives an allocation to begin with, if it finds one.
    break_ties
        Once all is proven, solve for one more vector, random by ``limits.seed``, so that the allocation does
        not hang on the path that led to it: the same problem and seed then give the same allocation with any
        number of workers.
    """
    clock = Clock.of(limits, report, cancel)
    course = _Course(problem, limits, clock, stage)
    if start is not None:
        course.begin(start)
    targets = targets_of(problem)
    for number, goal in enumerate(targets):
        course.reach(goal, later=len(targets) - 1 - number)
        if course.infeasible or course.halted:
            break
    if break_ties and problem.goals and course.all_proven(targets):
        course.settle()
    return course.outcome(method)


@dataclass
class _Course:
    """Where ``run`` stands: the best allocation, what every goal has reached, and why it stopped."""

    problem: Problem
    limits: Limits
    clock: Clock
    stage: Stage
    chosen: IntArray | None = None
    reached: list[tuple[Goal, int]] = field(default_factory=list)
    bounds: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    stopped: Stop | None = None
    halted: bool = False
    infeasible: bool = False
    completed: tuple[tuple[IntArray, IntArray], ...] = ()

    def begin(self, start: Start) -> None:
        self.clock.tell("start")
        self.chosen = start(self.clock)
        if self.chosen is not None and not self.problem.holds(self.values(self.chosen)):
            raise SolverFault("the allocation to begin with breaks a row")
        self.seconds["start"] = self.clock.elapsed()

    def reach(self, goal: Goal, later: int) -> None:
        """Solve for one goal and keep what it reaches."""
        began, bound = self.clock.elapsed(), self.bound_before(goal)
        open_still = self.chosen is None or self.of(goal) != bound
        if open_still:
            bound = self.ask(goal, bound, self.clock.holding_back(later))
        self.bounds[goal.name] = bound
        name = goal.part_of or goal.name
        self.seconds[name] = self.seconds.get(name, 0.0) + self.clock.elapsed() - began
        if self.chosen is not None and not self.infeasible:
            self.reached.append((goal, self.of(goal)))
            if open_still or goal.part_of is None:  # of hundreds of steps most are plain to see
                self.clock.tell("solve", goal.name, self.of(goal), bound)
        self.halted = self.chosen is None or self.clock.stop() is not None

    def bound_before(self, goal: Goal) -> int:
        """A bound that is known without solving: a step never exceeds the one before it."""
        above = self.bounds.get(goal.under or "")
        if above is not None and self.chosen is not None and self.of(goal) == above:
            return above
        bound = simple_bound(self.problem, goal)
        return bound if above is None else goal.sense * min(goal.sense * bound, goal.sense * above)

    def ask(self, goal: Goal, bound: int, clock: Clock) -> int:
        """Call the stage, take its allocation, and return the best bound known."""
        task = Task(len(self.reached), goal, tuple(self.reached), self.chosen, bound, self.limits.gap, clock)
        found = self.stage(task)
        self.infeasible = found.infeasible
        if found.infeasible and self.chosen is not None:
            raise SolverFault(f"{goal.name}: called infeasible with an allocation at hand")
        if found.chosen is not None and found.chosen is not task.start:  # which was checked when it came
            self.take(task, np.sort(found.chosen))
        if found.bound is not None:
            bound = goal.sense * min(goal.sense * bound, goal.sense * found.bound)
        if self.chosen is not None:
            value = self.of(goal)
            if not at_least(goal, bound, value):
                raise SolverFault(f"{goal.name}: the solver's bound {bound} is worse than its value {value}")
            if found.proven or value == bound:
                return value
            if relative_gap(value, bound) <= self.limits.gap:
                self.stopped = self.stopped or Stop.GAP
        self.stopped = self.stopped or found.stop or clock.stop() or Stop.METHOD
        return bound

    def take(self, task: Task, chosen: IntArray) -> None:
        """Make an answer the best allocation, if it is one."""
        values = self.values(chosen)
        if not self.problem.holds(values):
            broken = ", ".join(sorted({block.rule for block, _ in self.problem.violated(values)}))
            raise SolverFault(f"{task.goal.name}: the solver's answer breaks rows ({broken or 'bounds'})")
        for goal, value in task.kept:
            if not at_least(goal, goal.of(values), value):
                raise SolverFault(f"{task.goal.name}: the solver's answer worsens {goal.name} (was {value})")
        if self.chosen is None or self.score(task, chosen) >= self.score(task, self.chosen):
            self.chosen = chosen

    def score(self, task: Task, chosen: IntArray) -> list[int]:
        """An allocation's worth for the task's goal and, where that ties, for the goals that come after it."""
        values, targets = self.values(chosen), targets_of(self.problem)
        return [goal.sense * goal.of(values) for goal in (task.goal, *targets[task.number + 1 :])]

    def of(self, goal: Goal) -> int:
        """A goal's value in the best allocation."""
        assert self.chosen is not None
        return goal.of(self.values(self.chosen))

    def values(self, chosen: IntArray) -> IntArray:
        """All columns' values. Where they take little memory those of two allocations are kept, the best one and one
        that may be better: goal after goal asks for them.
        """
        for known, values in self.completed:
            if known is chosen:
                return values
        values = self.problem.complete(chosen)
        if self.problem.columns <= KEPT:
            self.completed = ((chosen, values), *self.completed[:1])
        return values

    def all_proven(self, targets: tuple[Goal, ...]) -> bool:
        return len(self.reached) == len(targets) and all(
            value == self.bounds[goal.name] for goal, value in self.reached
        )

    def settle(self) -> None:
        """Choose one allocation among equally good ones; what was proven stays as it was reached."""
        began, stopped = self.clock.elapsed(), self.stopped
        goal = tie_breaker(self.problem, self.limits.seed)
        task = Task(
            len(self.reached),
            goal,
            tuple(self.reached),
            self.chosen,
            simple_bound(self.problem, goal),
            0.0,
            self.clock,
        )
        found = self.stage(task)
        if found.chosen is not None:
            self.take(task, np.sort(found.chosen))
        self.stopped = stopped
        self.seconds["tie-break"] = self.clock.elapsed() - began

    def outcome(self, method: str) -> Outcome:
        """What came of it."""
        if self.infeasible:
            goals = tuple(GoalValue(goal.name, None, None, proven=False) for goal in self.problem.goals)
            return Outcome(Status.INFEASIBLE, None, goals, method, seconds=self.seconds)
        goals = tuple(self.goal_value(goal) for goal in self.problem.goals)
        objective = self.objective()
        proven = all(goal.proven for goal in goals) if objective is None else objective.proven
        found = Status.OPTIMAL if proven else Status.FEASIBLE
        status = Status.NO_SOLUTION if self.chosen is None else found
        stopped = None if status is Status.OPTIMAL else self.clock.stop() or self.stopped
        return Outcome(status, self.chosen, goals, method, objective, stopped, self.seconds)

    def goal_value(self, goal: Goal) -> GoalValue:
        """A goal's value and bound; a goal that was not reached has the bound that holds for every allocation."""
        value = None if self.chosen is None else self.of(goal)
        if self.problem.weighted is not None:
            return GoalValue(goal.name, value, None, proven=False)
        bound = goal.bounded(lambda step: self.bounds.get(step.name, simple_bound(self.problem, step)))
        return GoalValue(goal.name, value, bound, proven=value == bound)

    def objective(self) -> ObjectiveValue | None:
        """The weighted objective in the units of its weights."""
        if self.problem.weighted is None:
            return None
        (target,), scale = targets_of(self.problem), self.problem.weighted.scale
        bound = self.bounds.get(target.name, simple_bound(self.problem, target))
        value = None if self.chosen is None else self.of(target)
        return ObjectiveValue(None if value is None else value / scale, bound / scale, proven=value == bound)
