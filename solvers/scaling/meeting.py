"""Where agents who choose as one can meet: options that the others of a whole tie leave no room for.

Prices look at each member of a tie alone. Two who must go together would share the one seat of a company by halves, and
every price at which they do not is too high for everybody else. Whole agents can't: an option is out where a row has
no room for it beside the least that each of the others must use there. That follows from whole numbers alone, so bounds
stay true.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from models.problem import IntArray, Ties
from solvers.scaling.matrix import FloatArray, Mask, Matrix, totals

ROOM = 1e-6
"""Sums are whole numbers held as doubles."""


def meeting(matrix: Matrix) -> Matrix:
    """The same rows, with ties that offer no options in which a whole tie can't meet."""
    ties = matrix.problem.ties
    if ties is None or not len(ties.option):
        return matrix
    stays = ~_apart(matrix, ties)
    thinner = replace(ties, option=ties.option[stays], label=ties.label[stays])
    return replace(matrix, problem=replace(matrix.problem, ties=thinner))


def packing(matrix: Matrix) -> Mask:
    """The rows with an upper side and no entry that makes room: what some use is gone for the others."""
    found: Mask = np.isfinite(matrix.upper)
    for layer in matrix.layers:
        value = layer.sparse.value * (-1.0 if layer.weight is not None and np.any(layer.weight < 0) else 1.0)
        mixed = layer.weight is not None and bool(np.any(layer.weight < 0) and np.any(layer.weight > 0))
        found[layer.sparse.row[(value < 0) | mixed]] = False
    for sparse in (matrix.single, matrix.auxiliary):
        found[sparse.row[sparse.value < 0]] = False
    return found


def _apart(matrix: Matrix, ties: Ties) -> Mask:
    """The options of ties (a mask over ``ties.option``) that the members of a whole tie can't choose together."""
    agent = matrix.problem.agent[ties.option]
    tie = ties.of_agent[agent]
    out = np.zeros(len(ties.option), bool)
    of_whole = np.flatnonzero(ties.whole[tie])
    if not len(of_whole):
        return out
    label, of_label = np.unique(_key(tie[of_whole], ties.label[of_whole]), return_inverse=True)
    member, of_member = np.unique(_key(of_label, agent[of_whole]), return_inverse=True)
    label_of_member = np.zeros(len(member), np.int64)
    label_of_member[of_member] = of_label
    size = np.bincount(ties.of_agent[ties.of_agent >= 0], minlength=len(ties.whole))
    asked = np.zeros(len(label), np.int64)
    asked[of_label] = size[tie[of_whole]]
    at, row, value = matrix.entries(ties.option[of_whole])
    inside = packing(matrix)[row]
    uses = _Uses.of(at[inside], row[inside], value[inside])
    out[of_whole] = ~_Meetings(matrix.upper, uses, of_member, label_of_member, asked).possible()
    return out


def _key(one: IntArray, other: IntArray) -> IntArray:
    """One number for each pair."""
    return one.astype(np.int64) * (int(other.max(initial=0)) + 1) + other


@dataclass(frozen=True)
class _Uses:
    """What options use of rows: option (a place), row, value, one entry for both."""

    option: IntArray
    row: IntArray
    value: FloatArray

    @staticmethod
    def of(option: IntArray, row: IntArray, value: FloatArray) -> _Uses:
        """Entries of which several may be about one option and row."""
        _, first, entry = np.unique(_key(option, row), return_index=True, return_inverse=True)
        return _Uses(option[first], row[first], totals(entry, value, len(first)))


@dataclass(frozen=True)
class _Meetings:
    """Options of whole ties: the member (of a tie, for one label) of each option, the label of each member, and how
    many members each label needs.
    """

    upper: FloatArray
    uses: _Uses
    of_option: IntArray
    of_member: IntArray
    asked: IntArray

    def possible(self) -> Mask:
        """The options that are left once nothing more can be ruled out."""
        left = np.ones(len(self.of_option), bool)
        while True:
            still = left & self._complete(left)[self.of_member[self.of_option]]
            still &= self._fitting(still)
            if still.sum() == left.sum():
                return left
            left = still

    def _complete(self, left: Mask) -> Mask:
        """The labels for which every member has an option left."""
        there = np.bincount(self.of_option[left], minlength=len(self.of_member)) > 0
        complete: Mask = np.bincount(self.of_member[there], minlength=len(self.asked)) >= self.asked
        return complete

    def _fitting(self, left: Mask) -> Mask:
        """The options beside which every row has room for the least that the other members use."""
        inside = left[self.uses.option]
        option, row, value = self.uses.option[inside], self.uses.row[inside], self.uses.value[inside]
        member = self.of_option[option]
        pair, of_entry = np.unique(_key(member, row), return_inverse=True)
        least = np.full(len(pair), np.inf)
        np.minimum.at(least, of_entry, value)
        of_pair, at_row = np.zeros(len(pair), np.int64), np.zeros(len(pair), np.int64)
        of_pair[of_entry], at_row[of_entry] = member, row
        options = np.bincount(self.of_option[left], minlength=len(self.of_member))
        least[np.bincount(of_entry, minlength=len(pair)) < options[of_pair]] = 0.0
        meeting, of_meeting = np.unique(_key(self.of_member[of_pair], at_row), return_inverse=True)
        together = totals(of_meeting, least, len(meeting))[of_meeting]
        fits = np.ones(len(self.of_option), bool)
        tight = together[of_entry] - least[of_entry] + value > self.upper[row] + ROOM
        fits[option[tight]] = False
        crowded = np.zeros(len(self.asked), bool)
        crowded[self.of_member[of_pair[together > self.upper[at_row] + ROOM]]] = True
        return fits & ~crowded[self.of_member[self.of_option]]
