"""Who is where on which day: learners and escorts against seats and beds, per hosting partner.

Contract: rules 5, 6 and 8; both ends of every range are included.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from matcher.reporting.facts import Facts
from models.round import Array, IntArray, Round

FEW_DAYS: Final = 35
"""Up to so many days each has a column of its own; more are shown by weeks."""


@dataclass(frozen=True)
class Occupancy:
    """Arrays of shape (hosting partners, days), from ``first`` on: the days on which somebody is away.

    ``beds`` counts only where ``limited`` (a host without rows in `beds` has no limit). ``seats`` are those of
    the offers that are open on the day.
    """

    first: np.datetime64
    learners: IntArray
    heads: IntArray
    seats: IntArray
    beds: IntArray
    limited: npt.NDArray[np.bool_]

    @property
    def days(self) -> int:
        """How many days there are."""
        return int(self.heads.shape[1])

    @property
    def free_beds(self) -> IntArray:
        """Beds left on each day, for the hosts that have a limit."""
        return self.beds - self.heads


def occupancy(facts: Facts) -> Occupancy | None:
    """Return who is where; ``None`` when nobody is placed."""
    rnd, parties = facts.rnd, facts.parties
    if not len(parties.flow):
        return None
    first = rnd.flows["start"][parties.flow].min()
    days = _day(rnd.flows["end"][parties.flow].max(), first) + 1
    flows = rnd.flows
    stays = _Stays(facts.host_of_party, flows["start"][parties.flow], flows["end"][parties.flow])
    grid = _Grid(len(rnd.hosting_partners), int(days), first)
    return Occupancy(
        first=first,
        learners=grid.sum(stays, parties.learners),
        heads=grid.sum(stays, parties.learners + parties.escorts),
        seats=grid.sum(_open_offers(rnd), rnd.offers["seats"]),
        beds=grid.sum(_bed_ranges(rnd), rnd.beds["beds"]),
        limited=np.isin(np.arange(len(rnd.hosting_partners)), rnd.ref("beds", "host_id")),
    )


class Bucket(NamedTuple):
    """Some days that are shown as one: their positions, from ``start`` up to, not with, ``stop``."""

    start: int
    stop: int


def buckets(found: Occupancy) -> list[Bucket]:
    """Return the days one by one when they are few, else the calendar weeks (Monday to Sunday)."""
    if found.days <= FEW_DAYS:
        return [Bucket(day, day + 1) for day in range(found.days)]
    weekday = (found.first.astype("datetime64[D]").astype(int) + 3) % 7  # 1970-01-01 was a Thursday
    starts = [0, *range(7 - int(weekday), found.days, 7)]
    return [Bucket(start, stop) for start, stop in zip(starts, [*starts[1:], found.days], strict=True)]


class _Stays(NamedTuple):
    """Ranges of days at hosting partners, both ends included."""

    host: IntArray
    start: npt.NDArray[np.datetime64]
    end: npt.NDArray[np.datetime64]


class _Grid(NamedTuple):
    """Hosting partners × days."""

    hosts: int
    days: int
    first: np.datetime64

    def sum(self, ranges: _Stays, amounts: IntArray) -> IntArray:
        """Add each amount on every day of its range."""
        change = np.zeros((self.hosts, self.days + 1), np.int64)
        start = np.clip(_day(ranges.start, self.first), 0, self.days)
        stop = np.clip(_day(ranges.end, self.first) + 1, 0, self.days)
        np.add.at(change, (ranges.host, start), amounts)
        np.add.at(change, (ranges.host, stop), -amounts)
        found: IntArray = np.cumsum(change, axis=1)[:, :-1]
        return found


def _open_offers(rnd: Round) -> _Stays:
    host = rnd.ref("companies", "host_id")[rnd.ref("offers", "company_id")]
    return _Stays(host, rnd.offers["available_from"], rnd.offers["available_to"])


def _bed_ranges(rnd: Round) -> _Stays:
    return _Stays(rnd.ref("beds", "host_id"), rnd.beds["from"], rnd.beds["to"])


def _day(when: Array | np.datetime64, first: np.datetime64) -> IntArray:
    """How many days after ``first``."""
    return np.asarray(when - first).astype(np.int64)
