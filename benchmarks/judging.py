"""What an allocation is worth and what it breaks, told by the problem itself or by the audit, never by who made it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from matcher.auditing import audit
from matcher.engine import placements_of
from matcher.options import Options
from models.problem import IntArray, Problem
from models.round import Round


@dataclass(frozen=True)
class Verdict:
    """``breaches`` counts what is broken, by rule (empty: valid); ``goals`` and ``objective`` are what it is worth."""

    breaches: Mapping[str, int]
    goals: Mapping[str, int]
    objective: float | None = None
    facts: Mapping[str, int] = field(default_factory=dict)


def of_problem(problem: Problem, chosen: IntArray) -> Verdict:
    """By the problem's own rows and goals."""
    values = problem.complete(chosen)
    broken = {block.rule: len(rows) for block, rows in problem.violated(values)}
    if (values > problem.upper).any():
        broken["columns"] = int((values > problem.upper).sum())
    goals = {goal.name: goal.of(values) for goal in problem.goals}
    return Verdict(broken, goals, objective_of(problem, goals))


def objective_of(problem: Problem, goals: Mapping[str, int]) -> float | None:
    """The weighted sum in the units of the weights, where the policy is weighted."""
    if problem.weighted is None:
        return None
    weights = zip(problem.weighted.weights, problem.goals, strict=True)
    return sum(weight * goal.sense * goals[goal.name] for weight, goal in weights) / problem.weighted.scale


def of_round(rnd: Round, options: Options, chosen: IntArray) -> Verdict:
    """By the audit, from the tables and the placements alone."""
    found = audit(rnd, placements_of(options, chosen))
    return Verdict(dict(Counter(breach.rule for breach in found.breaches)), found.goals, found.objective)
