"""One goal of the exact method: relaxation, cuts, an early allocation, search over auxiliaries, integer programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from models.problem import IntArray, Problem
from solvers.branching import Part, Tree
from solvers.capping import capped, groups_of
from solvers.diving import dive
from solvers.highs import FloatArray
from solvers.pricing import Priced
from solvers.programs import Programs
from solvers.relaxing import Relaxation
from solvers.stage import Found, Task
from solvers.sweeping import Sweeps

CUT_ROUNDS = 12
"""Times that cuts are looked for at most."""
CUT_ROWS = 150
"""Rows of the tableau from which cuts are made, each time."""
CUTS = 60
"""Cuts taken in at once, at most."""
FEW_LEFT = 2000
"""Columns with which an integer program is done sooner than with a better allocation and the columns that it rules
out."""
IDLE = 2
"""Rounds of cuts in sequence that close little, after which there is no other."""
LITTLE = 0.02
"""The part of the gap that is little to close for a round of cuts."""
LITTLE_LEFT = 4000
"""Columns that one integer program is soon done with."""
MUCH = 0.25
"""The part of the gap that sweeps must close at the prices of all rows: else cuts and branching close it sooner."""
NEARLY = 0.025
"""The relative gap from which all rows are worth their time in a large round."""
PARTS = 30
"""Parts that are remembered for the next goal, at most: more of them are as good as none."""
SMALL = 80_000
"""Nonzeros up to which HiGHS is asked first what it can prove with cuts at the root of an integer program."""
SLIGHT = 1e-3
"""The part of a unit by which further rows must lower the relaxation to be worth another solution."""
SOON_LEFT = 3000
"""Columns with which an integer program is done sooner than another round of cuts pays."""
TINY_LEFT = 1000
"""Columns that one integer program is done with sooner than another relaxation."""
TREE_NODES = 2000
"""Nodes of the search over auxiliaries, before one integer program takes over."""


class Proof:
    """One goal's allocation and proof. Values are gains: more is better.

    ``parts``: everything that is worth a search lies in one of these (none: nothing is known). ``sweeps`` look for an
    allocation where the round is large (None: it is not).
    """

    def __init__(
        self, task: Task, programs: Programs, parts: Sequence[Part], sweeps: Sweeps | None = None
    ) -> None:
        self.task, self.programs, self.parts, self.sweeps = task, programs, list(parts), sweeps
        self.relaxation: Relaxation = programs.relaxation
        self.problem: Problem = self.relaxation.problem
        self.prices: FloatArray = np.zeros(0)
        self.point: FloatArray = np.zeros(0)

    def solve(self) -> Found:
        """Relax, branch, end with an integer program; what the prices rule out is left out for good."""
        root = self._root()
        if root is None:
            return Found(self._chosen())
        bound = self._capped(root.whole)
        root = replace(root, bound=min(root.bound, bound))
        self.relaxation.remember()
        if self._open(bound) and self._is_knapsacks():
            bound = min(bound, max(self.programs.settle(root, 1), self.value()))
        if self._open(bound) and (self.parts or not self._is_little(root)):
            bound = min(bound, self._branch(root))
            self.relaxation.go_back()
        if self._open(bound):
            bound = min(bound, max(self.programs.settle(root, None), self.value()))
        if self.programs.best is None:
            return Found(None, infeasible=bound == -np.inf)
        self._leave_out(root)
        return Found(self._chosen(), int(self.task.goal.sense * bound), proven=bound <= self.value())

    def value(self) -> float:
        """The goal's gain in the best allocation (−∞: none yet)."""
        return self.programs.value()

    def _chosen(self) -> IntArray | None:
        best = self.programs.best
        return None if best is None else np.flatnonzero(best[: self.problem.options])

    def _capped(self, bound: float) -> float:
        """A bound on a share of the group served worst, by the most that each group can have."""
        if not self._open(bound):
            return bound
        bound = capped(bound, self.value(), groups_of(self.problem, self.task.goal, self.point), self._most)
        self.programs.bound = min(self.programs.bound, bound)
        self.relaxation.aim(self.programs.mixed)
        self._tell(bound)
        return bound

    def _most(self, gain: FloatArray) -> Priced | None:
        """What the relaxation proves of another gain (None: stopped)."""
        self.relaxation.aim(gain)
        found = self.relaxation.solve(self.task.clock)
        return None if found is None else self.relaxation.priced(found[1], gain)

    def _leave_out(self, root: Priced) -> None:
        """Leave out what nothing as good as the best allocation holds."""
        self.programs.out |= ~root.possible(self.value())
        self.relaxation.leave_out(self.programs.out)

    def _branch(self, root: Priced) -> float:
        """Search over the auxiliaries; the bound that it proves. The parts where it found nothing better, but
        perhaps something as good, are where later goals are searched.
        """
        programs = self.programs
        ends = (programs.leaf, programs.near, self._is_tiny, self._is_little, programs.finish)
        tree = Tree(
            self.relaxation, self._price, self.value, *ends, self._tell, self.task.clock, programs.unit
        )
        bound = tree.search(root, TREE_NODES if self.problem.auxiliaries else 1, self.parts)
        if root.whole > self.value() >= bound:
            parts = tree.parts()
            self.parts = parts if len(parts) <= PARTS else self.parts
        return bound

    def _is_little(self, root: Priced) -> bool:
        """Whether few columns are left that anything better may hold: one integer program is done with them."""
        return self._left(root) <= LITTLE_LEFT

    def _is_tiny(self, prices: Priced) -> bool:
        """Whether so few columns are left that an integer program is faster than another node."""
        return self._left(prices) <= TINY_LEFT

    def _left(self, prices: Priced) -> float:
        """How many columns something better than the best allocation may hold."""
        if self.programs.best is None:
            return np.inf
        return float(np.count_nonzero(self.programs.better(prices)))

    def _is_knapsacks(self) -> bool:
        """Small, and nothing is counted: auxiliaries at most tie agents together, which makes knapsacks."""
        problem = self.problem
        return len(self.relaxation.rows.column) <= SMALL and bool(
            np.all(problem.upper[problem.options :] <= 1)
        )

    def _root(self) -> Priced | None:
        """The relaxation's prices, with cuts, and an allocation near its optimum; where a goal was mixed in, also
        the prices of the goal alone (None: stopped).
        """
        first = len(self.relaxation.rows)
        self.relaxation.slight = SLIGHT * self.programs.unit if self.sweeps is None else np.inf
        if not self._relax():
            return self._stopped()
        root = self._hear(self._price(self.prices))
        if self.sweeps is not None:
            root = self._sweep(root, self.sweeps)
        if not self.parts:
            root = self._approach(root)
        root = self._alone(root)
        self.relaxation.forget(np.arange(len(self.relaxation.rows)) >= first)
        return root

    def _stopped(self) -> Priced | None:
        """What the last prices prove, though they are no optimum's: any do (None: there were none yet)."""
        prices = self.relaxation.prices
        prices = np.append(prices, np.zeros(len(self.relaxation.rows) - len(prices)))
        return self._price(prices) if np.any(prices) else None

    def _sweep(self, root: Priced, sweeps: Sweeps) -> Priced:
        """Sweep for a better allocation while the relaxation is coarse; then what all rows prove, an allocation near
        their optimum, and more sweeps at their prices.
        """
        self._swept(root, sweeps, NEARLY)
        self.relaxation.slight = SLIGHT * self.programs.unit
        if not self._open(root.whole) or not self._relax():
            return root
        root = self._hear(root.also(self._price(self.prices)))
        if self._open(root.whole):
            self.programs.near(self.point, self._price(self.prices))
            self._swept(root, sweeps, 0.0, MUCH)
        return root

    def _swept(self, root: Priced, sweeps: Sweeps, gap: float, share: float = 0.0) -> None:
        """Better allocations, until the bound is as near as ``gap`` (relative), or sweeps close less than a ``share``
        of what is left.
        """
        programs, kept = self.programs, self.task.kept
        best = None if programs.best is None else self._chosen()
        worth = self.relaxation.priced(self.prices, programs.mixed).reduced[: self.problem.options]
        for chosen in sweeps.better(
            kept, programs.mixed, best, worth, programs.unit, lambda: share * self._gap(root)
        ):
            programs.take(chosen)
            self._tell(root.whole)
            if not self._open(root.whole) or self._gap(root) <= gap:
                break

    def _gap(self, root: Priced) -> float:
        """How far the bound lies above the best allocation, relative to it (0: there is none)."""
        value = self.value()
        return (root.whole - value) / max(1.0, abs(value)) if value > -np.inf else 0.0

    def _approach(self, root: Priced) -> Priced:
        """Look for an allocation, which tells how much cuts could gain; cut; look again where there was none."""
        found = self.sweeps is not None and self._gap(root) > NEARLY
        found = found or (self._open(root.whole) and self._left(root) > FEW_LEFT and self._dive())
        root = self._cut(root)
        if not found and self._open(root.whole) and self._left(root) > FEW_LEFT:
            self._dive()
        return root

    def _dive(self) -> bool:
        """Look for an allocation with auxiliaries near the relaxation's; whether there is one, better or not."""
        programs, relaxation = self.programs, self.relaxation
        relaxation.remember()
        found = dive(
            relaxation, self.point, lambda prices: self._open(self._price(prices).whole), self.task.clock
        )
        relaxation.go_back()
        if found is not None:
            programs.leaf(*found)
        return found is not None

    def _cut(self, root: Priced) -> Priced:
        """Cut off the optimum and solve again, as long as it helps and more than an integer program's share of columns
        is left: what all prices prove together.
        """
        idle = 0
        for number in range(CUT_ROUNDS):
            wanted = self._open(root.whole) and not (number and self._left(root) <= SOON_LEFT)
            cuts = self.relaxation.cuts(self.point, CUT_ROWS, CUTS) if wanted else []
            if not cuts:
                break
            self.relaxation.tighten(cuts)
            if not self._relax():
                break
            before, root = root, self._hear(root.also(self._price(self.prices)))
            idle = idle + 1 if before.bound - root.bound < LITTLE * (before.bound - self.value()) else 0
            if idle == IDLE:
                break
        return root

    def _alone(self, root: Priced) -> Priced:
        """The same with the prices of the goal alone, where the next one was mixed in."""
        programs = self.programs
        if programs.unit > 1 and self._open(root.whole):
            self.relaxation.aim(programs.gain)
            found = self.relaxation.solve(self.task.clock)
            if found is not None:
                root = self._hear(root.also(self.relaxation.priced(found[1], programs.gain)))
            self.relaxation.aim(programs.mixed)
        return root

    def _relax(self) -> bool:
        """Solve the relaxation: its optimum and prices (False: stopped)."""
        found = self.relaxation.solve(self.task.clock)
        if found is not None:
            self.point, self.prices = found
        return found is not None

    def _price(self, prices: FloatArray) -> Priced:
        return self.relaxation.priced(prices / self.programs.unit, self.programs.gain)

    def _open(self, bound: float) -> bool:
        """Whether something better may exist, and there is time to look for it."""
        return bound > self.value() and self.task.clock.stop() is None

    def _hear(self, root: Priced) -> Priced:
        """Take note of a bound on everything, and pass it on."""
        self.programs.bound = root.whole
        self._tell(root.whole)
        return root

    def _tell(self, bound: float) -> None:
        """Report the goal's best value and the bound on it, in the goal's own sense."""
        value, sense = self.value(), self.task.goal.sense
        bound = max(bound, value)
        if np.isfinite(bound):
            self.task.tell(None if value == -np.inf else int(sense * value), int(sense * bound))
