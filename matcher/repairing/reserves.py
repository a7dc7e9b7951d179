"""Who could step in for whom without moving anybody, and whose drop-out would break a rule for those who stay.

Both are asked of a small problem (the placements, and the options of those without a place), and what is claimed is
put to the full audit of the round without the learner who leaves.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from matcher.auditing import audit
from matcher.compiling import compile_problem
from matcher.explaining.additions import Additions
from matcher.explaining.standing import plain
from matcher.explaining.working import Work
from matcher.fitting import fit_points
from matcher.options import Options
from matcher.repairing.happening import Happened
from matcher.repairing.keeping import Upset
from matcher.rules.base import Mask
from models.outcome import Placement
from models.problem import Problem
from models.round import IntArray, Round

MOST_RESERVES = 3
"""For one learner who leaves, so many are named."""
STEPS = 60_000_000
"""Steps for a round's lists, counted so that they end at the same learner on any machine: looking at a placement is
one. Enough for everybody up to some thousand learners."""
PER_AUDIT = 20
"""An audit looks so many times at each placement."""


class Reserve(NamedTuple):
    """Somebody without a place who could step in for a learner of a flow: a row of ``reserves.csv``.

    Checked: the audit of the round without the learner who leaves finds nothing, and nobody else is moved.
    """

    flow_id: str
    drops_out: str
    steps_in: str
    offer_id: str


class Fragile(NamedTuple):
    """A placement without which others break a rule: whose, in which flow, and what would be broken."""

    learner_id: str
    flow_id: str
    breach: str


@dataclass(frozen=True)
class Reserves:
    """Who steps in, sorted by flow and by who leaves; what is fragile; after how many of the placed the work ended."""

    reserves: tuple[Reserve, ...]
    fragile: tuple[Fragile, ...]
    searched: int
    placed: int


def reserves(upset: Upset, chosen: IntArray, steps: int = STEPS) -> Reserves:
    """Look at every learner placed by ``chosen`` (options): flow by flow, as long as there is work left."""
    stage = Stage.of(upset, chosen)
    order = np.lexsort((stage.options.learner, stage.options.flow))
    order = order[np.isin(order, stage.seated)]
    work, found, fragile, searched = Work(steps), list[Reserve](), list[Fragile](), 0
    for number in order.tolist():
        if work.done:
            break
        searched += 1
        leaving = Leaving(stage, number)
        work.spend(len(chosen) * (3 if leaving.tied else 1))
        if (breach := leaving.breach(work)) is not None:
            fragile.append(Fragile(leaving.who, leaving.flow_id, breach))
        found += leaving.reserves(work)
    return Reserves(tuple(sorted(found)), tuple(sorted(fragile)), searched, len(order))


@dataclass(frozen=True)
class Stage:
    """The placements and the options of those without a place; ``seated`` are the numbers of the placements."""

    rnd: Round
    options: Options
    seated: IntArray

    @classmethod
    def of(cls, upset: Upset, chosen: IntArray) -> Stage:
        """The options that matter, in their order."""
        learner = upset.options.learner
        waiting = np.flatnonzero(~np.isin(learner, learner[chosen]))
        some = np.union1d(chosen, waiting)
        return cls(plain(upset.rnd), upset.options.take(some), np.searchsorted(some, chosen))

    @cached_property
    def problem(self) -> Problem:
        """As numbers, with one goal only."""
        return compile_problem(self.rnd, self.options)

    @cached_property
    def waiting(self) -> IntArray:
        """The numbers of the options of those without a place, the best first: by priority and fit."""
        options = self.options
        numbers = np.setdiff1d(np.arange(len(options)), self.seated)
        fit = fit_points(self.rnd, options)[numbers]
        priority = self.rnd.learners["priority"][options.learner[numbers]]
        return numbers[np.lexsort((numbers, -fit, options.learner[numbers], -priority))]

    @cached_property
    def tied(self) -> Mask:
        """The learners (by row number) whose staying in the round, unplaced, would bind others or break a rule."""
        rnd = self.rnd
        tied: Mask = rnd.ref("learners", "group_id") >= 0
        together = rnd.pairs["kind"] == "together"
        for side in ("learner_a", "learner_b"):
            tied[rnd.ref("pairs", side)[together]] = True
        tied[rnd.ref("locks", "learner_id")[rnd.locks["kind"] == "pin"]] = True
        return tied


class Leaving:
    """The placement ``number`` of a stage without its learner."""

    def __init__(self, stage: Stage, number: int) -> None:
        self.stage, self.number = stage, number
        options, rnd = stage.options, stage.rnd
        self.who = str(rnd.learners["id"][options.learner[number]])
        self.flow_id = str(rnd.flows["id"][options.flow[number]])
        self.tied = bool(stage.tied[options.learner[number]])
        self.rest = stage.seated[stage.seated != number]

    @cached_property
    def round(self) -> Round:
        """The round without the learner, where that makes a difference to the rules."""
        return Happened(dropped=(self.who,)).apply(self.stage.rnd) if self.tied else self.stage.rnd

    @cached_property
    def problem(self) -> Problem:
        """As numbers; option numbers are the stage's, but for the one that is gone where the learner is."""
        if not self.tied:
            return self.stage.problem
        kept = np.arange(len(self.stage.options)) != self.number
        some = self.stage.options.take(kept)
        learner = some.learner - (some.learner > self.stage.options.learner[self.number])
        return compile_problem(self.round, Options(self.round, learner, some.offer, some.flow))

    def breach(self, work: Work) -> str | None:
        """What the others' placements break when nobody steps in, by the audit; None: nothing."""
        if self.problem.allows(self._numbers(self.rest)):
            return None
        found = self._breaches(self.rest, work)
        return found[0] if found else None

    def reserves(self, work: Work) -> Iterator[Reserve]:
        """The first who could step in, in the same flow; each checked."""
        options = self.stage.options
        waiting = self.stage.waiting
        near = waiting[options.flow[waiting] == options.flow[self.number]]
        named: set[int] = set()
        for number in self._fitting(near):
            learner = int(options.learner[number])
            if learner in named or len(named) == MOST_RESERVES:
                continue
            new = np.sort(np.append(self.rest, number))
            if self.problem.allows(self._numbers(new)) and not self._breaches(new, work):
                named.add(learner)
                steps_in = str(self.stage.rnd.learners["id"][learner])
                offer = str(self.stage.rnd.offers["id"][options.offer[number]])
                yield Reserve(self.flow_id, self.who, steps_in, offer)

    def _fitting(self, near: IntArray) -> list[int]:
        """Those of the options, in their order, that break no row which was not broken before."""
        if not len(near):
            return []
        order = np.sort(near)
        found = Additions.to(self.problem, self._numbers(self.rest), self._numbers(order))
        broken = order[np.unique(found.addition)]
        fitting: list[int] = near[~np.isin(near, broken)].tolist()
        return fitting

    def _numbers(self, numbers: IntArray) -> IntArray:
        """Option numbers of the stage as those of ``problem``."""
        return numbers - (numbers > self.number) if self.tied else numbers

    def _breaches(self, numbers: IntArray, work: Work) -> list[str]:
        work.spend(PER_AUDIT * len(numbers))
        rnd, some = self.stage.rnd, self.stage.options.take(numbers)
        ids = (rnd.learners["id"][some.learner], rnd.offers["id"][some.offer], rnd.flows["id"][some.flow])
        placements = map(Placement, *(column.tolist() for column in ids))
        return [breach.message for breach in audit(self.round, placements).breaches]
