"""The ways to repair: the best with 0, 1, 2, … of the places changed that could be kept, each proven by a solve.

With 0 changes everybody who can stay is settled, and what is left is a tiny problem: those without a place, and what
is free. Where not everybody can stay together (a party falls below its minimum, say), most who can is the first goal of
the whole problem. Whoever stays with 0 changes has a place in all further alternatives: nobody loses one for somebody
else.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from matcher.auditing import Audit, audit
from matcher.columns import at_least
from matcher.repairing.keeping import KEPT, Upset
from matcher.repairing.solving import Answer, Question
from matcher.rules.base import Mask
from models.errors import AuditFailed
from models.outcome import GoalValue, ObjectiveValue, Outcome, Status
from models.problem import Block, Goal, IntArray
from solvers.interface import Cancel, Limits, never


@dataclass(frozen=True)
class Alternative:
    """One way to repair: audited.

    ``changes`` counts the places that are given up although they could be kept (each by itself), beyond those that must
    be; None: as many as it takes. ``best`` says whether nothing is better with so many changes: proven. ``bounds`` are
    those of the policy's goals. ``seconds`` and ``cpu_seconds`` are what the question took.
    """

    upset: Upset
    chosen: IntArray
    changes: int
    bounds: Mapping[str, int | None]
    best: bool
    method: str
    seconds: float
    cpu_seconds: float

    @cached_property
    def audit(self) -> Audit:
        """The audit. Raises ``AuditFailed`` where the solver's answer breaks a rule."""
        found = audit(self.upset.rnd, self.upset.placements(self.chosen))
        if not found.valid:
            raise AuditFailed(f"a repair broke a rule: {found.breaches[0].message}")
        return found

    @property
    def kept(self) -> int:
        """How many have the place that they had."""
        return int(self.upset.current[self.chosen].sum())

    @cached_property
    def worth(self) -> tuple[float, ...]:
        """Goal by goal, more is better; of a weighted policy the one objective."""
        if self.audit.objective is not None:
            return (self.audit.objective,)
        signs = {goal.name: goal.sense for goal in self.upset.problem.goals}
        return tuple(signs[name] * value for name, value in self.values.items())

    @property
    def values(self) -> Mapping[str, int]:
        """The values of the policy's goals, without ``kept``."""
        return {name: value for name, value in self.audit.goals.items() if name != KEPT}

    @property
    def objective(self) -> float | None:
        """The weighted sum of a weighted policy."""
        return self.audit.objective


@dataclass(frozen=True)
class Frontier:
    """The alternatives, fewest changes first: each is better than the one before it.

    ``most_kept`` is the number of places that can be kept together, ``most_proven`` whether that is proven.
    ``asked`` is the largest number of changes that was asked about, ``ideal`` the best with any number, where that was
    asked too. Without an alternative, ``impossible`` says whether it is proven that there is none.
    """

    upset: Upset
    most_kept: int = 0
    most_proven: bool = False
    alternatives: tuple[Alternative, ...] = ()
    asked: int = 0
    ideal: Alternative | None = None
    impossible: bool = False
    seconds: Mapping[str, float] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """Whether it is proven that further changes buy nothing."""
        last = self.alternatives[-1] if self.alternatives else None
        return bool(last and self.ideal and self.ideal.best and last.worth == self.ideal.worth)

    def outcome(self, number: int) -> Outcome:
        """An alternative as the outcome of a solve: best in order where it changes least, else valid only."""
        one = self.alternatives[number]
        rnd, audited = self.upset.rnd, one.audit
        bounds: Mapping[str, int | None] = {KEPT: self.most_kept if self.most_proven else None, **one.bounds}
        if rnd.policy.weights:
            bounds = {}
        goals = tuple(
            GoalValue(name, value, bounds.get(name), bounds.get(name) == value)
            for name, value in audited.goals.items()
        )
        objective = None if one.objective is None else ObjectiveValue(one.objective, None, proven=False)
        optimal = not rnd.policy.weights and all(goal.proven for goal in goals)
        status = Status.OPTIMAL if optimal else Status.FEASIBLE
        why = "a repair: most places kept first, then the policy's goals"
        return Outcome(status, one.chosen, goals, one.method, objective).because(why)


class Search:
    """Asks for the alternatives of an upset, one after the other."""

    def __init__(self, upset: Upset, limits: Limits, cancel: Cancel = never) -> None:
        self.upset, self.limits, self.cancel = upset, replace(limits, starts=False), cancel
        self.problem = upset.problem
        self.goals = tuple(goal for goal in self.problem.goals if goal.name != KEPT)
        if self.problem.weighted:
            self.goals = self.problem.goals
        self.none: Mask = np.zeros(self.problem.options, bool)
        self.kept = np.flatnonzero(upset.current)

    def frontier(self, most_changes: int, *, ideal: bool = False) -> Frontier:
        """The alternatives with up to so many changes; with ``ideal`` also with any number."""
        began = time.monotonic()
        first, answer = self.first()
        if first is None:
            return Frontier(self.upset, impossible=answer.impossible)
        alternatives, top = [first], first.kept
        seconds = {"recommended": time.monotonic() - began}
        began = time.monotonic()
        best = self.further(first, None) if ideal and not self.cancel() else None
        seconds |= {"any number": time.monotonic() - began} if best else {}
        began, asked = time.monotonic(), 0
        while asked < min(most_changes, top) and not (_reached(alternatives[-1], best) or self.cancel()):
            asked += 1
            one = self.further(first, top - asked, alternatives[-1])
            if one.worth > alternatives[-1].worth:
                alternatives.append(replace(one, changes=asked))
        if asked:
            seconds["further"] = time.monotonic() - began
        proven = self._proves_most(first)
        return Frontier(self.upset, top, proven, tuple(alternatives), asked, best, seconds=seconds)

    def first(self) -> tuple[Alternative | None, Answer]:
        """With 0 changes: everybody stays who can, then the policy's goals."""
        clock = _Clock()
        current, agent = self.upset.current, self.problem.agent
        others = np.isin(agent, self.upset.settled) & ~current
        answer = Question(self.problem, current, others, self.goals).ask(self.limits, self.cancel)
        if answer.chosen is None:
            answer = self._most()
        if answer.chosen is None:
            return None, answer
        return self._alternative(answer, clock), answer

    def further(self, first: Alternative, least: int | None, start: Alternative | None = None) -> Alternative:
        """The best that keeps at least so many (None: any number); whoever stays with 0 changes has a place."""
        clock = _Clock()
        rows = [self._placed(first)]
        if least is not None:
            rows.append(_row(KEPT, self.kept, least))
        question = Question(self.problem, self.none, self.none, self.goals, tuple(rows))
        known = start or first
        answer = question.ask(self.limits, self.cancel, known.chosen)
        if answer.chosen is None:  # what is known is one: the search ended without it
            answer = Answer(known.chosen, method=answer.method)
        found = self._alternative(answer, clock, first)
        worse = found.worth < known.worth
        return replace(found, chosen=known.chosen, best=False) if worse else found

    def staying(self, one: Alternative, learner: int) -> Alternative | None:
        """The best where, of those who change in an alternative, a learner stays and all who are settled stay put."""
        current, agent = self.upset.current, self.problem.agent
        stays = np.zeros(self.problem.options, bool)
        stays[one.chosen] = current[one.chosen]
        stays |= current & (agent == learner)
        open_to = ~np.isin(agent, agent[stays])
        answer = Question(self.problem, stays, ~stays & ~open_to, self.goals, (self._placed(one),)).ask(
            self.limits, self.cancel
        )
        return None if answer.chosen is None or not answer.proven else self._alternative(answer, _Clock())

    def _most(self) -> Answer:
        """As many as possible stay, then the policy's goals: the whole problem."""
        kept = Goal(KEPT, 1, self.kept, np.ones(len(self.kept), np.int64))
        if self.problem.weighted is None:
            asked = Question(self.problem, self.none, self.none, (kept, *self.goals)).ask(
                self.limits, self.cancel
            )
            return replace(asked, bounds=asked.bounds[1:])
        most = Question(self.problem, self.none, self.none, (kept,), weighs=False).ask(
            self.limits, self.cancel
        )
        if most.chosen is None:
            return most
        row = _row(KEPT, self.kept, int(self.upset.current[most.chosen].sum()))
        asked = Question(self.problem, self.none, self.none, self.goals, (row,)).ask(
            self.limits, self.cancel, most.chosen
        )
        return replace(asked, proven=asked.proven and most.proven)

    def _proves_most(self, first: Alternative) -> bool:
        return first.best or first.kept == len(self.kept)

    def _placed(self, first: Alternative) -> Block:
        """Whoever stays in an alternative has a place."""
        who = self.problem.agent[first.chosen[self.upset.current[first.chosen]]]
        row_of = np.full(self.problem.agents, -1)
        row_of[who] = np.arange(len(who))
        column = np.flatnonzero(row_of[self.problem.agent] >= 0)
        rows = row_of[self.problem.agent[column]]
        return at_least("placed", rows, column, np.ones(len(who), np.int64), "", {})

    def _alternative(self, answer: Answer, clock: _Clock, first: Alternative | None = None) -> Alternative:
        assert answer.chosen is not None
        names = [goal.name for goal in self.goals]
        bounds = dict(zip(names, answer.bounds, strict=False))
        kept = int(self.upset.current[answer.chosen].sum())
        changes = 0 if first is None else first.kept - kept
        found = Alternative(
            self.upset, answer.chosen, changes, bounds, answer.proven, answer.method, 0.0, 0.0
        )
        assert found.audit.valid
        seconds, cpu = clock.read()
        return replace(found, seconds=seconds, cpu_seconds=cpu)


def _row(name: str, column: IntArray, least: int) -> Block:
    return at_least(name, np.zeros(len(column), np.int64), column, np.array([least]), "", {})


def _reached(last: Alternative, best: Alternative | None) -> bool:
    return best is not None and last.worth == best.worth


class _Clock:
    """Seconds by the clock and of the processor since it was made."""

    def __init__(self) -> None:
        self._since, self._spent = time.monotonic(), sum(os.times()[:4])

    def read(self) -> tuple[float, float]:
        return time.monotonic() - self._since, sum(os.times()[:4]) - self._spent
