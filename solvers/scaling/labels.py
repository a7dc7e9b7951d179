"""What the labels of ties are worth, kept up to date while the worth of a few options changes.

Adding up the labels of all ties for every block would take longer than to solve the blocks' programs, once a round has
a hundred thousand learners.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from models.problem import IntArray
from solvers.scaling.matrix import FloatArray, Mask
from solvers.scaling.ranking import stretches
from solvers.scaling.view import NOBODY, Tied, Valued


@dataclass(frozen=True)
class Labels:
    """``tied`` holds an option at least; ``totals`` is what each of its labels is worth."""

    tied: Tied
    totals: FloatArray

    @staticmethod
    def of(tied: Tied | None, worth: FloatArray) -> Labels | None:
        """The labels at some worth of the options (None: there are none)."""
        return None if tied is None or not len(tied.option) else Labels(tied, tied.totals(worth))

    def holding(self, options: IntArray) -> IntArray:
        """The labels that hold any of some options, ascending."""
        option, label = self._by_option
        wanted = options.astype(option.dtype, copy=False)  # else all options of ties would be copied
        at = np.minimum(np.searchsorted(option, wanted), len(option) - 1)
        return np.unique(label[at[option[at] == options]])

    def renew(self, worth: FloatArray, labels: IntArray) -> FloatArray:
        """Reckon some labels anew, where ``worth`` (of all options) has changed; what they were worth before."""
        before: FloatArray = self.totals[labels]
        if len(labels):
            members = stretches(labels, self._members)
            place = self.tied.option[stretches(members, self._options)]
            best = np.maximum.reduceat(worth[place], _begins(members, self._options))
            whole = np.repeat(self.tied.whole[labels], np.diff(self._members)[labels])
            counted = np.where(whole, best, np.maximum(best, 0.0))
            total = np.add.reduceat(counted, _begins(labels, self._members))
            self.totals[labels] = np.where(self.tied.lame[labels], NOBODY, total)
        return before

    def best(self, among: Mask | None = None) -> FloatArray:
        """What the best label of each tie (in the order of ``tied.number``) is worth, never below 0; ``among`` some."""
        totals = self.totals if among is None else np.where(among, self.totals, NOBODY)
        found: FloatArray = np.maximum(np.maximum.reduceat(totals, self.tied.tie), 0.0)
        return found

    def valued(self, worth: FloatArray) -> Valued:
        """The ties at this worth, for questions about single options."""
        found = Valued(self.tied, worth)
        vars(found)["totals"] = self.totals  # not to be added up again
        return found

    @cached_property
    def _members(self) -> IntArray:
        """Where the members of each label begin, and one end more."""
        return np.append(self.tied.label, len(self.tied.member))

    @cached_property
    def _options(self) -> IntArray:
        """Where the options of each member begin, and one end more."""
        return np.append(self.tied.member, len(self.tied.option))

    @cached_property
    def _by_option(self) -> tuple[IntArray, IntArray]:
        """The options of ties, ascending, and the label of each."""
        members = np.repeat(np.arange(len(self.tied.label)), np.diff(self._members))
        label = np.repeat(members, np.diff(self._options))
        order = np.argsort(self.tied.option, kind="stable")
        return self.tied.option[order], label[order]


def _begins(which: IntArray, edges: IntArray) -> IntArray:
    """Where each of some stretches (none of them empty) begins when they stand one after the other."""
    size = edges[which + 1] - edges[which]
    begins: IntArray = np.cumsum(size) - size
    return begins
