"""Why a learner is where they are, and why nowhere else: every candidate place, by what decided it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from matcher.explaining.relieving import Limit
from matcher.explaining.standing import Standing
from matcher.explaining.why.helping import Smallest, smallest
from matcher.explaining.why.occupying import occupants
from matcher.explaining.why.places import Places, Where
from matcher.explaining.why.weighing import NOT_SOLVED, Weighed, weighed
from matcher.explaining.why.words import say
from matcher.result import Result
from models.round import IntArray, insist_on_known

EXAMPLES = 3
"""So many places are named as examples of each group."""

DATA = 5
"""So many data of a rule are listed, those that bar most places first; how many more there are is said."""

MOST_READ = 20_000
"""Of so many places that a rule bars the datum is read; where there are more, it is said."""

LISTED = 200
"""So many places that no rule bars are listed; how many more there are is said."""

RESOLVED = 3
"""So many places are solved again, unless more are asked for."""


@dataclass(frozen=True)
class Datum:
    """What a rule holds against places, how many they are, and one of them."""

    text: str
    places: int
    example: Where


@dataclass(frozen=True)
class Bar:
    """A rule: how many places it bars, how many of these no other rule bars, and the data for which.

    ``further`` counts the data that are not listed, ``unread`` the places whose datum was not read.
    """

    rule: str
    places: int
    alone: int
    data: tuple[Datum, ...]
    further: int
    unread: int


@dataclass(frozen=True)
class InTheWay:
    """A limit, and the placed learners that count against it: of the learner's own sending partner, and of others."""

    rule: str
    limit: str
    own: int
    others: int


@dataclass(frozen=True)
class Full:
    """Places that the same limits keep from the learner as things stand."""

    limits: tuple[InTheWay, ...]
    places: int
    examples: tuple[Where, ...]


@dataclass(frozen=True)
class Possible:
    """A place that no rule bars: whether it is free as things stand, and what it would cost the goals."""

    where: Where
    free: bool
    wish: int | None
    fit: int
    weighed: Weighed

    def as_dict(self) -> dict[str, Any]:
        """As JSON knows it."""
        return {
            "where": asdict(self.where),
            "free": self.free,
            "wish": self.wish,
            "fit": self.fit,
            **self.weighed.as_dict(),
        }


@dataclass(frozen=True)
class LearnerWhy:
    """All candidate places of a learner: ``places`` = barred + full + free + (1 where the learner is).

    ``possible`` lists the places that no rule bars, full ones too, what the learner would like best first: free ones
    before full ones; ``unlisted`` counts those that are not listed. ``best`` says whether the allocation asked about is
    proven best. ``tried`` is what was tried in vain where there is no ``smallest``.
    """

    learner_id: str
    partner_id: str
    company_id: str | None
    placed: Where | None
    wish: int | None
    best: bool
    places: int
    barred: int
    bars: tuple[Bar, ...]
    full: int
    filled: tuple[Full, ...]
    free: int
    possible: tuple[Possible, ...]
    unlisted: int
    smallest: Smallest | None
    tried: str

    def as_dict(self) -> dict[str, Any]:
        """As JSON knows it."""
        return vars(self) | {
            "placed": asdict(self.placed) if self.placed else None,
            "bars": [asdict(bar) for bar in self.bars],
            "filled": [asdict(full) for full in self.filled],
            "possible": [one.as_dict() for one in self.possible],
            "smallest": self.smallest.as_dict() if self.smallest else None,
        }


def why_learner(
    result: Result, learner: str, company: str | None = None, resolved: int = RESOLVED, *, helped: bool = True
) -> LearnerWhy:
    """Why a learner is where they are and nowhere else (or not at a company).

    Parameters
    ----------
    resolved
        So many of the places that no rule bars are solved again, those that the learner would like best first.
    helped
        Whether the smallest change that would help is looked for.

    Raises
    ------
    UnknownName
        For ids that do not exist.
    """
    standing, row = Standing.of(result), _row(result, "learners", learner)
    at = None if company is None else _row(result, "companies", company)
    offers = None if at is None else np.flatnonzero(result.round.ref("offers", "company_id") == at)
    places = Places.of(standing, row, offers)
    chosen = standing.chosen
    own = np.flatnonzero(chosen.learner == row)
    found, tried = (None, "")
    if helped and company is None:
        found, tried = (None, say("no_allocation")) if result.audit is None else smallest(standing, row)
    here = Places.of(standing, row) if len(own) and places.now is None else places
    free = [number for number, limits in places.limits.items() if not limits]
    return LearnerWhy(
        learner_id=learner,
        partner_id=str(result.round.learners["partner_id"][row]),
        company_id=company,
        placed=None if here.now is None else here.where(here.now),
        wish=None if here.now is None else _wish(here, here.now),
        best=bool(result.goals) and all(goal.proven for goal in result.goals),
        places=len(places.every),
        barred=len(places.barred),
        bars=tuple(bars_of(places)),
        full=len(places.limits) - len(free),
        filled=tuple(_filled(places)),
        free=len(free),
        possible=tuple(_possible(result, places, resolved)),
        unlisted=max(0, len(places.limits) - LISTED),
        smallest=found,
        tried=tried,
    )


def _row(result: Result, table: str, key: str) -> int:
    insist_on_known(result.round, table, key)
    return result.round.tables[table].position[key]


def bars_of(places: Places) -> list[Bar]:
    """The rules that bar places, in the order of the rules."""
    found = []
    for rule, mask in places.probe.masks.items():
        numbers = np.flatnonzero(mask)
        if not len(numbers):
            continue
        alone = int((places.probe.bars[numbers] == 1).sum())
        read = numbers[:MOST_READ]
        texts: dict[str, list[int]] = {}
        for text, number in places.data(rule, read):
            texts.setdefault(text, []).append(number)
        order = sorted(texts, key=lambda text: (-len(texts[text]), text))
        data = tuple(Datum(text, len(texts[text]), places.where(texts[text][0])) for text in order[:DATA])
        unread = len(numbers) - len(read)
        found.append(Bar(rule, len(numbers), alone, data, len(order) - len(data), unread))
    return found


def _filled(places: Places) -> list[Full]:
    """The places by the limits in their way; the most frequent first."""
    groups: dict[tuple[Limit, ...], list[int]] = {}
    for number, limits in places.limits.items():
        if limits:
            groups.setdefault(limits, []).append(number)
    order = sorted(groups, key=lambda limits: (-len(groups[limits]), str(limits)))
    return [
        Full(
            tuple(_in_the_way(places, limit, groups[limits]) for limit in limits),
            len(groups[limits]),
            tuple(places.where(number) for number in groups[limits][:EXAMPLES]),
        )
        for limits in order
    ]


def _in_the_way(places: Places, limit: Limit, numbers: Sequence[int]) -> InTheWay:
    alone = places.probe.standing
    flows: IntArray = places.every.flow[np.array(numbers, np.int64)]
    partner = alone.chosen.partner[occupants(alone, limit, places.learner, flows)]
    own = int((partner == alone.rnd.ref("learners", "partner_id")[places.learner]).sum())
    return InTheWay(limit.rule, limit_name(alone, limit), own, len(partner) - own)


def limit_name(standing: Standing, limit: Limit) -> str:
    """Which limit it is, by ids."""
    if limit.rule != "quotas":
        return str(limit.which)
    quota = standing.rnd.quotas.record(int(limit.which))
    parts = (quota.partner_id or "all", quota.host_id or "all", quota.stay)
    return f"{parts[0]}→{parts[1]}" + (f" {parts[2]}" if parts[2] else "")


def _possible(result: Result, places: Places, resolved: int) -> list[Possible]:
    """The places that no rule bars: free ones first, then by wish and fit; the first of them solved again."""
    order = sorted(places.dearest.tolist(), key=lambda number: bool(places.limits[number]))
    every = places.standing.options
    own = places.standing.own_options(places.learner)
    keys = every.take(np.arange(own.start, own.stop)).keys
    found = []
    for rank, number in enumerate(order[:LISTED]):
        option = own.start + int(np.searchsorted(keys, places.every.keys[number]))
        known = result.audit is not None and rank < resolved
        there = weighed(result, option) if known else Weighed(NOT_SOLVED)
        found.append(
            Possible(
                places.where(number),
                not places.limits[number],
                _wish(places, number),
                int(places.fit[number]),
                there,
            )
        )
    return found


def _wish(places: Places, number: int) -> int | None:
    """Which of the learner's wishes a place is (1: the first); None: none."""
    position = int(places.wish[number])
    return None if position < 0 else position + 1


def by_rule(filled: Sequence[Full]) -> Mapping[str, int]:
    """How many full places each rule keeps from the learner, the most first."""
    counts: Counter[str] = Counter()
    for full in filled:
        for rule in {one.rule for one in full.limits}:
            counts[rule] += full.places
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))
