"""Ask a solver for the smallest change that places a learner: a small integer program over the places and
the changes together.

Its columns are the candidates of the learner (and of everybody tied to it), the options of some who may
move, the placements of all others as they are, and one lever per change. Everybody placed stays placed; as
little effort as possible, then as few moves as possible. What it finds is a claim like any other: the
changed round is audited before anybody hears of it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

import solvers
from matcher.columns import at_least, at_most, unique_rows
from matcher.compiling import compile_problem
from matcher.explaining.changes import Change
from matcher.explaining.levers import Lever, lifting_levers, limit_levers
from matcher.explaining.probing import Probe
from matcher.explaining.problems import extended, settled
from matcher.explaining.relieving import relief
from matcher.explaining.ties import Ties
from matcher.explaining.verifying import Fix, verified
from matcher.options import Options
from matcher.placements import Placements
from matcher.rules.base import Mask
from models.outcome import Placement, Status
from models.problem import Block, Goal, IntArray, Problem
from solvers.interface import Limits, never, silent

METHOD = "exact"
SECONDS = 60.0
"""For one question: an emergency brake. Questions are kept small enough to be answered long before, so that answers
do not depend on how fast the machine is."""

HELPERS = 12
"""So many other unplaced learners of the same partner may come too, where a smallest group asks for it."""

MOVE = 1
EFFORT_SCALE = 1000
"""One point of effort weighs more than any number of moves that a question allows."""


class Question:
    """Who may be placed, who may move, and all changes that could be made, as numbers."""

    def __init__(self, probe: Probe, ties: Ties, learner: int, movers: IntArray) -> None:
        self.probe = probe
        self.standing = probe.standing
        self.learner = learner
        self.members = ties.of(learner)
        self.options = self._options(movers)
        problem = compile_problem(self.standing.plain, self.options)
        self.current = self._is_current()
        self.levers = self._levers(problem)
        self.problem = problem
        self.settled = np.zeros(len(self.options) + len(self.levers), bool)
        self.settled[: len(self.options)] = self.current & ~np.isin(self.options.learner, movers)
        self.decided = True

    @property
    def size(self) -> int:
        """How many columns are open: places and changes."""
        return int((~self.settled).sum())

    def ask(self, most_changes: int) -> Fix | None:
        """The fix with the least effort; None where there is none (or none was found in time)."""
        rows = self._rows(self.problem)
        problem = settled(
            extended(self.problem, self.levers, rows, self._efforts(), most_changes), self.settled
        )
        limits = Limits(seconds=SECONDS, starts=False)  # mostly there is none, as nobody may lose a place
        outcome = solvers.get(METHOD).solve(problem, limits, silent, never)
        self.decided &= outcome.status in (Status.OPTIMAL, Status.INFEASIBLE)
        if outcome.chosen is None:
            return None
        found = np.union1d(np.flatnonzero(~self.settled)[outcome.chosen], np.flatnonzero(self.settled))
        chosen, pulled = found[found < len(self.options)], found[found >= len(self.options)]
        placements = [self._placement(number) for number in chosen.tolist()]
        changes = self._changes([self.levers[one - len(self.options)] for one in pulled.tolist()], placements)
        return None if changes is None else verified(self.standing, self.learner, joined(changes), placements)

    def _options(self, movers: IntArray) -> Options:
        standing, probe = self.standing, self.probe
        every, chosen = standing.options, standing.chosen
        partner = standing.rnd.ref("learners", "partner_id")
        others = np.setdiff1d(standing.by_priority, self.members, assume_unique=False)
        mates = others[partner[others] == partner[self.learner]][:HELPERS]
        free = np.isin(every.learner, np.concatenate([movers, mates]))
        near = probe.near[np.isin(probe.candidates.learner[probe.near], self.members)]
        parts = [chosen, every.take(free), probe.candidates.take(near)]
        (learner, offer, flow), _ = unique_rows(
            *(
                np.concatenate([getattr(part, name) for part in parts])
                for name in ("learner", "offer", "flow")
            )
        )
        return Options(standing.rnd, learner, offer, flow)

    def _is_current(self) -> Mask:
        """Which columns are placements as they stand."""
        current: Mask = np.isin(self.options.keys, self.standing.chosen.keys)
        return current

    def _levers(self, problem: Problem) -> list[Lever]:
        values = problem.complete(np.flatnonzero(self.current))
        free = np.zeros(problem.columns, bool)
        free[: len(self.options)] = ~self.current
        return [
            *lifting_levers(self.options, self._barred()),
            *limit_levers(problem, values, free, len(self.members)),
        ]

    def _barred(self) -> list[tuple[int, str]]:
        """The columns that one rule bars."""
        probe, keys = self.probe, self.options.keys
        numbers = probe.near[np.isin(probe.candidates.learner[probe.near], self.members)]
        numbers = numbers[probe.bars[numbers] == 1]
        columns = np.searchsorted(keys, probe.candidates.take(numbers).keys)
        return [
            (column, probe.barring(number)[0])
            for column, number in zip(columns.tolist(), numbers.tolist(), strict=True)
        ]

    def _rows(self, problem: Problem) -> list[Block]:
        """Everybody placed stays placed, the learner comes with its ties, and what is barred needs its
        lever.
        """
        must = np.union1d(self.options.learner[self.current], self.members)
        row_of = np.full(problem.agents, -1)
        row_of[must] = np.arange(len(must))
        column = np.flatnonzero(row_of[self.options.learner] >= 0)
        ones = np.ones(len(must), np.int64)
        placed = at_least("placed", row_of[self.options.learner[column]], column, ones, "", {})
        return [placed, self._lifted()]

    def _lifted(self) -> Block:
        barred = np.array([column for column, _ in self._barred()], np.int64)
        first = len(self.options)
        pairs = [
            (int(np.searchsorted(barred, column)), first + number)
            for number, lever in enumerate(self.levers)
            for column in lever.columns
        ]
        row = np.array([row for row, _ in pairs], np.int64)
        lever = np.array([column for _, column in pairs], np.int64)
        value = np.concatenate([np.ones(len(barred), np.int64), np.full(len(pairs), -1)])
        zero = np.zeros(len(barred), np.int64)
        rows = np.concatenate([np.arange(len(barred)), row])
        return at_most("bars", rows, np.concatenate([barred, lever]), zero, "", {}, value)

    def _efforts(self) -> Goal:
        """Effort first; then whoever moves, or comes without being asked for, counts a little."""
        moves = np.flatnonzero(~self.current & ~np.isin(self.options.learner, self.members))
        efforts = np.array([max(1, lever.effort) for lever in self.levers], np.int64)
        column = np.concatenate([moves, len(self.options) + np.arange(len(efforts))])
        value = np.concatenate([np.full(len(moves), MOVE), EFFORT_SCALE * efforts])
        return Goal("effort", -1, column, value)

    def _changes(self, pulled: Sequence[Lever], placements: Sequence[Placement]) -> list[Change] | None:
        """The changes behind levers, with the amounts that the placements need; None if one is not known."""
        rnd = self.standing.rnd
        after = Placements(rnd, placements)
        found = []
        for lever in pulled:
            change = lever.change if lever.limit is None else relief(rnd, after, lever.limit)
            if change is None:
                return None
            found.append(change)
        return found

    def _placement(self, column: int) -> Placement:
        rnd, options = self.standing.rnd, self.options
        return Placement(
            rnd.learners["id"][options.learner[column]],
            rnd.offers["id"][options.offer[column]],
            rnd.flows["id"][options.flow[column]],
        )


def joined(changes: Sequence[Change]) -> Change | None:
    """Several changes as one."""
    if len(changes) <= 1:
        return changes[0] if changes else None
    first, rest = changes[0], joined(changes[1:])
    assert rest is not None
    text = f"{first.text}, and {rest.text}"
    return Change(first.effort + rest.effort, text, lambda rnd: rest.apply(first.apply(rnd)))
