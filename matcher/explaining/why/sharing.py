"""Why and why not as a sending partner may read it: nothing of it tells where another partner's learners are.

What is shown follows from the partner's own learners, their places, and the tables that everybody sees: offers, flows,
beds, rules. Which places are full is not shown, nor a change that was tested for room, nor the order of what would be
worse for the goals: an offer with two seats that is full tells of two learners.

Of others one number alone may be shown: how many of them are at a host, over all flows. It is shown where it is
``SMALLEST`` or more *and* tells of no offer and no flow there that somebody is in it: the same learners could all be
elsewhere at the host, whatever the seats, beds and heads that the partner can count. The number of another host says
nothing of it, and all questions show the same number, so that putting answers together tells no more than one of them.
Source: Hundepool et al., Statistical Disclosure Control (2012), chapter 4.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from matcher.explaining.lifting import Spot, lifts
from matcher.explaining.standing import Standing
from matcher.explaining.why.learner import Bar, bars_of
from matcher.explaining.why.place import TABLES, Eligible, offers_of
from matcher.explaining.why.places import Places, Where, where_of
from matcher.result import Result
from matcher.slots import Slots
from models.errors import UnknownName
from models.round import IntArray, Round, insist_on_known
from models.vocabulary import nearest

SMALLEST = 5
"""The smallest number of other partners' learners that is shown."""


@dataclass(frozen=True)
class OpenAt:
    """The places at a host that no rule bars from a learner, the partner's own learners at that host, and others'
    (None: not told).
    """

    host_id: str
    places: int
    own: int
    others: int | None


@dataclass(frozen=True)
class OpenedBy:
    """The smallest change after which a place is open by the rules; whether there is room is not told."""

    change: str
    effort: int
    where: Where


@dataclass(frozen=True)
class LearnerShared:
    """A learner of the partner: where they are, what rules bar, where places are open."""

    partner_id: str
    learner_id: str
    placed: Where | None
    places: int
    barred: int
    bars: tuple[Bar, ...]
    open: tuple[OpenAt, ...]
    opened_by: OpenedBy | None

    def as_dict(self) -> dict[str, Any]:
        """As JSON knows it."""
        return asdict(self) | {"smallest_shown": SMALLEST}


@dataclass(frozen=True)
class PlaceShared:
    """An offer, a company or a host, and the partner's own learners: who is there, elsewhere, nowhere, and barred."""

    partner_id: str
    what: str
    id: str
    host_id: str
    offers: int
    seats: int
    here: tuple[str, ...]
    elsewhere: tuple[str, ...]
    nowhere: tuple[str, ...]
    barred: int
    bars: Mapping[str, int]
    others_at_host: int | None

    def as_dict(self) -> dict[str, Any]:
        """As JSON knows it."""
        return asdict(self) | {"smallest_shown": SMALLEST}


def learner_for(result: Result, partner: str, learner: str) -> LearnerShared:
    """A learner's answer for their sending partner. Raises ``UnknownName``, also for a learner of somebody else."""
    rnd, standing = result.round, Standing.of(result)
    row = _own_learner(rnd, partner, learner)
    places = Places.of(standing, row)
    whose = rnd.sending_partners.position[partner]
    open_to = np.flatnonzero(places.probe.bars == 0)
    own = standing.chosen.take(standing.chosen.learner == row)
    shown = others_at_hosts(standing, whose)
    hosts = np.unique(places.every.host[open_to]).tolist()
    at_host = standing.chosen.host[standing.chosen.partner == whose]
    return LearnerShared(
        partner_id=partner,
        learner_id=learner,
        placed=where_of(own, 0) if len(own) else None,
        places=len(places.every),
        barred=len(places.barred),
        bars=tuple(bars_of(places)),
        open=tuple(
            OpenAt(
                str(rnd.hosting_partners["id"][host]),
                int((places.every.host[open_to] == host).sum()),
                int((at_host == host).sum()),
                shown.get(host),
            )
            for host in hosts
        ),
        opened_by=None if len(open_to) else _opened_by(places),
    )


def place_for(result: Result, partner: str, what: str, key: str) -> PlaceShared:
    """An offer's, a company's or a host's answer for a sending partner. Raises ``UnknownName``."""
    rnd, standing = result.round, Standing.of(result)
    insist_on_known(rnd, TABLES[what], key)
    insist_on_known(rnd, "sending_partners", partner)
    whose, offers = rnd.sending_partners.position[partner], offers_of(standing, what, key)
    eligible = Eligible.of(standing, offers)
    mine = rnd.ref("learners", "partner_id") == whose
    chosen = standing.chosen
    here = np.isin(chosen.offer, offers) & (chosen.partner == whose)
    could = np.flatnonzero(mine & (eligible.open > 0))
    shut = mine & (eligible.open == 0) & (eligible.places > 0)
    waiting = np.setdiff1d(could, chosen.learner)
    elsewhere = np.setdiff1d(np.setdiff1d(could, waiting), chosen.learner[here])
    ids = rnd.learners["id"]
    host = _host_of(rnd, what, key)
    return PlaceShared(
        partner_id=partner,
        what=what,
        id=key,
        host_id=str(rnd.hosting_partners["id"][host]),
        offers=len(offers),
        seats=int(rnd.offers["seats"][offers].sum()),
        here=tuple(ids[chosen.learner[here]].tolist()),
        elsewhere=tuple(ids[elsewhere].tolist()),
        nowhere=tuple(ids[waiting].tolist()),
        barred=int(shut.sum()),
        bars={
            name: int((shut & (counts == eligible.places)).sum())
            for name, counts in eligible.by_rule.items()
            if (shut & (counts == eligible.places)).any()
        },
        others_at_host=others_at_hosts(standing, whose).get(host),
    )


def _own_learner(rnd: Round, partner: str, learner: str) -> int:
    """The row number of a learner of a partner; of no other learner it is said that there is one."""
    insist_on_known(rnd, "sending_partners", partner)
    own = rnd.learners["id"][rnd.learners["partner_id"] == partner].tolist()
    if learner not in own:
        near = nearest(learner, own)
        hint = f" (nearest: {near})" if near else ""
        raise UnknownName(f"there is no {learner} among the learners of {partner}{hint}")
    return rnd.learners.position[learner]


def _host_of(rnd: Round, what: str, key: str) -> int:
    row = rnd.tables[TABLES[what]].position[key]
    if what == "host":
        return row
    company = int(rnd.ref("offers", "company_id")[row]) if what == "offer" else row
    return int(rnd.ref("companies", "host_id")[company])


def _opened_by(places: Places) -> OpenedBy | None:
    """The smallest change that lifts the one bar of a place: from the rules alone, nobody else is looked at."""
    rnd, best = places.standing.rnd, None
    every = places.every
    for number in np.flatnonzero(places.probe.bars == 1).tolist():
        spot = Spot.of(rnd, places.learner, int(every.offer[number]), int(every.flow[number]))
        for change in lifts(places.probe.barring(number)[0], spot):
            if best is None or change.order < best[0].order:
                best = change, number
    return None if best is None else OpenedBy(best[0].text, best[0].effort, places.where(best[1]))


def others_at_hosts(standing: Standing, partner: int) -> Mapping[int, int]:
    """The hosts (row numbers) of which it may be shown how many learners of others are there, with the number."""
    others = standing.chosen.take(standing.chosen.partner != partner)
    found = {}
    for host in np.unique(others.host).tolist():
        count = int((others.host == host).sum())
        if count >= SMALLEST and not _has_quota(standing.rnd, host):
            rooms = _rooms(standing, partner, host)
            if all(room >= count for room in rooms):
                found[host] = count
    return found


def _has_quota(rnd: Round, host: int) -> bool:
    """Whether a largest number of learners is set for a host: who may be where is then too entangled to be told."""
    at = rnd.ref("quotas", "host_id")
    return bool((((at == host) | (at < 0)) & ~np.isnan(rnd.quotas["max_learners"])).any())


def _rooms(standing: Standing, partner: int, host: int) -> list[int]:
    """For every offer, company and flow at a host: how many of others could be at the host for certain if none were in
    it, as far as the partner can count: seats, beds and heads without its own learners.

    Of what is there alone nothing is asked: the number that is shown is its own.
    """
    rnd, own = standing.rnd, standing.chosen.take(standing.chosen.partner == partner)
    slots = Slots.of(rnd)
    here = np.flatnonzero(slots.rows("hosting_partners") == host)
    offer, flow = slots.offer[here], slots.flow[here]
    free = np.maximum(0, rnd.offers["seats"] - np.bincount(own.offer, minlength=len(rnd.offers)))[offer]
    flows = np.unique(flow)
    heads = np.array([_free_heads(standing, own.flow, one, host) for one in flows.tolist()], np.int64)
    rooms = []
    for kind in (offer, rnd.ref("offers", "company_id")[offer], flow):
        members = np.unique(kind).tolist()
        for one in members if len(members) > 1 else ():
            seats = np.bincount(flow, weights=free * (kind != one), minlength=len(rnd.flows))[flows]
            rooms.append(_together(rnd, flows, np.minimum(seats.astype(np.int64), heads)))
    return rooms


def _together(rnd: Round, flows: IntArray, rooms: IntArray) -> int:
    """How many fit into flows of which no two share a day, at best: nothing of one is used by another."""
    first, last = rnd.flows["start"][flows], rnd.flows["end"][flows]
    best = np.zeros(len(flows), np.int64)
    for at in np.argsort(last, kind="stable").tolist():
        before = best[last < first[at]].max(initial=0)
        best[at] = before + rooms[at]
    return int(best.max(initial=0))


def _free_heads(standing: Standing, own: IntArray, flow: int, host: int) -> int:
    """How many learners of others a flow could hold for certain, each with an escort: by its heads and the beds."""
    rnd = standing.rnd
    first, last = rnd.flows["start"], rnd.flows["end"]
    limit = rnd.flows["max_heads"][flow]
    most = np.iinfo(np.int32).max if np.isnan(limit) else int(limit)
    meets = (first[own] <= last[flow]) & (first[flow] <= last[own])
    here = int((meets & (rnd.ref("flows", "host_id")[own] == host)).sum())
    ranges = np.flatnonzero(rnd.ref("beds", "host_id") == host)
    if len(ranges):
        days = np.arange(first[flow], last[flow] + 1)
        early, late = rnd.beds["from"][ranges][:, None], rnd.beds["to"][ranges][:, None]
        beds = ((early <= days) & (days <= late)) * rnd.beds["beds"][ranges][:, None]
        most = min(most, int(beds.sum(axis=0).min()))
    return max(0, most - 2 * here) // 2
