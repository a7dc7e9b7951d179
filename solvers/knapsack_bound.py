"""What prices on jobs prove of knapsacks: a bound, and for every item a bound with that item in it.

Once every job has a price, the knapsacks are independent: each takes the items whose gain beyond the price is greatest
(Lagrangian relaxation of "each job once"; Ross and Soland 1975, Fisher 1986). Prices are whole numbers, so are all
sums, and a bound is exact, not a rounding. Each knapsack is solved over its *core* alone: items so far above or below
the knapsack's own rate per weight that no optimum could do otherwise are decided beforehand (Balas and Zemel 1980).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.problem import IntArray
from solvers.knapsacks import FloatArray, Mask, Sacks

NEVER = -(2**52)
"""What it costs to do the impossible, or more than there is to lose."""
SMALL = 2**30
"""Below this, tables of 32 bits hold all sums."""
BEYOND = 10
"""How many items after the first that does not fit are tried, for a knapsack's first guess."""
MARGIN = 2.0
"""Steps of price by which the core is wider than it need be: far above what rounding does to its edges."""
PATIENCE = 20
"""Steps without a gain worth the name before the steps become shorter."""
SHORTER = 0.7
"""By how much they become shorter."""
LONGER = 1.5
"""By how much steps become longer when they gain."""
MOMENTUM = 0.7
"""How much of the last direction is kept."""
SHORTEST = 0.005
"""The improvement aimed at, in units of gain, at which a descent ends."""

Table = npt.NDArray[np.int32] | npt.NDArray[np.int64]


@dataclass(frozen=True)
class Part:
    """The allocations that use ``live`` items only. Items of jobs with no other choice (``must``) are taken; ``free``
    are the others, ``room`` what is left for them.
    """

    live: Mask
    must: Mask
    free: Mask
    room: IntArray

    @staticmethod
    def of(sacks: Sacks, live: Mask) -> Part | None:
        """The part with these items at most; None when it is empty."""
        while True:
            choices = np.bincount(sacks.job[live], minlength=sacks.jobs)
            must = live & (choices == 1)[sacks.job]
            room = sacks.room - np.where(must, sacks.weight, 0).sum(1)
            if not choices.all() or (room < 0).any():
                return None
            fits = live & (must | (sacks.weight <= room[:, None]))
            if fits.sum() == live.sum():
                return Part(live, must, live & ~must, room)
            live = fits


@dataclass(frozen=True)
class Valued:
    """What prices say: a bound on every allocation (in steps of price), and the items that the knapsacks took."""

    bound: int
    taken: Mask


@dataclass(frozen=True)
class Descent:
    """The best bound of a descent, with its prices."""

    bound: int
    prices: IntArray


def profits(sacks: Sacks, prices: IntArray) -> IntArray:
    """What every item gains beyond its job's price, in steps of price."""
    return sacks.scale * sacks.gain - prices[sacks.job]


def value(sacks: Sacks, part: Part, prices: IntArray, before: Mask | None = None) -> Valued:
    """The bound that prices prove of a part. ``before``: what the knapsacks took at nearby prices."""
    profit = profits(sacks, prices)
    core = _core(sacks, part, profit, before, 0)
    taken, total = core.sure | part.must, int(prices.sum()) + int(profit[core.sure | part.must].sum())
    for sack in np.flatnonzero(core.open.any(1)).tolist():
        items = _worthwhile(sacks, core, profit, sack)
        table = fill(sacks.weight[sack, items], profit[sack, items], int(core.room[sack]))
        taken[sack, items[_walk(table, sacks.weight[sack, items])]] = True
        total += int(table[-1, -1])
    return Valued(total, taken)


def penalties(sacks: Sacks, part: Part, prices: IntArray, target: int) -> tuple[int, IntArray]:
    """The bound of a part, and for every item the bound with that item taken (``NEVER`` or less: impossible, or certain
    to be below ``target``), in steps of price.

    A job in one knapsack is in no other, which counts too.
    """
    first = value(sacks, part, prices)
    profit = profits(sacks, prices)
    core = _core(sacks, part, profit, first.taken, max(0, first.bound - target))
    inside = np.where(core.sure | part.must, 0, NEVER)
    outside = np.where(core.sure, NEVER, 0)
    for sack in np.flatnonzero(core.open.any(1)).tolist():
        _both_ways(sacks, core, profit, sack, inside, outside)
    without = np.zeros(sacks.jobs, np.int64)
    np.add.at(without, sacks.job[sacks.real], outside[sacks.real])
    return first.bound, first.bound + inside + without[sacks.job] - outside


def _both_ways(
    sacks: Sacks, core: _Core, profit: IntArray, sack: int, inside: IntArray, outside: IntArray
) -> None:
    """Enter what it changes to force each core item of a knapsack in, and to keep it out."""
    room = int(core.room[sack])
    items = _worthwhile(sacks, core, profit, sack)
    weight, worth = sacks.weight[sack, items], profit[sack, items]
    table = fill(weight, worth, room)
    best = int(table[-1, room])
    others = np.flatnonzero(core.open[sack])
    left = room - sacks.weight[sack, others]
    forced = table[-1][np.maximum(left, 0)] + profit[sack, others] - best
    inside[sack, others] = np.where(left >= 0, forced, NEVER)
    after = np.zeros_like(table[0])
    for number in range(len(items) - 1, -1, -1):
        heavy, before = int(weight[number]), table[number]
        used = after[heavy:] + worth.dtype.type(worth[number])
        outside[sack, items[number]] = int((before + after).max()) - best
        inside[sack, items[number]] = int((before[: room + 1 - heavy] + used).max()) - best
        after = after.copy()
        np.maximum(after[: room + 1 - heavy], used, out=after[: room + 1 - heavy])


def fill(weight: IntArray, profit: IntArray, room: int) -> Table:
    """Row k, entry c: the most that the first k items gain within c of room (Bellman 1957)."""
    kind = np.int32 if int(np.maximum(profit, 0).sum()) < SMALL else np.int64
    table = np.zeros((len(weight) + 1, room + 1), kind)
    for number, (heavy, worth) in enumerate(zip(weight.tolist(), profit.tolist(), strict=True)):
        before, row = table[number], table[number + 1]
        row[:] = before
        if worth > 0 and heavy <= room:
            np.maximum(before[heavy:], before[: room + 1 - heavy] + kind(worth), out=row[heavy:])
    return table


def _walk(table: Table, weight: IntArray) -> IntArray:
    """The items of an optimum."""
    at, taken = table.shape[1] - 1, []
    for number in range(len(weight) - 1, -1, -1):
        if table[number + 1, at] != table[number, at]:
            taken.append(number)
            at -= int(weight[number])
    return np.array(taken, np.int64)


@dataclass(frozen=True)
class _Core:
    """Free items that every optimum takes (``sure``), those that are open, and the room left for these."""

    sure: Mask
    open: Mask
    room: IntArray


def _core(sacks: Sacks, part: Part, profit: IntArray, before: Mask | None, slack: int) -> _Core:
    """Decide what is so good or so bad that to do otherwise would cost more than ``slack`` beyond the optimum.

    With a rate per weight, a knapsack gains at most rate · room + Σ max(0, profit − rate · weight), and less by
    |profit − rate · weight| where an item is treated otherwise; some choice of items shows what it gains at least.
    """
    rate, least = _guess(sacks, part, profit)
    if before is not None:
        fits = np.where(before & part.free, sacks.weight, 0).sum(1) <= part.room
        least = np.maximum(least, np.where(fits, np.where(before & part.free, profit, 0).sum(1), 0))
    beyond = profit - rate[:, None] * sacks.weight
    most = rate * part.room + np.where(part.free, np.maximum(beyond, 0), 0).sum(1)
    width = (most - least + MARGIN + slack)[:, None]
    sure = part.free & (beyond > width)
    open_ = part.free & ~sure & (beyond >= -width)
    return _Core(sure, open_, part.room - np.where(sure, sacks.weight, 0).sum(1))


def _worthwhile(sacks: Sacks, core: _Core, profit: IntArray, sack: int) -> IntArray:
    """The open items of a knapsack that gain something and fit."""
    fits = sacks.weight[sack] <= core.room[sack]
    return np.flatnonzero(core.open[sack] & (profit[sack] > 0) & fits)


def _guess(sacks: Sacks, part: Part, profit: IntArray) -> tuple[FloatArray, FloatArray]:
    """Each knapsack's rate (profit per weight where it is full; Dantzig 1957), and what a greedy choice gains."""
    rates = np.where(part.free & (profit > 0), profit / np.maximum(sacks.weight, 0.5), -1.0)
    order = np.argsort(-rates, axis=1, kind="stable")
    rates = np.take_along_axis(rates, order, 1)
    weight = np.where(rates > 0, np.take_along_axis(sacks.weight, order, 1), 0)
    worth = np.where(rates > 0, np.take_along_axis(profit, order, 1), 0)
    fits = np.cumsum(weight, 1) <= part.room[:, None]
    full, rows = ~fits.all(1), np.arange(len(sacks))
    first = np.where(full, np.argmin(fits, 1), 0)
    least, left = np.where(fits, worth, 0).sum(1), part.room - np.where(fits, weight, 0).sum(1)
    for further in range(1, BEYOND):
        at = np.minimum(first + further, weight.shape[1] - 1)
        takes = full & (first + further < weight.shape[1]) & (weight[rows, at] <= left)
        left = left - takes * weight[rows, at]
        least = least + takes * worth[rows, at]
    return np.where(full, np.maximum(rates[rows, first], 0.0), 0.0), least.astype(np.float64)


Evaluate = Callable[[IntArray], tuple[int, IntArray]]
"""The bound at given prices, and how often each job is taken there."""
Enough = Callable[[int], bool]
"""Whether a bound (in steps of price) is good enough."""


def descend(
    evaluate: Evaluate,
    prices: IntArray,
    first: float,
    scale: int,
    steps: int,
    enough: Enough,
    patience: int = PATIENCE,
) -> Descent:
    """Lower the bound by subgradient steps with momentum that aim a little below the best bound so far (Polyak steps
    with a moving target; Camerini, Fratta and Maffioli 1975, Nedić and Bertsekas 2001).

    ``first`` is by how much the first step aims below, in units of gain; it ends early where the bound is ``enough``,
    and where every job is taken once: there the prices are best.
    """
    point, aim = prices.astype(np.float64), first * scale
    best, best_prices, direction, idle = None, prices, None, 0
    for _ in range(steps):
        rounded = np.rint(point).astype(np.int64)
        bound, count = evaluate(rounded)
        slope = 1 - count
        if best is None or bound < best - 0.3 * aim:
            aim, idle = aim if best is None else aim * LONGER, 0
        else:
            idle += 1
        if best is None or bound < best:
            best, best_prices = bound, rounded
        if not slope.any() or enough(best) or aim < SHORTEST * scale:
            break
        if idle >= patience:
            aim, idle, direction = aim * SHORTER, 0, None
        direction = slope + (0 if direction is None else MOMENTUM * direction)
        point = point - (bound - best + aim) / max(1.0, float(direction @ direction)) * direction
    assert best is not None
    return Descent(best, best_prices)


def descend_part(
    sacks: Sacks,
    part: Part,
    prices: IntArray,
    first: float,
    steps: int,
    enough: Enough,
    seen: Callable[[Valued], None] | None = None,
) -> Descent:
    """``descend`` for a part; ``seen`` hears of every point."""
    before: Mask | None = None

    def evaluate(prices: IntArray) -> tuple[int, IntArray]:
        nonlocal before
        found = value(sacks, part, prices, before)
        before = found.taken
        if seen is not None:
            seen(found)
        return found.bound, np.bincount(sacks.job[found.taken], minlength=sacks.jobs)

    return descend(evaluate, prices, first, sacks.scale, steps, enough)
