"""First come, first served, as coordinators do by hand: the honest baseline. It proves nothing.

Whoever is locked comes first, then those whom a minimum needs, then everyone in the order of
``Problem.bundle`` (a seed other than 0 shuffles the bundles). Each agent takes the best ranked option that
still fits; agents of one bundle are placed together, each where it least offends the rows that only this
bundle has. What then falls short (a group below its minimum, a share not kept) is dissolved from the last
placed on, smallest first, and whoever lost a place looks again. Where a minimum is missed at the end, its
candidates come first in another attempt.
"""

from __future__ import annotations

import numpy as np

from models.outcome import Outcome
from models.problem import IntArray, Problem
from solvers.interface import Cancel, Limits, Report
from solvers.ledger import BoolArray, Ledger, Look
from solvers.lexicographic import Clock, Found, run

ATTEMPTS = 6
"""How often the whole round is tried, each time with those first whom the last attempt failed to fit."""

ANCHORS = 60
"""How many options of its first member a bundle tries."""


class Greedy:
    """The method ``greedy``."""

    name = "greedy"

    def solve(self, problem: Problem, limits: Limits, report: Report, cancel: Cancel) -> Outcome:
        """An allocation that satisfies every row, if the method finds one; bounds only where they are plain
        to see.
        """
        return run(
            problem,
            limits,
            report,
            cancel,
            lambda task: Found(task.start),
            method=self.name,
            start=lambda clock: Coordinator(problem, limits.seed, clock).place(),
        )


class Coordinator:
    """Places bundles one after the other and keeps the ledger."""

    def __init__(self, problem: Problem, seed: int, clock: Clock) -> None:
        self.problem = problem
        self.clock = clock
        self.ledger = Ledger(problem)
        self.members = _members(problem)
        self.queue = np.arange(len(self.members))
        if seed:
            self.queue = np.random.default_rng(seed).permutation(self.queue)
        self.turn = np.argsort(self.queue)
        self.bundle = np.unique(problem.bundle, return_inverse=True)[1][self.ledger.slots.agent]
        self._own_rows()
        self.placed = np.full(problem.agents, -1)
        self.came: list[int] = []

    def place(self) -> IntArray | None:
        """The chosen options of the first attempt that satisfies every row; None when none does."""
        urgent: list[int] = []
        for attempt in range(ATTEMPTS):
            self.clock.tell(f"attempt {attempt + 1}")
            self.attempt(urgent)
            chosen = np.sort(self.ledger.slots.option[self.ledger.taken])
            if self.problem.allows(chosen):
                return chosen
            missed = [row for row in self.ledger.violated().tolist() if row not in urgent[:1]]
            if not missed or self.clock.stop() is not None:
                return None
            urgent = missed + [row for row in urgent if row not in missed]
        return None

    def attempt(self, urgent: list[int]) -> None:
        """Place everyone once, from nothing."""
        self.ledger.clear()
        self.placed[:] = -1
        self.came = []
        needs = [row for row in self.needs() if row not in urgent]
        for row in [*urgent, *needs]:
            self.fill(row, strict=False)
        self.everyone(strict=False)
        if self.settle():
            for row in self.needs():
                self.fill(row, strict=True)
            self.everyone(strict=True)

    def needs(self) -> list[int]:
        """Rows that ask for more than nothing and have too little: those of one agent first, then by number
        of options.
        """
        rows = np.flatnonzero(self.ledger.sums < self.ledger.lower).tolist()
        agents = self.ledger.slots.agent
        several = {row: len(np.unique(agents[self.positions(row)])) > 1 for row in rows}
        return sorted(rows, key=lambda row: (several[row], len(self.positions(row)), row))

    def everyone(self, *, strict: bool) -> None:
        """Each bundle in its turn; stops when time is up."""
        for number, bundle in enumerate(self.queue.tolist()):
            if number % 64 == 0 and self.clock.stop() is not None:
                return
            self.seat(bundle, strict=strict)

    def fill(self, row: int, *, strict: bool) -> None:
        """Place bundles with an option that raises the row until it has enough."""
        within = np.zeros(len(self.ledger.taken), bool)
        within[self.positions(row, raising=True)] = True
        bundles = np.unique(self.bundle[within])
        for bundle in bundles[np.argsort(self.turn[bundles])].tolist():
            if self.ledger.sums[row] >= self.ledger.lower[row]:
                return
            self.seat(bundle, strict=strict, within=within)

    def seat(self, bundle: int, *, strict: bool, within: BoolArray | None = None) -> None:
        """Place the bundle's members who have no place yet; where they do not fit together, without the first
        of them.
        """
        members = [agent for agent in self.members[bundle] if self.placed[agent] < 0]
        while members:
            if self.seat_together(members, strict, within):
                return
            members = members[1:]

    def seat_together(self, members: list[int], strict: bool, within: BoolArray | None) -> bool:
        """Take an option for the first member, then for each other member where it fits best; False where
        nothing fits.
        """
        first, others = members[0], members[1:]
        for anchor in self.fitting(first, strict and not others, within)[:ANCHORS].tolist():
            before = self.ledger.sums.copy()
            self.take(anchor)
            taken = [anchor]
            for agent in others:
                best = self.best(agent)
                if best is not None:
                    self.take(best)
                    taken.append(best)
            if self.sound(taken, before, strict):
                return True
            for position in reversed(taken):
                self.give_back(position)
        return False

    def fitting(self, agent: int, strict: bool, within: BoolArray | None) -> IntArray:
        """The agent's positions that break no upper side (``strict``: that break no row any further)."""
        look = self.look(agent)
        free = ~look.hit(self.offends(look, strict))
        if within is not None:
            free &= within[look.first : look.first + look.count]
        return look.first + np.flatnonzero(free)

    def best(self, agent: int) -> int | None:
        """The position that offends the bundle's own rows least, then the best ranked; None where staying out
        is better.
        """
        look = self.look(agent)
        fits = np.flatnonzero(~look.hit(self.offends(look, strict=False)))
        own = self.own[look.row]
        change = self.ledger.broken_by(look.after, look.row) - self.ledger.broken_by(look.before, look.row)
        offence = look.total(np.where(own, change, 0))[fits]
        if not len(fits) or offence.min() > 0:
            return None
        return look.first + int(fits[np.argmin(offence)])

    def look(self, agent: int) -> Look:
        """What each of the agent's positions would do."""
        first = self.ledger.slots.first
        return self.ledger.look(int(first[agent]), int(first[agent + 1]))

    def offends(self, look: Look, strict: bool) -> BoolArray:
        """Which slots stand against a position: rows that others share, broken (further) by it."""
        over: BoolArray = (look.after > self.ledger.upper[look.row]) & (look.after > look.before)
        if strict:
            over |= (look.after < self.ledger.lower[look.row]) & (look.after < look.before)
        over &= ~self.own[look.row]
        return over

    def sound(self, taken: list[int], before: IntArray, strict: bool) -> bool:
        """Whether the bundle's own rows hold, no upper side is broken, and (``strict``) nothing is broken
        further.
        """
        rows = self.ledger.rows_of(taken)
        excess = self.ledger.excess(rows)
        over = self.ledger.sums[rows] > np.maximum(self.ledger.upper[rows], before[rows])
        worse = excess > self.ledger.broken_by(before[rows], rows)
        return not bool(np.any(over | (worse & (self.own[rows] | strict))))

    def settle(self) -> bool:
        """Dissolve what falls short, smallest first; whoever lost a place looks again. True if anything was
        dissolved.
        """
        rounds, patience = 0, 2 * self.problem.agents
        while True:
            shrinkable = [(self.shrinking(row), row) for row in self.ledger.violated().tolist()]
            shrinkable = [(positions, row) for positions, row in shrinkable if positions]
            if not shrinkable:
                return rounds > 0
            positions, row = min(shrinkable, key=lambda pair: (len(pair[0]), pair[1]))
            lost = self.dissolve(row, positions)
            rounds += 1
            if rounds < patience and self.clock.stop() is None:
                for bundle in dict.fromkeys(self.bundle[lost].tolist()):
                    self.seat(bundle, strict=True)

    def shrinking(self, row: int) -> list[int]:
        """The taken positions that a broken row could do without, in the order in which they came."""
        raising = bool(self.ledger.sums[row] > self.ledger.upper[row])
        mine = set(self.positions(row, raising=raising).tolist())
        return [position for position in self.came if position in mine]

    def dissolve(self, row: int, positions: list[int]) -> list[int]:
        """Give positions back, the last that came first, until the row holds."""
        lost = []
        while positions and self.ledger.excess(np.array([row]))[0]:
            lost.append(positions.pop())
            self.give_back(lost[-1])
        return lost

    def positions(self, row: int, raising: bool | None = None) -> IntArray:
        """The positions with a slot in the row; those that raise it (or lower it), directly or through an
        auxiliary.
        """
        slots = self.by_row[self.row_start[row] : self.row_start[row + 1]]
        if raising is not None:
            slots = slots[self.raises[slots] if raising else self.lowers[slots]]
        return self.ledger.slots.position[slots]

    def take(self, position: int) -> None:
        """Place an agent."""
        self.ledger.take(position)
        self.placed[self.ledger.slots.agent[position]] = position
        self.came.append(position)

    def give_back(self, position: int) -> None:
        """Take a place away."""
        self.ledger.take(position, -1)
        self.placed[self.ledger.slots.agent[position]] = -1
        self.came.remove(position)

    def _own_rows(self) -> None:
        """Mark the rows that touch several agents of one bundle and nobody else; sort slots by row and by
        direction.
        """
        slots, count = self.ledger.slots, len(self.ledger.lower)
        low, high = np.full(count, len(self.members)), np.full(count, -1)
        np.minimum.at(low, slots.row, self.bundle[slots.position])
        np.maximum.at(high, slots.row, self.bundle[slots.position])
        several = np.array([len(members) > 1 for members in self.members] + [False], bool)
        self.own = (low == high) & several[np.minimum(low, len(self.members))]
        self.by_row = np.argsort(slots.row, kind="stable")
        self.row_start = np.searchsorted(slots.row[self.by_row], np.arange(count + 1))
        self.raises, self.lowers = slots.direct > 0, slots.direct < 0
        push = slots.effect_size * -np.sign(slots.effect_value)
        self.raises[slots.effect_slot[push > 0]] = True
        self.lowers[slots.effect_slot[push < 0]] = True


def _members(problem: Problem) -> list[list[int]]:
    """The agents of each bundle; bundles in the order of their numbers."""
    order = np.argsort(problem.bundle, kind="stable")
    cuts = np.flatnonzero(np.diff(problem.bundle[order])) + 1
    return [part.tolist() for part in np.split(order, cuts)] if problem.agents else []


SOLVER = Greedy()
