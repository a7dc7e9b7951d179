"""The changed round, solved again to its proof and audited: the last word on what a unit is worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

import solvers
from matcher.auditing import audit
from matcher.compiling import compile_problem, options_of
from matcher.engine import placements_of
from matcher.options import Options
from matcher.shortages.units import Unit, changed
from models.errors import AuditFailed
from models.outcome import Outcome, Placement, Status
from models.problem import IntArray, Problem
from models.round import Round
from solvers.exact import SOLVER as EXACT
from solvers.interface import Cancel, Limits, never, silent


@dataclass(frozen=True)
class Solved:
    """A round's best: the audit's goal values in policy order, and the weighted sum (None: an order of goals).

    ``proven``: nothing is better, goal by goal. None of it is a claim about another round.
    """

    values: tuple[int, ...]
    objective: float | None
    proven: bool
    placements: tuple[Placement, ...]


def solved(
    rnd: Round,
    start: Sequence[Placement],
    seed: int = 0,
    seconds: float | None = None,
    cancel: Cancel = never,
) -> Solved | None:
    """The best allocation of a round, found from one that keeps its rules (None: cancelled before there was any).

    Raises ``AuditFailed`` when a solver's answer breaks a rule.
    """
    options, _ = options_of(rnd)
    problem = compile_problem(rnd, options)
    limits = Limits(seconds=seconds, seed=seed)
    outcome = best_from(problem, chosen_of(options, start), limits, cancel)
    if outcome.chosen is None:
        return None
    placements = placements_of(options, outcome.chosen)
    audited = audit(rnd, placements)
    stated = tuple(goal.value for goal in outcome.goals)
    if not audited.valid or stated != tuple(audited.goals.values()):
        found = audited.breaches[0].message if audited.breaches else f"goals {stated}, {audited.goals}"
        raise AuditFailed(f"{outcome.method} on a changed round: {found}")
    proven = outcome.status is Status.OPTIMAL
    return Solved(tuple(audited.goals.values()), audited.objective, proven, tuple(sorted(placements)))


def best_from(problem: Problem, start: IntArray, limits: Limits, cancel: Cancel = never) -> Outcome:
    """The best allocation: by minimum-cost flow where the problem is a network, else from ``start``."""
    solver, _ = solvers.choose(problem, limits)
    if solver.name == "exact":
        return EXACT.improve(problem, start, limits, silent, cancel)
    return solver.solve(problem, limits, silent, cancel)


def chosen_of(options: Options, placements: Sequence[Placement]) -> IntArray:
    """The options (indices, ascending) that placements are."""
    rnd = options.rnd
    columns = (
        [rnd.learners.position[row.learner_id] for row in placements],
        [rnd.offers.position[row.offer_id] for row in placements],
        [rnd.flows.position[row.flow_id] for row in placements],
    )
    held = Options(rnd, *(np.array(column, np.int64) for column in columns))
    return np.flatnonzero(np.isin(options.keys, held.keys))


def with_unit(
    rnd: Round, units: Sequence[Unit], start: Sequence[Placement], seed: int, seconds: float | None
) -> Solved | None:
    """A task for workers: the round with some units, solved again. ``start`` keeps the rules of the round as it is."""
    for unit in units:
        rnd = changed(rnd, unit)
    return solved(rnd, start, seed, seconds)
