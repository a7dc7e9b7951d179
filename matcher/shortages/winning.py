"""Where to win some more places: the best set of added seats, all decided together.

Every offer that more learners could take than it has seats may grow by any number of seats, so many in all: as columns
of one integer program with the round's own options. The goals are as good as can be in policy order, and no seat is
added that they do not need. What it finds is checked by solving the round with these seats anew. Beside it stands what
a coordinator would do by hand: add the seat that helps most, then the next.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from matcher.columns import at_most
from matcher.compiling import compile_problem, options_of
from matcher.explaining.levers import Lever
from matcher.explaining.problems import extended
from matcher.shortages.resolving import Solved, chosen_of, solved
from matcher.shortages.units import Unit, changed, rows_of
from models.outcome import Placement, Status
from models.problem import Goal, IntArray, Problem
from models.round import Round
from solvers.exact import SOLVER as EXACT
from solvers.interface import Limits, never, silent

ADDED = "added"
"""The goal that adds no seat in vain."""


@dataclass(frozen=True)
class Won:
    """Seats that are added (offer → how many) and the best allocation with them.

    ``proven``: no set of as many added seats is better, goal by goal (of seats picked one by one: each was the best
    next one). ``checked``: the changed round, solved again on its own, has these values and no better ones.
    """

    seats: Mapping[str, int]
    values: tuple[int, ...]
    objective: float | None
    proven: bool
    checked: bool

    @property
    def places(self) -> int:
        """How many seats that is."""
        return sum(self.seats.values())


@dataclass(frozen=True)
class Expansion:
    """A round in which seats may be added."""

    rnd: Round
    problem: Problem
    levers: tuple[tuple[Unit, Lever], ...]
    start: IntArray

    @classmethod
    def of(cls, rnd: Round, placements: Sequence[Placement], places: int) -> Expansion:
        """Levers for all offers that more learners could take than there are seats; ``placements`` keep the rules."""
        options, _ = options_of(rnd)
        problem = compile_problem(rnd, options)
        wanting = np.zeros(len(rnd.offers), np.int64)
        pairs = np.unique(options.offer.astype(np.int64) * len(rnd.learners) + options.learner)
        if len(pairs):
            wanting = np.bincount(pairs // len(rnd.learners), minlength=len(rnd.offers))
        levers = [
            (unit, _lever(problem, unit))
            for row in np.flatnonzero(wanting > rnd.offers["seats"]).tolist()
            for unit in _steps(row, rnd.offers["id"][row], min(places, int(wanting[row])))
        ]
        start = chosen_of(options, placements)
        return cls(rnd, problem, tuple(lever for lever in levers if lever[1].rows), start)

    def best(self, places: int, seed: int, seconds: float | None) -> tuple[dict[str, int], bool]:
        """The offers that get seats, so many in all at most, and whether it is proven that no others are better."""
        problem = self._problem(places)
        outcome = EXACT.improve(problem, self.start, Limits(seconds=seconds, seed=seed), silent, never)
        assert outcome.chosen is not None
        chosen = outcome.chosen[outcome.chosen < self.problem.options]
        return self._needed(chosen), outcome.status is Status.OPTIMAL

    def _needed(self, chosen: IntArray) -> dict[str, int]:
        """By how many seats each offer is too small for chosen options."""
        values, needed = self.problem.complete(chosen), dict[str, int]()
        blocks = {number for _, lever in self.levers for number, _ in lever.rows}
        excess = {
            number: self.problem.blocks[number].activity(values) - self.problem.blocks[number].upper
            for number in blocks
        }
        for unit, lever in self.levers:
            lacking = max(int(excess[number][row]) for number, row in lever.rows)
            if lacking > 0:
                needed[unit.which] = lacking
        return dict(sorted(needed.items()))

    def _problem(self, places: int) -> Problem:
        problem, first = self.problem, self.problem.options
        levers = [lever for _, lever in self.levers]
        amounts = np.array([lever.amount for lever in levers], np.int64)
        columns = first + np.arange(len(levers))
        zeros = np.zeros(len(levers), np.int64)
        cap = at_most("places", zeros, columns, np.array([places]), "", {}, amounts)
        added = Goal(ADDED, -1, columns, amounts)
        grown = extended(problem, levers, [cap], added, max(2, len(levers)))
        goals = tuple(_shifted(goal, first, len(levers)) for goal in problem.goals)
        if problem.weighted is not None:
            return replace(grown, goals=goals, weighted=problem.weighted)
        return replace(grown, goals=(*goals, added))


def _shifted(goal: Goal, first: int, more: int) -> Goal:
    return replace(goal, column=np.where(goal.column >= first, goal.column + more, goal.column))


def _steps(row: int, which: str, most: int) -> list[Unit]:
    """Amounts that add up to every number up to ``most``, and to no more."""
    found, left, step = [], most, 1
    while left:
        amount = min(step, left)
        found.append(Unit("seat", row, which, amount=amount))
        left, step = left - amount, 2 * step
    return found


def _lever(problem: Problem, unit: Unit) -> Lever:
    rows = [(block, row) for block, rows in rows_of(problem, unit) for row in rows.tolist()]
    return Lever(0, f"seat {unit.which} {unit.amount}", amount=unit.amount, rows=rows)


def best_set(
    rnd: Round, start: Sequence[Placement], places: int, seed: int = 0, seconds: float | None = None
) -> Won:
    """A task for workers: the best set of so many added seats, checked by solving the round with them anew."""
    seats, proven = Expansion.of(rnd, start, places).best(places, seed, seconds)
    return _checked(rnd, start, seats, proven, seed, seconds)


def one_by_one(
    rnd: Round, start: Sequence[Placement], places: int, seed: int = 0, seconds: float | None = None
) -> Won:
    """A task for workers: the seat that helps most, then the one that helps most beside it, and so on. No claim is
    made of other seats.
    """
    seats, standing, grown = Counter[str](), tuple(start), rnd
    for _ in range(places):
        step, _sure = Expansion.of(grown, standing, 1).best(1, seed, seconds)
        if not step:
            break
        seats.update(step)
        grown = with_seats(grown, step)
        found = solved(grown, standing, seed, seconds)
        assert found is not None
        standing = found.placements
    return _checked(rnd, start, dict(sorted(seats.items())), False, seed, seconds)


def checked_seats(
    rnd: Round, start: Sequence[Placement], seats: Mapping[str, int], seed: int, seconds: float | None
) -> Won:
    """A task for workers: what given seats are worth together; nothing is claimed of other seats."""
    return _checked(rnd, start, seats, False, seed, seconds)


def with_seats(rnd: Round, seats: Mapping[str, int]) -> Round:
    """The round with seats added."""
    for which, more in seats.items():
        rnd = changed(rnd, Unit("seat", rnd.offers.position[which], which, amount=more))
    return rnd


def _checked(
    rnd: Round,
    start: Sequence[Placement],
    seats: Mapping[str, int],
    proven: bool,
    seed: int,
    seconds: float | None,
) -> Won:
    found: Solved | None = solved(with_seats(rnd, seats), start, seed, seconds)
    assert found is not None
    return Won(seats, found.values, found.objective, proven, found.proven)
