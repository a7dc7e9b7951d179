"""The join without ideas: every learner with every slot of the stay, every rule asked about each of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from matcher.options import Options
from matcher.rules.base import Mask, Rule
from matcher.slots import STAYS, Slots
from models.round import IntArray, Round


@dataclass(frozen=True)
class Dense:
    """The candidates of a round, and what each rule says of each."""

    candidates: Options
    masks: Mapping[str, Mask]

    @classmethod
    def of(cls, rnd: Round, rules: Sequence[Rule]) -> Dense:
        """Ask every rule about every candidate."""
        slots = Slots.of(rnd)
        stay = np.array([STAYS[name] for name in rnd.learners["stay"]], np.int64)
        learner, slot = np.nonzero(stay[:, None] == slots.stay[None, :])
        every = Options(rnd, learner, slots.offer[slot], slots.flow[slot])
        return cls(every, {rule.name: rule.bars(rnd, every) for rule in rules})

    @property
    def times(self) -> IntArray:
        """How many rules bar each candidate."""
        times = np.zeros(len(self.candidates), np.int64)
        for mask in self.masks.values():
            times += mask
        return times

    @property
    def options(self) -> Options:
        """The candidates that no rule bars."""
        return self.candidates.take(self.times == 0)

    def count(self, which: Mask | None = None) -> IntArray:
        """How many candidates of each learner a mask names (``None``: all)."""
        learner = self.candidates.learner if which is None else self.candidates.learner[which]
        return np.bincount(learner, minlength=len(self.candidates.rnd.learners))
