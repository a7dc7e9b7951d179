"""A first allocation within seconds: everybody proposes, the keenest are let in, the others look further.

In every round each agent who has no place proposes the best of its options at the present prices that may still fit.
Those are let in first who would lose most without it (against what they could have in another area), as far as every
row has room; counts (an escort for the first of ten) go with the
proposal that needs them. Agents whom rows tie to others by equalities do not propose: those who choose together
have come before (``scaling.together``), others wait for the pieces that come after.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from models.problem import IntArray
from solvers.scaling.matrix import FloatArray, Mask, Matrix
from solvers.scaling.standing import EPSILON, Standing

ROUNDS = 200
"""Rounds at most; nearly all is settled in the first twenty."""
WORTHWHILE = 0.002
"""The part of those placed that a round has to add; the parts that come after find the rest sooner."""


@dataclass
class Proposals:
    """Who is in, and how much room every row has left.

    ``options`` (ascending) are those that may be proposed, ``worth`` what they are worth, ``area`` where they are;
    ``placed`` are the options of those who have their place already.
    """

    matrix: Matrix
    gain: FloatArray
    options: IntArray
    worth: FloatArray
    area: IntArray
    placed: IntArray
    standing: Standing = field(init=False)
    minima: Mask = field(init=False)
    starts: IntArray = field(init=False)
    open: Mask = field(init=False)

    def __post_init__(self) -> None:
        self.standing = Standing.of(self.matrix, self.gain, self.placed)
        agent = self.matrix.problem.agent[self.options]
        self.starts = np.flatnonzero(np.append(True, agent[1:] != agent[:-1])) if len(agent) else agent
        self.minima = asking_minima(self.matrix)
        self.open = ~self._tied()[self.matrix.problem.agent[self.options]]

    def enter(self) -> Standing:
        """All rounds; some may fall short of a minimum yet."""
        for _ in range(ROUNDS if len(self.options) else 0):
            before = len(self.standing.chosen)
            if not self._round() or 0 < len(self.standing.chosen) - before < WORTHWHILE * before:
                break
        return self.standing

    def place(self) -> Standing:
        """All rounds, then those who fell short of a minimum go home."""
        self.enter()
        while True:
            short = self._short()
            if not len(short):
                return self.standing
            choice = self.standing.choice.copy()
            choice[short] = -1
            self._put(choice)

    def _tied(self) -> Mask:
        """Agents with entries in equalities."""
        matrix = self.matrix
        equal = matrix.lower == matrix.upper
        tied = np.zeros(matrix.problem.agents, bool)
        owner = matrix.single.owner[equal[matrix.single.row]]
        tied[matrix.problem.agent[matrix.singled[owner]]] = True
        for layer in matrix.layers:
            held = np.zeros(layer.sparse.owners, bool)
            held[layer.sparse.owner[equal[layer.sparse.row]]] = True
            if held.any():
                tied[matrix.problem.agent[held[layer.group]]] = True
        return tied

    def _round(self) -> bool:
        """One round; whether anybody proposed."""
        agent = self.matrix.problem.agent
        self.open &= self.standing.choice[agent[self.options]] < 0
        self._close_full_rows()
        first = self._best()
        if not len(first):
            return False
        first = first[np.lexsort((first, -self._regret(first)))]
        fits, ever = self._fitting(self.options[first])
        self.open[first[~ever]] = False
        if fits.any():
            choice = self.standing.choice.copy()
            chosen = self.options[first[fits]]
            choice[agent[chosen]] = chosen
            self._put(choice)
        elif ever.all():
            self.open[first] = False
        return True

    def _best(self) -> IntArray:
        """The best open option of every agent that has one (places in ``options``)."""
        worth = np.where(self.open, self.worth, -np.inf)
        best = np.maximum.reduceat(worth, self.starts)
        size = np.diff(np.append(self.starts, len(worth)))
        hit = np.flatnonzero(self.open & (worth >= np.repeat(best, size)))
        segment = np.searchsorted(self.starts, hit, "right")
        return hit[np.append(True, segment[1:] != segment[:-1])] if len(hit) else hit

    def _regret(self, first: IntArray) -> FloatArray:
        """What each of these (agents' best open options) is worth more than the best open one in another area."""
        size = np.diff(np.append(self.starts, len(self.worth)))
        segment = np.searchsorted(self.starts, first, "right") - 1
        here = np.full(len(self.starts), -1)
        here[segment] = self.area[first]
        elsewhere = np.where(self.open & (self.area != np.repeat(here, size)), self.worth, -np.inf)
        regret: FloatArray = self.worth[first] - np.maximum(
            np.maximum.reduceat(elsewhere, self.starts)[segment], 0.0
        )
        return regret

    def _close_full_rows(self) -> None:
        """No proposals in rows that have no room for one more."""
        matrix = self.matrix
        full = (matrix.upper - self.standing.activity < 1.0 - EPSILON) & (matrix.lower < matrix.upper)
        still = np.flatnonzero(self.open)
        self.open[still] = matrix.prices_of(full.astype(np.float64), self.options[still]) <= 0.5

    def _put(self, choice: IntArray) -> None:
        self.standing = Standing.of(self.matrix, self.gain, choice[choice >= 0])

    def _fitting(self, proposed: IntArray) -> tuple[Mask, Mask]:
        """Which proposals (keenest first) fit beside those before, and which would alone (lower sides apart: others
        may help to hold them).
        """
        matrix = self.matrix
        at, row, value = matrix.entries(proposed)
        counted = np.flatnonzero(matrix.defines[row] >= 0)
        who = at[counted]
        carrier, needs = self._units(who, row[counted])
        _, unit_row, unit_value = matrix.auxiliary.entries(matrix.defines[row[counted[needs]]])
        places = at[counted[needs]]
        size = np.diff(matrix.auxiliary.start)[matrix.defines[row[counted[needs]]]]
        at = np.concatenate([at, np.repeat(places, size)])
        row, value = np.concatenate([row, unit_row]), np.concatenate([value, unit_value])
        keep = (matrix.defines[row] < 0) & ~self.minima[row]
        together, alone = self._room(at[keep], row[keep], value[keep], len(proposed))
        while True:
            lost = np.zeros(len(proposed), bool)
            depends = carrier >= 0
            np.logical_or.at(lost, who[depends], ~together[carrier[depends]])
            if not (lost & together).any():
                return together, alone
            together &= ~lost

    def _units(self, at: IntArray, row: IntArray) -> tuple[IntArray, Mask]:
        """For each entry in a defining row: the proposal that brings the unit that it counts on (−1: it is there
        already), and whether it brings one itself.
        """
        matrix = self.matrix
        there = np.maximum(-matrix.activity(self.standing.chosen, self._nothing)[row], 0.0).astype(np.int64)
        order = np.lexsort((at, row))
        fresh = np.append(True, row[order][1:] != row[order][:-1]) if len(order) else np.zeros(0, bool)
        begin = np.maximum.accumulate(np.where(fresh, np.arange(len(order)), 0))
        position = np.arange(len(order)) - begin
        divisor = matrix.divisor[row[order]].astype(np.int64)
        needs_sorted = (there[order] + position) % divisor == 0
        last = np.maximum.accumulate(np.where(needs_sorted, np.arange(len(order)), -1))
        carrier_sorted = np.where(last >= begin, at[order][np.maximum(last, 0)], -1)
        needs, carrier = np.zeros(len(at), bool), np.full(len(at), -1)
        needs[order], carrier[order] = needs_sorted, carrier_sorted
        return carrier, needs

    @property
    def _nothing(self) -> IntArray:
        return np.zeros(self.matrix.problem.columns - self.matrix.problem.options, np.int64)

    def _room(self, at: IntArray, row: IntArray, value: FloatArray, proposals: int) -> tuple[Mask, Mask]:
        """Who fits with everybody before, and who would alone; what makes room counts from the next round on."""
        activity = self.standing.activity[row]
        up = value > 0
        room = np.where(up, self.matrix.upper[row] - activity, activity - self.matrix.lower[row])
        room = np.where(np.isnan(room), np.inf, room)
        size = np.abs(value)
        order = np.lexsort((at, up, row))
        key_row, key_up = row[order], up[order]
        fresh = np.ones(len(order), bool)
        fresh[1:] = (key_row[1:] != key_row[:-1]) | (key_up[1:] != key_up[:-1])
        total = np.cumsum(size[order])
        begin = np.maximum.accumulate(np.where(fresh, np.arange(len(order)), 0))
        so_far = total - (total[begin] - size[order][begin])
        together, alone = np.ones(proposals, bool), np.ones(proposals, bool)
        together[at[order[so_far > room[order] + EPSILON]]] = False
        alone[at[up & (size > room + EPSILON)]] = False
        return together & alone, alone

    def _short(self) -> IntArray:
        """The agents in counts that ask for a minimum and have too few, and whoever acts as one with them."""
        matrix, standing = self.matrix, self.standing
        broken = self.minima & (standing.activity < matrix.lower - EPSILON)
        chosen = standing.chosen
        at, row, _ = matrix.entries(chosen)
        bundle = matrix.problem.bundle
        short = np.unique(bundle[matrix.problem.agent[chosen[at[broken[row]]]]])
        return np.flatnonzero(np.isin(bundle, short)) if len(short) else short


def asking_minima(matrix: Matrix) -> Mask:
    """The rows in which counts ask for a minimum."""
    entries = matrix.auxiliary
    minima = np.zeros(len(matrix), bool)
    minima[entries.row[(entries.value < 0) & (matrix.defines[entries.row] < 0)]] = True
    return minima
