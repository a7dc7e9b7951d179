"""Is a shortage what it says? Checked by hand, as anybody could: from the tables, learner by learner, limit by limit.

Shares nothing with the search: places come from the audit of a placement alone, capacities from the tables' rows. For
small rounds and for doubters; it asks the audit about every place of every learner.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from itertools import product

import numpy as np

import solvers
from matcher.auditing import audit
from matcher.compiling import compile_problem, options_of
from matcher.shortages.answer import LimitLine, Shortage
from models.outcome import Placement, Status
from models.problem import Goal
from models.round import Round
from models.tables import Flow, Learner, Offer
from solvers.interface import Limits, never, silent

BARS = ("option", "profile", "dates", "language", "age", "needs", "locks", "agreements")
"""What can be wrong with one place whoever else has one."""

Spot = tuple[Learner, Offer, Flow]


def faults(rnd: Round, found: Shortage, method: str = "cpsat") -> Iterator[str]:
    """What is wrong with a shortage, in sentences; nothing where it holds.

    One that is counted is counted again. One that is solved is put to another method: how many of the learners any
    allocation of the whole round places at most.
    """
    if found.places >= len(found.learners):
        yield f"{len(found.learners)} learners are not too many for {found.places} places"
    if found.proof == "counted":
        yield from _miscounted(rnd, found)
        return
    most = most_placed(rnd, found.learners, method)
    if most is not None and most > found.places:
        yield f"{most} of the learners can be placed, not {found.places} at most"


def _miscounted(rnd: Round, found: Shortage) -> Iterator[str]:
    spots = [spot for learner in found.learners for spot in options(rnd, learner)]
    inside: dict[LimitLine, list[Spot]] = {limit: [] for limit in found.limits}
    for spot in spots:
        holding = [limit for limit in found.limits if _covers(rnd, limit, spot)]
        if not holding:
            yield f"{spot[0].id} at {spot[1].id} in {spot[2].id} lies in none of the limits"
        for limit in holding:
            inside[limit].append(spot)
    total = sum(limit.takes or 0 for limit in found.limits)
    if total != found.places:
        yield f"the limits take {total} as they say, not {found.places}"
    for limit, members in inside.items():
        takes = _takes(rnd, limit, members)
        if limit.takes is None or takes > limit.takes:
            yield f"{limit.text}: {takes} fit in by the tables"


def options(rnd: Round, learner: str) -> Iterator[Spot]:
    """Every place that nothing bars for a learner, by the audit of that placement alone."""
    row = rnd.learners.records[rnd.learners.position[learner]]
    hosts = {company.id: company.host_id for company in rnd.companies.records}
    for offer, flow in product(rnd.offers.records, rnd.flows.records):
        if hosts[offer.company_id] != flow.host_id or flow.stay != row.stay:
            continue
        breaches = audit(rnd, [Placement(learner, offer.id, flow.id)]).breaches
        if not any(breach.rule in BARS and learner in breach.learners for breach in breaches):
            yield row, offer, flow


def _covers(rnd: Round, limit: LimitLine, spot: Spot) -> bool:
    """Whether a place lies in a limit."""
    learner, offer, flow = spot
    on_day = not limit.day or flow.start <= date.fromisoformat(limit.day) <= flow.end
    match limit.rule:
        case "seats":
            return on_day and offer.id == limit.which
        case "beds":
            return on_day and flow.host_id == limit.which
        case "flow_heads":
            return flow.id == limit.which
        case "budget":
            return limit.which in {"", learner.partner_id}
        case "same_school":
            return on_day and offer.company_id == limit.which and learner.school_id == limit.school
        case _:
            quota = rnd.quotas.records[limit.row]
            wanted = (quota.partner_id, quota.host_id, quota.stay)
            there = (learner.partner_id, flow.host_id, flow.stay)
            return all(want in (None, have) for want, have in zip(wanted, there, strict=True))


def _takes(rnd: Round, limit: LimitLine, members: list[Spot]) -> int:
    """How many of the learners with a place in a limit it takes; all, where its rule is off."""
    who = len({spot[0].id for spot in members})
    return min(who, _TAKES[limit.rule](rnd, limit, members)) if rnd.policy.holds(limit.rule) else who


def _seats(rnd: Round, limit: LimitLine, _: list[Spot]) -> int:
    seats: int = rnd.offers.records[rnd.offers.position[limit.which]].seats
    return seats


def _beds(rnd: Round, limit: LimitLine, members: list[Spot]) -> int:
    ranges = [row for row in rnd.beds.records if row.host_id == limit.which]
    if not ranges:
        return len(members)
    day = date.fromisoformat(limit.day)
    return _learners_among(rnd, sum(row.beds for row in ranges if row.from_ <= day <= row.to), members)


def _flow_heads(rnd: Round, limit: LimitLine, members: list[Spot]) -> int:
    most = rnd.flows.records[rnd.flows.position[limit.which]].max_heads
    return len(members) if most is None else _learners_among(rnd, most, members)


def _learners_among(rnd: Round, heads: int, members: list[Spot]) -> int:
    """The most learners of some heads, where each begun party of the largest size brings one escort."""
    sizes = [flow.learners_per_escort for _, _, flow in members]
    if not rnd.policy.holds("escorts") or None in sizes or not sizes:
        return max(0, heads)
    size = max(each for each in sizes if each is not None)
    return max(
        learners for learners in range(max(0, heads) + 1) if learners + -(-learners // size) <= max(0, heads)
    )


def _budget(rnd: Round, limit: LimitLine, members: list[Spot]) -> int:
    money = rnd.budget_eur
    if limit.which:
        money = rnd.sending_partners.records[rnd.sending_partners.position[limit.which]].budget_eur
    if money is None:
        return len(members)
    cheapest: dict[str, int] = {}
    for learner, offer, flow in members:
        cost = int(audit(rnd, [Placement(learner.id, offer.id, flow.id)]).placed.costs_eur[0])
        cheapest[learner.id] = min(cost, cheapest.get(learner.id, cost))
    spent = number = 0
    for cost in sorted(cheapest.values()):
        spent += cost
        number += spent <= money
    return number


def _quota(rnd: Round, limit: LimitLine, members: list[Spot]) -> int:
    most = rnd.quotas.records[limit.row].max_learners
    return len(members) if most is None else most


def _same_school(rnd: Round, limit: LimitLine, members: list[Spot]) -> int:
    most = rnd.companies.records[rnd.companies.position[limit.which]].max_same_school
    return len(members) if most is None else most


_TAKES: Mapping[str, Callable[[Round, LimitLine, list[Spot]], int]] = {
    "seats": _seats,
    "beds": _beds,
    "flow_heads": _flow_heads,
    "quotas": _quota,
    "budget": _budget,
    "same_school": _same_school,
}


def most_placed(rnd: Round, learners: tuple[str, ...], method: str = "cpsat") -> int | None:
    """How many of some learners any allocation of the whole round places (None: there is no allocation at all).

    Every rule is kept and everybody may come. ``cpsat`` and ``enumerate`` share nothing with how bounds are found.
    """
    every, _ = options_of(rnd)
    problem = compile_problem(rnd, every)
    rows = [rnd.learners.position[learner] for learner in learners]
    column = np.flatnonzero(np.isin(every.learner, rows))
    goal = Goal("of these", 1, column, np.ones(len(column), np.int64))
    asked = replace(problem, goals=(goal,), weighted=None)
    outcome = solvers.get(method).solve(asked, Limits(), silent, never)
    return None if outcome.status is Status.INFEASIBLE else outcome.goals[0].bound
