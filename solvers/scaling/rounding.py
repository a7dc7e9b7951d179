"""The answer of a piece: its linear program, made whole.

Large pieces are nearly networks: their linear programs are solved fast, and nearly whole. What keeps them from it are
counts (an escort for one learner or for ten), so these are settled first, the most decided ones in each round; who is
then placed whole stays, and a small integer program settles the rest.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import highspy
import numpy as np
import numpy.typing as npt

from models.problem import IntArray
from solvers.scaling.matrix import FloatArray, Mask, totals
from solvers.scaling.ranking import keenest
from solvers.scaling.simplex import model, relaxed, solver

MISSING = 4.0
"""What a unit that a lower side lacks costs, in units of the largest gain of the piece."""
WHOLE = 1e-6
SIZE = 1000.0
"""The largest gain in the program: HiGHS's tolerances are absolute."""
TIGHTENED = 2
"""Rounds in which rows that only tighten the relaxation are added where it breaks them."""
CUTS = 4
"""Such rows for one count and round, at most."""
BROKEN = 0.02
DECIDED = 0.85
"""The part of a unit from which a count goes up."""
AT_LEAST = 0.2
"""The part of the open counts that each round decides at least."""
PLACINGS = 30
"""Rounds in which options go up, at most."""
FAILURES = 4
"""Times that options may turn out not to fit together, before the integer program takes over."""
BESIDE = 30
"""Columns of a row up to which those placed in it may move to make room for a divided option."""
SURE = 0.8
"""The part of an option from which it goes up."""
SOME = 0.25
"""The part of the divided options that go up in each round at least."""
DIVES = 25
"""Rounds of decisions, at most; what is open then is left to the integer program."""


@dataclass(frozen=True)
class Program:
    """Σ ``gain`` · column is maximised over whole columns between 0 and ``bounds``; from column ``options`` on they are
    counts.

    Rows are in coordinate form, between ``lower`` and ``upper``. ``now`` is what holds at present. ``soft`` rows may
    stay short of their lower sides, at a cost; ``presence`` rows only tighten the relaxation.
    """

    row: IntArray
    column: IntArray
    value: FloatArray
    lower: FloatArray
    upper: FloatArray
    bounds: FloatArray
    gain: FloatArray
    now: FloatArray
    soft: IntArray
    presence: IntArray
    options: IntArray


def solve(*numbers: npt.NDArray[np.generic] | float) -> IntArray | None:
    """The best values found of the columns of a ``Program`` (its fields in order, then most nodes and the relative gap
    at which the integer program ends); None when there is no answer.
    """
    *program, nodes, gap = numbers
    return _Rounding(Program(*program), int(nodes), float(gap)).solve()  # type: ignore[arg-type]  # as it was sent


@dataclass
class _Rounding:
    """A program in HiGHS, as far as it is settled."""

    program: Program
    nodes: int
    gap: float
    highs: highspy.Highs = field(init=False)
    low: FloatArray = field(init=False)
    high: FloatArray = field(init=False)
    values: FloatArray = field(init=False)
    held: Mask = field(init=False)

    def __post_init__(self) -> None:
        program = self.program
        self.highs = solver()
        self.low = np.zeros(len(program.gain))
        self.high = program.bounds.copy()
        self.values = program.now.copy()
        self.held = np.ones(len(program.lower), bool)

    def solve(self) -> IntArray | None:
        """Relax, tighten, decide counts, then the rest as an integer program."""
        program = self.program
        self.held[program.presence] = False
        self.highs.passModel(self._model(self.held))
        if not self._relaxed():
            return None
        for _ in range(TIGHTENED):
            if not self._tightened():
                break
        self._decide()
        self._place()
        return self._whole()

    def _tightened(self) -> bool:
        """Take in rows that the values break; whether there are any, and an optimum with them."""
        broken = self._broken(self.held)
        if not len(broken):
            return False
        self.held[broken] = True
        self._add(broken)
        return self._relaxed()

    def _add(self, rows: IntArray) -> None:
        """More rows, with the basis kept: the dual simplex method goes on from it."""
        program = self.program
        number = np.full(len(program.lower), -1)
        number[rows] = np.arange(len(rows))
        entries = np.flatnonzero(number[program.row] >= 0)
        entries = entries[np.lexsort((program.column[entries], number[program.row[entries]]))]
        starts = np.concatenate(
            [[0], np.cumsum(np.bincount(number[program.row[entries]], minlength=len(rows)))]
        )
        self.highs.addRows(
            len(rows),
            program.lower[rows],
            program.upper[rows],
            len(entries),
            starts[:-1].astype(np.int32),
            program.column[entries].astype(np.int32),
            program.value[entries],
        )

    def _model(self, held: Mask) -> highspy.HighsLp:
        """The linear program with some of the rows, and slacks for what may be lacking."""
        program = self.program
        number = np.where(held, np.cumsum(held) - 1, -1)
        stay = held[program.row]
        slacks, columns = len(program.soft), len(program.gain)
        row = np.concatenate([number[program.row[stay]], number[program.soft]])
        column = np.concatenate([program.column[stay], columns + np.arange(slacks)])
        value = np.concatenate([program.value[stay], np.ones(slacks)])
        scale = SIZE / max(1.0, float(np.abs(program.gain).max(initial=0.0)))
        reach = np.maximum(program.lower[program.soft], 0.0)
        gain = np.concatenate([program.gain * scale, np.full(slacks, -MISSING * SIZE)])
        most = np.concatenate([self.high, np.where(np.isfinite(reach), reach, 0.0)])
        return model((row, column, value), gain, most, program.lower[held], program.upper[held])

    def _relaxed(self) -> bool:
        """Solve the linear program; whether it has an optimum."""
        if not relaxed(self.highs):
            return False
        self.values = np.array(self.highs.getSolution().col_value)[: len(self.values)]
        return True

    def _broken(self, held: Mask) -> IntArray:
        """Rows left out that the values break, the worst of each count."""
        program = self.program
        if not len(program.presence):
            return program.presence
        first = int(program.presence[0])
        entries = np.flatnonzero(program.row >= first)
        row, column, value = program.row[entries] - first, program.column[entries], program.value[entries]
        short = -totals(row, value * self.values[column], len(program.presence))
        count = np.zeros(len(program.presence), np.int64)
        is_count = column >= int(program.options)
        count[row[is_count]] = column[is_count]
        short[held[program.presence]] = 0.0
        broken = np.flatnonzero(short > BROKEN)
        order, rank = keenest(broken, count[broken], short[broken])
        return program.presence[order[rank < CUTS]]

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
                (part[order] >= DECIDED) | (np.arange(len(order)) < max(1.0, AT_LEAST * len(order)))
            ]
            while len(chosen) and not self._counted(chosen, np.ceil(counts[chosen] - WHOLE), self.low):
                chosen = chosen[: len(chosen) // 4]
            if not len(chosen) and not self._counted(order[:1], np.floor(counts[order[:1]]), self.high):
                return
            self._tightened()

    def _counted(self, counts: IntArray, ends: FloatArray, side: FloatArray) -> bool:
        """Counts that go up stay there, those that go down stay below, where that leaves an optimum."""
        columns = int(self.program.options) + counts
        before = self.low.copy(), self.high.copy(), self.values.copy()
        if side is self.low:
            self.low[columns] = self.high[columns] = np.minimum(ends, self.high[columns])
        else:
            self.high[columns] = ends
        self._bounds(columns)
        if self._relaxed():
            return True
        self.low, self.high, self.values = before
        self._bounds(columns)
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

    def _bounds(self, columns: IntArray) -> None:
        self.highs.changeColsBounds(
            len(columns), columns.astype(np.int32), self.low[columns], self.high[columns]
        )

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
        shared &= self.held & (np.bincount(program.row, minlength=len(shared)) <= BESIDE)
        free = np.zeros(len(program.gain), bool)
        free[program.column[(torn | shared)[program.row]]] = True
        return np.flatnonzero((values > 1 - WHOLE) & ~free[:options])

    def _place(self) -> None:
        """Options become whole: the largest parts go up first, as many at a time as all rows allow together."""
        options, tries = int(self.program.options), FAILURES
        for _ in range(PLACINGS):
            values = self.values[:options]
            part = np.flatnonzero((values > WHOLE) & (values < 1 - WHOLE))
            if not len(part):
                return
            order = part[np.lexsort((part, -values[part]))]
            rank = np.arange(len(order))
            up = order[(values[order] >= SURE) | (rank < max(1.0, SOME * len(order)))]
            while len(up) and not self._raised(up):
                up, tries = up[: len(up) // 4], tries - 1
            if tries <= 0 or (not len(up) and not self._dropped(order[:1])):
                return

    def _raised(self, options: IntArray) -> bool:
        """Choose some options, where that leaves an optimum."""
        return self._held_to(options, self.low, 1.0)

    def _dropped(self, options: IntArray) -> bool:
        """Do without some options, where that leaves an optimum."""
        return self._held_to(options, self.high, 0.0)

    def _held_to(self, options: IntArray, side: FloatArray, end: float) -> bool:
        """Hold options to one end by that side of their bounds; undone where no optimum is left."""
        before, sides = self.values.copy(), side[options]
        side[options] = end
        self._bounds(options)
        if self._relaxed():
            return True
        side[options], self.values = sides, before
        self._bounds(options)
        return False

    def _whole(self) -> IntArray | None:
        """Who is placed whole stays; the rest as an integer program, or not at all."""
        program, options = self.program, int(self.program.options)
        settled = self._settled()
        if np.all(np.abs(self.values[:options] - np.rint(self.values[:options])) <= WHOLE) and len(
            settled
        ) == np.count_nonzero(self.values[:options] > 0.5):
            return self._completed(settled)
        columns = len(program.gain)
        self.low[:options] = 0.0
        self.low[settled] = 1.0
        self.low[options:] = 0.0
        self.high[options:] = np.maximum(np.ceil(self.values[options:] - WHOLE), program.now[options:])
        self._bounds(np.arange(columns))
        whole = np.full(columns, highspy.HighsVarType.kInteger.value, np.uint8)
        self.highs.changeColsIntegrality(columns, np.arange(columns, dtype=np.int32), whole)
        for name, setting in {
            "mip_max_nodes": self.nodes,
            "mip_rel_gap": self.gap,
            "mip_allow_restart": False,
            "mip_heuristic_effort": 0.02,
        }.items():
            self.highs.setOptionValue(name, setting)
        self.highs.run()
        if self.highs.getInfo().primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
            return self._completed(self._consistent(settled))
        values: FloatArray = np.array(self.highs.getSolution().col_value)[:columns]
        return np.rint(values).astype(np.int64)

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
