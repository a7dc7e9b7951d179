"""Slots: where and when somebody can be, whoever it is: every offer with every flow at its hosting partner.

An option is a learner in a slot. Slots are numbered in the order of offers, then flows, so that the slots of
one offer stand together, and the number of a pair is found by looking up: no sorting, no searching.
Contract: section "The option".
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from models.round import Array, IntArray, Round

STAYS = {"short": 1, "long": 2}
"""A number for each stay; 0 stands for both."""

AT_ONCE = 2_000_000
"""How many pairs are numbered together: bounds the memory beside the result, changes no result."""


@dataclass(frozen=True)
class Slots:
    """Every (offer, flow) at one hosting partner whose stays agree, as row numbers sorted by offer, then flow.

    ``first`` is the first slot of each offer; ``rank`` has a row for offers of both stays and one for offers of
    one stay: how many flows that such an offer takes come before each flow at its host.
    """

    rnd: Round
    offer: IntArray
    flow: IntArray
    first: IntArray
    rank: IntArray

    @classmethod
    def of(cls, rnd: Round) -> Slots:
        """The round's slots."""
        offers, flows = len(rnd.offers), len(rnd.flows)
        lists = _lists(rnd)
        order = np.argsort(lists, kind="stable")
        wanted = rnd.ref("companies", "host_id")[rnd.ref("offers", "company_id")] * 3 + stays(
            rnd.offers["stay"]
        )
        begin = np.searchsorted(lists[order], wanted, "left")
        count = np.searchsorted(lists[order], wanted, "right") - begin
        rank = np.empty(2 * flows, np.int32)
        rank[order] = np.arange(2 * flows) - np.searchsorted(lists[order], lists[order], "left")
        return cls(
            rnd,
            np.repeat(np.arange(offers, dtype=np.int32), count),
            (order[ranges(begin, count)] % max(flows, 1)).astype(np.int32),
            np.cumsum(count) - count,
            rank.reshape(2, flows),
        )

    def __len__(self) -> int:
        return len(self.offer)

    @cached_property
    def stay(self) -> IntArray:
        """The stay of each slot (see ``STAYS``)."""
        return stays(self.rnd.flows["stay"])[self.flow]

    def rows(self, table: str) -> IntArray:
        """The row number of each slot's flow, offer, company or host, by the name of the table."""
        match table:
            case "companies":
                return self.rnd.ref("offers", "company_id")[self.offer]
            case "hosting_partners":
                return self.rnd.ref("flows", "host_id")[self.flow]
            case _:
                return self.flow if table == "flows" else self.offer

    def number(self, offer: IntArray, flow: IntArray) -> IntArray:
        """The slot of each pair of row numbers (−1: such a pair is no slot); shape (n,) in and out."""
        found = np.full(len(offer), -1, np.int32)
        kind = (stays(self.rnd.offers["stay"]) > 0).astype(np.int8)
        for begin in range(0, len(offer) if len(self) else 0, AT_ONCE):
            part = slice(begin, begin + AT_ONCE)
            at = self.first[offer[part]] + self.rank[kind[offer[part]], flow[part]]
            at = np.minimum(at, len(self) - 1)
            known = (self.offer[at] == offer[part]) & (self.flow[at] == flow[part])
            found[part] = np.where(known, at, -1)
        return found


def _lists(rnd: Round) -> IntArray:
    """Every flow twice: in the list of its host for offers of both stays, and in the one for its stay."""
    host = rnd.ref("flows", "host_id") * 3
    return np.concatenate([host, host + stays(rnd.flows["stay"])])


def stays(cells: Array) -> IntArray:
    """The number of the stay in each cell of a column (see ``STAYS``)."""
    found = np.zeros(len(cells), np.int8)
    for name, number in STAYS.items():
        found[cells == name] = number
    return found


def ranges(first: IntArray, count: IntArray) -> IntArray:
    """The concatenation of ``first[i], first[i] + 1, …`` with ``count[i]`` numbers each."""
    ends = np.cumsum(count)
    return np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - count - first, count)
