"""Who pays for a count: an escort costs the same whether one learner travels or ten.

A count rounded up (auxiliary z with ``k · z ≥ Σ options``) costs what its own rows ask for. In the relaxation that cost
may be laid on the options in any shares: k-ths from everyone (the row that defines it), more from those whose presence
asks for a unit. The bound holds what may be collected beyond the cost: for each number of units, what those pay who
pay most, as many as fill them, less what the units cost. Any shares give a valid bound so; they may add up to more than
one unit's cost where more than one fills up (a twelfth learner asks for a second escort: twelve pay for two). Good ones
follow from who has been coming lately, and from linear programs of blocks.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from models.bulk import narrow, spans, whole_spans, width
from models.problem import IntArray
from solvers.scaling.matrix import FloatArray, Matrix
from solvers.scaling.ranking import stretches


@dataclass(frozen=True)
class Shares:
    """The pairs (agent, count): ``pair`` per option (after the last: none), ``count`` (an auxiliary) per pair.

    Per auxiliary, ``row`` is the row that defines it (−1: it is no count), ``divisor`` its k and ``upper`` its bound.
    """

    pair: IntArray
    count: IntArray
    row: IntArray
    divisor: FloatArray
    upper: IntArray

    @staticmethod
    def of(matrix: Matrix, gain: FloatArray) -> Shares:
        """The pairs of the counts that cost something; ``gain`` has an entry per auxiliary."""
        auxiliaries = matrix.problem.columns - matrix.problem.options
        row = np.full(auxiliaries, -1)
        defining = np.flatnonzero(matrix.defines >= 0)
        row[matrix.defines[defining]] = defining
        divisor = np.where(row >= 0, matrix.divisor[row], 1.0)
        count_of_option = _counts(matrix, _costly(matrix, row, gain))
        pair, count = _pairs(matrix.problem.agent, count_of_option, auxiliaries)
        return Shares(pair, count, row, divisor, matrix.problem.auxiliary_upper)

    @cached_property
    def pairs_of(self) -> tuple[IntArray, IntArray]:
        """The pairs in order of their counts, and where those of each count begin, and one end more."""
        order = np.argsort(self.count, kind="stable")
        size = np.bincount(self.count, minlength=len(self.row))
        return narrow(order), np.concatenate([[0], np.cumsum(size)])


def _costly(matrix: Matrix, row: IntArray, gain: FloatArray) -> IntArray:
    """The counts that fill a limit on options too (not only on other counts), or are a loss in themselves."""
    entries = matrix.auxiliary
    other = (matrix.defines[entries.row] != entries.owner) & (entries.value > 0)
    other &= (np.isfinite(matrix.upper) & matrix.has_options)[entries.row]
    filling = np.bincount(entries.owner[other], minlength=entries.owners) > 0
    costly: IntArray = np.flatnonzero((filling | (gain < 0)) & (row >= 0))
    return costly


def _counts(matrix: Matrix, costly: IntArray) -> IntArray:
    """The costly count that each option counts for (−1: none; the first layer that has one decides)."""
    wanted = np.zeros(matrix.problem.columns - matrix.problem.options + 1, bool)
    wanted[costly] = True
    found = np.full(matrix.problem.options, -1, np.int32)
    for layer in matrix.layers:
        of_group = np.full(layer.sparse.owners, -1, np.int32)
        defines = matrix.defines[layer.sparse.row]
        good = (defines >= 0) & wanted[defines] & (layer.sparse.value == -1.0) & (layer.weight is None)
        of_group[layer.sparse.owner[good]] = defines[good]
        if (of_group >= 0).any():
            for span in spans(0, len(found)):
                found[span] = np.where(found[span] >= 0, found[span], of_group[layer.group[span]])
    return found


def _pairs(agent: IntArray, count: IntArray, counts: int) -> tuple[IntArray, IntArray]:
    """Number the pairs that occur, of each agent (ascending) after the other, and their counts; options without a count
    get the number after the last.
    """
    pair, pairs = np.empty(len(agent), width(len(agent))), 0
    counts_of = [np.zeros(0, np.int64)]
    for span in whole_spans(agent):
        counted = count[span] >= 0
        key = agent[span][counted].astype(np.int64) * max(counts, 1) + count[span][counted]
        distinct, inverse = np.unique(key, return_inverse=True)
        pair[span][counted] = pairs + inverse
        pairs += len(distinct)
        counts_of.append(distinct % max(counts, 1))
    pair[count < 0] = pairs
    return pair, np.concatenate(counts_of)


@dataclass(frozen=True)
class Shared:
    """How some ``counts`` are paid: the new ``common`` and ``over`` of each, and the new ``own`` of their ``pairs``."""

    counts: IntArray
    common: FloatArray
    over: FloatArray
    pairs: IntArray
    own: FloatArray


@dataclass
class Sharing:
    """Fractions of each count's cost: ``common`` is paid by everybody in k-ths, ``own`` by single pairs; ``over`` is
    what may be collected beyond the cost (at least that: a bound with more is valid).
    """

    shares: Shares
    common: FloatArray
    own: FloatArray
    over: FloatArray

    @staticmethod
    def begin(shares: Shares) -> Sharing:
        """Everybody pays a k-th."""
        counts = len(shares.row)
        return Sharing(shares, np.ones(counts), np.zeros(len(shares.count)), np.zeros(counts))

    def copy(self) -> Sharing:
        """A copy to go on from."""
        return Sharing(self.shares, self.common.copy(), self.own.copy(), self.over.copy())

    def learn(self, pairs: IntArray, pace: float) -> None:
        """Move towards those who come now (``pairs``, one entry per option wanted): to k-ths where they fill a unit,
        to equal parts of one unit where they do not.
        """
        shares = self.shares
        pairs = pairs[pairs < len(shares.count)]
        coming = np.bincount(shares.count[pairs], minlength=len(shares.row))
        some = coming > 0
        full = coming >= shares.divisor
        pace_of = np.where(some, pace, 0.0)
        self.common += pace_of * (np.where(full, 1.0, 0.0) - self.common)
        self.own *= 1.0 - pace_of[shares.count]
        self.over *= 1.0 - pace_of  # convex in the shares, and 0 at those that these move to
        few = pairs[~full[shares.count[pairs]]]
        np.add.at(self.own, few, pace / coming[shares.count[few]])

    def shared(
        self, counts: IntArray, cost: FloatArray, defining: FloatArray, pairs: IntArray, pays: FloatArray
    ) -> Shared:
        """How some counts, of which a unit costs ``cost``, are paid as a linear program says: ``defining`` is what one
        option of each pays in the row that defines it, ``pays`` what some ``pairs`` of theirs pay beyond. Where that is
        less than what the first units cost, all pay more in proportion.
        """
        order, first = self.shares.pairs_of
        mine = order[stretches(counts, first)]
        group = np.repeat(np.arange(len(counts)), first[counts + 1] - first[counts])
        own = np.zeros(len(mine))
        ascending = np.argsort(mine, kind="stable")
        own[ascending[np.searchsorted(mine[ascending], pairs)]] = pays
        unit = np.where(cost > 0, cost, 1.0)
        common, own = defining * self.shares.divisor[counts] / unit, own / unit[group]
        over, most = self._collected(counts, group, common, own)
        nothing = most <= 0
        more = np.where(nothing, 1.0, 1.0 / np.minimum(np.where(nothing, 1.0, most), 1.0))
        return Shared(counts, np.where(nothing, 1.0, common * more), over, mine, own * more[group])

    def part(self, like: Shared) -> Shared:
        """How the counts of another are paid."""
        counts, pairs = like.counts, like.pairs
        return Shared(counts, self.common[counts], self.over[counts], pairs, self.own[pairs])

    def take(self, shared: Shared) -> None:
        """Pay some counts in another way."""
        self.common[shared.counts] = shared.common
        self.over[shared.counts] = shared.over
        self.own[shared.pairs] = shared.own

    def _collected(
        self, counts: IntArray, group: IntArray, common: FloatArray, own: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """What may be collected of each count beyond its units, and the largest part of its units that may be."""
        over, most = np.zeros(len(counts)), np.zeros(len(counts))
        if not len(own):
            return over, most
        divisor = self.shares.divisor[counts][group]
        order = np.lexsort((-own, group))
        total = np.cumsum(own[order])
        start = np.searchsorted(group, np.arange(len(counts)))  # ``group`` ascends
        before = np.append(0.0, total)[start][group]
        size = np.bincount(group, minlength=len(counts))
        rank = np.arange(1, len(own) + 1) - start[group]
        units = np.ceil(rank / divisor)
        ends = (rank == size[group]) | (rank % divisor == 0)
        ends &= units <= self.shares.upper[counts][group]
        collected = total - before + rank * (common / self.shares.divisor[counts])[group]
        np.maximum.at(over, group[ends], (collected - units)[ends])
        np.maximum.at(most, group[ends], (collected / units)[ends])
        return over, most

    def pays_of(self, cost: FloatArray, pair: IntArray) -> FloatArray:
        """What options pay that belong to these pairs (after the last: none)."""
        if not len(self.shares.count):
            return np.zeros(len(pair))
        known = np.minimum(pair, len(self.shares.count) - 1)
        count = self.shares.count[known]
        pays = cost[count] * (self.own[known] + self.common[count] / self.shares.divisor[count])
        return np.where(pair < len(self.shares.count), pays, 0.0)

    def pays(self, cost: FloatArray) -> FloatArray:
        """What each pair's options pay; ``cost`` per auxiliary."""
        shares = self.shares
        return cost[shares.count] * (self.own + self.common[shares.count] / shares.divisor[shares.count])
