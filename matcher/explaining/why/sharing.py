"""Why and why not as a sending partner may read it: nothing of it tells where another partner's learners are.

What is shown follows from the partner's own learners, their places, and the tables that everybody sees: offers, flows,
beds, rules. Which places are full is not shown, nor a change that was tested for room, nor the order of what would be
worse for the goals: an offer with two seats that is full tells of two learners.

Of others one number alone may be shown: how many of them are at a host, where that gives no small number away
(``withholding``). All questions show the same number, so that putting answers together tells no more than one of them.
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
from matcher.explaining.why.withholding import SMALLEST, others_at_hosts
from matcher.result import Result
from models.errors import UnknownName
from models.round import Round, insist_on_known
from models.vocabulary import nearest


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
