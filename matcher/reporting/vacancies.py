"""Why seats stay empty, for a whole round: every offer with a seat that nobody takes on any day, by what decides it.

Counted in whole columns from the options that were solved for. What bars learners from offers that nobody may come to
is asked of the rules for the emptiest, within a fixed amount of work. ``matcher explain --offer`` says more of one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
from pydantic import Field

from matcher.compiling import rules_of
from matcher.options import Options
from matcher.reporting.facts import Facts, tally
from matcher.reporting.parts import Part
from matcher.slots import Slots, stays
from models.round import IntArray, Round

if TYPE_CHECKING:
    from matcher.result import Result

Mask = npt.NDArray[np.bool_]

MOST_LISTED: Final = 100
"""So many offers are listed, those with the most empty seats first."""
MOST_ASKED: Final = 250_000
"""So many combinations of learner, offer and flow are put to the rules: some tenths of a second."""

NO_FLOW, BARRED, ELSEWHERE, WAITING = "no_flow", "barred", "elsewhere", "waiting"
WHY: Final = (NO_FLOW, BARRED, ELSEWHERE, WAITING)
"""No flow lies within the offer's time; rules bar everybody; whoever may come has another place; learners without any
place may come, but beds, heads, money, quotas or a goal are in the way.
"""


class KeptAway(Part):
    """A rule, and how many learners it alone keeps from an offer."""

    rule: str
    learners: int


class VacantOffer(Part):
    """An offer with empty seats."""

    id: str
    company_id: str
    host_id: str
    seats: int
    empty: int = Field(description="seats that nobody takes on any day")
    why: str = Field(description="no_flow, barred, elsewhere or waiting")
    learners: int = Field(
        description="learners who may come and do not: with another place (elsewhere), without any (waiting); else 0"
    )
    kept_away: tuple[KeptAway, ...] | None = Field(
        description="of a barred one, by rule: learners for whom nothing else is in the way; null: not asked"
    )


class VacantHost(Part):
    """A hosting partner's seats; those that nobody takes on any day are counted by what decides it."""

    id: str
    offers: int
    seats: int
    empty: int
    no_flow: int
    barred: int
    elsewhere: int
    waiting: int


class Vacancies(Part):
    """Seats that nobody takes on any day."""

    hosts: tuple[VacantHost, ...] = Field(description="those that have offers, sorted by id")
    offers: tuple[VacantOffer, ...] = Field(
        description=f"the {MOST_LISTED} with the most empty seats, by these and by id"
    )
    vacant: int = Field(description="offers with empty seats")


def vacancies(facts: Facts, result: Result) -> Vacancies:
    """Count the empty seats of an allocation, and say what decides them."""
    rnd, options = facts.rnd, result.options
    seats = rnd.offers["seats"].astype(np.int64)
    empty = np.maximum(0, seats - busiest(facts))
    slots = Slots.of(rnd)
    waits = facts.placed.seated.times == 0
    has_flow = np.bincount(slots.offer[_open(rnd, slots)], minlength=len(seats)) > 0
    has_options = np.bincount(options.offer, minlength=len(seats)) > 0
    has_waiting = np.bincount(options.offer[waits[options.learner]], minlength=len(seats)) > 0
    why = np.select([~has_flow, ~has_options, ~has_waiting], [0, 1, 2], 3)
    vacant = np.flatnonzero(empty)
    listed = vacant[np.lexsort((vacant, -empty[vacant]))][:MOST_LISTED]
    return Vacancies(
        hosts=_hosts(rnd, seats, empty, why),
        offers=_offers(facts, result, slots, listed, empty, why),
        vacant=len(vacant),
    )


def busiest(facts: Facts) -> IntArray:
    """The most learners at each offer on one day."""
    rnd, some = facts.rnd, facts.options
    first = rnd.flows["start"][some.flow].astype("datetime64[D]").astype(np.int64)
    last = rnd.flows["end"][some.flow].astype("datetime64[D]").astype(np.int64) + 1
    offer = np.concatenate([some.offer, some.offer]).astype(np.int64)
    change = np.repeat([1, -1], len(some))
    order = np.lexsort((change, np.concatenate([first, last]), offer))  # on a day, who leaves goes first
    present = np.cumsum(change[order])  # 0 again at the end of each offer
    most = np.zeros(len(rnd.offers), np.int64)
    np.maximum.at(most, offer[order], present)
    return most


def _open(rnd: Round, slots: Slots) -> Mask:
    """The slots within the offer's availability, where that is a rule."""
    if not rnd.policy.holds("dates"):
        return np.ones(len(slots), bool)
    early, late = rnd.offers["available_from"][slots.offer], rnd.offers["available_to"][slots.offer]
    within: Mask = (early <= rnd.flows["start"][slots.flow]) & (rnd.flows["end"][slots.flow] <= late)
    return within


def _hosts(rnd: Round, seats: IntArray, empty: IntArray, why: IntArray) -> tuple[VacantHost, ...]:
    host, size = rnd.ref("companies", "host_id")[rnd.ref("offers", "company_id")], len(rnd.hosting_partners)
    offers, every = tally(host, size), [tally(host, size, seats), tally(host, size, empty)]
    every += [tally(host, size, np.where(why == number, empty, 0)) for number in range(len(WHY))]
    names = ("seats", "empty", *WHY)
    rows = [dict(zip(names, row, strict=True)) for row in zip(*(one.tolist() for one in every), strict=True)]
    ids = rnd.hosting_partners["id"].tolist()
    return tuple(
        VacantHost(id=ids[at], offers=int(offers[at]), **rows[at]) for at in np.flatnonzero(offers).tolist()
    )


def _offers(
    facts: Facts, result: Result, slots: Slots, listed: IntArray, empty: IntArray, why: IntArray
) -> tuple[VacantOffer, ...]:
    rnd, ids = facts.rnd, facts.rnd.offers["id"]
    company = rnd.ref("offers", "company_id")
    host = rnd.ref("companies", "host_id")[company]
    could = _could_come(facts, result.options, listed, why)
    kept = _kept_away(rnd, slots, listed[why[listed] == WHY.index(BARRED)])
    return tuple(
        VacantOffer(
            id=str(ids[at]),
            company_id=str(rnd.companies["id"][company[at]]),
            host_id=str(rnd.hosting_partners["id"][host[at]]),
            seats=int(rnd.offers["seats"][at]),
            empty=int(empty[at]),
            why=WHY[why[at]],
            learners=could.get(at, 0),
            kept_away=kept.get(at),
        )
        for at in listed.tolist()
    )


def _could_come(facts: Facts, options: Options, listed: IntArray, why: IntArray) -> dict[int, int]:
    """Of each listed offer: learners with an option there who are elsewhere, or (where there are any) nowhere."""
    rnd, seated = facts.rnd, facts.options
    some = np.flatnonzero(np.isin(options.offer, listed))
    learner, offer = options.learner[some].astype(np.int64), options.offer[some].astype(np.int64)
    asked = (why[offer] != WHY.index(WAITING)) | (facts.placed.seated.times == 0)[learner]
    pairs = np.unique(offer[asked] * len(rnd.learners) + learner[asked])
    there = seated.offer.astype(np.int64) * len(rnd.learners) + seated.learner
    found = np.setdiff1d(pairs, there) // max(1, len(rnd.learners))
    offers, counts = np.unique(found, return_counts=True)
    return dict(zip(offers.tolist(), counts.tolist(), strict=True))


def _kept_away(rnd: Round, slots: Slots, offers: IntArray) -> dict[int, tuple[KeptAway, ...]]:
    """Of each offer, the emptiest first, as long as there is work left: which rule alone keeps how many away."""
    found, left = {}, MOST_ASKED
    for offer in offers.tolist():
        here = np.flatnonzero(slots.offer == offer)
        left -= len(here) * len(rnd.learners)
        if left < 0:
            break
        found[offer] = _alone(rnd, slots, here)
    return found


def _alone(rnd: Round, slots: Slots, here: IntArray) -> tuple[KeptAway, ...]:
    own = stays(rnd.learners["stay"])
    who, slot = np.repeat(np.arange(len(own)), len(here)), np.tile(here, len(own))
    fits = slots.stay[slot] == own[who]
    every = Options(rnd, who[fits], slots.offer[slot[fits]], slots.flow[slot[fits]])
    masks = {rule.name: rule.bars(rnd, every) for rule in rules_of(rnd)}
    single = np.sum([np.zeros(len(every), np.int64), *masks.values()], axis=0) == 1
    counts = {name: len(np.unique(every.learner[mask & single])) for name, mask in masks.items()}
    order = sorted((name for name in counts if counts[name]), key=lambda name: (-counts[name], name))
    return tuple(KeptAway(rule=name, learners=counts[name]) for name in order)
