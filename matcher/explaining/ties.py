"""Learners who are placed together or not at all: members of strict groups, and learners of ``together``
pairs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from models.round import IntArray, Round


@dataclass(frozen=True)
class Ties:
    """The ties of a round, as far as its policy holds the rules that make them."""

    rnd: Round

    @cached_property
    def _bundle(self) -> IntArray:
        """A number per learner; tied learners share one."""
        bundle = np.arange(len(self.rnd.learners))
        changed = True
        while changed:
            before = bundle.copy()
            for tied in self._tied:
                bundle[tied] = bundle[tied].min()
            changed = bool((bundle != before).any())
        return bundle

    @cached_property
    def _tied(self) -> list[IntArray]:
        rnd, found = self.rnd, []
        if rnd.policy.holds("groups"):
            group = rnd.ref("learners", "group_id")
            strict = np.flatnonzero(rnd.groups["mode"] != "same_flow")
            order = np.argsort(group, kind="stable")
            first = np.searchsorted(group[order], strict, "left").tolist()
            last = np.searchsorted(group[order], strict, "right").tolist()
            found += [order[begin:end] for begin, end in zip(first, last, strict=True)]
        if rnd.policy.holds("pairs"):
            together = rnd.pairs["kind"] == "together"
            sides = (rnd.ref("pairs", "learner_a")[together], rnd.ref("pairs", "learner_b")[together])
            found += [np.array(pair) for pair in zip(*sides, strict=True)]
        return [tied for tied in found if len(tied)]

    @cached_property
    def _members(self) -> Mapping[int, IntArray]:
        order = np.argsort(self._bundle, kind="stable")
        numbers, first = np.unique(self._bundle[order], return_index=True)
        return dict(zip(numbers.tolist(), np.split(order, first[1:]), strict=True)) if len(order) else {}

    def of(self, learner: int) -> IntArray:
        """The learner and everybody tied to it (row numbers, ascending)."""
        return self._members[int(self._bundle[learner])]
