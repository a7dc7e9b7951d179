"""Shortages that counting cannot show: how many of some learners any allocation places at most, by solving.

Only these learners and those whom they need beside them are in the question; everybody else is left out, and what the
others could do for a row is given away: a row's side goes where somebody left out could have helped to keep it. So the
bound holds for every allocation of the whole round. Sets are then made smaller as long as they stay too many
(``solvers.conflict``: QuickXplain): in the end all but any one of them can be placed, as far as the bound tells.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from matcher.explaining.probing import Obstacle
from matcher.explaining.problems import settled
from matcher.explaining.relieving import limit_of
from matcher.explaining.rivals import AT_HOST, AT_OFFER, IN_FLOW
from matcher.options import Options
from matcher.rules.base import Mask
from models.problem import FREE_ABOVE, FREE_BELOW, Block, Goal, IntArray, Problem
from solvers import get
from solvers.conflict import smallest
from solvers.interface import Cancel, Limits, never, silent
from solvers.shadows import shadows

HELPED = ("min_group", "groups", "pairs")
"""Rules whose rows ask for others to come along."""

MOST_WORK = 40_000
"""Options in all questions together: a question takes some tenths of a millisecond for each of its options."""

SECONDS = 30.0
"""For one question: an emergency brake, as in other questions; where it ends one, nothing is shown."""

COUNT = "of these"

ALONE = "one_placement"

NEARLY = 1e-6
"""How far a price may err."""


@dataclass(frozen=True)
class Bounded:
    """A shortage that solving shows: learners (row numbers, ascending), how many of them can be placed at most, and the
    limits (rule, which) that hold them in an allocation. ``smallest``: without any one of them all can be placed, as
    far as the bound tells.
    """

    learners: IntArray
    most: int
    limits: tuple[tuple[str, str], ...]
    smallest: bool

    @property
    def short(self) -> int:
        """How many of the learners stay without a place, whatever is done."""
        return len(self.learners) - self.most


@dataclass
class Bounds:
    """Questions about one round: its problem, its options, and the work that is left for them.

    ``asking`` has, by number of the block, rows that make somebody come whoever else wants the place (pins, minima).
    """

    problem: Problem
    options: Options
    work: int = MOST_WORK
    cancel: Cancel = never
    asking: dict[int, IntArray] = field(default_factory=dict)
    _known: dict[bytes, int | None] = field(default_factory=dict)

    def most(self, learners: IntArray) -> int | None:
        """How many of the learners any allocation places at most (None: no work is left to find out)."""
        key = learners.tobytes()
        if key not in self._known:
            self._known[key] = self._solve(learners)
        return self._known[key]

    def too_many(self, learners: IntArray) -> bool:
        """Whether it is proven that not all of the learners can be placed."""
        most = self.most(np.sort(learners)) if len(learners) else 0
        return most is not None and most < len(learners)

    def smallest(self, learners: IntArray) -> tuple[IntArray, bool]:
        """Of learners who are too many some who already are, and whether none of them can be spared. Where the work
        ends before, the fewest of whom it is known.
        """
        few = learners

        def conflicts(some: IntArray) -> bool:
            nonlocal few
            found = self.too_many(some)
            if found and len(some) < len(few):
                few = some
            return found

        smallest(learners, conflicts)
        few = np.sort(few)
        spared = [self.most(few[few != one]) for one in few.tolist()]
        return few, all(one is not None and one == len(few) - 1 for one in spared)

    def _solve(self, learners: IntArray) -> int | None:
        mine = np.isin(self.options.learner, learners)
        keep = mine | self.helpers(mine)
        if self.work <= 0 or self.cancel():
            return None
        self.work -= int(keep.sum())
        asked = narrowed(self.problem, keep, mine)
        outcome = get("exact").solve(asked, Limits(seconds=SECONDS), silent, self.cancel)
        return None if not outcome.goals or outcome.goals[0].bound is None else outcome.goals[0].bound

    def helpers(self, mine: Mask) -> Mask:
        """The options of others in rows that ask for somebody beside these learners, or that make somebody come."""
        found = np.zeros(len(mine), bool)
        for number, block in enumerate(self.problem.blocks):
            if block.redundant or not (block.rule in HELPED or number in self.asking):
                continue
            inside = block.column < len(mine)
            row, column = block.row[inside], block.column[inside]
            touched = np.zeros(len(block), bool)
            if block.rule in HELPED:
                touched[row[mine[column]]] = True
                touched &= block.lower > FREE_BELOW
            touched[self.asking.get(number, row[:0])] = True
            found[column[touched[row]]] = True
        return found


def narrowed(problem: Problem, keep: Mask, counted: Mask) -> Problem:
    """The problem with some options only, in which every allocation of the whole one, less the others, is allowed;
    its goal is how many of ``counted`` are chosen.
    """
    blocks = {id(block): _freed(block, keep) for block in problem.blocks}
    families = tuple(
        replace(family, definition=blocks.get(id(family.definition)) or _freed(family.definition, keep))
        for family in problem.auxiliaries
    )
    column = np.flatnonzero(counted)
    asked = replace(
        problem,
        blocks=tuple(blocks.values()),
        auxiliaries=families,
        goals=(Goal(COUNT, 1, column, np.ones(len(column), np.int64)),),
        weighted=None,
        areas=None,
        ties=None,
    )
    return settled(asked, np.zeros(len(keep), bool), ~keep)


def _freed(block: Block, keep: Mask) -> Block:
    """A block without the sides that options left out could have helped to keep."""
    redundant, block = block.redundant, block.spelled_out()
    gone = block.column < len(keep)
    gone[gone] = ~keep[block.column[gone]]
    lower, upper = block.lower.copy(), block.upper.copy()
    lower[block.row[gone & (block.value > 0)]] = FREE_BELOW
    upper[block.row[gone & (block.value < 0)]] = FREE_ABOVE
    return replace(block, lower=lower, upper=upper, redundant=redundant)


def contested(bounds: Bounds) -> IntArray:
    """The learners (row numbers, ascending) whose places are worth something to others: all others can come, as far as
    the prices of the relaxation tell, without taking a place from these. Takes note of the rows that make somebody
    come.
    """
    problem, options = bounds.problem, bounds.problem.options
    count = Goal(COUNT, 1, np.arange(options), np.ones(options, np.int64))
    asked = replace(problem, goals=(count,), weighted=None)
    prices = shadows(asked, np.zeros(options, bool), (), Limits(), bounds.cancel)
    agents = np.unique(problem.agent)
    if not prices:
        return agents
    own = prices[0].worth.copy()
    for number, (block, of_row) in enumerate(zip(asked.blocks, prices[0].of_row, strict=True)):
        if block.rule == ALONE:
            owner = np.zeros(len(block), np.int64)
            owner[block.row] = asked.agent[block.column]
            np.add.at(own, owner, of_row)
        elif not block.redundant and (of_row < -NEARLY).any():
            bounds.asking[number] = np.flatnonzero(of_row < -NEARLY)
    found: IntArray = agents[own[agents] < 1.0 - NEARLY]
    return found


def bounded(bounds: Bounds, learners: IntArray, explained: IntArray) -> tuple[list[Bounded], list[int]]:
    """Shortages of learners without a place (row numbers, the most urgent first) of whom ``explained`` are in shortages
    that are known; and those for whom none was found.
    """
    found: list[Bounded] = []
    missing: list[int] = []
    rest = [one for one in learners.tolist() if one not in explained]
    around = contested(bounds) if rest else learners[:0]
    for learner in rest:
        if any(learner in one.learners for one in found):
            continue
        one = _around(bounds, _guesses(bounds, learner, np.setdiff1d(around, learners)))
        if one is None:
            missing.append(learner)
        else:
            found.append(one)
    return found, missing


def _guesses(bounds: Bounds, learner: int, others: IntArray) -> Iterator[IntArray]:
    """The learner with those who have something in common with it, the fewest first; at last with all others.

    In each, those who share most offers, flows and hosts with the learner come first.
    """
    options = bounds.options
    own = options.take(options.learner == learner)
    near = (
        AT_OFFER * np.isin(options.offer, own.offer)
        + IN_FLOW * np.isin(options.flow, own.flow)
        + AT_HOST * np.isin(options.host, own.host)
    )
    best = np.zeros(len(options.rnd.learners), np.int64)
    np.maximum.at(best, options.learner, near)
    ordered = others[np.lexsort((others, -best[others]))]
    partner = options.rnd.ref("learners", "partner_id")
    shared = best[ordered]
    alike = partner[ordered] == partner[learner]
    masks = [shared >= AT_OFFER, shared >= IN_FLOW, alike & (shared > 0), alike, shared > 0]
    guesses = sorted({len(one): one for one in (ordered[mask] for mask in masks)}.items())
    for size, one in guesses:
        if size < len(ordered):
            yield np.append([learner], one)
    yield np.append([learner], ordered)


def _around(bounds: Bounds, guesses: Iterable[IntArray]) -> Bounded | None:
    """Some of the first guess's learners who are too many, or the next one's."""
    for learners in guesses:
        if bounds.too_many(learners):
            few, sure = bounds.smallest(learners)
            most = bounds.most(few)
            assert most is not None
            return Bounded(few, most, _holding(bounds, few), sure)
    return None


def _holding(bounds: Bounds, learners: IntArray) -> tuple[tuple[str, str], ...]:
    """The limits whose prices hold the learners in, in the order of the rules; none where prices tell nothing."""
    mine = np.isin(bounds.options.learner, learners)
    asked = narrowed(bounds.problem, mine | bounds.helpers(mine), mine)
    prices = shadows(asked, np.zeros(asked.options, bool), (), Limits(), bounds.cancel)
    named: dict[tuple[str, str], None] = {}
    for shadow in prices:
        for block, of_row in zip(asked.blocks, shadow.of_row, strict=True):
            if block.keys is None or block.rule == ALONE:
                continue
            for row in np.flatnonzero(np.abs(of_row) > NEARLY).tolist():
                named[block.rule, str(limit_of(Obstacle(block, row, 0)).which)] = None
    return tuple(named)
