"""A better allocation, part by part: waves of small integer programs, each over one part with everybody else in place.

A wave is made from where things stand, whatever the number of workers, and its pieces are put in their place in a fixed
order: the same round gives the same allocation on one core and on forty.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from models.problem import IntArray
from solvers.crew import Crew, Later
from solvers.giving import NOTHING
from solvers.scaling.efforts import Effort
from solvers.scaling.kindred import Kindred
from solvers.scaling.matrix import FloatArray, Mask, Matrix
from solvers.scaling.meeting import packing
from solvers.scaling.parts import Part, Parts, Wanted
from solvers.scaling.piece import Piece, cut_out, touched_rows
from solvers.scaling.ranking import keenest
from solvers.scaling.rounding import solve
from solvers.scaling.standing import EPSILON, Standing
from solvers.scaling.waiting import Waiting
from solvers.stage import Clock

S = TypeVar("S")

WAVE = 8
"""Pieces that are solved side by side from where things stand, at least."""
WAVES = 16
"""Waves of a sweep that has more of them otherwise: each ends with its slowest piece, then all is counted anew."""
MISSED = 0.15
"""The part of what the placed gain on average that somebody must miss for a part of its own."""
FAMILIES = 4
"""Families that are solved side by side, at least: all of them look at the same places, and each may take its part only
of what is free there. Measured from one standing of 10,000 agents: one at a time gains a tenth more than four.
"""
VAIN = 8
"""Waves in sequence that gain less than that, after which nobody else is looked at."""
MENDED = 6
"""Options of an agent whom a lower side asks for, at whose places room is made."""
MENDED_AREAS = 40
"""Areas up to which that is tried at once."""


@dataclass
class Improver:
    """Improves one allocation for one gain."""

    matrix: Matrix
    gain: FloatArray
    parts: Parts
    hands: Crew
    clock: Clock

    def sweep(self, standing: Standing, worth: FloatArray, effort: Effort, turn: int) -> Iterator[Standing]:
        """Go over everything once; after every wave where things stand. Ends early when the clock says so."""
        waiting = list(self.parts.sweep(standing, worth, effort.size, effort.chunks, turn))
        urgent = self._urgent(standing)
        waiting.sort(key=lambda areas: -sum(int(urgent[each].sum()) for each in areas))
        yield from self._waves(standing, self.parts.wanted(worth), waiting, self.parts.part, WAVE, effort)

    def gather(
        self, kindred: Kindred, standing: Standing, worth: FloatArray, effort: Effort, turn: int
    ) -> Iterator[Standing]:
        """Go over all families once, about ``effort.size`` agents at a time (a family is not divided; larger ones than
        ``chunks`` times that are left out); after every wave where things stand. Ends early when the clock says so.
        """
        waiting = list(kindred.sweep(effort.size, effort.size * effort.chunks, turn))
        yield from self._waves(
            standing, self.parts.wanted(worth), waiting, self.parts.family, FAMILIES, effort
        )

    def seat(self, standing: Standing, worth: FloatArray, effort: Effort) -> Iterator[Standing]:
        """Look once at everybody who misses a good part of what a place is worth, those first who miss most; after
        every wave where things stand. Ends where waves find nothing any more, or when the clock says so.

        The parts of a wave are laid out while the one before it is solved, among all who are not in that one.
        """
        waiting = Waiting(self.matrix, self.parts, self.parts.wanted(worth))
        tried = np.zeros(waiting.bundles, bool)
        least = MISSED * abs(standing.value) / max(1, len(standing.chosen))
        wave = max(WAVE, int(np.count_nonzero(waiting.missed(standing) >= least)) // WAVES)
        vain, next_parts = 0, list[Part]()
        while vain < VAIN:
            parts = next_parts or list(waiting.around(standing, tried, least, wave, effort.size))
            next_parts = []
            later = waiting.around(standing, tried, least, wave, effort.size, parts)
            found = self._wave(standing, parts, effort, map(next_parts.append, later)) if parts else None
            if found is None:
                return
            vain = 0 if found.value - standing.value >= least else vain + 1
            standing = found
            yield standing

    def mend(self, standing: Standing, worth: FloatArray, effort: Effort) -> Standing:
        """Place those whom lower sides ask for (a pinned learner, and the group of one) where they are worth most, by
        moving who is there; where the rows ask for one of many, that is left to the sweeps.
        """
        lacking = (standing.activity < self.matrix.lower - EPSILON) & (self.matrix.defines < 0)
        helpful = np.flatnonzero(self.matrix.option_prices(lacking.astype(np.float64)) > 0)
        agent = self.matrix.problem.agent[helpful]
        order, rank = keenest(helpful, agent, worth[helpful])
        areas = self._around(standing, order[rank < MENDED])
        if not 0 < len(areas) <= MENDED_AREAS:
            return standing
        taken = np.zeros(self.matrix.problem.agents, bool)
        part = self.parts.part([areas], standing, self.parts.wanted(worth), taken)
        if part is None:
            return standing
        (piece,) = self._pieces([part], standing)
        answers = self.hands.run(solve, [piece.task(effort.nodes, effort.gap)], clock=self.clock)
        if answers is None or answers[0] is None:
            return standing
        return self._put(standing, [(piece, answers[0])])

    def _around(self, standing: Standing, options: IntArray) -> IntArray:
        """The areas of options, and of those who are in their way elsewhere (on a common day at the same place, say):
        in the rows that are full for them, those with the fewest first, as long as that are few areas.
        """
        of_option = self.parts.areas.of_option
        areas = np.unique(of_option[options])
        _, row, value = self.matrix.entries(options)
        full = (value > 0) & (standing.activity[row] + value > self.matrix.upper[row] + EPSILON)
        rows = np.unique(row[full & (packing(self.matrix) & (self.matrix.defines < 0))[row]])
        at, taken, uses = self.matrix.entries(standing.chosen)
        there = np.isin(taken, rows) & (uses > 0)
        at, taken = at[there], taken[there]
        few = np.bincount(taken, minlength=len(self.matrix))[rows]
        for each in rows[np.lexsort((rows, few))].tolist():
            more = np.union1d(areas, of_option[standing.chosen[at[taken == each]]])
            if len(more) > MENDED_AREAS:
                break
            areas = more
        return areas

    def _urgent(self, standing: Standing) -> IntArray:
        """How many options in each area would help a lower side that lacks something: they are looked at first."""
        areas = self.parts.areas
        lacking = (standing.activity < self.matrix.lower - EPSILON) & (self.matrix.defines < 0)
        if not lacking.any():
            return np.zeros(len(areas.district), np.int64)
        helpful = self.matrix.option_prices(lacking.astype(np.float64)) > 0
        return np.bincount(areas.of_option[helpful], minlength=len(areas.district))

    def _waves(
        self,
        standing: Standing,
        wanted: Wanted,
        waiting: Sequence[S],
        part: Callable[[S, Standing, Wanted, Mask], Part | None],
        least: int,
        effort: Effort,
    ) -> Iterator[Standing]:
        """All that wait, made into parts of waves (of ``least`` at least) from where things stand by then."""
        wave = max(least, len(waiting) // WAVES)
        for at in range(0, len(waiting), wave):
            taken = np.zeros(self.matrix.problem.agents, bool)
            parts = [part(each, standing, wanted, taken) for each in waiting[at : at + wave]]
            found = self._wave(standing, [one for one in parts if one is not None], effort)
            if found is None:
                return
            standing = found
            yield standing

    def _wave(
        self, standing: Standing, parts: list[Part], effort: Effort, meanwhile: Iterator[object] = NOTHING
    ) -> Standing | None:
        """One wave (None: stopped)."""
        parts = sorted(parts, key=lambda part: -len(part.options))  # so that none is waited for alone
        pieces = self._pieces(parts, standing)
        items = Later(lambda piece: piece.task(effort.nodes, effort.gap), pieces)
        answers = self.hands.run(solve, items, clock=self.clock, meanwhile=meanwhile)
        if answers is None:
            return None
        news = [(piece, answer) for piece, answer in zip(pieces, answers, strict=True) if answer is not None]
        return self._put(standing, news)

    def _pieces(self, parts: list[Part], standing: Standing) -> Sequence[Piece]:
        sharers = np.zeros(len(self.matrix), np.int64)
        for part in parts:
            sharers[touched_rows(self.matrix, part.options)] += 1
        return Later(
            lambda part: cut_out(self.matrix, self.gain, standing, part.agents, part.options, sharers), parts
        )

    def _put(self, standing: Standing, news: list[tuple[Piece, IntArray]]) -> Standing:
        """All at once where that holds, else each half, down to the single ones that do not fit the others."""
        together = self._moved(standing, news)
        if together.better_than(standing, self.matrix) and self.no_worse(together, standing):
            return together
        if len(news) <= 1:
            return standing
        half = len(news) // 2
        return self._put(self._put(standing, news[:half]), news[half:])

    def no_worse(self, new: Standing, old: Standing) -> bool:
        """Whether no row is broken, lower sides that were missed before apart."""
        missed = old.activity < self.matrix.lower
        over = new.activity > self.matrix.upper + 1e-6
        under = (new.activity < self.matrix.lower - 1e-6) & ~missed
        return not bool(np.any(over | under))

    def _moved(self, standing: Standing, news: list[tuple[Piece, IntArray]]) -> Standing:
        choice = standing.choice.copy()
        for piece, answer in news:
            choice[piece.agents] = -1
            chosen = piece.options[answer[: len(piece.options)] > 0]
            choice[self.matrix.problem.agent[chosen]] = chosen
        return standing.moved(self.matrix, self.gain, choice)
