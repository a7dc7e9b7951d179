"""Days without days: the few sets of flows that matter out of all the days on which they overlap.

A limit that holds on every day needs to be stated only for the days on which most flows are present at once:
for intervals, the sets that are largest by inclusion (the maximal cliques of the interval graph), each of
which occurs on some flow's first day.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matcher.slots import ranges
from models.round import IntArray, Round

DAY = np.timedelta64(1, "D")


@dataclass(frozen=True)
class Meetings:
    """Sets of flows that are present together: (meeting, flow) incidences, and a day on which each meeting
    takes place.
    """

    meeting: IntArray
    flow: IntArray
    day: np.ndarray[tuple[int], np.dtype[np.datetime64]]

    def of_options(self, flow_of_option: IntArray) -> tuple[IntArray, IntArray]:
        """Every (option, meeting) in which the option's flow is present."""
        order = np.argsort(self.flow, kind="stable")
        edges = np.searchsorted(self.flow[order], np.arange(int(flow_of_option.max(initial=-1)) + 2))
        first = edges[flow_of_option]
        count = edges[1:][flow_of_option] - first
        return np.repeat(np.arange(len(flow_of_option)), count), self.meeting[order][ranges(first, count)]


def meetings(rnd: Round) -> Meetings:
    """The largest sets of flows of one hosting partner that share a day."""
    return rnd.once(_meetings)


def _meetings(rnd: Round) -> Meetings:
    found: list[tuple[np.datetime64, IntArray]] = []
    for flows in _by_host(rnd):
        found += largest(rnd, flows, rnd.flows["start"][flows])
    return _listed(found)


def largest(rnd: Round, flows: IntArray, days: IntArray) -> list[tuple[np.datetime64, IntArray]]:
    """The (day, flows present) out of ``days`` whose set is not part of another's; equal sets once, on their
    first day.
    """
    present = {day: flows_on(rnd, flows, day) for day in np.unique(days)}
    distinct: dict[frozenset[int], np.datetime64] = {}
    for day, here in present.items():
        distinct.setdefault(frozenset(here.tolist()), day)
    return [
        (day, present[day])
        for here, day in distinct.items()
        if here and not any(here < other for other in distinct)
    ]


def flows_on(rnd: Round, flows: IntArray, day: np.datetime64) -> IntArray:
    """Those of ``flows`` that cover the day, both ends included."""
    return flows[(rnd.flows["start"][flows] <= day) & (day <= rnd.flows["end"][flows])]


def _by_host(rnd: Round) -> list[IntArray]:
    host = rnd.ref("flows", "host_id")
    return [np.flatnonzero(host == number) for number in np.unique(host)]


def _listed(found: list[tuple[np.datetime64, IntArray]]) -> Meetings:
    sizes = np.array([len(flows) for _, flows in found], np.int64)
    return Meetings(
        meeting=np.repeat(np.arange(len(found)), sizes),
        flow=np.concatenate([np.empty(0, np.int64), *(flows for _, flows in found)]),
        day=np.array([day for day, _ in found], "datetime64[D]"),
    )
