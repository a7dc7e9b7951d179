"""A first allocation block by block, led by prices: whoever is wanted in a block stays there, the others wait for the
blocks to come.

At good prices everybody knows what the blocks to come are worth, so that a block takes only those who gain most from
it. Each block is one integer program with all its rows as they stand, beside what earlier blocks have settled.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from models.problem import IntArray
from solvers.crew import Crew
from solvers.scaling.blocks import Districts
from solvers.scaling.matrix import FloatArray, Mask
from solvers.scaling.piece import Piece, cut_out, touched_rows
from solvers.scaling.prices import Market, Priced
from solvers.scaling.ranking import Breadth, broad
from solvers.scaling.rounding import solve
from solvers.scaling.standing import Standing
from solvers.scaling.view import Valued
from solvers.stage import Clock

FAVOURED = Breadth(8, 3, 6)
"""Options of an agent in a block's program, the best at the prices first."""
PATIENCE = 0.97
"""What of the worth elsewhere counts: what is promised there may be gone by then."""
LABELS = 12
"""Labels of a tie that a block's program holds, the best first."""
LABELLED = 6
"""Options of an agent in each of them."""
NEARLY = 0.3
"""How much less than elsewhere (in units of the largest gain) an option may be worth to be looked at all the same."""
PASSES = 2
"""Times that blocks look at those who still wait."""
WAVE = 2
"""Blocks that are settled side by side, whatever the number of workers."""


@dataclass
class Settling:
    """Settles blocks in order. ``gain`` has an entry per column: the goal times ``scale``, later goals mixed in;
    ``worth`` is what that leaves of each option at the prices.
    """

    market: Market
    gain: FloatArray
    scale: float
    priced: Priced
    worth: FloatArray
    districts: Districts
    hands: Crew
    clock: Clock
    standing: Standing = field(init=False)
    waiting: Mask = field(init=False)
    to_come: Mask = field(init=False)

    def __post_init__(self) -> None:
        matrix = self.market.matrix
        self.standing = Standing.of(matrix, self.gain, np.zeros(0, np.int64))
        self.waiting = np.ones(matrix.problem.agents, bool)
        self.to_come = np.ones(self.districts.count, bool)

    def go(self, agents: int, nodes: int, gap: float) -> Standing:
        """All blocks of about ``agents`` agents; stops early when the clock says so."""
        for turn in range(PASSES):
            self.to_come[:] = True
            if not self._pass(list(self.districts.blocks(agents, 1 + turn)), nodes, gap):
                break
        return self.standing

    def _pass(self, blocks: list[IntArray], nodes: int, gap: float) -> bool:
        """All blocks once, for those who still wait; whether there was time for all."""
        for at in range(0, len(blocks), WAVE):
            wave = blocks[at : at + WAVE]
            cut = self._wave(wave)
            items = [piece.task(nodes, gap) for piece in cut]
            answers = self.hands.run(solve, items, clock=self.clock)
            if answers is None:
                return False
            for piece, answer in zip(cut, answers, strict=True):
                if answer is not None:
                    self._put(piece, answer)
            self.to_come[np.concatenate(wave)] = False
        return True

    def _wave(self, wave: list[IntArray]) -> list[Piece]:
        parts, sharers = [], np.zeros(len(self.market.matrix), np.int64)
        for block in wave:
            options, gain = self._wanted(block)
            parts.append((options, gain, block))
            sharers[touched_rows(self.market.matrix, options)] += 1
        return [self._piece(options, gain, block, sharers) for options, gain, block in parts if len(options)]

    def _wanted(self, block: IntArray) -> tuple[IntArray, FloatArray]:
        """The options that a block looks at, and what each gains over what its agent has to come elsewhere."""
        problem = self.market.matrix.problem
        options = self.districts.options_in(block)
        options = options[self.waiting[problem.agent[options]]]
        agent = problem.agent[options]
        elsewhere = PATIENCE * self._elsewhere(block)[agent]
        near = NEARLY * float(np.abs(self.gain[: problem.options]).max(initial=1.0))
        place = np.flatnonzero(self.worth[options] > elsewhere - near)
        place = place[~self._tied[agent[place]]]
        area = self.districts.areas.of_option[options[place]]
        alone = broad(place, agent[place], area, self.worth[options[place]], FAVOURED)
        kept = np.union1d(alone, self._of_tied(options, block))
        return options[kept], elsewhere[kept]

    def _of_tied(self, options: IntArray, block: IntArray) -> IntArray:
        """Which of a block's options are those that agents who choose together like best together."""
        tied = self.market.every.tied
        if tied is None or not len(tied.option):
            return np.zeros(0, np.int64)
        inside = np.isin(tied.where(self.districts.of_option), block)
        wanted = Valued(tied, self.worth).favoured(inside, LABELS, LABELLED)
        return np.flatnonzero(np.isin(options, wanted, assume_unique=True))

    @property
    def _tied(self) -> Mask:
        ties = self.market.matrix.problem.ties
        if ties is None:
            return np.zeros(self.market.matrix.problem.agents, bool)
        tied: Mask = ties.of_agent >= 0
        return tied

    def _elsewhere(self, block: IntArray) -> FloatArray:
        """What the best option in the blocks to come, this one apart, is worth to each agent."""
        problem = self.market.matrix.problem
        later = self.to_come.copy()
        later[block] = False
        best = np.zeros(problem.agents)
        starts = self.market.every.starts
        if len(starts):
            worth = np.where(later[self.districts.of_option], self.worth, 0.0)
            best[problem.agent[starts]] = np.maximum(np.maximum.reduceat(worth, starts), 0.0)
        tied = self.market.every.tied
        if tied is None or not len(tied.option):
            return best
        return self._of_ties(best, later)

    def _of_ties(self, best: FloatArray, later: Mask) -> FloatArray:
        """Who is tied has the tie's best label, in equal parts."""
        tied, ties = self.market.every.tied, self.market.matrix.problem.ties
        assert tied is not None
        assert ties is not None
        totals = tied.totals(self.worth)
        open_label = later[tied.where(self.districts.of_option)]
        of_tie = np.zeros(len(ties.whole))
        np.maximum.at(of_tie, tied.tie_of_label[open_label], totals[open_label])
        members = np.bincount(ties.of_agent[ties.of_agent >= 0], minlength=len(ties.whole))
        who = np.flatnonzero(ties.of_agent >= 0)
        best[who] = of_tie[ties.of_agent[who]] / members[ties.of_agent[who]]
        return best

    def _piece(self, options: IntArray, elsewhere: FloatArray, block: IntArray, sharers: IntArray) -> Piece:
        """The block's program, in which an option gains what it is worth beyond rows elsewhere and other chances."""
        matrix = self.market.matrix
        agents = np.unique(matrix.problem.agent[options])
        piece = cut_out(matrix, self.gain, self.standing, agents, options, sharers)
        chosen = np.zeros(self.districts.count + 1, bool)
        chosen[block] = True
        outer = np.where(chosen[self.districts.of_row], 0.0, self.priced.of_row * self.scale)
        paid = np.concatenate(
            [
                matrix.prices_of(outer, options) + elsewhere,
                matrix.auxiliary.prices(outer)[piece.auxiliaries],
            ]
        )
        return replace(piece, program=replace(piece.program, gain=piece.program.gain - paid))

    def _put(self, piece: Piece, answer: IntArray) -> None:
        problem = self.market.matrix.problem
        chosen = piece.options[answer[: len(piece.options)] > 0]
        choice = self.standing.choice.copy()
        choice[problem.agent[chosen]] = chosen
        self.waiting[problem.agent[chosen]] = False
        self.standing = Standing.of(self.market.matrix, self.gain, choice[choice >= 0])
