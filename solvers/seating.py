"""Seats at the table of rows: who sits where, and how a bundle of agents is seated together.

``Care`` says how much a new placement may leave to be mended: with ``LOOSE`` it may break lower sides (a
group begins below its minimum), with ``STRICT`` it may break nothing further, with ``FULL`` it may, if others
can be seated at once who mend it.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

import numpy as np

from models.problem import IntArray, Problem
from solvers.ledger import BoolArray, Ledger, Look

ANCHORS = 60
"""How many options of its first member a bundle tries."""


class Care(Enum):
    """What a new placement may leave to be mended."""

    LOOSE = "lower sides"
    STRICT = "nothing"
    FULL = "what others mend at once"


class Seating:
    """Keeps the ledger, and who came when.

    ``enough`` says when to try no more: what is seated by then stays.
    """

    def __init__(self, problem: Problem, queue: IntArray, enough: Callable[[], bool]) -> None:
        self.problem = problem
        self.enough = enough
        self.queue = queue
        self.turn = np.argsort(queue)
        self.ledger = Ledger(problem)
        self.members = bundles_of(problem)
        self.bundle = np.unique(problem.bundle, return_inverse=True)[1][self.ledger.slots.agent]
        self._own_rows()
        self.banned = np.zeros(problem.options, bool)
        self.clear()

    def clear(self) -> None:
        """Everybody stands up."""
        self.ledger.clear()
        self.placed = np.full(self.problem.agents, -1)
        self.came: list[int] = []

    def fill(self, row: int, care: Care) -> None:
        """Seat bundles with an option that raises the row until it has enough."""
        within = np.zeros(self.problem.options, bool)
        within[self.positions(row, raising=True)] = True
        bundles = np.unique(self.bundle[within])
        for bundle in bundles[np.argsort(self.turn[bundles])].tolist():
            if self.ledger.sums[row] >= self.ledger.lower[row] or self.enough():
                return
            self.seat(bundle, care, within)

    def seat(self, bundle: int, care: Care, within: BoolArray | None = None) -> None:
        """Seat the bundle's members who have no seat yet; where they do not fit together, without the first of them."""
        members = [agent for agent in self.members[bundle] if self.placed[agent] < 0]
        while members:
            if self.seat_together(members, care, within):
                return
            members = members[1:]

    def seat_together(self, members: list[int], care: Care, within: BoolArray | None) -> bool:
        """Take an option for the first member, then for each other one where it fits best; False where nothing fits."""
        first, others = members[0], members[1:]
        hopeless: set[int] = set()
        for anchor in self.fitting(first, care is Care.STRICT and not others, within)[:ANCHORS].tolist():
            if self.enough():
                return False
            if not hopeless.isdisjoint(self.ledger.rows_of([anchor]).tolist()):
                continue
            mark, before = len(self.came), self.ledger.sums.copy()
            self.take(anchor)
            for agent in others:
                best = self.best(agent)
                if best is not None:
                    self.take(best)
            if self.sound(self.came[mark:], before, care) and (
                care is not Care.FULL or self.mended(before, hopeless)
            ):
                return True
            while len(self.came) > mark:
                self.give_back(self.came[-1])
        return False

    def mended(self, before: IntArray, hopeless: set[int]) -> bool:
        """Seat others until nothing is broken further than before; what cannot be mended is added to ``hopeless``."""
        every = np.arange(len(before))
        limit = self.ledger.broken_by(before, every)
        for row in np.flatnonzero(self.ledger.excess(every) > limit).tolist():
            self.fill(row, Care.LOOSE)
            if self.ledger.excess(every[row : row + 1])[0] > limit[row]:
                hopeless.add(row)
                return False
        return bool(np.all(self.ledger.excess(every) <= limit))

    def fitting(self, agent: int, strict: bool, within: BoolArray | None) -> IntArray:
        """The agent's positions that break no upper side (``strict``: that break no row any further)."""
        look = self.look(agent)
        here = slice(look.first, look.first + look.count)
        free = ~look.hit(self.offends(look, strict)) & ~self.banned[here]
        if within is not None:
            free &= within[here]
        return look.first + np.flatnonzero(free)

    def best(self, agent: int) -> int | None:
        """The position that offends the bundle's own rows least, then the best ranked; None where staying out
        is better.
        """
        look = self.look(agent)
        free = ~look.hit(self.offends(look, strict=False))
        fits = np.flatnonzero(free & ~self.banned[look.first : look.first + look.count])
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

    def sound(self, taken: list[int], before: IntArray, care: Care) -> bool:
        """Whether the bundle's own rows hold, no upper side is broken, and (``STRICT``) nothing is broken further."""
        rows = self.ledger.rows_of(taken)
        excess = self.ledger.excess(rows)
        over = self.ledger.sums[rows] > np.maximum(self.ledger.upper[rows], before[rows])
        worse = excess > self.ledger.broken_by(before[rows], rows)
        return not bool(np.any(over | (worse & (self.own[rows] | (care is Care.STRICT)))))

    def positions(self, row: int, raising: bool | None = None) -> IntArray:
        """The positions with a slot in the row; those that raise it (or lower it), directly or through an auxiliary."""
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
        """Mark the rows that touch several agents of one bundle and nobody else; sort slots by row and by direction."""
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


def bundles_of(problem: Problem) -> list[list[int]]:
    """The agents of each bundle; bundles in the order of their numbers."""
    order = np.argsort(problem.bundle, kind="stable")
    cuts = np.flatnonzero(np.diff(problem.bundle[order])) + 1
    return [part.tolist() for part in np.split(order, cuts)] if problem.agents else []
