"""Who pays for a count: an escort costs the same whether one learner travels or ten.

A count rounded up (auxiliary z with ``k · z ≥ Σ options``) costs what its own rows ask for. In the relaxation that cost
may be laid on the options in any shares: k-ths from everyone (the row that defines it), or all of it on those whose
presence alone asks for the first unit (``z ≥`` one agent's options). Any shares give a valid bound as long as they add
up to the cost; good ones follow from who has been coming lately.
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

    Per auxiliary, ``row`` is the row that defines it (−1: it is no count) and ``divisor`` its k.
    """

    pair: IntArray
    count: IntArray
    row: IntArray
    divisor: FloatArray

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
        return Shares(pair, count, row, divisor)

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
        good = (defines >= 0) & wanted[defines]
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


@dataclass
class Sharing:
    """Fractions of each count's cost: ``common`` is paid by everybody in k-ths, ``own`` by single pairs; together 1."""

    shares: Shares
    common: FloatArray
    own: FloatArray

    @staticmethod
    def begin(shares: Shares) -> Sharing:
        """Everybody pays a k-th."""
        return Sharing(shares, np.ones(len(shares.row)), np.zeros(len(shares.count)))

    def copy(self) -> Sharing:
        """A copy to go on from."""
        return Sharing(self.shares, self.common.copy(), self.own.copy())

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
        few = pairs[~full[shares.count[pairs]]]
        np.add.at(self.own, few, pace / coming[shares.count[few]])

    def shared(
        self, counts: IntArray, defining: FloatArray, pairs: IntArray, pays: FloatArray
    ) -> tuple[FloatArray, IntArray, FloatArray]:
        """How some counts are paid as a linear program says: ``defining`` is what one option of each count pays in the
        row that defines it, ``pays`` what some ``pairs`` of theirs pay beyond; only how they relate to each other
        matters. The new ``common`` of the counts, all pairs of theirs, and the new ``own`` of these.
        """
        order, first = self.shares.pairs_of
        mine = order[stretches(counts, first)]
        group = np.repeat(np.arange(len(counts)), first[counts + 1] - first[counts])
        own = np.zeros(len(mine))
        ascending = np.argsort(mine, kind="stable")
        own[ascending[np.searchsorted(mine[ascending], pairs)]] = pays
        common = defining * self.shares.divisor[counts]
        total = common + np.bincount(group, weights=own, minlength=len(counts))
        common[(total <= 0) & (common <= 0)] = 1.0
        total = np.where(total <= 0, 1.0, total)
        return common / total, mine, own / total[group]

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
