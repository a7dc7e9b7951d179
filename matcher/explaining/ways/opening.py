"""Places that rules bar, for those who must have one: the nearest of them, and the changes that would open each.

A place is opened by *clauses*: of each one of its changes is needed. A rule that bars a place is a clause with the
changes that lift the bar; a lock that the place runs into is a clause with one change, to lift that lock.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

import numpy as np

from matcher.columns import unique_rows
from matcher.compiling import rules_of
from matcher.explaining.changes import Change, points
from matcher.explaining.lifting import Spot, lifts
from matcher.explaining.probing import candidates
from matcher.explaining.ties import Ties
from matcher.explaining.ways.giving import without_rows
from matcher.explaining.ways.words import say
from matcher.options import Options
from matcher.rules.base import Mask
from models.round import IntArray, Round
from models.tables import Lock

MOST_PLACES = 40
"""So many barred places of a learner who must be placed are considered, those first that the fewest rules bar."""

MOST_FOR_QUOTA = 120
"""So many barred places are considered for each quota that too few learners have an option for, the nearest first."""


class Clause(NamedTuple):
    """The rule that bars, and changes one of which is needed."""

    rule: str
    changes: tuple[Change, ...]


Clauses = tuple[Clause, ...]


@dataclass(frozen=True)
class Opening:
    """Places that rules bar (row numbers), each with what opens it; ``cut``: there were more."""

    places: Mapping[tuple[int, int, int], Clauses]
    cut: bool

    def joined(self, options: Options) -> Options:
        """The options with these places among them."""
        more = np.array(list(self.places), np.int64).reshape(-1, 3).T
        parts = (options.learner, options.offer, options.flow)
        (learner, offer, flow), _ = unique_rows(
            *(np.concatenate([own, new]) for own, new in zip(parts, more, strict=True))
        )
        return Options(options.rnd, learner, offer, flow)


def forced(rnd: Round) -> IntArray:
    """The learners (row numbers) who must be placed: the pinned, and those who are tied to them."""
    if not rnd.policy.holds("locks"):
        return np.empty(0, np.int64)
    ties = Ties(rnd)
    pinned = np.unique(rnd.ref("locks", "learner_id")[rnd.locks["kind"] == "pin"])
    return np.unique(np.concatenate([np.empty(0, np.int64), *(ties.of(one) for one in pinned.tolist())]))


def openings(rnd: Round, options: Options) -> Opening:
    """What could be opened for those who must be placed, and for quotas with too few learners."""
    found: dict[tuple[int, int, int], Clauses] = {}
    cut = False
    ties, who = Ties(rnd), forced(rnd)
    pins = {learner: _pins(rnd, learner) for learner in who.tolist()}
    wanted: dict[int, set[int]] = {}
    for learner in sorted(
        pins, key=lambda one: not pins[one]
    ):  # the pinned first: their mates go where they go
        every = candidates(rnd, np.array([learner]))
        if pins[learner]:
            every = every.take(np.logical_or.reduce([_agrees(every, pin) for pin in pins[learner]]))
            wanted.setdefault(int(ties.of(learner)[0]), set()).update(every.flow.tolist())
        else:
            every = every.take(np.isin(every.flow, list(wanted[int(ties.of(learner)[0])])))
        more = _nearest(rnd, every)
        found |= dict(islice(more.items(), MOST_PLACES))
        cut |= len(more) > MOST_PLACES
    for quota in _short_quotas(rnd, options):
        more = _for_quota(rnd, options, quota)
        found |= dict(islice(more.items(), MOST_FOR_QUOTA))
        cut |= len(more) > MOST_FOR_QUOTA
    return Opening(dict(sorted(found.items())), cut)


def _pins(rnd: Round, learner: int) -> list[Lock]:
    own = np.flatnonzero(rnd.ref("locks", "learner_id") == learner).tolist()
    return [rnd.locks.record(row) for row in own if rnd.locks["kind"][row] == "pin"]


def _agrees(every: Options, lock: Lock) -> Mask:
    rnd, agrees = every.rnd, np.ones(len(every), bool)
    for table, wanted, there in (
        ("hosting_partners", lock.host_id, every.host),
        ("companies", lock.company_id, every.company),
        ("offers", lock.offer_id, every.offer),
        ("flows", lock.flow_id, every.flow),
    ):
        if wanted is not None:
            agrees &= there == rnd.tables[table].position[wanted]
    return agrees


def _nearest(rnd: Round, every: Options, most_bars: int | None = None) -> dict[tuple[int, int, int], Clauses]:
    """Those of the places that rules bar and changes open, by the effort of the cheapest changes; one more than is
    asked for, so that it shows whether there were more.
    """
    masks = {rule.name: rule.bars(rnd, every) for rule in rules_of(rnd)}
    bars = np.sum(list(masks.values()), axis=0) if masks else np.zeros(len(every), np.int64)
    order = np.argsort(bars, kind="stable")
    order = order[bars[order] > 0]
    order = order[: MOST_PLACES + 1] if most_bars is None else order[bars[order] <= most_bars]
    found = []
    for number in order.tolist():
        row = (int(every.learner[number]), int(every.offer[number]), int(every.flow[number]))
        clauses = tuple(_clauses(rnd, row, [name for name, mask in masks.items() if mask[number]]))
        if all(clause.changes for clause in clauses):
            effort = sum(min(change.effort for change in clause.changes) for clause in clauses)
            found.append((effort, row, clauses))
    return {row: clauses for _, row, clauses in sorted(found, key=lambda one: one[:2])}


def _clauses(rnd: Round, row: tuple[int, int, int], names: list[str]) -> Iterator[Clause]:
    spot = Spot.of(rnd, *row)
    for name in names:
        if name == "locks":
            yield from (Clause(name, (change,)) for change in _lifted_locks(spot))
        else:
            yield Clause(name, tuple(lifts(name, spot)))


def _lifted_locks(spot: Spot) -> Iterator[Change]:
    """A change for each lock that the place runs into."""
    there = {
        "host_id": spot.host.id,
        "company_id": spot.company.id,
        "offer_id": spot.offer.id,
        "flow_id": spot.flow.id,
    }
    own = np.flatnonzero(spot.rnd.ref("locks", "learner_id") == spot.row["learners"]).tolist()
    for lock in (spot.rnd.locks.record(row) for row in own):
        named = {name: getattr(lock, name) for name in there if getattr(lock, name) is not None}
        agrees = all(there[name] == value for name, value in named.items())
        if agrees == (lock.kind == "pin"):
            continue
        kind = "lift pin" if lock.kind == "pin" else "forbid"
        text = say(kind.replace(" ", "_"), learner=lock.learner_id, place=", ".join(named.values()))
        yield Change(points(kind), text, without_rows("locks", [lock]))


def _short_quotas(rnd: Round, options: Options) -> Iterator[int]:
    """The quotas (row numbers) with a smallest number that fewer learners have an option for."""
    if not rnd.policy.holds("quotas"):
        return
    for row in range(len(rnd.quotas)):
        least = rnd.quotas["min_learners"][row]
        if least == least and len(np.unique(options.learner[_counts(rnd, row, options)])) < least:
            yield row


def _for_quota(rnd: Round, options: Options, row: int) -> dict[tuple[int, int, int], Clauses]:
    """Places with one thing against them, of learners without an option that the quota counts."""
    partner = int(rnd.ref("quotas", "partner_id")[row])
    own = rnd.ref("learners", "partner_id")
    others = np.flatnonzero((own == partner) | (partner < 0))
    others = np.setdiff1d(others, options.learner[_counts(rnd, row, options)])
    every = candidates(rnd, others)
    return _nearest(rnd, every.take(_counts(rnd, row, every)), most_bars=1)


def _counts(rnd: Round, row: int, options: Options) -> Mask:
    """Which options a quota counts."""
    partner, host = (int(rnd.ref("quotas", column)[row]) for column in ("partner_id", "host_id"))
    stay = rnd.quotas["stay"][row]
    counted: Mask = ((partner < 0) | (options.partner == partner)) & ((host < 0) | (options.host == host))
    if stay is not None:
        counted &= rnd.flows["stay"][options.flow] == stay
    return counted
