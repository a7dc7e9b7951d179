"""The answer of a piece: its linear program, made whole.

Large pieces are nearly networks: their linear programs are solved fast, and nearly whole. What keeps them from it are
counts (an escort for one learner or for ten), so these are settled first, the most decided ones in each round; who is
then placed whole stays, and a small integer program settles the rest. Where that costs much more than the linear
program says (somebody is left without a place for a bed too few), some of those around it may move, too.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import highspy
import numpy as np
import numpy.typing as npt
from highspy.highs import HighsCallbackEvent

from models.problem import IntArray
from solvers.scaling.matrix import FloatArray, Mask, totals
from solvers.scaling.relaxation import WHOLE, Program, Relaxation

TIGHTENED = 1
"""Rounds in which rows that only tighten the relaxation are added where it breaks them."""
DECIDED = 0.85
"""The part of a unit from which a count goes up."""
AT_LEAST = 0.5
"""The part of the open counts that each round decides at least,"""
BUT = 2
"""less so many: the last ones are decided one by one."""
PLACINGS = 30
"""Rounds in which options go up, at most."""
PLACINGS_COUNTED = 4
"""The same where there are counts: the integer program finds more."""
FAILURES = 4
"""Times that options may turn out not to fit together, before the integer program takes over."""
BESIDE = 30
"""Columns of a row up to which those placed in it may move to make room for a divided option."""
LOSS = 0.1
"""What making up to ``TOGETHER`` options whole may cost, in units of the largest gain; of more, as much more."""
TOGETHER = 20
SURE = 0.8
"""The part of an option from which it goes up."""
SOME = 0.25
"""The part of the divided options that go up in each round at least."""
FREED = ((0, 0.0), (60, 1.0), (300, 0.4))
"""Of those who are placed whole, how many may move in the integer program, and what part of them, at most: more each
time it loses too much.
"""
CROWD = 200
"""Those placed whole in a row up to which they are among them: a budget or a quota says nothing of who is near."""
LOST = 0.6
"""The part of what the linear program gains that the integer program may lose, if it keeps some of it."""
LOOKS = 2
"""Times per node allowed that HiGHS asks whether to go on, after which an integer program ends. Nodes alone do not
bound it: before the second one, branches are tried out and smaller programs are solved for long.
"""
DIVES = 25
"""Rounds of decisions, at most; what is open then is left to the integer program."""


def solve(*numbers: npt.NDArray[np.generic] | float) -> IntArray | None:
    """The best values found of the columns of a ``Program`` (its fields in order, then most nodes and the relative gap
    at which the integer program ends); None when there is no answer.
    """
    *program, nodes, gap = numbers
    return _Rounding(Program(*program), int(nodes), float(gap)).solve()  # type: ignore[arg-type]  # as it was sent


@dataclass
class _Rounding(Relaxation):
    """A relaxation, as far as it is made whole."""

    nodes: int
    gap: float

    def solve(self) -> IntArray | None:
        """Relax, tighten, decide counts, then the rest as an integer program; None where that betters nothing."""
        if not self.begin():
            return None
        for _ in range(TIGHTENED):
            if not self.tightened():
                break
        if not self._promising():
            return None
        self._decide()
        self._place()
        found = self._whole()
        return found if found is None or len(self.program.soft) or self._better(found) else None

    def _promising(self) -> bool:
        """Whether whole values may gain more than the gap at which the program may end."""
        best, now = self.gain_of(self.values), self.gain_of(self.program.now)
        return len(self.program.soft) > 0 or best - now > self.gap * abs(best)

    def _better(self, values: IntArray) -> bool:
        """Whether values gain more than what holds at present, with counts as low as their own rows allow."""
        program, first = self.program, int(self.program.options)
        counted = program.column >= first
        alone = np.bincount(program.row[counted], minlength=len(program.lower)) == 1
        own = counted & (program.value > 0) & (alone & np.isfinite(program.lower))[program.row]
        chosen = np.where(np.arange(len(values)) < first, values, 0).astype(np.float64)
        total = totals(program.row, program.value * chosen[program.column], len(program.lower))
        row, column = program.row[own], program.column[own]
        least = np.ceil((program.lower[row] - total[row]) / program.value[own] - WHOLE)
        np.maximum.at(chosen, column, least)
        return self.gain_of(chosen) > self.gain_of(program.now)

    def _decide(self) -> None:
        """Counts become whole: those nearest to the next whole number go up, and draw others to them."""
        first, weighty = int(self.program.options), self._weighty()
        for _ in range(DIVES):
            counts = self.values[first:]
            part = counts - np.floor(counts + WHOLE)
            open_ = np.flatnonzero(weighty & (self.high[first:] > self.low[first:]) & (part > WHOLE))
            if not len(open_):
                return
            order = open_[np.lexsort((open_, -part[open_]))]
            chosen = order[
                (part[order] >= DECIDED) | (np.arange(len(order)) < max(1.0, AT_LEAST * len(order) - BUT))
            ]
            while len(chosen) and not self._counted(chosen, np.ceil(counts[chosen] - WHOLE), self.low):
                chosen = chosen[: len(chosen) // 4]
            if not len(chosen) and not self._counted(order[:1], np.floor(counts[order[:1]]), self.high):
                return
            self.tightened()

    def _counted(self, counts: IntArray, ends: FloatArray, side: FloatArray) -> bool:
        """Counts that go up stay there, those that go down stay below, where that leaves an optimum."""
        columns = int(self.program.options) + counts
        before = self.low.copy(), self.high.copy(), self.values.copy()
        if side is self.low:
            self.low[columns] = self.high[columns] = np.minimum(ends, self.high[columns])
        else:
            self.high[columns] = ends
        self.set_bounds(columns)
        if self.solved():
            return True
        self.low, self.high, self.values = before
        self.set_bounds(columns)
        return False

    def _weighty(self) -> Mask:
        """The counts that matter: a loss in themselves, they fill limits on options too, or they ask for a minimum."""
        program, first = self.program, int(self.program.options)
        limits = np.zeros(len(program.lower), bool)
        limits[program.row[program.column < first]] = True
        limits &= np.isfinite(program.upper)
        fills = (program.column >= first) & (program.value > 0) & limits[program.row]
        weighty = program.gain[first:] < 0
        weighty[program.column[fills] - first] = True
        asks = (program.column >= first) & (program.value < 0) & np.isfinite(program.lower)[program.row]
        weighty[program.column[asks] - first] = True
        return weighty

    def _settled(self) -> IntArray:
        """Options at 1 in no row that breaks when counts go up to whole numbers and others' parts fall away, and in no
        small row with one of the divided options.
        """
        program, options = self.program, int(self.program.options)
        values = self.values[:options]
        whole = np.append(np.floor(values + WHOLE), np.ceil(self.values[options:] - WHOLE))
        total = totals(program.row, program.value * whole[program.column], len(program.lower))
        torn = (total > program.upper + WHOLE) | (total < program.lower - WHOLE)
        torn[program.soft] = False
        divided = np.zeros(len(program.gain), bool)
        divided[:options] = (values > WHOLE) & (values < 1 - WHOLE)
        shared = np.zeros(len(program.lower), bool)
        shared[program.row[divided[program.column]]] = True
        shared &= np.bincount(program.row, minlength=len(shared)) <= BESIDE
        free = np.zeros(len(program.gain), bool)
        free[program.column[(torn | shared)[program.row]]] = True
        return np.flatnonzero((values > 1 - WHOLE) & ~free[:options])

    def _place(self) -> None:
        """Options become whole: the largest parts go up first, as many at a time as all rows allow together."""
        options, tries = int(self.program.options), FAILURES
        for _ in range(PLACINGS_COUNTED if len(self.program.gain) > options else PLACINGS):
            values = self.values[:options]
            part = np.flatnonzero((values > WHOLE) & (values < 1 - WHOLE))
            if not len(part):
                return
            order = part[np.lexsort((part, -values[part]))]
            rank = np.arange(len(order))
            up = order[(values[order] >= SURE) | (rank < max(1.0, SOME * len(order)))]
            while len(up) > 1 and not self.hold(up, self.low, 1.0, LOSS * max(1.0, len(up) / TOGETHER)):
                up, tries = up[: len(up) // 4], tries - 1
            if tries <= 0 or (len(up) <= 1 and not self._one(order[:1])):
                return

    def _one(self, option: IntArray) -> bool:
        """Choose an option or do without it, whichever costs less; whether that leaves an optimum."""
        if self.hold(option, self.low, 1.0, LOSS) or self.hold(option, self.high, 0.0, LOSS):
            return True
        return self.hold(option, self.low, 1.0, np.inf)

    def _whole(self) -> IntArray | None:
        """Who is placed whole stays, the rest as an integer program; where that loses much, some of them may move."""
        program, options = self.program, int(self.program.options)
        settled, relaxed = self._settled(), self.values
        up = relaxed[:options] > 0.5
        if np.all(np.abs(relaxed[:options] - up) <= WHOLE) and len(settled) == np.count_nonzero(up):
            return self._completed(settled)
        gain, now = self.gain_of(relaxed), self.gain_of(program.now)
        if gain <= now and not len(program.soft):
            return None
        near, best, most, freed = self._nearness(settled), None, -np.inf, -1
        for at_most, part in FREED:
            before, freed = freed, min(at_most, int(part * len(settled)), len(near))
            if freed <= before:
                break
            found = self._integer(np.delete(settled, near[:freed]))
            if found is not None and self.gain_of(found) > most:
                best, most = found, self.gain_of(found)
            lost = gain - most
            if lost <= LOSS * float(program.gain.max(initial=0.0)) or (
                most > now and lost <= LOST * (gain - now)
            ):
                break
        return self._completed(self._consistent(settled)) if best is None else best

    def _nearness(self, settled: IntArray) -> IntArray:
        """Places in ``settled`` of those who share rows with what is not settled, the smallest rows first."""
        program, options = self.program, int(self.program.options)
        stays, loose = np.zeros(len(program.gain), bool), np.abs(self.values - np.rint(self.values)) > WHOLE
        stays[settled] = True
        loose[:options] |= (self.values[:options] > 1 - WHOLE) & ~stays[:options]
        crowd = np.bincount(program.row[stays[program.column]], minlength=len(program.lower))
        torn = np.zeros(len(program.lower), bool)
        torn[program.row[loose[program.column]]] = True
        torn &= crowd <= CROWD
        shared = np.full(len(program.gain), CROWD + 1)
        entries = np.flatnonzero(torn[program.row] & stays[program.column])
        np.minimum.at(shared, program.column[entries], crowd[program.row[entries]])
        near = np.flatnonzero(shared[settled] <= CROWD)
        return near[np.lexsort((near, shared[settled][near]))]

    def _integer(self, settled: IntArray) -> IntArray | None:
        """The integer program in which the settled stay; None where a few nodes find nothing."""
        program, options, columns = self.program, int(self.program.options), len(self.program.gain)
        self.low[:] = 0.0
        self.low[settled] = 1.0
        self.high[:options] = program.bounds[:options]
        self.high[options:] = np.maximum(np.ceil(self.values[options:] - WHOLE), program.now[options:])
        self.set_bounds(np.arange(columns))
        whole = np.full(columns, highspy.HighsVarType.kInteger.value, np.uint8)
        self.highs.changeColsIntegrality(columns, np.arange(columns, dtype=np.int32), whole)
        for name, setting in {
            "mip_max_nodes": self.nodes,
            "mip_rel_gap": self.gap,
            "mip_allow_restart": False,
            "mip_heuristic_effort": 0.02,
        }.items():
            self.highs.setOptionValue(name, setting)
        self._run(self.nodes * LOOKS)
        if self.highs.getInfo().primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
            return None
        values: FloatArray = np.array(self.highs.getSolution().col_value)[:columns]
        return np.rint(values).astype(np.int64)

    def _run(self, looks: int) -> None:
        """Run HiGHS until it has asked so many times whether to go on: a limit that is the same on every machine."""
        asked = itertools.count(1)

        def go_on(event: HighsCallbackEvent) -> None:
            event.interrupt(next(asked) > looks)

        self.highs.cbMipInterrupt.subscribe(go_on)
        self.highs.run()
        self.highs.cbMipInterrupt.unsubscribe(go_on)

    def _completed(self, chosen: IntArray) -> IntArray:
        """Column values with some options chosen, and the counts as they are (the caller counts anew)."""
        values = np.ceil(self.values - WHOLE).astype(np.int64)
        values[: int(self.program.options)] = 0
        values[chosen] = 1
        return values

    def _consistent(self, chosen: IntArray) -> IntArray:
        """Without those in rows that break when only these are placed, until none does."""
        program, options = self.program, int(self.program.options)
        while len(chosen):
            whole = np.zeros(len(program.gain))
            whole[chosen] = 1.0
            whole[options:] = np.ceil(self.values[options:] - WHOLE)
            total = totals(program.row, program.value * whole[program.column], len(program.lower))
            torn = (total > program.upper + WHOLE) | (total < program.lower - WHOLE)
            torn[program.soft] = False
            out = np.zeros(len(program.gain), bool)
            out[program.column[torn[program.row]]] = True
            if not out[chosen].any():
                return chosen
            chosen = chosen[~out[chosen]]
        return chosen
