"""All fillings of each knapsack that an allocation worth looking for may hold, and the search among them.

With good prices the bound is so near the best allocation that few fillings (*patterns*) of a knapsack lie within the
gap: they can be listed. An allocation then is one pattern per knapsack, each job in one of them. The same prices,
moved on at every node, bound that too, now with a matrix product in the place of knapsacks; what a pattern loses
against its knapsack's best rules out patterns, then jobs in knapsacks, until a job has to be divided on.

(Listing what the gap leaves: Baldacci, Christofides and Mingozzi 2008, for routes; deciding one value after the other:
Posta, Ferland and Michelon 2012.)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from models.problem import IntArray
from solvers.knapsack_bound import Part, descend, fill, profits
from solvers.knapsacks import FloatArray, Mask, Sacks

CELLS = 500_000
"""Patterns × jobs up to which patterns are listed."""
FAR = 2.0**60
"""A loss beyond any gap."""
ROOT_STEPS = 150
"""Steps of price over all patterns."""
STEPS = 25
"""Steps of price at a node."""
AGAIN = 10
"""Steps of price after patterns went."""
ROUNDS = 6
"""How often a node is priced at most."""
WORTH = 0.7
"""A node is priced again when this part of its patterns is left, or less."""
PATIENCE = 4
"""Steps without a gain before they become shorter, at a node."""
AIM = 0.05
"""By how much below the target a node's first step aims, in units of gain."""
SPREAD = 1.5
"""By which power of e a node grows with one unit of gap."""


@dataclass(frozen=True)
class Pool:
    """Patterns in the order of their knapsacks: ``holds[p, j]`` says whether pattern p holds the j-th of ``jobs``,
    ``gain[p]`` what it gains (in steps of price), ``place[p]`` which knapsack of the pool it fills, and ``home`` which
    knapsack that is. Jobs that have one choice only, and knapsacks that have one pattern, are left out.

    Numbers are whole, in floating point: so sums are fast, and exact below 2^53.
    """

    jobs: IntArray
    home: IntArray
    holds: Mask
    gain: FloatArray
    place: IntArray

    def keep(self, patterns: Mask) -> Pool:
        """Some of the patterns."""
        return Pool(self.jobs, self.home, self.holds[patterns], self.gain[patterns], self.place[patterns])

    @property
    def count(self) -> IntArray:
        """How many patterns each knapsack has."""
        return np.bincount(self.place, minlength=len(self.home))

    def taken(self, sacks: Sacks) -> Mask:
        """The items that the patterns hold."""
        taken = np.zeros_like(sacks.real)
        for pattern, place in zip(self.holds, self.place.tolist(), strict=True):
            home = self.home[place]
            taken[home] |= sacks.real[home] & np.isin(sacks.job[home], self.jobs[pattern])
        return taken


def listed(sacks: Sacks, part: Part, prices: IntArray, slack: int) -> Pool | None:
    """All patterns of a part, which has free items, that lose ``slack`` or less (in steps of price); None when there
    are too many.
    """
    profit = profits(sacks, prices)
    jobs = np.unique(sacks.job[part.free])
    most = CELLS // max(1, len(jobs))
    found: list[tuple[int, Mask, IntArray]] = []
    for sack, items in _apart(sacks, part):
        patterns = _patterns(
            sacks.weight[sack, items], profit[sack, items], int(part.room[sack]), slack, most
        )
        if patterns is None:
            return None
        most -= len(patterns)
        holds = np.zeros((len(patterns), len(jobs)), bool)
        holds[:, np.searchsorted(jobs, sacks.job[sack, items])] = patterns
        found.append((sack, holds, patterns @ sacks.gain[sack, items]))
    return Pool(
        jobs=jobs,
        home=np.array([sack for sack, _, _ in found], np.int64),
        holds=np.concatenate([holds for _, holds, _ in found]),
        gain=np.concatenate([gain for _, _, gain in found]).astype(np.float64) * sacks.scale,
        place=np.repeat(np.arange(len(found)), [len(gain) for _, _, gain in found]),
    )


def _apart(sacks: Sacks, part: Part) -> Iterator[tuple[int, IntArray]]:
    """Knapsacks with free items; where all of these fit, each item counts as a knapsack of its own."""
    for sack in range(len(sacks)):
        items = np.flatnonzero(part.free[sack])
        if sacks.weight[sack, items].sum() <= part.room[sack]:
            yield from ((sack, item) for item in items[:, None])
        else:
            yield sack, items


def _patterns(weight: IntArray, profit: IntArray, room: int, slack: int, most: int) -> Mask | None:
    """Every choice of items within ``room`` that loses ``slack`` or less against the best (one row each); None when
    there are more than ``most``.

    Items are decided one by one from the last; what the table says of those before tells which choices can still do.
    """
    order = np.argsort(-profit / weight, kind="stable")
    weight, profit = weight[order], profit[order]
    table = fill(weight, profit, room)
    need = int(table[-1, room]) - slack
    left, gained = np.array([room]), np.array([0])
    chosen = np.zeros((1, len(order)), bool)
    for number in range(len(order) - 1, -1, -1):
        after = left - weight[number]
        out = table[number][left] + gained >= need
        into = (after >= 0) & (table[number][np.maximum(after, 0)] + gained + profit[number] >= need)
        with_it = chosen[into]
        with_it[:, number] = True
        chosen = np.concatenate([chosen[out], with_it])
        left, gained = (
            np.append(left[out], after[into]),
            np.append(gained[out], gained[into] + profit[number]),
        )
        if len(left) > most:
            return None
    back = np.empty_like(chosen)
    back[:, order] = chosen
    return back


@dataclass(frozen=True)
class Priced:
    """A pool at prices: a bound, and what each pattern loses against its knapsack's best."""

    bound: float
    loss: FloatArray
    prices: IntArray


@dataclass
class Search:
    """A search for an allocation worth ``target`` or more (in steps of price), depth first.

    ``stop`` ends it. ``found`` are the patterns of the allocation.
    """

    scale: int
    target: int
    stop: Callable[[], bool]
    found: Pool | None = None
    nodes: int = 0

    def run(self, pool: Pool, prices: IntArray) -> bool:
        """Whether the search came to an end: with an allocation in ``found``, or proof that there is none."""
        waiting = [(pool, prices, ROOT_STEPS)]
        while waiting and self.found is None:
            if self.stop():
                return False
            self.nodes += 1
            waiting += self._node(*waiting.pop())
        return True

    def _node(self, pool: Pool, prices: IntArray, steps: int) -> list[tuple[Pool, IntArray, int]]:
        """Price a node until nothing more falls out; the parts to go on with, the most promising last."""
        if not pool.count.all():
            return []
        again = ROUNDS
        while True:
            again -= 1
            size = len(pool.gain)
            priced = self._price(pool, prices, steps)
            if self.found is not None or priced.bound < self.target:
                return []
            keep = priced.bound - priced.loss >= self.target
            pool, loss, prices = pool.keep(keep), priced.loss[keep], priced.prices
            bounds = _job_bounds(pool, loss, priced.bound)
            may = bounds >= self.target
            if not may.any(0).all():
                return []
            pool = pool.keep(_agreeing(pool, may))
            if not pool.count.all():
                return []
            if not again or len(pool.gain) > WORTH * size:
                return self._parts(pool, prices, bounds, may)
            steps = AGAIN

    def _price(self, pool: Pool, prices: IntArray, steps: int) -> Priced:
        """The pool at the best prices near by; an allocation met on the way is taken."""
        holds, count = pool.holds.astype(np.float64), pool.count
        first = np.cumsum(count) - count

        def reduced(prices: IntArray) -> tuple[FloatArray, FloatArray]:
            # Not ``@``: BLAS would take every core for a product too small to share.
            worth: FloatArray = pool.gain - np.einsum("pj,j->p", holds, prices.astype(np.float64))
            return worth, np.maximum.reduceat(worth, first)

        def evaluate(prices: IntArray) -> tuple[int, IntArray]:
            worth, best = reduced(prices)
            hits = np.flatnonzero(worth == np.repeat(best, count))
            chosen = hits[np.searchsorted(hits, first)]
            bound, taken = int(prices.sum()) + int(best.sum()), pool.holds[chosen].sum(0)
            if bound >= self.target and (taken == 1).all():
                self.found = pool.keep(np.isin(np.arange(len(pool.gain)), chosen))
            return bound, taken

        aim = AIM + max(0, evaluate(prices)[0] - self.target) / self.scale
        best = descend(evaluate, prices, aim, self.scale, steps, lambda bound: bound < self.target, PATIENCE)
        worth, most = reduced(best.prices)
        return Priced(best.bound, np.repeat(most, count) - worth, best.prices)

    def _parts(
        self, pool: Pool, prices: IntArray, bounds: FloatArray, may: Mask
    ) -> list[tuple[Pool, IntArray, int]]:
        """Divide by the knapsack of one job: that whose parts are expected to be smallest together."""
        several = may.sum(0) > 1
        if not several.any():
            self._end(pool)
            return []
        gap = np.clip((bounds - self.target) / self.scale, 0.0, 50.0)
        size = np.where(may, np.exp(SPREAD * gap), 0.0).sum(0)
        job = int(np.argmin(np.where(several, size, np.inf)))
        homes = np.flatnonzero(may[:, job])
        homes = homes[np.argsort(bounds[homes, job], kind="stable")]
        return [
            (pool.keep(np.where(pool.place == home, pool.holds[:, job], ~pool.holds[:, job])), prices, STEPS)
            for home in homes.tolist()
        ]

    def _end(self, pool: Pool) -> None:
        """Every job has its knapsack: the best pattern of each that holds just its jobs."""
        order = np.lexsort((np.arange(len(pool.gain)), -pool.gain, pool.place))
        first = np.ones(len(order), bool)
        first[1:] = pool.place[order][1:] != pool.place[order][:-1]
        best = pool.keep(np.isin(np.arange(len(order)), order[first]))
        if (best.holds.sum(0) == 1).all() and best.gain.sum() >= self.target:
            self.found = best


def _job_bounds(pool: Pool, loss: FloatArray, bound: float) -> FloatArray:
    """Knapsacks × jobs: the bound with that job in that knapsack, and so in no other."""
    count = pool.count
    first = np.cumsum(count) - count
    within = np.minimum.reduceat(np.where(pool.holds, loss[:, None], FAR), first, axis=0)
    without = np.minimum.reduceat(np.where(pool.holds, FAR, loss[:, None]), first, axis=0)
    stuck = without >= FAR
    elsewhere = np.where(stuck, 0.0, without)
    rest = elsewhere.sum(0)[None, :] - elsewhere
    others_stuck = stuck.sum(0)[None, :] - stuck
    return np.where((others_stuck > 0) | (within >= FAR), -FAR, bound - within - rest)


def _agreeing(pool: Pool, may: Mask) -> Mask:
    """The patterns that hold no job that may not be there, and every job that can be nowhere else."""
    only = np.zeros_like(may)
    alone = np.flatnonzero(may.sum(0) == 1)
    only[np.argmax(may[:, alone], 0), alone] = True
    wrong = (pool.holds & ~may[pool.place]) | (~pool.holds & only[pool.place])
    return np.logical_not(wrong.any(1))
