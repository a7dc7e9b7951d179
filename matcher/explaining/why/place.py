"""Why seats stay empty at an offer, a company or a host: who could come, where they are, and what bars the rest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from matcher.auditing import audit
from matcher.compiling import goals_of, rules_of
from matcher.explaining.standing import Standing
from matcher.explaining.why.filling import Filling, filling
from matcher.explaining.why.places import Places, places_at
from matcher.options import Options
from matcher.result import Result
from matcher.rules.base import Mask
from matcher.slots import Slots
from models.round import IntArray, insist_on_known

TABLES: Mapping[str, str] = {"offer": "offers", "company": "companies", "host": "hosting_partners"}
"""What can be asked about, and its table."""

MOST_ASKED = 60
"""So many learners who could come are looked at one by one: first those without a place, then by id."""

EXAMPLES = 4
"""So many learners are named of each group."""

FULL, GOAL, BREAKS, FREE = "full", "goal", "breaks", "free"


@dataclass(frozen=True)
class Slot:
    """An offer in a flow: seats, and how many are left on every day of it (0 where the offer is not available)."""

    offer_id: str
    flow_id: str
    seats: int
    left: int
    available: bool


@dataclass(frozen=True)
class NotHere:
    """Learners who could come and are not here, by what keeps them: a limit (``full``), a goal that would be worse, a
    rule that leaving would break, or nothing (``free``); alone, with everybody else where they are.
    """

    kind: str
    what: str
    learners: int
    examples: tuple[str, ...]


@dataclass(frozen=True)
class BarsHere:
    """A rule, how many learners it keeps from every place here, and for how many nothing else is in the way."""

    rule: str
    learners: int
    alone: int


@dataclass(frozen=True)
class PlaceWhy:
    """An offer, a company or a host: its seats, and every learner of the round by what decided.

    ``here`` + ``elsewhere`` + ``nowhere`` could come by the rules (``nowhere``: have no place at all); ``barred`` could
    not, ``several`` of them because of several rules together; ``other_stay`` have another stay than anything here.
    """

    what: str
    id: str
    company_id: str | None
    host_id: str
    offers: int
    seats: int
    slots: tuple[Slot, ...]
    here: int
    elsewhere: int
    nowhere: int
    asked: int
    not_here: tuple[NotHere, ...]
    barred: int
    bars: tuple[BarsHere, ...]
    several: int
    other_stay: int
    filling: Filling

    def as_dict(self) -> dict[str, Any]:
        """As JSON knows it."""
        lists = {name: [asdict(one) for one in getattr(self, name)] for name in ("slots", "not_here", "bars")}
        return vars(self) | lists | {"filling": self.filling.as_dict()}


def why_place(result: Result, what: str, key: str) -> PlaceWhy:
    """Why seats stay empty at an ``offer``, a ``company`` or a ``host``. Raises ``UnknownName`` for an unknown id."""
    rnd, standing = result.round, Standing.of(result)
    insist_on_known(rnd, TABLES[what], key)
    offers = offers_of(standing, what, key)
    eligible = Eligible.of(standing, offers)
    could = np.flatnonzero(eligible.open > 0)
    placed = np.isin(could, standing.chosen.learner)
    chosen = standing.chosen
    here = np.intersect1d(could, chosen.learner[np.isin(chosen.offer, offers)])
    others = np.setdiff1d(could, here)
    waiting = np.setdiff1d(could, chosen.learner)
    order = np.concatenate([waiting, np.setdiff1d(others, waiting)])[:MOST_ASKED]
    company = int(rnd.ref("offers", "company_id")[offers[0]]) if what != "host" and len(offers) else None
    return PlaceWhy(
        what=what,
        id=key,
        company_id=None if company is None else str(rnd.companies["id"][company]),
        host_id=_host(standing, what, key),
        offers=len(offers),
        seats=int(rnd.offers["seats"][offers].sum()),
        slots=tuple(_slots(standing, offers)),
        here=int(np.isin(chosen.offer, offers).sum()),
        elsewhere=int(placed.sum()) - len(here),
        nowhere=len(waiting),
        asked=len(order) if result.audit is not None else 0,
        not_here=tuple(_not_here(standing, offers, order)) if result.audit is not None else (),
        barred=int(((eligible.open == 0) & (eligible.places > 0)).sum()),
        bars=tuple(eligible.bars),
        several=eligible.several,
        other_stay=int((eligible.places == 0).sum()),
        filling=filling(standing, offers, known=result.audit is not None),
    )


def offers_of(standing: Standing, what: str, key: str) -> IntArray:
    """The offers (row numbers) at an offer, a company or a host."""
    rnd = standing.rnd
    row, company = rnd.tables[TABLES[what]].position[key], rnd.ref("offers", "company_id")
    match what:
        case "offer":
            return np.array([row], np.int64)
        case "company":
            return np.flatnonzero(company == row)
        case _:
            return np.flatnonzero(rnd.ref("companies", "host_id")[company] == row)


def _host(standing: Standing, what: str, key: str) -> str:
    rnd = standing.rnd
    if what == "host":
        return key
    company = rnd.offers["company_id"][rnd.offers.position[key]] if what == "offer" else key
    return str(rnd.companies["host_id"][rnd.companies.position[company]])


@dataclass(frozen=True)
class Eligible:
    """Who could come to some offers: per learner how many places there are, how many no rule bars, how many each rule
    bars, and how many it bars alone.
    """

    offers: IntArray
    places: IntArray
    open: IntArray
    by_rule: Mapping[str, IntArray]
    by_rule_alone: Mapping[str, IntArray]

    @classmethod
    def of(cls, standing: Standing, offers: IntArray) -> Eligible:
        """Ask every rule about every learner at every place of the offers."""
        rnd = standing.rnd
        learners, names = len(rnd.learners), [rule.name for rule in rules_of(rnd)]
        places, free = np.zeros(learners, np.int64), np.zeros(learners, np.int64)
        by_rule, alone = ({name: np.zeros(learners, np.int64) for name in names} for _ in range(2))
        for every in places_at(standing, offers, np.arange(learners)):
            masks = {rule.name: rule.bars(rnd, every) for rule in rules_of(rnd)}
            bars = np.sum(list(masks.values()), axis=0)
            places += _count(every, np.ones(len(every), bool))
            free += _count(every, bars == 0)
            for name, mask in masks.items():
                by_rule[name] += _count(every, mask)
                alone[name] += _count(every, mask & (bars == 1))
        return cls(offers, places, free, by_rule, alone)

    @property
    def bars(self) -> list[BarsHere]:
        """The rules that keep learners from every place here, the commonest first."""
        shut = (self.open == 0) & (self.places > 0)
        found = [
            BarsHere(
                name,
                int((shut & (counts == self.places)).sum()),
                int((shut & (self.by_rule_alone[name] > 0)).sum()),
            )
            for name, counts in self.by_rule.items()
        ]
        return sorted((bar for bar in found if bar.learners or bar.alone), key=lambda bar: -bar.learners)

    @property
    def several(self) -> int:
        """How many learners no single rule keeps from every place here, but several together."""
        shut = (self.open == 0) & (self.places > 0)
        whole = np.logical_or.reduce(
            [np.zeros(len(shut), bool), *(of == self.places for of in self.by_rule.values())]
        )
        return int((shut & ~whole).sum())


def _count(every: Options, mask: Mask) -> IntArray:
    return np.bincount(every.learner[mask], minlength=len(every.rnd.learners))


def _slots(standing: Standing, offers: IntArray) -> Iterator[Slot]:
    """Every offer in every flow, with the seats that are left on its fullest day."""
    rnd, slots = standing.rnd, Slots.of(standing.rnd)
    first, last = rnd.flows["start"], rnd.flows["end"]
    for slot in np.flatnonzero(np.isin(slots.offer, offers)).tolist():
        offer, flow = int(slots.offer[slot]), int(slots.flow[slot])
        early, late = rnd.offers["available_from"][offer], rnd.offers["available_to"][offer]
        available = bool(early <= first[flow] and last[flow] <= late)
        there = standing.chosen.flow[standing.chosen.offer == offer]
        there = there[(first[there] <= last[flow]) & (first[flow] <= last[there])]
        days = np.maximum(
            first[there], first[flow]
        )  # somebody is there most on a day on which somebody comes
        most = max((int(((first[there] <= day) & (day <= last[there])).sum()) for day in days), default=0)
        seats = int(rnd.offers["seats"][offer])
        left = max(0, seats - most) if available else 0
        yield Slot(str(rnd.offers["id"][offer]), str(rnd.flows["id"][flow]), seats, left, available)


def _not_here(standing: Standing, offers: IntArray, learners: IntArray) -> list[NotHere]:
    """What keeps learners who could come, each alone; the most frequent first."""
    found: dict[tuple[str, str], list[str]] = {}
    for learner in learners.tolist():
        found.setdefault(_kept_away(standing, offers, learner), []).append(standing.id(learner))
    order = sorted(found, key=lambda key: (-len(found[key]), key))
    return [NotHere(*key, len(found[key]), tuple(found[key][:EXAMPLES])) for key in order]


def _kept_away(standing: Standing, offers: IntArray, learner: int) -> tuple[str, str]:
    """What keeps one learner from the place here where least is in the way."""
    places = Places.of(standing, learner, offers=offers)
    free = [number for number in places.dearest.tolist() if not places.limits[number]]
    if not free:
        limits = min(places.limits.values(), key=len)
        return FULL, ", ".join(dict.fromkeys(limit.rule for limit in limits))
    others = list(places.probe.standing.placements)
    now = audit(standing.rnd, standing.placements).goals
    then = audit(standing.rnd, [*others, places.placement(free[0])])
    if not then.valid:
        return BREAKS, then.breaches[0].rule
    for goal in goals_of(standing.rnd):
        if now[goal.name] != then.goals[goal.name]:
            worse = goal.sense * (now[goal.name] - then.goals[goal.name]) > 0
            return (GOAL, goal.name) if worse else (FREE, "")
    return FREE, ""
