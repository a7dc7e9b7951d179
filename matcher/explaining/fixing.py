"""The smallest change that would open a place for a learner: proposed from the data, ordered by effort,
checked before it is told.

First everybody else stays where they are: every candidate place with one thing against it (one rule that
bars it, or one limit that it goes beyond) proposes changes, and the smallest that passes the audit of the
changed round is the answer. A group that comes whole or not at all, and a learner for whom one change is
not enough as things stand, are asked of a solver (``reseating``).
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from matcher.explaining.changes import EFFORT, Change, edit, points
from matcher.explaining.lifting import Spot, lifts
from matcher.explaining.probing import Obstacle, Probe
from matcher.explaining.relieving import Limit, limit_of, relief
from matcher.explaining.ties import Ties
from matcher.explaining.verifying import Fix, verified
from matcher.explaining.working import PER_PROPOSAL, Work
from matcher.placements import Placements
from models.outcome import Placement

MOST_CHECKED = 25
"""So many proposals of one learner are put to the audit before the search gives up."""


@dataclass(frozen=True)
class Proposal:
    """A candidate place with one thing against it; ``effort`` is a first guess until ``change`` is known."""

    effort: int
    text: str
    candidate: int
    change: Change | None = None
    limit: Limit | None = None

    def __lt__(self, other: Proposal) -> bool:
        return (self.effort, self.text, self.candidate) < (other.effort, other.text, other.candidate)


class Search:
    """What was found for one learner (row number, one of the probe's), and how many changes were
    considered.
    """

    def __init__(self, probe: Probe, ties: Ties, learner: int, work: Work | None = None) -> None:
        self.probe = probe
        self.work = Work() if work is None else work
        self.standing = probe.standing
        self.ties = ties
        self.learner = learner
        self.tried: set[str] = set()

    def in_place(self) -> Fix | None:
        """The smallest change with which the learner fits while nobody else moves or comes."""
        return next(islice(self.all_in_place(), 1), None)

    def all_in_place(self) -> Iterator[Fix]:
        """Every such change, the smallest first, until ``MOST_CHECKED`` proposals have been put to the audit, or
        the work is done.
        """
        heap = list(self._proposals())
        self.work.spend(PER_PROPOSAL * len(heap))
        heapq.heapify(heap)
        self.tried |= {proposal.text for proposal in heap}
        checked = 0
        while heap and checked < MOST_CHECKED and not self.work.done:
            best = heapq.heappop(heap)
            self.work.spend(len(self.standing.placements))
            if best.limit is not None:
                exact = self._exact(best)
                if exact is not None:
                    heapq.heappush(heap, exact)
                continue
            checked += 1
            fix = verified(self.standing, self.learner, best.change, self._with(best.candidate))
            if fix is not None:
                yield fix

    def _proposals(self) -> Iterator[Proposal]:
        probe = self.probe
        own = probe.own(self.learner)
        own = own[probe.bars[own] <= 1]
        own = own[(probe.bars[own] == 0) | ~probe.obstructed(own)]
        for candidate in own.tolist():
            yield from self._of(candidate, probe.obstacles(candidate))

    def _of(self, candidate: int, obstacles: tuple[Obstacle, ...]) -> Iterator[Proposal]:
        """One thing against it: a bar, or one limit, or nothing at all."""
        barring = self.probe.barring(candidate)
        if barring and not obstacles:
            for change in lifts(barring[0], self.spot(candidate)):
                yield Proposal(change.effort, change.text, candidate, change)
        if not barring:
            limits = {limit_of(obstacle) for obstacle in obstacles}
            if not limits:
                yield Proposal(0, "", candidate)
            elif len(limits) == 1:
                yield from self._beyond(candidate, limits.pop(), max(o.excess for o in obstacles))

    def _beyond(self, candidate: int, limit: Limit, excess: int) -> Iterator[Proposal]:
        text = f"{limit.rule} {limit.which}"
        if limit.rule == "groups":
            group = str(limit.which)
            yield Proposal(points("leave group"), text, candidate, self._leave(group))
        else:
            yield Proposal(_guess(limit, excess), text, candidate, limit=limit)

    def _leave(self, group: str) -> Change:
        text = f"{self.standing.id(self.learner)} travels without group {group}"
        return Change(points("leave group"), text, edit("learners", self.learner, group_id=None))

    def _exact(self, proposal: Proposal) -> Proposal | None:
        """The proposal with the exact amount that lacks."""
        assert proposal.limit is not None
        rnd = self.standing.rnd
        change = relief(rnd, Placements(rnd, self._with(proposal.candidate)), proposal.limit)
        return Proposal(change.effort, change.text, proposal.candidate, change) if change else None

    def _with(self, candidate: int) -> list[Placement]:
        """The allocation with the learner at a candidate place."""
        return [*self.standing.placements, self.placement(candidate)]

    def placement(self, candidate: int) -> Placement:
        """A candidate by ids."""
        rnd, options = self.standing.rnd, self.probe.candidates
        return Placement(
            rnd.learners["id"][options.learner[candidate]],
            rnd.offers["id"][options.offer[candidate]],
            rnd.flows["id"][options.flow[candidate]],
        )

    def spot(self, candidate: int) -> Spot:
        """A candidate with its rows."""
        options = self.probe.candidates
        row = (int(options.learner[candidate]), int(options.offer[candidate]), int(options.flow[candidate]))
        return Spot.of(self.standing.rnd, *row)


def _guess(limit: Limit, excess: int) -> int:
    """The least that making room can take, before the amount is known exactly."""
    kind = {
        "seats": "seat",
        "beds": "bed",
        "flow_heads": "head",
        "quotas": "quota",
        "same_school": "same school",
        "pairs": "lift pair",
    }.get(limit.rule)
    if limit.rule == "budget":
        return -(-excess // 50) * EFFORT["50 euros"]
    return points(kind, excess if kind != "lift pair" else 1) if kind else 1
