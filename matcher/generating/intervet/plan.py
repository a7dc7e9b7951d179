"""A plan that fits the published margins: which party of which partner goes in which flow.

The sender × host matrix is not published; this plan is one of many, made by chance. It is not part of the sample: it
serves to build a round in which nearly everybody can be placed.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date
from random import Random

from matcher.generating.intervet.published import AGREEMENTS, HOSTS, SENDERS

PARTY = range(8, 12)
"""Learners that travel with one accompanying person."""
PER_ESCORT = 11


@dataclass(frozen=True)
class PlannedFlow:
    """A flow with the season it belongs to and the number of parties (short) or learners (long) it is planned for."""

    id: str
    host: str
    season: int
    start: date
    end: date
    planned: int
    stay: str = "short"


@dataclass(frozen=True)
class Party:
    """Learners of one partner in one flow."""

    partner: str
    flow: PlannedFlow
    size: int


def _flow(name: str, season: int, start: str, end: str, planned: int, stay: str = "short") -> PlannedFlow:
    first, last = date.fromisoformat(start), date.fromisoformat(end)
    return PlannedFlow(name, name.split("-", maxsplit=1)[0], season, first, last, planned, stay)


SHORT_FLOWS = (
    _flow("zni-2021-06", 1, "2021-06-20", "2021-07-20", 2),
    _flow("mode-2021-06", 1, "2021-06-20", "2021-07-18", 2),
    _flow("zni-2021-10", 2, "2021-10-04", "2021-11-02", 2),
    _flow("incoma-2021-09", 2, "2021-09-19", "2021-10-17", 2),
    _flow("uniser-2021-10", 2, "2021-10-10", "2021-11-07", 2),
    _flow("sepr-2021-10", 2, "2021-10-17", "2021-11-14", 1),
    _flow("uniser-2022-01", 3, "2022-01-16", "2022-02-13", 2),
    _flow("incoma-2022-01", 3, "2022-01-30", "2022-02-27", 2),
    _flow("sepr-2022-02", 3, "2022-02-06", "2022-03-06", 2),
    _flow("uniser-2022-04", 4, "2022-04-24", "2022-05-22", 1),
    _flow("uniser-2022-05", 4, "2022-05-08", "2022-06-05", 2),
    _flow("incoma-2022-05", 4, "2022-05-01", "2022-05-29", 2),
    _flow("mode-2022-04", 4, "2022-04-24", "2022-05-22", 1),
    _flow("mode-2022-05", 4, "2022-05-08", "2022-06-05", 2),
    _flow("incoma-2022-06", 5, "2022-06-12", "2022-07-10", 1),
    _flow("sepr-2022-06", 5, "2022-06-12", "2022-07-10", 2),
    _flow("zni-2022-06", 5, "2022-06-20", "2022-07-25", 1),
    _flow("zni-2022-07", 5, "2022-07-03", "2022-07-31", 2),
    _flow("mode-2022-09", 6, "2022-09-18", "2022-10-16", 2),
    _flow("uniser-2022-09", 6, "2022-09-25", "2022-10-23", 2),
    _flow("zni-2022-10", 6, "2022-10-02", "2022-10-31", 2),
    _flow("incoma-2022-10", 6, "2022-10-02", "2022-10-30", 2),
)
"""Thirty-nine parties. Documented are the dates at Maribor and the months of two more."""

LONG_FLOWS = (
    _flow("uniser-2022-03-long", 7, "2022-03-06", "2022-06-01", 10, "long"),
    _flow("incoma-2022-03-long", 7, "2022-03-13", "2022-06-08", 10, "long"),
    _flow("sepr-2022-03-long", 7, "2022-03-13", "2022-06-08", 7, "long"),
    _flow("uniser-2022-09-long", 8, "2022-09-04", "2022-11-30", 10, "long"),
    _flow("incoma-2022-09-long", 8, "2022-09-11", "2022-12-07", 10, "long"),
    _flow("mode-2022-09-long", 8, "2022-09-04", "2022-11-30", 7, "long"),
)
"""Eighty-eight days each: with two travel days the ninety that a stay without a visa may have."""


def make_plan(rng: Random) -> list[Party]:
    """Parties that add up to every published margin."""
    while True:
        balanced = _balanced(rng, _short_parties(rng))
        if balanced is not None:
            return [*balanced, *_long_parties(rng)]


def may_send(partner: str, host: str) -> bool:
    """Whether the partner's agreements allow the host."""
    return host in AGREEMENTS.get(partner, tuple(each.id for each in HOSTS))


def _short_parties(rng: Random) -> list[Party]:
    """Thirty-nine parties in their flows, no partner twice in a flow; the hosts' heads do not add up yet."""
    slots = [flow for flow in SHORT_FLOWS for _ in range(flow.planned)]
    while True:
        sizes = [(sender.id, size) for sender in SENDERS for size in _even(sender.short, sender.escorts)]
        rng.shuffle(sizes)
        rng.shuffle(slots)
        parties = [Party(partner, flow, size) for (partner, size), flow in zip(sizes, slots, strict=True)]
        if _repaired(rng, parties):
            return parties


def _repaired(rng: Random, parties: list[Party]) -> bool:
    """Swap flows until nobody goes where there is no agreement, nor twice in one flow; False when it takes too long."""
    for _ in range(5000):
        wrong = [number for number, party in enumerate(parties) if _is_wrong(party, parties)]
        if not wrong:
            return True
        one, other = rng.choice(wrong), rng.randrange(len(parties))
        a, b = parties[one], parties[other]
        parties[one], parties[other] = replace(a, flow=b.flow), replace(b, flow=a.flow)
    return False


def _is_wrong(party: Party, parties: list[Party]) -> bool:
    twice = sum(other.partner == party.partner and other.flow == party.flow for other in parties) > 1
    return twice or not may_send(party.partner, party.flow.host)


def _even(total: int, parts: int) -> list[int]:
    """``total`` in ``parts`` that differ by one at most."""
    return [total // parts + (number < total % parts) for number in range(parts)]


def _balanced(rng: Random, parties: list[Party]) -> list[Party] | None:
    """Move learners between parties of a partner until hosts have their heads; None: it takes too long."""
    wanted = {host.id: host.short_heads for host in HOSTS}
    for _ in range(5000):
        off = Counter(wanted)
        for party in parties:
            off[party.flow.host] -= party.size + 1
        if not any(off.values()):
            return parties
        one, other = rng.sample(range(len(parties)), 2)
        a, b = parties[one], parties[other]
        helps = off[a.flow.host] < 0 or off[b.flow.host] > 0 or rng.random() < 0.05
        if a.partner == b.partner and helps and a.size - 1 in PARTY and b.size + 1 in PARTY:
            parties[one], parties[other] = replace(a, size=a.size - 1), replace(b, size=b.size + 1)
    return None


def _long_parties(rng: Random) -> list[Party]:
    """Learners of long stays, in flows that their partners have agreed to, every place taken."""
    places = [flow for flow in LONG_FLOWS for _ in range(flow.planned)]
    people = [sender.id for sender in SENDERS for _ in range(sender.long)]
    while True:
        rng.shuffle(places)
        pairs = list(zip(people, places, strict=True))
        if all(may_send(partner, flow.host) for partner, flow in pairs):
            return _counted(pairs)
        people.sort(key=lambda partner: (len(AGREEMENTS.get(partner, HOSTS)), rng.random()))


def _counted(pairs: list[tuple[str, PlannedFlow]]) -> list[Party]:
    return [Party(partner, flow, number) for (partner, flow), number in Counter(pairs).items()]
