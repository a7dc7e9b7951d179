"""On every day heads present at the hosting partner stay within its beds (contract, rule 6)."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from matcher.calendar import DAY, flows_on
from matcher.columns import Columns, shared_at_most
from matcher.placements import Placements, Stay, gather, learners_on, listed, rising
from matcher.rules.base import Rule
from matcher.seated import crowded
from models.outcome import Breach
from models.problem import Block
from models.round import Array, IntArray, Round


class Beds(Rule):
    """A host with no row in ``beds`` has no limit; one with rows has none on a day that no row covers."""

    name = "beds"
    number = 6

    def rows(self, rnd: Round, columns: Columns) -> Iterable[Block]:
        """One row per host and day on which the limit can bind."""
        nights = _nights(rnd)
        of_flows = [flows for _, _, _, flows in nights]
        night, place = _present(rnd, columns.places.flow, of_flows)
        member, escort = _present(rnd, columns.escorts.flow, of_flows)
        beds = np.array([count for _, _, count, _ in nights], np.int64)
        yield shared_at_most(
            self.name,
            columns.places.shared(night, place),
            beds,
            "beds at {host} on {day}: {beds}",
            {
                "host": rnd.hosting_partners["id"][[host for host, _, _, _ in nights]],
                "day": np.array([day for _, day, _, _ in nights], "datetime64[D]"),
                "beds": beds,
            },
            (member, columns.escorts.column[escort], np.ones(len(member), np.int64)),
        )

    def audit(self, rnd: Round, placed: Placements) -> Iterable[Breach]:
        """A breach per host and day on which arrivals, or fewer beds, take it above its beds."""
        ranges = gather(rnd.beds.records, lambda row: row.host_id)
        full = _short_of_beds(rnd, placed)
        of_party = rnd.ref("flows", "host_id")[placed.parties_of.flow]
        suspects = placed.suspect_parties(np.isin(of_party, full))
        parties = gather(suspects, lambda party: party.flow.host_id)
        places = gather(placed.suspects(np.isin(placed.seated.host, full)), lambda place: place.host.id)
        for host, guests in parties.items():
            if host not in ranges:
                continue
            lodged = [Stay(party.flow.start, party.flow.end, party.heads) for party in guests]
            beds = [Stay(row.from_, row.to, -row.beds) for row in ranges[host]]
            for day, lacking in rising([*lodged, *beds], 0):
                heads = sum(stay.heads for stay in lodged if stay.first <= day <= stay.last)
                who = learners_on(day, places[host])
                message = (
                    f"beds at {host}: {heads - lacking}, heads {heads} on {day}: "
                    f"{heads - len(who)} escort(s) and {listed(who)}"
                )
                yield Breach(self.name, message, who)


def _short_of_beds(rnd: Round, placed: Placements) -> IntArray:
    """The hosts (row numbers) with more heads than beds on some day, as if all others had none."""
    parties, beds = placed.parties_of, rnd.beds
    limited = rnd.ref("beds", "host_id")
    return crowded(
        np.concatenate([rnd.ref("flows", "host_id")[parties.flow], limited]),
        np.concatenate([rnd.flows["start"][parties.flow], beds["from"]]),
        np.concatenate([rnd.flows["end"][parties.flow], beds["to"]]),
        np.concatenate([parties.heads, -beds["beds"]]),
        np.where(np.isin(np.arange(len(rnd.hosting_partners)), limited), 0, np.iinfo(np.int64).max),
    )


Night = tuple[int, np.datetime64, int, IntArray]
"""Host (row number), day, beds, the flows present."""


def _nights(rnd: Round) -> list[Night]:
    """The nights that matter: no other has as many flows present and as few beds."""
    of_flow, of_range = rnd.ref("flows", "host_id"), rnd.ref("beds", "host_id")
    nights: list[Night] = []
    for host in np.unique(of_range).tolist():
        flows, ranges = np.flatnonzero(of_flow == host), np.flatnonzero(of_range == host)
        every = [
            (host, day, beds_on(rnd, ranges, day), flows_on(rnd, flows, day))
            for day in _turning_days(rnd, flows, ranges)
        ]
        nights += _binding([night for night in every if len(night[3])])
    return nights


def _turning_days(rnd: Round, flows: IntArray, ranges: IntArray) -> Array:
    """Days on which somebody can arrive or the number of beds can change: nothing gets tighter on others."""
    changes = (rnd.flows["start"][flows], rnd.beds["from"][ranges], rnd.beds["to"][ranges] + DAY)
    return np.unique(np.concatenate(changes))


def beds_on(rnd: Round, ranges: IntArray, day: np.datetime64) -> int:
    """The beds on a day, out of one host's ranges; 0 where none covers it."""
    covers = (rnd.beds["from"][ranges] <= day) & (day <= rnd.beds["to"][ranges])
    return int(rnd.beds["beds"][ranges][covers].sum())


def _binding(nights: list[Night]) -> list[Night]:
    """Without the nights that another implies (as many flows or more, as few beds or fewer); of equals the
    first stays.
    """
    sets = [frozenset(flows.tolist()) for _, _, _, flows in nights]

    def implied(this: int) -> bool:
        beds = nights[this][2]
        return any(
            sets[this] <= sets[other]
            and nights[other][2] <= beds
            and ((sets[this], beds) != (sets[other], nights[other][2]) or other < this)
            for other in range(len(nights))
            if other != this
        )

    return [night for number, night in enumerate(nights) if not implied(number)]


def _present(rnd: Round, flow_of: IntArray, flows: list[IntArray]) -> tuple[IntArray, IntArray]:
    """For each night who is there, out of those who travel in ``flow_of``, as (night, who) pairs."""
    order = np.argsort(flow_of, kind="stable")
    edges = np.searchsorted(flow_of[order], np.arange(len(rnd.flows) + 1))
    parts = [
        (number, order[edges[flow] : edges[flow + 1]])
        for number, here in enumerate(flows)
        for flow in here.tolist()
    ]
    night = np.repeat([number for number, _ in parts], [len(part) for _, part in parts])
    return night.astype(np.int64), np.concatenate([np.empty(0, np.int64), *(part for _, part in parts)])
