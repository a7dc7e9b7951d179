"""What a place for a learner would cost the goals: the round solved again with the learner in it.

The earlier goals come first, as in the policy: the answer names the first goal that is worse, and by how much, while
all goals before it keep their values. It is exact: a value that is not proven is not stated.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

import solvers
from matcher.columns import at_least
from matcher.compiling import goals_of
from matcher.result import Result
from models.outcome import Outcome, Status
from solvers.interface import Limits, never, silent

EXACT, IMPOSSIBLE, UNDECIDED = "exact", "impossible", "undecided"
NOT_SOLVED = "not re-solved"

MOST_OPTIONS = 250_000
"""Rounds with more options are not solved again for a question."""

SECONDS = 20.0
"""For one place. Whether a proof takes longer may hang on the machine; what is stated never does."""


@dataclass(frozen=True)
class Weighed:
    """What the best allocation with the learner in the place is worth.

    ``check``: ``exact`` (proven, up to the goal that is named), ``impossible`` (proven: no allocation that
    keeps every rule has the learner there), ``undecided`` (not proven in time: the values are those of the best
    allocation that was found, None where none was) or ``not re-solved``. ``goal`` is the first goal with another
    value than the allocation asked about (None: none has), ``now`` and ``there`` its values, ``worse`` by how much it
    is worse (below 0: better, where that allocation is not the best possible). ``later`` are the goals after it, with
    both values.
    """

    check: str
    goal: str | None = None
    now: float | None = None
    there: float | None = None
    worse: float | None = None
    later: tuple[tuple[str, int, int], ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """As JSON knows it."""
        later = [{"goal": name, "now": now, "there": there} for name, now, there in self.later]
        return vars(self) | {"later": later}


def weighed(result: Result, option: int) -> Weighed:
    """Solve the round again with one of its options (its number) chosen."""
    if len(result.options) > MOST_OPTIONS:
        return Weighed(NOT_SOLVED)
    there = at_least("asked", np.zeros(1, np.int64), np.array([option]), np.ones(1, np.int64), "", {})
    problem = replace(result.problem, blocks=(*result.problem.blocks, there))
    outcome = solvers.get("exact").solve(problem, Limits(seconds=SECONDS), silent, never)
    if outcome.status is Status.INFEASIBLE:
        return Weighed(IMPOSSIBLE)
    return Weighed(UNDECIDED) if outcome.chosen is None else _compared(result, outcome)


def _compared(result: Result, outcome: Outcome) -> Weighed:
    """The first goal whose values differ, by how much, and those after it."""
    assert result.audit is not None
    if outcome.objective is not None and outcome.objective.value is not None:
        check = EXACT if outcome.objective.proven else UNDECIDED
        now, there = result.audit.objective or 0.0, outcome.objective.value
        return Weighed(check, "objective", now, there, now - there) if there != now else Weighed(check)
    values = zip(outcome.goals, goals_of(result.round), strict=True)
    told = [(goal.name, result.audit.goals[goal.name], goal.value or 0) for goal in outcome.goals]
    proven = True
    for place, (value, goal) in enumerate(values):
        name, now, there = told[place]
        proven &= value.proven
        if now != there:
            check = EXACT if proven else UNDECIDED
            return Weighed(check, name, now, there, goal.sense * (now - there), tuple(told[place + 1 :]))
    return Weighed(EXACT if proven else UNDECIDED)
