"""One question of a frontier, answered in whatever process: the best of some goals in order, where others are limited.

A limit is a row of the problem; the goals in order, and what earlier ones keep, are the solvers' own
(``solvers/lexicographic``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from matcher.auditing import audit
from matcher.barring import Barred
from matcher.compiling import compile_problem, options_of
from matcher.engine import placements_of
from matcher.goals import discover
from matcher.options import Options
from matcher.repairing.solving import Question
from matcher.result import Result
from models.errors import AuditFailed
from models.outcome import Outcome, Status
from models.problem import FREE_ABOVE, FREE_BELOW, Block, Goal, IntArray, Problem
from models.round import Round
from solvers.crew import stopping
from solvers.interface import Limits


@dataclass(frozen=True)
class Ask:
    """The best by goals in ``order`` where every goal in ``limits`` has its value or a better one.

    ``start`` is an allocation (options by number) that is within the limits; None: none is known.
    """

    order: tuple[str, ...]
    limits: tuple[tuple[str, int], ...] = ()
    start: IntArray | None = None


@dataclass(frozen=True)
class Found:
    """An audited allocation: the options chosen, the values of every goal, which goals of the order are proven.

    ``open`` is the first that is not, with the bound on it (None: all are proven, or no bound is known). Without an
    allocation ``chosen`` is None; ``conflict`` then says why there is none, if that is proven.
    """

    chosen: IntArray | None
    values: Mapping[str, int]
    proven: tuple[str, ...]
    placed: int = 0
    places: tuple[tuple[str, str, str], ...] = ()
    impossible: bool = False
    conflict: tuple[str, ...] = ()
    open: tuple[str, int] | None = None


def answer(rnd: Round, ask: Ask, time_limit: float | None, seed: int) -> Found:
    """Answer a question about a round whose policy has all goals of the order. Raises ``AuditFailed``."""
    options, barred, problem = _compiled(rnd)
    goals = {goal.name: goal for goal in problem.goals}
    nothing = np.zeros(problem.options, bool)
    rows = tuple(limit(goals[name], value) for name, value in ask.limits)
    question = Question(
        problem, nothing, nothing, tuple(goals[name] for name in ask.order), rows, weighs=False
    )
    found = question.ask(Limits(seconds=time_limit, seed=seed), stopping, ask.start)
    if found.chosen is None:
        why = _conflict(rnd, options, barred, problem) if found.impossible and not ask.limits else ()
        return Found(None, {}, (), impossible=found.impossible, conflict=why)
    audited = audit(rnd, placements_of(options, found.chosen))
    columns = problem.complete(found.chosen)
    stated = {name: goal.of(columns) for name, goal in goals.items()}
    if not audited.valid or stated != dict(audited.goals):
        raise AuditFailed(f"{found.method}: {[breach.message for breach in audited.breaches[:3]]}, {stated}")
    for name, value in ask.limits:
        if goals[name].sense * (stated[name] - value) < 0:
            raise AuditFailed(f"{found.method}: {name} is {stated[name]}, beyond its limit {value}")
    placed = audited.placed
    return Found(
        found.chosen,
        {goal.name: goal.value(rnd, placed) for goal in discover()},
        _proven(ask.order, found.bounds, stated),
        len(placed),
        tuple((one.learner_id, one.offer_id, one.flow_id) for one in placements_of(options, found.chosen)),
        open=_open(ask.order, found.bounds, stated),
    )


def _proven(
    order: tuple[str, ...], bounds: tuple[int | None, ...], values: Mapping[str, int]
) -> tuple[str, ...]:
    """The goals of an order that are proven, up to the first that is not."""
    found = []
    for name, bound in zip(order, bounds, strict=False):
        if bound != values[name]:
            break
        found.append(name)
    return tuple(found)


def _open(
    order: tuple[str, ...], bounds: tuple[int | None, ...], values: Mapping[str, int]
) -> tuple[str, int] | None:
    """The first goal of an order that is not proven, with its bound."""
    known = zip(order, bounds, strict=False)
    name, bound = next(((name, bound) for name, bound in known if bound != values[name]), ("", None))
    return None if bound is None else (name, bound)


def limit(goal: Goal, value: int) -> Block:
    """The row that keeps a goal at a value or better."""
    return Block(
        "frontier",
        np.zeros(len(goal.column), np.int64),
        goal.column,
        goal.value.astype(np.int64, copy=False),
        np.array([value if goal.sense > 0 else FREE_BELOW]),
        np.array([FREE_ABOVE if goal.sense > 0 else value]),
        "{goal} is held at {value} or better",
        {"goal": np.array([goal.name]), "value": np.array([value])},
    )


Compiled = tuple[Options, Barred, Problem]

_LAST: dict[str, Compiled] = {}


def _compiled(rnd: Round) -> Compiled:
    """The round as numbers: the last round that was asked about in this process is kept."""
    if rnd.digest not in _LAST:
        options, barred = options_of(rnd)
        problem = compile_problem(rnd, options)
        _LAST.clear()
        _LAST[rnd.digest] = (options, barred, problem)
    return _LAST[rnd.digest]


def _conflict(rnd: Round, options: Options, barred: Barred, problem: Problem) -> tuple[str, ...]:
    """Why the round has no allocation at all."""
    nothing: Any = Outcome(Status.INFEASIBLE, None, (), "exact")
    return Result(rnd, options, barred, problem, nothing, None).conflict
