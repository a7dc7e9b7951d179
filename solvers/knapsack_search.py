"""Knapsacks to proven optimality: one yes or no after the other, from the bound downwards.

Is there an allocation worth what the bound allows? If not, the bound is one lower; the first yes is the optimum (Posta,
Ferland and Michelon 2012). Asked so sharply, prices rule out most items at once, and the few fillings of each knapsack
that remain are listed and searched (``knapsack_patterns``). Where they are too many, a job is divided on first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from models.problem import IntArray, Problem
from solvers.highs import Model
from solvers.knapsack_bound import Descent, Part, Valued, descend_part, penalties, value
from solvers.knapsack_patterns import SPREAD, Search, listed
from solvers.knapsack_repair import Repair
from solvers.knapsacks import Mask, Sacks, Shape, sacks_of
from solvers.rows import Rows
from solvers.stage import Found, Task

FIRST = 5e-4
"""By how much of the bound the first step of price aims lower."""
STEPS = 700
"""Steps of price at the root, at most."""
NODE_STEPS = 30
"""Steps of price after a job was divided on."""
EVERY = 120
"""Steps of price between two repairs of what the knapsacks took."""
NEAR = 1.0
"""How much each knapsack may lose, in units of gain, where only an allocation is looked for."""
BELOW = 16
"""By how much such an allocation may be below the bound."""
GLANCES = 300
"""Nodes of such a search."""
HARD = 3.0
"""How far below the prices' bound the search has come, in units of gain, when an integer program is asked for a better
allocation.
"""
FAVOURED = 4
"""Items per job in that program."""
NODES = 60
"""Nodes of that program."""
EFFORT = 0.2
"""How much of its time that program spends on heuristics."""

Program = Callable[[Mask], Mask | None]
"""Looks for a good allocation among some items, for a while; None when it finds none."""


def solved(problem: Problem, rows: Rows, shape: Shape, task: Task, out: Mask) -> Found | None:
    """One goal of a problem that is knapsacks; None where earlier goals are kept, or the numbers do not fit.

    Columns that no best allocation holds are marked in ``out``. Raises ``Infeasible``.
    """
    gain = (task.goal.sense * task.goal.dense(problem.columns)).astype(np.float64)
    sacks = None if task.kept else sacks_of(problem, shape, gain, out)
    if sacks is None:
        return None
    relaxed = Model(rows, np.where(out, 0, problem.upper), gain, whole=False).relax(task.clock)
    if relaxed is None:
        return Found(None)
    owner, job = shape.job_rows
    prices = np.bincount(owner, relaxed.prices[job], minlength=problem.agents)

    def program(items: Mask) -> Mask | None:
        upper = np.zeros_like(problem.upper)
        upper[sacks.columns(items)] = 1
        model = Model(rows.within(upper), upper, gain, whole=True)
        found = model.search(task.clock, lambda *_: False, nodes=NODES, effort=EFFORT).columns
        return None if found is None else sacks.taking(np.flatnonzero(found))

    optimum = Optimum(sacks, task, None if task.start is None else sacks.taking(task.start), program)
    optimum.solve(np.rint(prices * sacks.scale).astype(np.int64))
    if optimum.bound is None:
        return Found(None, infeasible=task.start is None)
    out[optimum.ruled_out()] = True
    chosen = None if optimum.best is None else sacks.columns(optimum.best)
    return Found(chosen, task.goal.sense * optimum.bound, proven=optimum.proven)


@dataclass
class Optimum:
    """One goal's allocation and proof over knapsacks. ``bound`` and ``value`` are gains: more is better.

    ``best`` is the best allocation known (None: none), ``bound`` holds for every allocation (None: there is none).
    """

    sacks: Sacks
    task: Task
    best: Mask | None
    program: Program | None = None
    bound: int | None = None
    nodes: int = 0
    root: Descent | None = field(default=None, init=False)
    _seen: int = field(default=0, init=False)

    @property
    def value(self) -> int | None:
        """What the best allocation gains."""
        return None if self.best is None else self.sacks.worth(self.best)

    @property
    def proven(self) -> bool:
        """Whether nothing is better than the best."""
        return self.bound is None or (self.value is not None and self.bound <= self.value)

    def solve(self, prices: IntArray) -> None:
        """Search until proven, or until the clock says stop. ``prices``: one per job, in steps, to begin with."""
        whole = Part.of(self.sacks, self.sacks.real)
        if whole is None:
            return
        self.root = root = self._root(whole, prices)
        self.bound = root.bound // self.sacks.scale
        self._glance(whole, root)
        step, least = 0, self._least()
        while self.bound is not None and not self.proven and not self._stops():
            self._tell()
            worth = self.bound if self.best is not None else max(least, self.bound - step)
            if root.bound - worth * self.sacks.scale > HARD * self.sacks.scale:
                self._consult(whole, root)
            if not self._decide(whole, root, worth):
                break
            if self.value is None or self.value < worth:
                self.bound = worth - 1 if self.best is not None or worth > least else None
                step = max(1, 2 * step)
        self._tell()

    def ruled_out(self) -> IntArray:
        """The options that no allocation as good as the best holds, as far as the prices tell."""
        whole = Part.of(self.sacks, self.sacks.real)
        if whole is None or self.root is None or self.value is None:
            return np.zeros(0, np.int64)
        least = self.value * self.sacks.scale
        _, bounds = penalties(self.sacks, whole, self.root.prices, least)
        return self.sacks.columns(self.sacks.real & (bounds < least))

    def _root(self, whole: Part, prices: IntArray) -> Descent:
        """The best prices, with repairs of what knapsacks took on the way to them."""
        repair, last = Repair(self.sacks), [value(self.sacks, whole, prices)]

        def seen(found: Valued) -> None:
            last[0] = found
            self._seen += 1
            if self._seen % EVERY == 0:
                self._take(repair.improve(found.taken))

        first = FIRST * abs(last[0].bound) / self.sacks.scale + 1.0
        root = descend_part(self.sacks, whole, prices, first, STEPS, self._closes, seen)
        self._take(repair.improve(value(self.sacks, whole, root.prices).taken))
        return root

    def _glance(self, whole: Part, root: Descent) -> None:
        """Look for a good allocation among the fillings that lose next to nothing, a few nodes long."""
        slack = int(NEAR * self.sacks.scale)
        if self.proven or self._stops():
            return
        _, bounds = penalties(self.sacks, whole, root.prices, root.bound - slack)
        part = Part.of(self.sacks, whole.live & (bounds >= root.bound - slack))
        pool = None if part is None or not part.free.any() else listed(self.sacks, part, root.prices, slack)
        if part is None or pool is None:
            return
        below = self.bound - BELOW if self.bound is not None else 0
        worth = (below if self.value is None else max(below, self.value + 1)) - self.sacks.worth(part.must)
        search = Search(self.sacks.scale, worth * self.sacks.scale, self._stops)
        search.stop = lambda: search.nodes >= GLANCES or self._stops()
        search.run(pool, root.prices[pool.jobs])
        self.nodes += search.nodes
        if search.found is not None:
            self._take(part.must | search.found.taken(self.sacks))

    def _consult(self, whole: Part, root: Descent) -> None:
        """Once: ask an integer program for a better allocation among the items with the best bounds."""
        program, self.program = self.program, None
        if program is None or self._stops():
            return
        slack = 2 * BELOW * self.sacks.scale
        _, bounds = penalties(self.sacks, whole, root.prices, root.bound - slack)
        ranks = np.argsort(np.where(whole.live, -bounds, np.iinfo(np.int64).max), axis=None, kind="stable")
        favoured = np.zeros(whole.live.size, bool)
        favoured[ranks[: FAVOURED * self.sacks.jobs]] = True
        items = whole.live & favoured.reshape(whole.live.shape)
        self._take(program(items if self.best is None else items | self.best))

    def _decide(self, whole: Part, root: Descent, worth: int) -> bool:
        """Look for an allocation worth so much; False when stopped before that is decided."""
        target, first = worth * self.sacks.scale, self.value
        waiting = [(whole, root.prices, 0)]
        while waiting and self.value == first:
            if self._stops():
                return False
            self.nodes += 1
            part, prices, steps = waiting.pop()
            kids = self._node(part, prices, steps, target)
            if kids is None:
                return False
            waiting += kids
        return True

    def _node(
        self, part: Part, prices: IntArray, steps: int, target: int
    ) -> list[tuple[Part, IntArray, int]] | None:
        """Settle a part by its patterns, or divide it (None: stopped)."""
        if steps:
            gap = max(0, value(self.sacks, part, prices).bound - target) / self.sacks.scale
            prices = descend_part(
                self.sacks, part, prices, gap + 0.05, steps, lambda bound: bound < target
            ).prices
        bound, bounds = penalties(self.sacks, part, prices, target)
        smaller = Part.of(self.sacks, part.live & (bounds >= target))
        if bound < target or smaller is None:
            return []
        if not smaller.free.any():
            if self.sacks.worth(smaller.must) * self.sacks.scale >= target:
                self._take(smaller.must)
            return []
        now = value(self.sacks, smaller, prices).bound
        pool = listed(self.sacks, smaller, prices, now - target)
        if pool is None:
            return self._divided(smaller, prices, bounds, target)
        fixed = self.sacks.worth(smaller.must)
        search = Search(self.sacks.scale, target - fixed * self.sacks.scale, self._stops)
        ended = search.run(pool, prices[pool.jobs])
        self.nodes += search.nodes
        if search.found is not None:
            self._take(smaller.must | search.found.taken(self.sacks))
        return [] if ended else None

    def _divided(
        self, part: Part, prices: IntArray, bounds: IntArray, target: int
    ) -> list[tuple[Part, IntArray, int]]:
        """One part per knapsack of one job, the most promising last."""
        sacks = self.sacks
        gap = np.clip((bounds - target) / sacks.scale, 0.0, 50.0)
        size = np.bincount(sacks.job[part.free], np.exp(SPREAD * gap[part.free]), minlength=sacks.jobs)
        several = np.bincount(sacks.job[part.free], minlength=sacks.jobs) > 1
        job = int(np.argmin(np.where(several, size, np.inf)))
        items = np.argwhere(part.free & (sacks.job == job))
        items = items[np.argsort(bounds[tuple(items.T)], kind="stable")]
        kids = []
        for home, place in items.tolist():
            live = part.live & (sacks.job != job)
            live[home, place] = True
            kid = Part.of(sacks, live)
            if kid is not None:
                kids.append((kid, prices, NODE_STEPS))
        return kids

    def _take(self, taken: Mask | None) -> None:
        if taken is not None and (self.value is None or self.sacks.worth(taken) > self.value):
            self.best = taken

    def _closes(self, bound: int) -> bool:
        """Whether a bound (in steps of price) proves the best allocation, or time is up."""
        return self._stops() or (self.value is not None and bound // self.sacks.scale <= self.value)

    def _least(self) -> int:
        """What any allocation gains at least."""
        least = np.full(self.sacks.jobs, np.iinfo(np.int64).max)
        np.minimum.at(least, self.sacks.job[self.sacks.real], self.sacks.gain[self.sacks.real])
        return sum(least.tolist())

    def _stops(self) -> bool:
        return self.task.clock.stop() is not None

    def _tell(self) -> None:
        sense = self.task.goal.sense
        told = [None if gain is None else sense * gain for gain in (self.value, self.bound)]
        self.task.tell(*told)
