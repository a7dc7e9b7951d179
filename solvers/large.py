"""The method for large rounds: prices that prove a bound, and an allocation improved part by part.

Per goal (or for the weighted objective):

1. *Prices* (``scaling.prices``). Rows over groups of options are priced, not spelled out; every agent's best choice at
   the prices bounds all allocations. Who pays for an escort, and groups that choose as one, are part of it; where the
   members of a group can't meet is ruled out before (``scaling.meeting``). Subgradient
   steps find the neighbourhood; then a linear program per block of districts says which of its prices are best
   (``scaling.lowering``), and they are taken where the bound over everything falls.
2. *First allocation*: proposals at these prices, within seconds (``scaling.beginning``): whom lower sides ask for,
   those who choose together, then everybody else; once more at the prices that blocks have made. Where no count ties
   agents together, blocks are then settled in order by their linear programs, made whole (``scaling.settling``,
   ``scaling.rounding``).
3. *Parts* (``scaling.improving``): flows of a few hosting partners that the same agents like, as a program in which
   everybody else stays; small parts first, larger ones later. Where counts tie agents together, parts around those who
   miss most take turns with them (``scaling.waiting``), and with all whom a sender's escorts go with
   (``scaling.kindred``). Waves of such programs run side by side. Rows of every
   kind are in them as they stand, so that each step is an allocation; the driver checks it once more.
4. In turns, parts use the better prices and blocks lower the bound, until the gap asked for is reached, nothing
   improves any more, or time is up.

Rounds so small that one part would be all of them are left to the exact method.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from models.bulk import spans
from models.outcome import Outcome, Status, Stop
from models.problem import Problem
from solvers import get
from solvers.crew import Crew, crew
from solvers.interface import Cancel, Limits, Report
from solvers.lexicographic import Found, Task, run
from solvers.scaling.beginning import Beginning
from solvers.scaling.blocks import Districts
from solvers.scaling.doubting import doubted
from solvers.scaling.efforts import APART, GATHER, GATHERED, LARGEST, TIED, Effort
from solvers.scaling.improving import Improver
from solvers.scaling.kindred import Kindred
from solvers.scaling.lowering import Lowering
from solvers.scaling.matrix import FloatArray, Matrix, matrix_of
from solvers.scaling.meeting import meeting
from solvers.scaling.parts import Parts
from solvers.scaling.prices import Descent, Market
from solvers.scaling.relaxation import MISSING
from solvers.scaling.settling import Settling
from solvers.scaling.standing import EPSILON, Standing, mended
from solvers.stage import relative_gap, targets_of

SMALL = 2_000
"""Options up to which the exact method is asked instead."""
STEPS = (25, 100)
"""Fewest and most steps of prices before anybody is placed; half as many after each sweep."""
PASSES = 3e8
"""Options that the steps look at together, as far as the fewest and most steps allow."""
ENOUGH = 2e-5
"""The relative improvement of a sweep below which it counts as none."""
PAYING = 1e-3
"""The relative fall of the bound above which blocks are lowered after the next sweep, too."""
DOUBT = 1e-6
"""The relative error that sums of prices are taken to have at most, where they prove that there is no allocation."""
MENDS = 6
"""Times that those whom lower sides ask for are looked at in a row."""
CRUMB = 0.05
"""The fall of a bound, in units of the goal, below which it counts as none."""
IDLE = 2
"""Sweeps without improvement, in allocation and bound, after which the method ends."""
MIXED_IN = 8
"""Later goals that are mixed in at most: further ones would be lost in rounding."""
UNIT = 1000.0
"""One unit of a goal where later goals are mixed in."""
NOISE = 3e-4
"""The most that chance adds to what an option is worth, in units of what an agent gains on average."""


class Large:
    """The method ``large``."""

    name = "large"

    def solve(self, problem: Problem, limits: Limits, report: Report, cancel: Cancel) -> Outcome:
        """Every goal in order, or the weighted objective, each with a bound."""
        if problem.options <= SMALL:
            found = get("exact").solve(problem, limits, report, cancel)
            return replace(found, method=self.name).because("large left it to the exact method: it is small")
        with crew(limits) as hands:
            search = _Search(problem, limits, hands)
            return run(problem, limits, report, cancel, search.stage, method=self.name)


@dataclass
class _Search:
    """What one goal's search leaves for the next."""

    problem: Problem
    limits: Limits
    hands: Crew

    def stage(self, task: Task) -> Found:
        """One goal: prices and parts in turns."""
        matrix = meeting(matrix_of(self.problem, task.kept))
        if _impossible(matrix):
            return Found(None, infeasible=task.start is None)
        return _Goal(self, task, matrix).solve()

    def mixed(self, task: Task, pure: FloatArray) -> FloatArray:
        """A goal's gain with the later goals mixed in, too little for a part to give a unit of the goal."""
        later = (
            ()
            if self.problem.weighted is not None
            else targets_of(self.problem)[task.number + 1 :][:MIXED_IN]
        )
        if not later:
            return pure
        mixed, unit = pure * UNIT, UNIT
        for goal in later:
            vector = np.zeros(self.problem.columns)
            goal.add_to(vector, goal.sense)
            unit /= 2.0 * LARGEST * max(1.0, float(np.abs(vector).max(initial=0.0)))
            mixed += unit * vector
        return mixed


class _Goal:
    """One goal's allocation and bound. Values are gains: more is better."""

    def __init__(self, search: _Search, task: Task, matrix: Matrix) -> None:
        self.search, self.task, self.matrix = search, task, matrix
        self.pure = np.zeros(search.problem.columns)
        task.goal.add_to(self.pure, task.goal.sense)
        self.mixed = search.mixed(task, self.pure)
        self.market = Market(matrix, self.pure)
        self.descent = Descent(self.market, self.market.begin())
        self.noise = self._noise()
        districts = Districts(matrix)
        self.lowering = Lowering(self.market, districts, search.hands, task.clock, self.noise)
        parts = Parts(matrix.problem)
        self.improver = Improver(matrix, self.mixed, parts, search.hands, task.clock)
        self.beginning = Beginning(matrix, self.mixed, self.market.every, parts.areas.of_option)
        self.kindred = Kindred.of(self.market.shares, matrix.problem.agent, matrix.problem.agents)
        self.efforts = TIED if bool(np.any(matrix.defines >= 0)) else APART
        self.standing: Standing | None = None
        self.holding: Standing | None = None
        self.none = False
        if task.start is not None:
            self._stand(Standing.of(matrix, self.mixed, task.start))

    def solve(self) -> Found:
        """Steps and blocks for the bound; proposals, perhaps settled blocks; then sweeps and blocks in turns."""
        steps = int(np.clip(PASSES / max(1, self.search.problem.options), *STEPS))
        self._descend(steps)
        if self.standing is None:
            self._stand(self.beginning.at(self._worth()))
            self._doubt()
        assert self.standing is not None
        self._lower(0, steps // 2)
        if self.task.start is None and not self._done():
            self._begin_anew()
        turn, idle, pays = 0, 0, True
        while idle < IDLE and not self._done():
            value, bound = self.standing.value, self.descent.best.bound
            self._sweep(turn)
            self._gather(turn)
            self._seat(turn)
            self._mend()  # what lacks still may find its place once others have moved
            slow = self.standing.value - value < self.efforts.slow * abs(value)
            if slow and (pays or idle) and not self._done():
                self._lower(turn + 1, steps // 2)
                pays = bound - self.descent.best.bound > PAYING * abs(bound)
            idle = 0 if self._gained(value, bound) else idle + 1
            turn += 1
        return self._found()

    def _noise(self) -> FloatArray:
        """A little for every option, at random: it orders what is worth the same."""
        rng = np.random.default_rng([self.search.limits.seed, 1])
        unit = self.descent.best.bound / max(1, self.search.problem.agents)
        noise = rng.random(self.search.problem.options)
        noise *= NOISE * unit
        return noise

    def _lower(self, turn: int, steps: int) -> None:
        """Blocks, then perhaps steps from where they end."""
        if self._done():
            return
        size = self.efforts.lowered[min(turn, 1)]
        lowered = self.lowering.go(self.descent.best, size, turn, self._tell)
        self.descent.adopt(lowered)
        if self.efforts.eased:
            self._descend(steps)

    def _settled(self, effort: Effort, worth: FloatArray) -> Standing:
        """Blocks settled in order."""
        scale = 1.0 if self.mixed is self.pure else UNIT
        gain = self.mixed.copy()
        gain[: self.search.problem.options] += scale * self.noise
        settling = Settling(
            self.market,
            gain,
            scale,
            self.descent.best,
            worth,
            self.lowering.districts,
            self.search.hands,
            self.task.clock,
        )
        chosen = settling.go(effort.size, effort.nodes, effort.gap).chosen
        return mended(self.matrix, self.mixed, Standing.of(self.matrix, self.mixed, chosen))

    def _doubt(self) -> None:
        """Where proposals lack something in a small round: whether anything lacks nothing. Such an allocation is poor,
        and taken only where mending finds none.
        """
        found = None
        if self.holding is None:
            found = doubted(self.search.problem, self.task.clock, self.search.limits.seed)
        self.none = found is not None and found.status is Status.INFEASIBLE
        if not self.none:
            self._mend()
        if self.holding is None and found is not None and found.chosen is not None:
            self._stand(Standing.of(self.matrix, self.mixed, found.chosen))

    def _mend(self) -> None:
        """Try to place at once whom lower sides ask for."""
        assert self.standing is not None
        for _ in range(MENDS):
            before = self.standing
            if before.holds(self.matrix):
                break
            self._stand(self.improver.mend(before, self._worth(), self.efforts.mended))
            if not self.standing.better_than(before, self.matrix):
                break
        self._tell()

    def _with_penalties(self, standing: Standing) -> float:
        """The gain, less what lower sides lack as if each unit of it took several good places."""
        scale = 1.0 if self.mixed is self.pure else UNIT
        unit = scale * abs(self.descent.best.bound) / max(1, self.search.problem.agents)
        return standing.value - MISSING * unit * standing.lacking(self.matrix)

    def _stand(self, standing: Standing) -> None:
        """Go on from an allocation; the best that lacks nothing is kept."""
        self.standing = standing
        if standing.holds(self.matrix) and (self.holding is None or standing.value > self.holding.value):
            self.holding = standing

    def _begin_anew(self) -> None:
        """A first allocation at better prices, where it is better: blocks settled in order, or proposals once more."""
        assert self.standing is not None
        settled, worth = self.efforts.settled, self._worth()
        begun = self.beginning.at(worth) if settled is None else self._settled(settled, worth)
        if self._with_penalties(begun) > self._with_penalties(self.standing):
            self._stand(begun)
        self._mend()

    def _worth(self) -> FloatArray:
        """What options are worth at the present prices, later goals mixed in; most of all where a lower side lacks."""
        options = self.search.problem.options
        scale = 1.0 if self.mixed is self.pure else UNIT
        worth = np.empty(options)
        for span in spans(0, options):
            later = self.mixed[span] - self.pure[span] * scale
            worth[span] = (self.descent.best.worth[span] + self.noise[span]) * scale + later
        activity = np.zeros(len(self.matrix)) if self.standing is None else self.standing.activity
        lacking = (activity < self.matrix.lower - EPSILON) & (self.matrix.defines < 0)
        if lacking.any():
            most = float(np.abs(self.mixed[:options]).max(initial=0.0))
            worth -= self.matrix.option_prices(np.where(lacking, -most, 0.0))
        return worth

    def _sweep(self, turn: int) -> None:
        assert self.standing is not None
        effort = self.efforts.sweeps[min(turn, len(self.efforts.sweeps) - 1)]
        for standing in self.improver.sweep(self.standing, self._worth(), effort, turn + 1):
            self._stand(standing)
            self._tell()
            if self._done():
                return

    def _gather(self, turn: int) -> None:
        """Those who travel together."""
        assert self.standing is not None
        effort = self.efforts.gathered
        if effort is None or turn < GATHERED or (turn - GATHERED) % GATHER or self._done():
            return
        for standing in self.improver.gather(self.kindred, self.standing, self._worth(), effort, turn + 1):
            self._stand(standing)
            self._tell()
            if self._done():
                return

    def _seat(self, turn: int) -> None:
        """Parts around those who miss most."""
        assert self.standing is not None
        effort = self.efforts.seated[min(turn, len(self.efforts.seated) - 1)]
        if effort is None or self._done():
            return
        for standing in self.improver.seat(self.standing, self._worth(), effort):
            self._stand(standing)
            self._tell()
            if self._done():
                return

    def _descend(self, steps: int) -> None:
        """Aim at the best allocation; where there is none, a little below the bound."""
        value = self._value()
        aim = self.descent.best.bound * 0.97 if value is None else value
        also = np.zeros(0, np.int64) if self.standing is None else self.standing.chosen
        self.descent.go(steps, aim, also, lambda: self.task.clock.stop() is not None)
        self._tell()

    def _gained(self, value: float, bound: float) -> bool:
        """Whether a turn was worth it; goals are whole numbers, so that crumbs of a unit are not."""
        assert self.standing is not None
        better = self.standing.value - value > ENOUGH * max(1.0, abs(value))
        return better or bound - self.descent.best.bound > max(CRUMB, ENOUGH * abs(bound))

    def _value(self) -> float | None:
        """The goal's gain in the best allocation (None: there is none that holds)."""
        if self.holding is None:
            return None
        auxiliaries = float(self.pure[self.search.problem.options :] @ self.holding.auxiliaries)
        return float(np.rint(self.pure[self.holding.chosen].sum() + auxiliaries))

    def _bound(self) -> int:
        """The best bound, which the goal takes as a whole number."""
        return min(int(np.floor(self.descent.best.bound + 1e-6)), self.task.goal.sense * self.task.bound)

    def _done(self) -> bool:
        """Proven, near enough, or out of time."""
        value = self._value()
        if self.task.clock.stop() is not None or self._hopeless():
            return True
        return value is not None and (
            value >= self._bound() or relative_gap(int(value), self._bound()) <= self.task.gap
        )

    def _hopeless(self) -> bool:
        """Whether no choice satisfies the rows: it is known, or the bound is below what any choice at all gains. How
        far below allows for the rounding of sums of large prices.
        """
        if self.none or self.holding is not None:
            return self.none
        priced, matrix, options = self.descent.best, self.matrix, self.search.problem.options
        side = np.where(priced.of_row > 0, matrix.upper, matrix.lower)
        size = float(np.abs(priced.of_row * np.where(priced.of_row != 0, side, 0.0)).sum())
        starts = self.market.every.starts
        least = (
            float(np.minimum(np.minimum.reduceat(self.pure[:options], starts), 0.0).sum()) if options else 0.0
        )
        least += float(np.minimum(self.pure[options:], 0.0) @ self.search.problem.auxiliary_upper)
        return priced.bound < least - 1.0 - DOUBT * size

    def _tell(self, bound: float | None = None) -> None:
        value, sense = self._value(), self.task.goal.sense
        known = self._bound() if bound is None else min(self._bound(), int(np.floor(bound + 1e-6)))
        self.task.tell(None if value is None else int(sense * value), sense * known)

    def _found(self) -> Found:
        value, sense = self._value(), self.task.goal.sense
        if self._hopeless() and self.task.start is None:
            return Found(None, infeasible=True)
        if value is None or self.holding is None:
            return Found(None, sense * self._bound())
        bound = max(self._bound(), int(value))
        near = relative_gap(int(value), bound) <= self.task.gap
        stop = self.task.clock.stop() or (Stop.GAP if near else Stop.METHOD)
        return Found(self.holding.chosen, sense * bound, proven=bound == int(value), stop=stop)


def _impossible(matrix: Matrix) -> bool:
    """Whether a row can't be satisfied whatever is chosen."""
    most, least = matrix.most_and_least()
    return bool(np.any(most < matrix.lower) or np.any(least > matrix.upper))


SOLVER = Large()
