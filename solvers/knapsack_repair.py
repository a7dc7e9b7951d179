"""An allocation near what prices took: jobs moved and swapped between knapsacks until all fit and nothing gains."""

from __future__ import annotations

import numpy as np

from models.problem import IntArray
from solvers.knapsacks import FloatArray, Mask, Sacks

MOVES = 200
"""Moves in one repair, at most."""
DEARER = 1.2
"""By how much a unit of overload costs more when nothing gains and something is still overloaded."""
CHEAPER = 0.9
"""By how much it costs less after everything fitted."""
SWAPS = 500
"""Jobs up to which swaps of two are tried, besides moves of one."""


class Repair:
    """Local search over complete allocations; a unit of weight beyond a knapsack's room has a price that adapts."""

    def __init__(self, sacks: Sacks) -> None:
        shape = len(sacks), sacks.jobs
        self.sacks = sacks
        self.gain = np.full(shape, -np.inf)
        self.weight = np.zeros(shape)
        self.item = np.full(shape, -1)
        home, place = np.nonzero(sacks.real)
        job = sacks.job[home, place]
        self.gain[home, job] = sacks.gain[home, place]
        self.weight[home, job] = sacks.weight[home, place]
        self.item[home, job] = place

    def improve(self, taken: Mask) -> Mask | None:
        """The best allocation on the way from what knapsacks took (jobs twice or not at all); None when none fits."""
        home = self._once(taken)
        rate = self._rate()
        best: IntArray | None = None
        value = -np.inf
        for _ in range(MOVES):
            over = self._over(home)
            if not over.any() and self._worth(home) > value:
                best, value = home.copy(), self._worth(home)
            if not self._move(home, rate):
                rate *= DEARER if over.any() else CHEAPER
        return None if best is None else self._items(best)

    def _once(self, taken: Mask) -> IntArray:
        """Each job in one knapsack: the one that took it and gains most, else the one that gains most."""
        sacks, jobs = self.sacks, np.arange(self.sacks.jobs)
        home, place = np.nonzero(taken)
        gain = np.full_like(self.gain, -np.inf)
        gain[home, sacks.job[home, place]] = sacks.gain[home, place]
        first = np.argmax(gain, 0)
        chosen: IntArray = np.where(np.isneginf(gain[first, jobs]), np.argmax(self.gain, 0), first)
        return chosen

    def _rate(self) -> float:
        """What a unit of weight gains, all in all."""
        real = self.sacks.real
        spread = np.ptp(self.sacks.gain[real].astype(np.float64))
        return float((spread + 1.0) / max(1.0, self.sacks.weight[real].mean()))

    def _load(self, home: IntArray) -> FloatArray:
        load: FloatArray = np.zeros(len(self.sacks))
        np.add.at(load, home, self.weight[home, np.arange(len(home))])
        return load

    def _over(self, home: IntArray) -> FloatArray:
        return np.maximum(self._load(home) - self.sacks.room, 0.0)

    def _worth(self, home: IntArray) -> float:
        return float(self.gain[home, np.arange(len(home))].sum())

    def _items(self, home: IntArray) -> Mask:
        taken = np.zeros_like(self.sacks.real)
        taken[home, self.item[home, np.arange(len(home))]] = True
        return taken

    def _move(self, home: IntArray, rate: float) -> bool:
        """The best move of one job or swap of two, if any gains."""
        jobs, room, load = np.arange(len(home)), self.sacks.room, self._load(home)
        over = np.maximum(load - room, 0.0)
        own_gain, own = self.gain[home, jobs], self.weight[home, jobs]
        leaves = rate * (over[home] - np.maximum((load - room)[home] - own, 0.0))
        comes = rate * (np.maximum((load - room)[:, None] + self.weight, 0.0) - over[:, None])
        single = self.gain - own_gain + leaves - comes
        single[home, jobs] = -np.inf
        sack, job = np.unravel_index(int(np.argmax(single)), single.shape)
        best = float(single[sack, job])
        if len(home) <= SWAPS:
            double = self._swaps(home, rate)
            one, two = np.unravel_index(int(np.argmax(double)), double.shape)
            if double[one, two] > max(best, 1e-9):
                home[one], home[two] = home[two], home[one]
                return True
        if best > 1e-9:
            home[job] = sack
            return True
        return False

    def _swaps(self, home: IntArray, rate: float) -> FloatArray:
        """What it gains to swap the knapsacks of two jobs (jobs × jobs)."""
        jobs, excess = np.arange(len(home)), self._load(home) - self.sacks.room
        own_gain, own = self.gain[home, jobs], self.weight[home, jobs]
        there_gain, there = self.gain[home].T, self.weight[home].T
        gain = there_gain - own_gain[:, None]
        less = np.maximum(excess[home], 0.0)[None, :]
        more = np.maximum(excess[home][None, :] - own[None, :] + there, 0.0)
        change = gain - rate * (more - less)
        total: FloatArray = change + change.T
        total[home[:, None] == home[None, :]] = -np.inf
        return total
