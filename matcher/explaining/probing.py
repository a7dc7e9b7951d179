"""What stands between learners and each of their candidate places: the rules that bar it, the rows that it
breaks.

The rules are asked once for all learners together. For the rows a small problem is compiled, over the
placements as they stand and the candidates: a candidate's *obstacles* are the rows that are broken when it
is added and nothing else changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from matcher.compiling import compile_problem, rules_of
from matcher.explaining.additions import Additions
from matcher.explaining.standing import Standing
from matcher.options import Options
from matcher.rules.base import Mask
from matcher.slots import STAYS, Slots, ranges
from models.problem import Block, Problem
from models.round import IntArray, Round

Masks = Mapping[str, Mask]


def candidates(rnd: Round, learners: IntArray) -> Options:
    """Every (learner, offer, flow) of given learners (row numbers, ascending) that any rule could be asked
    about.
    """
    slots = Slots.of(rnd)
    order = np.argsort(slots.stay, kind="stable")
    short = int((slots.stay == STAYS["short"]).sum())
    long = rnd.learners["stay"][learners] == "long"
    first = np.where(long, short, 0)
    count = np.where(long, len(order) - short, short)
    slot = order[ranges(first, count)]
    return Options(rnd, np.repeat(learners, count), slots.offer[slot], slots.flow[slot])


@dataclass(frozen=True)
class Obstacle:
    """A row that an addition breaks, and by how much."""

    block: Block
    row: int
    excess: int


@dataclass(frozen=True)
class Probe:
    """The candidates of some unplaced learners, sorted by learner, offer, flow, with what bars each.

    ``masks`` has an entry per rule in force, in the order of the rules' numbers.
    """

    standing: Standing
    candidates: Options
    masks: Masks

    @classmethod
    def of(cls, standing: Standing, learners: IntArray) -> Probe:
        """Ask every rule about every candidate of the learners (row numbers)."""
        rnd = standing.rnd
        every = candidates(rnd, np.unique(learners))
        return cls(standing, every, {rule.name: rule.bars(rnd, every) for rule in rules_of(rnd)})

    @cached_property
    def bars(self) -> IntArray:
        """How many rules bar each candidate."""
        times = np.zeros(len(self.candidates), np.int64)
        for mask in self.masks.values():
            times += mask
        return times

    def own(self, learner: int) -> IntArray:
        """The numbers of a learner's candidates."""
        first, last = np.searchsorted(self.candidates.learner, [learner, learner + 1])
        return np.arange(int(first), int(last), dtype=np.int64)

    def barring(self, candidate: int) -> tuple[str, ...]:
        """The rules that bar a candidate, in the order of their numbers."""
        return tuple(name for name, mask in self.masks.items() if mask[candidate])

    @cached_property
    def near(self) -> IntArray:
        """The numbers of the candidates that one rule bars, or none."""
        return np.flatnonzero(self.bars <= 1)

    @cached_property
    def _compiled(self) -> tuple[Problem, IntArray, IntArray]:
        """The small problem, the columns of the placements, the columns of the near candidates."""
        chosen, near = self.standing.chosen, self.candidates.take(self.near)
        together = _merged(self.standing.rnd, chosen, near)
        order = np.lexsort((together.flow, together.offer, together.learner))
        place = np.empty(len(order), np.int64)
        place[order] = np.arange(len(order))
        problem = compile_problem(self.standing.plain, together.take(order))
        return problem, place[: len(chosen)], place[len(chosen) :]

    @cached_property
    def with_others(self) -> Additions:
        """What each near candidate would do to the rows, with everybody else where they are."""
        problem, chosen, near = self._compiled
        return Additions.to(problem, chosen, near)

    @cached_property
    def alone(self) -> Additions:
        """What each near candidate would do to the rows if nobody else were placed."""
        problem, _, near = self._compiled
        return Additions.to(problem, np.empty(0, np.int64), near)

    def obstacles(self, candidate: int) -> tuple[Obstacle, ...]:
        """The rows that a near candidate breaks, in the order of the rules."""
        return _listed(self.with_others, int(np.searchsorted(self.near, candidate)))

    def obstructed(self, candidates: IntArray) -> npt.NDArray[np.bool_]:
        """Which of some near candidates break rows."""
        some = np.bincount(self.with_others.addition, minlength=len(self.near)) > 0
        found: npt.NDArray[np.bool_] = some[np.searchsorted(self.near, candidates)]
        return found

    def obstacles_alone(self, candidate: int) -> tuple[Obstacle, ...]:
        """The rows that a near candidate breaks even with nobody else placed."""
        return _listed(self.alone, int(np.searchsorted(self.near, candidate)))


def _listed(additions: Additions, number: int) -> tuple[Obstacle, ...]:
    return tuple(Obstacle(*broken) for broken in additions.broken(number))


def _merged(rnd: Round, one: Options, other: Options) -> Options:
    def join(left: IntArray, right: IntArray) -> npt.NDArray[np.int64]:
        return np.concatenate([left, right])

    return Options(
        rnd, join(one.learner, other.learner), join(one.offer, other.offer), join(one.flow, other.flow)
    )


def of_options(standing: Standing, learners: IntArray) -> Probe:
    """A probe of the options only of learners (row numbers, ascending): cheap for many learners, and silent about what
    is barred.
    """
    every = standing.options.learner
    first = np.searchsorted(every, learners, "left")
    own = standing.options.take(ranges(first, np.searchsorted(every, learners, "right") - first))
    return Probe(standing, own, {rule.name: np.zeros(len(own), bool) for rule in rules_of(standing.rnd)})
