"""The one way through: files → Round → Problem → Outcome → audited Allocation → report. Nothing else knows
the order.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence

import numpy as np

import solvers
from matcher.auditing import Audit, audit
from matcher.compiling import compile_problem, options_of
from matcher.options import Options
from matcher.result import Result
from models.errors import AuditFailed
from models.outcome import Outcome, Placement
from models.problem import Problem
from models.round import IntArray, Round
from solvers.crew import insist_on_cluster
from solvers.interface import Cancel, Limits, Progress, Report, never, silent


def match(  # noqa: PLR0913 - options, by keyword
    rnd: Round,
    *,
    method: str = "auto",
    time_limit: float | None = None,
    seed: int = 0,
    workers: int | None = None,
    gap: float | None = None,
    cluster: str | None = None,
    progress: Report | None = None,
    cancel: Cancel | None = None,
) -> Result:
    """Allocate a round.

    Parameters
    ----------
    method
        A solver's name, or ``auto``: chosen by structure and size; the report says why.
    time_limit
        Seconds of wall time for solving (None: until proven). The best audited allocation so far is returned.
    seed, workers, gap, cluster
        See ``solvers.interface.Limits``. The result depends neither on ``workers`` (None: 1) nor on ``cluster``.
    progress, cancel
        Called with each ``Progress``; asked whether to stop.

    Raises
    ------
    UnknownName
        For a method or a goal that does not exist.
    NoCluster
        When ``cluster`` cannot be reached or used; said before the work begins.
    AuditFailed
        When a solver's answer breaks a rule or misstates a goal: our fault, and never handed out.
    """
    limits = Limits(time_limit, 1 if workers is None else workers, seed, gap or 0.0, cluster)
    insist_on_cluster(limits)
    report, clock = progress or silent, _Phases()
    report(Progress("options"))
    options, barred = options_of(rnd)
    clock.done("options")
    problem = compile_problem(rnd, options)
    clock.done("compile")
    outcome = _solve(problem, method, limits, report, cancel or never)
    clock.done("solve")
    report(Progress("audit"))
    audited = _audited(rnd, options, outcome)
    clock.done("audit")
    return Result(rnd, options, barred, problem, outcome, audited, seed, clock.seconds, clock.cpu)


def _solve(problem: Problem, method: str, limits: Limits, report: Report, cancel: Cancel) -> Outcome:
    if method != solvers.AUTO:
        return solvers.get(method).solve(problem, limits, report, cancel)
    solver, why = solvers.choose(problem, limits)
    return solver.solve(problem, limits, report, cancel).because(why)


def _audited(rnd: Round, options: Options, outcome: Outcome) -> Audit | None:
    """The audit of what a solver chose. Raises ``AuditFailed`` when the two do not agree."""
    if outcome.chosen is None:
        return None
    audited = audit(rnd, placements_of(options, outcome.chosen))
    if not audited.valid:
        found = "; ".join(breach.message for breach in audited.breaches[:3])
        raise AuditFailed(f"{outcome.method} broke {len(audited.breaches)} rule(s): {found}")
    for goal in outcome.goals:
        if goal.value != audited.goals[goal.name]:
            raise AuditFailed(
                f"{outcome.method} states {goal.name} {goal.value}, the audit {audited.goals[goal.name]}"
            )
    return audited


def placements_of(options: Options, chosen: Sequence[int] | IntArray) -> list[Placement]:
    """Chosen options as placements by id, in the order of the learners' ids."""
    rnd, some = options.rnd, options.take(np.asarray(chosen, np.int64))
    ids = (rnd.learners["id"][some.learner], rnd.offers["id"][some.offer], rnd.flows["id"][some.flow])
    return list(map(Placement, *(column.tolist() for column in ids)))


class _Phases:
    """Seconds by phase, by the clock and of the processor (with child processes that have ended)."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.cpu: dict[str, float] = {}
        self._since, self._spent = time.monotonic(), sum(os.times()[:4])

    def done(self, phase: str) -> None:
        now, spent = time.monotonic(), sum(os.times()[:4])
        self.seconds[phase], self._since = now - self._since, now
        self.cpu[phase], self._spent = spent - self._spent, spent
