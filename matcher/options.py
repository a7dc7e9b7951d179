"""Options: learner × offer × flow, as parallel columns of row numbers.

Contract: section "The option".
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from matcher.slots import Slots
from models.round import IntArray, Round


@dataclass(frozen=True)
class Options:
    """Options, or candidates for them: parallel arrays of row numbers, sorted by learner, offer, flow.

    A large round has tens of millions: whole columns over them are ``int32`` (widen before multiplying two).
    """

    rnd: Round
    learner: IntArray
    offer: IntArray
    flow: IntArray

    def __len__(self) -> int:
        return len(self.learner)

    @classmethod
    def in_slots(cls, slots: Slots, learner: IntArray, slot: IntArray) -> Options:
        """Learners in slots of the round, by row numbers and slot numbers."""
        options = cls(slots.rnd, learner, slots.offer[slot], slots.flow[slot])
        options.__dict__["_slots"] = (slot, slots.offer, slots.flow)  # what the property would find
        return options

    def take(self, which: npt.NDArray[np.generic]) -> Options:
        """Those options that a mask or an index array names."""
        return Options(self.rnd, self.learner[which], self.offer[which], self.flow[which])

    @property
    def keys(self) -> IntArray:
        """One number per option, in the order of learner, offer and flow: what tells options of one round apart."""
        slot = self.offer.astype(np.int64) * len(self.rnd.flows) + self.flow
        keys: IntArray = self.learner.astype(np.int64) * (len(self.rnd.offers) * len(self.rnd.flows)) + slot
        return keys

    @cached_property
    def company(self) -> IntArray:
        """The row number of each option's company."""
        return _narrow(self.rnd.ref("offers", "company_id"))[self.offer]

    @cached_property
    def host(self) -> IntArray:
        """The row number of each option's hosting partner."""
        return _narrow(self.rnd.ref("flows", "host_id"))[self.flow]

    @cached_property
    def partner(self) -> IntArray:
        """The row number of each option's sending partner."""
        return _narrow(self.rnd.ref("learners", "partner_id"))[self.learner]

    @cached_property
    def school(self) -> IntArray:
        """The row number of each option's school (−1: none)."""
        return _narrow(self.rnd.ref("learners", "school_id"))[self.learner]

    def forget(self) -> None:
        """Let go of what can be looked up again: whole columns that nobody needs while a solver needs the memory."""
        for name in ("company", "host", "partner", "school"):
            vars(self).pop(name, None)

    @property
    def slot(self) -> IntArray:
        """The slot of each option, as a row of ``slot_offer`` and ``slot_flow``."""
        return self._slots[0]

    @property
    def slot_offer(self) -> IntArray:
        """The offer of each slot: of the round's slots in their order, whether an option is there or not."""
        return self._slots[1]

    @property
    def slot_flow(self) -> IntArray:
        """The flow of each slot."""
        return self._slots[2]

    @cached_property
    def _slots(self) -> tuple[IntArray, IntArray, IntArray]:
        """The slot of each option, the offers and the flows of the slots.

        Placements that somebody wrote by hand may be no slots at all: such pairs get numbers after the others.
        """
        slots = Slots.of(self.rnd)
        slot = slots.number(self.offer, self.flow)
        strange = np.flatnonzero(slot < 0)
        if not len(strange):
            return slot, slots.offer, slots.flow
        pairs = np.stack([self.offer[strange], self.flow[strange]])
        pairs, slot[strange] = np.unique(pairs, axis=1, return_inverse=True)
        slot[strange] += len(slots)
        return slot, np.concatenate([slots.offer, pairs[0]]), np.concatenate([slots.flow, pairs[1]])


def _narrow(rows: IntArray) -> IntArray:
    return rows.astype(np.int32, copy=False)
