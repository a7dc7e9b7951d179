"""Prices block by block: a linear program says which prices of a block's own rows are best while others keep theirs.

Subgradient steps find the neighbourhood of the best prices within a hundred looks and then crawl; blocks end the crawl.
A block's prices are taken only where the bound over *all* options falls (in full, else half-way), so nothing that a
program says has to be believed. Coordinate descent on a function with kinks can stop early: steps in between help on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from models.problem import IntArray
from solvers.crew import Crew, Later
from solvers.scaling.blocks import Districts
from solvers.scaling.labels import Labels
from solvers.scaling.local import Local, solve
from solvers.scaling.matrix import FloatArray, Mask
from solvers.scaling.prices import SAFETY, Market, Priced
from solvers.scaling.ranking import keenest
from solvers.scaling.trying import Change, Trying
from solvers.scaling.view import segments_best
from solvers.stage import Clock

POOL = 24
"""Options of an agent that a block may take in, the best at the present prices first."""
FIRST = 6
"""Options of an agent that its first program holds."""
LABELS = 8
"""Labels of a tie that a block knows, the best first."""
LABELLED = 4
"""Options of an agent in each of them."""
WAVE = 2
"""Blocks that are solved side by side from the same prices, at least, whatever the number of workers: equal bytes."""
WAVES = 16
"""Waves of a sweep over blocks that has more of them otherwise."""


@dataclass(frozen=True)
class Block:
    """What ``_cut`` took out of the round: options (ascending), agents (ascending) with their first options, where
    rows, counts and pairs of the ``local`` numbers stand in the matrix; ``own_rows`` are all rows whose prices the
    block makes; ``labels`` of ties that hold its options.
    """

    options: IntArray
    agents: IntArray
    starts: IntArray
    rows: IntArray
    own_rows: IntArray
    counts: IntArray
    pairs: IntArray
    labels: IntArray
    local: Local


@dataclass
class Lowering:
    """Lowers the bound that prices prove, block by block. ``noise`` (per option, ≥ 0, small) orders what is worth the
    same: agents who all took the first of many equal options would crowd a few places.
    """

    market: Market
    districts: Districts
    hands: Crew
    clock: Clock
    noise: FloatArray
    trying: Trying = field(init=False)
    worth: FloatArray = field(init=False)
    bound: float = field(init=False)
    best: FloatArray = field(init=False)
    labels: Labels | None = field(init=False)

    def go(self, priced: Priced, agents: int, turn: int, tell: Callable[[float], None]) -> Priced:
        """One sweep over all blocks of about ``agents`` agents each; ``tell`` hears the bound now and then."""
        self.trying, self.worth = Trying.of(self.market, priced), priced.worth.copy()
        self.bound = priced.bound
        self.best, every = np.zeros(self.market.matrix.problem.agents), self.market.every
        self.best[every.agent[every.starts]] = segments_best(self.worth, every.starts)
        self.labels = Labels.of(self.market.every.tied, self.worth)
        blocks = list(self.districts.blocks(agents, turn))
        wave = max(WAVE, len(blocks) // WAVES)
        for at in range(0, len(blocks), wave):
            cut = Later(self._cut, blocks[at : at + wave])
            answers = self.hands.run(solve, Later(_numbers, cut), clock=self.clock)
            if answers is None:
                break
            for block, answer in zip(cut, answers, strict=True):
                if answer is not None:
                    self._take(block, *answer)
            tell(self.bound)
        of_row, sharing = self.trying.of_row, self.trying.sharing
        del self.trying, self.worth  # an entry per option, before they are all reckoned anew
        return self.market.state(of_row, sharing)

    def _best(self, agents: IntArray, without: IntArray) -> FloatArray:
        """What the best option of each agent is worth, never below 0, ``without`` some options."""
        first = self.market.matrix.first
        size = first[agents + 1] - first[agents]
        some = size > 0
        ends = np.cumsum(size[some])
        begins = ends - size[some]
        place = np.arange(ends[-1] if len(ends) else 0) + np.repeat(first[agents[some]] - begins, size[some])
        worth = self.worth[place]
        worth[np.isin(place, without, assume_unique=True)] = -np.inf
        best = np.zeros(len(agents))
        if len(worth):
            best[some] = np.maximum(np.maximum.reduceat(worth, begins), 0.0)
        return best

    def _cut(self, districts: IntArray) -> Block:
        """The block's numbers at the present prices."""
        matrix, market = self.market.matrix, self.market
        options = self.districts.options_in(districts)
        agent = matrix.problem.agent[options]
        starts = np.flatnonzero(np.append(True, agent[1:] != agent[:-1])) if len(agent) else agent
        agents = agent[starts]
        own_rows = self.districts.rows_in(districts)
        own_rows = own_rows[~market.minima[own_rows]]
        counts = self.districts.counts_in(districts)
        with self._unpriced(own_rows) as outer:
            free = market.every.gain[options] - matrix.prices_of(outer, options)
            count_gain, count_entries = self._counts(counts, outer, districts)
        elsewhere = self._best(agents, options)
        tie, tie_outside, known = self._ties(options, agents, districts)
        pool, inside = self._pool(options, free, elsewhere, starts, tie, known)
        at, row, value = matrix.entries(options[pool])
        here = self._local(row, districts)
        at, row, value = at[here], row[here], value[here]
        rows = np.unique(np.concatenate([row, count_entries[0]]))
        order = np.argsort(at, kind="stable")
        pair = market.shares.pair[options[pool]]
        paired = np.append(market.shares.count, -1)[pair]
        mine = np.isin(paired, counts)
        pairs, number = np.unique(pair[mine], return_inverse=True)
        local_pair, local_count = np.full(len(pool), -1), np.full(len(pool), -1)
        local_pair[mine], local_count[mine] = number, np.searchsorted(counts, paired[mine])
        upper = matrix.problem.auxiliary_upper[counts].astype(np.float64)
        local = Local(
            agent=np.searchsorted(agents, agent[pool]),
            free=free[pool],
            start=np.concatenate([[0], np.cumsum(np.bincount(at, minlength=len(pool)))]),
            row=np.searchsorted(rows, row[order]),
            value=value[order],
            count=local_count,
            pair=local_pair,
            inside=inside,
            outside=elsewhere,
            tie=tie,
            tie_outside=tie_outside,
            count_gain=count_gain,
            count_divisor=market.shares.divisor[counts],
            count_upper=upper,
            count_row=np.searchsorted(rows, count_entries[0]),
            count_of=count_entries[1],
            count_value=count_entries[2],
            lower=matrix.lower[rows],
            upper=matrix.upper[rows],
        )
        labels = np.zeros(0, np.int64) if self.labels is None else self.labels.holding(options)
        return Block(options, agents, starts, rows, own_rows, counts, pairs, labels, local)

    @contextmanager
    def _unpriced(self, rows: IntArray) -> Iterator[FloatArray]:
        """The prices, without those of some rows as long as it lasts."""
        of_row = self.trying.of_row
        before = of_row[rows]
        of_row[rows] = 0.0
        try:
            yield of_row
        finally:
            of_row[rows] = before

    def _local(self, row: IntArray, districts: IntArray) -> Mask:
        """Whether a block of these districts makes the prices of rows."""
        inside: Mask = self.districts.inside(districts)[self.districts.of_row[row]]
        return inside & ~self.market.minima[row]

    def _counts(
        self, counts: IntArray, outer: FloatArray, districts: IntArray
    ) -> tuple[FloatArray, tuple[IntArray, IntArray, FloatArray]]:
        """What the counts gain after rows elsewhere are paid, and their entries in the block's rows."""
        matrix = self.market.matrix
        at, row, value = matrix.auxiliary.entries(counts)
        paid = np.bincount(at, weights=value * outer[row], minlength=len(counts))
        here = self._local(row, districts)
        gain = self.market.gain[matrix.problem.options :][counts] - paid
        return gain, (row[here], at[here], value[here])

    def _ties(
        self, options: IntArray, agents: IntArray, districts: IntArray
    ) -> tuple[IntArray, FloatArray, Mask]:
        """The block's tie of each agent, what each gains elsewhere, and which options of the block are of its ties'
        best labels.
        """
        labels, known = self.labels, np.zeros(len(options), bool)
        nothing = np.full(len(agents), -1)
        ties = self.market.matrix.problem.ties
        if labels is None or ties is None:
            return nothing, np.zeros(0), known
        here = np.unique(ties.of_agent[agents])
        here = here[here >= 0]
        number = np.full(len(ties.whole) + 1, -1)
        number[here] = np.arange(len(here))
        inside = self.districts.inside(districts)[labels.tied.where(self.districts.of_option)]
        outside = np.zeros(len(ties.whole))
        outside[labels.tied.number] = labels.best(~inside)
        wanted = labels.valued(self.worth).favoured(inside, LABELS, LABELLED)
        known = np.isin(options, wanted, assume_unique=True)
        return number[ties.of_agent[agents]], outside[here], known

    def _pool(
        self,
        options: IntArray,
        free: FloatArray,
        elsewhere: FloatArray,
        starts: IntArray,
        tie: IntArray,
        known: Mask,
    ) -> tuple[IntArray, Mask]:
        """The options (places in the block) that its program may hold, and which of them it begins with."""
        of_agent = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, len(options))))
        apart = tie[of_agent] < 0
        place = np.flatnonzero(apart & (free > elsewhere[of_agent]))
        worth = self.worth[options[place]] + self.noise[options[place]]
        order, rank = keenest(place, of_agent[place], worth)
        first = np.zeros(len(options), bool)
        first[order[rank < FIRST]] = True
        pool = np.union1d(order[rank < POOL], np.flatnonzero(known & ~apart))
        return pool, first[pool] | ~apart[pool]

    def _take(self, block: Block, prices: FloatArray, pair: IntArray, pays: FloatArray) -> None:
        """Take the block's new prices where the bound falls: in full, else half-way."""
        market, rows = self.market, block.own_rows
        mine = np.searchsorted(rows, block.rows)
        of_rows, defining = np.zeros(len(rows)), np.zeros(len(rows) + 1)
        of_rows[mine] = prices
        defining[mine] = -np.minimum(prices, 0.0)
        at = np.minimum(np.searchsorted(rows, market.shares.row[block.counts]), max(0, len(rows) - 1))
        at = np.where(rows[at] == market.shares.row[block.counts], at, len(rows)) if len(rows) else at
        of_rows = np.where(market.priced[rows], market.within(of_rows, rows), 0.0)
        cost = self.trying.cost_at(rows, of_rows, block.counts)
        shared = self.trying.sharing.shared(block.counts, cost, defining[at], block.pairs[pair], pays)
        change = Change(rows, of_rows, shared)
        elsewhere = self._best(block.agents, block.options)
        if not self._try(block, elsewhere, change):
            self._try(block, elsewhere, self.trying.halfway(change))

    def _try(self, block: Block, elsewhere: FloatArray, change: Change) -> bool:
        """Whether a change of a block's prices proves more; else it is taken back. ``elsewhere`` is what its agents
        have in other blocks by now.
        """
        market, options, trying = self.market, block.options, self.trying
        fixed = trying.fixed
        back = trying.make(change)
        worth = market.every.gain[options] - market.matrix.prices_of(trying.of_row, options)
        worth -= trying.sharing.pays_of(trying.cost, market.shares.pair[options])
        best = np.maximum(segments_best(worth, block.starts), elsewhere)
        mine, before = self.best[block.agents], self.worth[options]
        self.worth[options] = worth
        self.best[block.agents] = best
        labels = None if self.labels is None else self.labels.renew(self.worth, block.labels)
        bound = trying.fixed + self._gained()
        if bound < self.bound - SAFETY * abs(self.bound):
            self.bound = bound
            return True
        trying.make(back)
        trying.fixed = fixed
        self.worth[options] = before
        self.best[block.agents] = mine
        if self.labels is not None:
            self.labels.totals[block.labels] = labels
        return False

    def _gained(self) -> float:
        """What everybody's best choice is worth."""
        tied = self.market.every.tied
        if tied is None:
            return float(self.best.sum())
        of_ties = 0.0 if self.labels is None else float(self.labels.best().sum())
        return float(self.best[~tied.agents].sum()) + of_ties


def _numbers(block: Block) -> tuple[npt.NDArray[np.generic], ...]:
    """What ``local.solve`` is given."""
    return tuple(vars(block.local).values())
