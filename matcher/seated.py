"""Placements as columns: row numbers of the tables, parallel arrays over all of them.

What the audit reads where it looks at everybody; where it has found somebody to speak of it turns to the rows
themselves (``placements``). Shares nothing with the columns that solvers see.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from models.round import Array, IntArray, Round

Rows = npt.NDArray[np.int64]
"""Row numbers of a table."""

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Seated:
    """Who is placed where, sorted by learner, offer and flow; one entry per placement, shape (n,)."""

    rnd: Round
    learner: Rows
    offer: Rows
    flow: Rows

    @classmethod
    def of(cls, rnd: Round, places: Iterable[tuple[str, str, str]]) -> Seated:
        """Learner, offer and flow by ids that are in the round, in any order."""
        found = list(places)
        tables = (rnd.learners.position, rnd.offers.position, rnd.flows.position)
        columns = [
            np.fromiter((position[place[part]] for place in found), np.int64, len(found))
            for part, position in enumerate(tables)
        ]
        order = np.lexsort(columns[::-1])  # tables are sorted by id, so this is the order of the ids
        return cls(rnd, *(column[order] for column in columns))

    def __len__(self) -> int:
        return len(self.learner)

    @cached_property
    def company(self) -> Rows:
        """The offer's company."""
        return self._referred("offers", "company_id", self.offer)

    @cached_property
    def host(self) -> Rows:
        """The flow's hosting partner, who lodges the learner."""
        return self._referred("flows", "host_id", self.flow)

    @cached_property
    def partner(self) -> Rows:
        """The learner's sending partner."""
        return self._referred("learners", "partner_id", self.learner)

    @cached_property
    def school(self) -> Rows:
        """The learner's school (−1: none)."""
        return self._referred("learners", "school_id", self.learner)

    @cached_property
    def group(self) -> Rows:
        """The learner's group (−1: none)."""
        return self._referred("learners", "group_id", self.learner)

    @cached_property
    def first(self) -> Array:
        """The flow's first day."""
        return self.rnd.flows["start"][self.flow]

    @cached_property
    def last(self) -> Array:
        """The flow's last day."""
        return self.rnd.flows["end"][self.flow]

    @cached_property
    def times(self) -> Rows:
        """How many placements each learner of the round has, of shape (learners,)."""
        return np.bincount(self.learner, minlength=len(self.rnd.learners))

    @cached_property
    def at(self) -> Rows:
        """Each learner's first placement (its number; −1: none), of shape (learners,)."""
        found = np.full(len(self.rnd.learners), -1)
        found[self.learner[::-1]] = np.arange(len(self))[::-1]
        return found

    def _referred(self, table: str, column: str, rows: Rows) -> Rows:
        return self.rnd.ref(table, column)[rows].astype(np.int64)


def crowded(owner: IntArray, first: Array, last: Array, heads: IntArray, limit: IntArray) -> Rows:
    """The owners (ascending) with more heads present than their limit on some day.

    ``owner[i]`` has ``heads[i]`` (negative: room for so many) from day ``first[i]`` to ``last[i]``, both
    included; ``limit`` has an entry per owner number. One sweep over the arrivals and departures of all owners.
    """
    if not len(owner):
        return np.empty(0, np.int64)
    who = np.concatenate([owner, owner])
    day = np.concatenate([first, last + np.timedelta64(1, "D")])
    change = np.concatenate([heads, -heads])
    order = np.lexsort((change, day, who))  # who leaves on a day has left before anybody arrives
    present = np.cumsum(change[order])  # everybody who comes also goes: each owner begins at 0
    return np.unique(who[order][present > limit[who[order]]])


def spread(owner: IntArray, where: IntArray, owners: int) -> Mask:
    """Which owners (of so many) have entries at more than one place."""
    least, most = np.full(owners, np.iinfo(np.int64).max), np.full(owners, -1)
    np.minimum.at(least, owner, where)
    np.maximum.at(most, owner, where)
    return least < most
