"""A linear program over one block: the prices of its own rows that are best while all others keep theirs.

Numbers in, numbers out, so that it can be solved anywhere. It starts from the options that look best and takes in
others, and rows that tie a count to single agents, as the prices ask for them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import highspy
import numpy as np
import numpy.typing as npt

from models.problem import IntArray
from solvers.scaling.counting import Counted, Cuts
from solvers.scaling.matrix import FloatArray, Mask, totals
from solvers.scaling.ranking import keenest, stretches
from solvers.scaling.simplex import add_rows, model, relaxed, solver

ROUNDS = 3
"""Linear programs at most: what later ones add is little."""
MORE = 3
"""Options that one agent gets in addition, at most, each round."""
WORTH = 1e-4
"""By how much an option must be better than what its agent has, in units of the largest gain."""
FEW = 0.002
"""The part of the agents up to which missing options do not matter."""
LACKING = 3.0
"""What a unit costs that a lower side lacks, in units of the largest gain."""
SIZE = 1000.0
"""The largest gain in the program: HiGHS's tolerances are absolute."""


@dataclass(frozen=True)
class Local:
    """Numbers of a block; all indices are its own.

    Option i of agent ``agent[i]`` gains ``free[i]`` before the block's rows are paid, has the entries ``start[i]`` …
    ``start[i + 1]`` − 1 of ``row`` and ``value``, counts for ``count[i]`` (−1: none) as part of ``pair[i]``; ``inside``
    says whether the first program holds it. An agent gains ``outside`` elsewhere; those of one ``tie`` (−1: none)
    choose together and gain ``tie_outside`` together. A unit of a count is for ``count_divisor`` of what it counts and
    gains ``count_gain``; there are ``count_upper`` at most, with entries ``count_row``, ``count_of``, ``count_value``.
    Rows lie between ``lower`` and ``upper``.
    """

    agent: IntArray
    free: FloatArray
    start: IntArray
    row: IntArray
    value: FloatArray
    count: IntArray
    pair: IntArray
    inside: Mask
    outside: FloatArray
    tie: IntArray
    tie_outside: FloatArray
    count_gain: FloatArray
    count_divisor: FloatArray
    count_upper: FloatArray
    count_row: IntArray
    count_of: IntArray
    count_value: FloatArray
    lower: FloatArray
    upper: FloatArray


@dataclass(frozen=True)
class Answer:
    """Prices of the rows, and what each pair pays for its count beyond the row that defines it (``pair``, ``pays``)."""

    prices: FloatArray
    pair: IntArray
    pays: FloatArray


def solve(*numbers: npt.NDArray[np.generic]) -> tuple[FloatArray, IntArray, FloatArray] | None:
    """The answer for the numbers of a ``Local`` in order; None when HiGHS has none."""
    answer = _Growing(Local(*numbers)).solve()  # type: ignore[arg-type]  # as it was sent
    return None if answer is None else (answer.prices, answer.pair, answer.pays)


@dataclass
class _Growing:
    """The program as far as it has grown: columns are the first options, counts, ties, what lower sides lack, and later
    options; rows are the block's, the agents', and those of pairs.
    """

    local: Local
    inside: Mask = field(init=False)
    columns: IntArray = field(init=False)
    scale: float = field(init=False)
    counted: Counted = field(init=False)
    cuts: Cuts = field(init=False)
    highs: highspy.Highs = field(init=False)

    def __post_init__(self) -> None:
        local = self.local
        self.inside = local.inside.copy()
        self.columns = np.flatnonzero(self.inside)
        self.scale = SIZE / max(1.0, float(np.abs(local.free).max(initial=0.0)))
        count_of_pair = np.full(int(local.pair.max(initial=-1)) + 1, -1)
        count_of_pair[local.pair[local.pair >= 0]] = local.count[local.pair >= 0]
        self.counted = Counted(count_of_pair, local.count_divisor, np.zeros(len(local.count_gain)))
        self.cuts = Cuts.none()
        self.highs = solver()
        self.highs.passModel(self._first())

    @property
    def _begun(self) -> int:
        """How many options the first program holds."""
        return int(np.count_nonzero(self.local.inside))

    def solve(self) -> Answer | None:
        """Rounds until nothing is missing that matters."""
        answer, local = None, self.local
        for turn in range(ROUNDS):
            if not relaxed(self.highs):
                break
            solution = self.highs.getSolution()
            values, duals = np.array(solution.col_value), np.array(solution.row_dual) / self.scale
            rows, agents = len(local.lower), len(local.outside)
            prices, keeps = duals[:rows], duals[rows : rows + agents]
            of_cut = np.maximum(-duals[rows + agents :], 0.0)
            pays = totals(self.cuts.pair, of_cut[self.cuts.row], len(self.counted.count))
            answer = Answer(prices, np.flatnonzero(pays), pays[pays != 0])
            missing, broken = self._missing(prices, pays, keeps), self._broken(values)
            if len(missing) <= FEW * agents and not len(broken):
                break
            if turn + 1 < ROUNDS:
                self._take_in(missing)
                self._insist(broken)
        return answer

    def _first(self) -> highspy.HighsLp:
        """The program without rows of pairs."""
        local, columns = self.local, self.columns
        at, row, value = self._entries(columns)
        counts, ties = len(local.count_gain), len(local.tie_outside)
        first_count, first_tie = len(columns), len(columns) + counts
        soft = np.flatnonzero(local.lower > 0)
        rows, tied = len(local.lower), np.flatnonzero(local.tie >= 0)
        entries = (
            (row, at, value),
            (local.count_row, first_count + local.count_of, local.count_value),
            (rows + local.agent[columns], np.arange(len(columns)), np.ones(len(columns))),
            (rows + tied, first_tie + local.tie[tied], np.ones(len(tied))),
            (soft, first_tie + ties + np.arange(len(soft)), np.ones(len(soft))),
        )
        lacking = np.full(len(soft), -LACKING * SIZE / self.scale)
        gain = np.concatenate([self._gain(columns), local.count_gain, local.tie_outside, lacking])
        upper = np.concatenate(
            [np.ones(len(columns)), local.count_upper, np.ones(ties), np.full(len(soft), np.inf)]
        )
        agents = len(local.outside)
        low = np.concatenate([local.lower, np.full(agents, -np.inf)])
        high = np.concatenate([local.upper, np.ones(agents)])
        joined = tuple(np.concatenate(each) for each in zip(*entries, strict=True))
        return model(joined, gain * self.scale, upper, low, high)  # type: ignore[arg-type]  # three arrays

    def _gain(self, options: IntArray) -> FloatArray:
        """What options gain over what their agents have elsewhere; those who choose together have that together."""
        local, agent = self.local, self.local.agent[options]
        gain: FloatArray = local.free[options] - np.where(local.tie[agent] >= 0, 0.0, local.outside[agent])
        return gain

    def _take_in(self, options: IntArray) -> None:
        """More options (ascending), with the basis kept; their rows of pairs are there already."""
        local, count = self.local, len(options)
        if not count:
            return
        cuts, rows, agents = self.cuts, len(local.lower), len(local.outside)
        by_pair = np.argsort(cuts.pair, kind="stable")
        first = np.searchsorted(cuts.pair[by_pair], np.arange(len(self.counted.count) + 1))
        counted = np.flatnonzero(local.pair[options] >= 0)
        pair = local.pair[options[counted]]
        held = np.repeat(counted, first[pair + 1] - first[pair])
        cut = cuts.row[by_pair[stretches(pair, first)]]
        at, row, value = self._entries(options)
        at = np.concatenate([at, np.arange(count), held])
        row = np.concatenate([row, rows + local.agent[options], rows + agents + cut])
        value = np.concatenate([value, np.ones(count), -np.ones(len(held))])
        order = np.lexsort((row, at))
        starts = np.searchsorted(at[order], np.arange(count)).astype(np.int32)
        self.highs.addCols(
            count,
            self._gain(options) * self.scale,
            np.zeros(count),
            np.ones(count),
            len(at),
            starts,
            row[order].astype(np.int32),
            value[order],
        )
        self.inside[options] = True
        self.columns = np.concatenate([self.columns, options])

    def _insist(self, cuts: Cuts) -> None:
        """More rows, with the basis kept."""
        if not len(cuts):
            return
        place, pair = self._places, self.local.pair[self.columns]
        by_pair = np.argsort(pair, kind="stable")
        first = np.searchsorted(pair[by_pair], np.arange(len(self.counted.count) + 1))
        row = np.repeat(cuts.row, first[cuts.pair + 1] - first[cuts.pair])
        at = np.concatenate([row, np.arange(len(cuts))])
        column = np.concatenate([place[by_pair[stretches(cuts.pair, first)]], self._begun + cuts.count])
        value = np.concatenate([-np.ones(len(row)), cuts.units])
        add_rows(self.highs, (at, column, value), cuts.least)
        self.cuts = self.cuts.joined(cuts)

    @property
    def _places(self) -> IntArray:
        """The program's columns of the options: those it began with come first, later ones last."""
        begun, local, held = self._begun, self.local, np.arange(len(self.columns))
        more = len(local.count_gain) + len(local.tie_outside) + int(np.count_nonzero(local.lower > 0))
        return np.where(held < begun, held, held + more)

    def _entries(self, options: IntArray) -> tuple[IntArray, IntArray, FloatArray]:
        local = self.local
        size = local.start[options + 1] - local.start[options]
        place = stretches(options, local.start)
        return np.repeat(np.arange(len(options)), size), local.row[place], local.value[place]

    def _missing(self, prices: FloatArray, pays: FloatArray, keeps: FloatArray) -> IntArray:
        """Options outside the program that are better than what their agents have, the best of each agent."""
        local = self.local
        paid = np.add.reduceat(np.append(local.value * prices[local.row], 0.0), local.start[:-1])
        paid[local.start[:-1] == local.start[1:]] = 0.0
        worth = local.free - paid - np.append(pays, 0.0)[local.pair]
        own = np.where(local.tie >= 0, 0.0, local.outside) + np.maximum(keeps, 0.0)
        better = worth - own[local.agent]
        good = np.flatnonzero((better > WORTH * SIZE / self.scale) & ~self.inside)
        order, rank = keenest(good, local.agent[good], better[good])
        return np.sort(order[rank < MORE])

    def _broken(self, values: FloatArray) -> Cuts:
        """The rows of counts that values break."""
        begun, pair = self._begun, self.local.pair[self.columns]
        held = pair >= 0
        part = totals(pair[held], values[self._places[held]], len(self.counted.count))
        return self.counted.broken(part, values[begun : begun + len(self.local.count_gain)])
