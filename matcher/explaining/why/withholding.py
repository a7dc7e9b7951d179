"""How many learners of other partners are at a host, where that gives no small number away.

The number is over all flows and offers of the host. It is shown where it is ``SMALLEST`` or more, and where it fixes
the number of no offer, company or flow there: seats, beds, heads and quotas are known to everybody, so that a host with
five seats at one offer and one at another, and six learners, would tell of the one. What the partner can count is held
against the number: how many could be in the rest of the host, so that so many at least are in the part, and how many
in the part alone. Whether the number is shown follows from the number itself and from what the partner knows, so that
withholding it tells no more than that. Numbers of different hosts say nothing of each other.
Source: Hundepool et al., Statistical Disclosure Control (2012), chapter 4.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from matcher.explaining.standing import Standing
from matcher.rules.base import Mask
from matcher.slots import Slots
from models.round import IntArray, Round

SMALLEST = 5
"""The smallest number of other partners' learners that is shown."""

MANY = 10**6
"""Of what has no limit."""


def others_at_hosts(standing: Standing, partner: int) -> Mapping[int, int]:
    """The hosts (row numbers) of which it may be shown how many learners of others are there, with the number."""
    others = standing.chosen.take(standing.chosen.partner != partner)
    found = {}
    for host in np.unique(others.host).tolist():
        count = int((others.host == host).sum())
        if count >= SMALLEST and Room.of(standing, partner, host).hides_parts(count):
            found[host] = count
    return found


@dataclass(frozen=True)
class Room:
    """What of a host is left beside the partner's own learners, as the partner can count it.

    ``offer`` and ``flow`` are the host's slots; ``seats`` is of shape (offers of the round, days), ``beds`` of shape
    (days,), ``heads`` has an entry per flow of the round. ``most`` says how many learners of others quotas allow, by
    stay and (blank) in all.
    """

    rnd: Round
    offer: IntArray
    flow: IntArray
    seats: IntArray
    beds: IntArray
    heads: IntArray
    most: Mapping[str, int]

    @classmethod
    def of(cls, standing: Standing, partner: int, host: int) -> Room:
        """Count it."""
        rnd, slots = standing.rnd, Slots.of(standing.rnd)
        own = standing.chosen.take((standing.chosen.partner == partner) & (standing.chosen.host == host))
        early, late = rnd.offers["available_from"][slots.offer], rnd.offers["available_to"][slots.offer]
        there = (early <= rnd.flows["start"][slots.flow]) & (rnd.flows["end"][slots.flow] <= late)
        here = np.flatnonzero((slots.rows("hosting_partners") == host) & there)
        days = _days(rnd)
        seats = np.repeat(rnd.offers["seats"][:, None], len(days), axis=1)
        for offer, flow in zip(own.offer.tolist(), own.flow.tolist(), strict=True):
            seats[offer, _during(rnd, flow)] -= 1
        beds, heads = (
            _beds(rnd, host),
            np.where(np.isnan(rnd.flows["max_heads"]), MANY, rnd.flows["max_heads"]),
        )
        flows, learners = np.unique(own.flow, return_counts=True)
        for flow, number in zip(flows.tolist(), learners.tolist(), strict=True):
            travellers = number + _escorts(rnd, flow, number)
            beds[_during(rnd, flow)] -= travellers
            heads[flow] -= travellers
        most = {stay: _most(rnd, partner, host, stay) - len(own) for stay in ("", "short", "long")}
        return cls(rnd, slots.offer[here], slots.flow[here], seats, beds, heads.astype(np.int64), most)

    def hides_parts(self, count: int) -> bool:
        """Whether a number of learners fixes that of no offer, company or flow here.

        Of what is here alone nothing is asked: its number is the one that is shown.
        """
        for kind in (self.offer, self.rnd.ref("offers", "company_id")[self.offer], self.flow):
            members = np.unique(kind).tolist()
            for one in members if len(members) > 1 else ():
                part = kind == one
                least = max(0, count - self.holds(~part))
                most = self.holds(part, whole=kind is self.flow)
                if least >= min(count, most) and self.rnd.offers["seats"][self.offer[part]].any():
                    return False
        return True

    def holds(self, slots: Mask, *, whole: bool = True) -> int:
        """How many learners of one partner some of the slots hold for certain: filled flow by flow, the first to end
        first. ``whole``: nobody of theirs is in other slots of a flow, so that its smallest group has to be here.
        """
        seats, beds, left = self.seats.copy(), self.beds.copy(), dict(self.most)
        flows = np.unique(self.flow[slots])
        for flow in flows[np.argsort(self.rnd.flows["end"][flows], kind="stable")].tolist():
            during, stay = _during(self.rnd, flow), str(self.rnd.flows["stay"][flow])
            travellers = min(int(self.heads[flow]), int(beds[during].min()))
            wanted = max(0, min(_learners(self.rnd, flow, travellers), left[stay], left[""]))
            offers = self.offer[slots & (self.flow == flow)]
            free = np.maximum(0, seats[offers, during].min(axis=1))
            more = np.diff(np.minimum(np.cumsum(free), wanted), prepend=0)
            taken = int(more.sum())
            if whole and taken < self.rnd.flows["min_group"][flow]:
                continue
            seats[offers, during] -= more[:, None]
            beds[during] -= taken + _escorts(self.rnd, flow, taken)
            left = {name: number - taken * (name in ("", stay)) for name, number in left.items()}
        return self.most[""] - left[""]


def _days(rnd: Round) -> IntArray:
    """Every day from the first on which a flow begins to the last on which one ends."""
    return np.arange(rnd.flows["start"].min(), rnd.flows["end"].max() + 1)


def _during(rnd: Round, flow: int) -> slice:
    """The days of a flow."""
    first = rnd.flows["start"].min()
    begin, end = ((rnd.flows[name][flow] - first).astype(int) for name in ("start", "end"))
    return slice(int(begin), int(end) + 1)


def _beds(rnd: Round, host: int) -> IntArray:
    """A host's beds, by day."""
    days, rows = _days(rnd), np.flatnonzero(rnd.ref("beds", "host_id") == host)
    if not len(rows):
        return np.full(len(days), MANY)
    beds = np.zeros(len(days), np.int64)
    for row in rows.tolist():
        beds[(rnd.beds["from"][row] <= days) & (days <= rnd.beds["to"][row])] += rnd.beds["beds"][row]
    return beds


def _escorts(rnd: Round, flow: int, learners: int) -> int:
    """How many escorts so many learners of one partner need."""
    each = rnd.flows["learners_per_escort"][flow]
    return 0 if np.isnan(each) or not rnd.policy.holds("escorts") else -(-learners // int(each))


def _learners(rnd: Round, flow: int, heads: int) -> int:
    """How many learners of one partner so many heads are at most, with the escorts that they need."""
    each = rnd.flows["learners_per_escort"][flow]
    return (
        heads if np.isnan(each) or not rnd.policy.holds("escorts") else heads - -(-heads // (int(each) + 1))
    )


def _most(rnd: Round, partner: int, host: int, stay: str) -> int:
    """How many learners quotas allow at a host with a stay (blank: in all), whoever they are."""
    at, whose, most = (
        rnd.ref("quotas", "host_id"),
        rnd.ref("quotas", "partner_id"),
        rnd.quotas["max_learners"],
    )
    asked = np.array(["" if one is None else one for one in rnd.quotas["stay"].tolist()], object)
    touched = ((at == host) | (at < 0)) & ~np.isnan(most) & ((asked == stay) | (asked == ""))
    together = most[touched & (whose < 0)].min(initial=MANY)
    of_each = np.full(len(rnd.sending_partners), MANY, np.float64)
    np.minimum.at(of_each, whose[touched & (whose >= 0)], most[touched & (whose >= 0)])
    return int(min(together, np.delete(of_each, partner).sum()))
