"""Each sending and each hosting partner's share of an allocation, and what the money pays for."""

from __future__ import annotations

import numpy as np

from matcher.reporting.facts import Facts, tally
from matcher.reporting.model import CostSplit, HostLine, PartnerLine
from matcher.reporting.occupancy import Occupancy
from models.round import IntArray, Round


def partner_lines(rnd: Round, facts: Facts | None) -> tuple[PartnerLine, ...]:
    """Return a line per sending partner, sorted by id; without facts, what is known without an allocation."""
    count = len(rnd.sending_partners)
    learners = tally(rnd.ref("learners", "partner_id"), count)
    placed = _placed(facts, count) if facts else {}
    return tuple(
        PartnerLine(
            id=row.id,
            country=row.country,
            budget_eur=row.budget_eur,
            learners=learners[number],
            **{name: placed[name][number] if placed else None for name in _PLACED},
        )
        for number, row in enumerate(rnd.sending_partners.records)
    )


_PLACED = ("placed", "unplaced", "escorts", "cost_eur", "mean_fit")


def _placed(facts: Facts, count: int) -> dict[str, list[int] | list[float | None]]:
    partner, parties = facts.options.partner, facts.parties
    placed = tally(partner, count)
    cost = tally(partner, count, facts.cost_eur) + tally(parties.partner, count, parties.cost_eur)
    return {
        "placed": placed.tolist(),
        "unplaced": (tally(facts.rnd.ref("learners", "partner_id"), count) - placed).tolist(),
        "escorts": tally(parties.partner, count, parties.escorts).tolist(),
        "cost_eur": cost.tolist(),
        "mean_fit": means(tally(partner, count, facts.fit), placed),
    }


def means(sums: IntArray, counts: IntArray) -> list[float | None]:
    """Return each mean to two decimals, ``None`` where there is nothing to take it of."""
    pairs = zip(sums.tolist(), counts.tolist(), strict=True)
    return [round(total / count, 2) if count else None for total, count in pairs]


def host_lines(rnd: Round, facts: Facts | None, found: Occupancy | None) -> tuple[HostLine, ...]:
    """Return a line per hosting partner, sorted by id; without facts, what is known without an allocation."""
    count = len(rnd.hosting_partners)
    companies = rnd.ref("companies", "host_id")
    number_of_companies = tally(companies, count).tolist()
    seats = tally(companies[rnd.ref("offers", "company_id")], count, rnd.offers["seats"]).tolist()
    hosted = _hosted(facts, found, count) if facts else {}
    return tuple(
        HostLine(
            id=row.id,
            country=row.country,
            companies=number_of_companies[number],
            seats=seats[number],
            **{name: hosted[name][number] if hosted else None for name in _HOSTED},
        )
        for number, row in enumerate(rnd.hosting_partners.records)
    )


_HOSTED = (
    "learners",
    "escorts",
    "heads",
    "peak_heads",
    "least_free_beds",
    "companies_with_learners",
    "cost_eur",
)


def _hosted(facts: Facts, found: Occupancy | None, count: int) -> dict[str, list[int] | list[int | None]]:
    host, parties = facts.options.host, facts.parties
    learners = tally(host, count)
    escorts = tally(facts.host_of_party, count, parties.escorts)
    cost = tally(host, count, facts.cost_eur) + tally(facts.host_of_party, count, parties.cost_eur)
    used = np.unique(facts.options.company)
    return {
        "learners": learners.tolist(),
        "escorts": escorts.tolist(),
        "heads": (learners + escorts).tolist(),
        "peak_heads": found.heads.max(axis=1).tolist() if found else [0] * count,
        "least_free_beds": _least_free(found) if found else [None] * count,
        "companies_with_learners": tally(facts.rnd.ref("companies", "host_id")[used], count).tolist(),
        "cost_eur": cost.tolist(),
    }


def _least_free(found: Occupancy) -> list[int | None]:
    """The fewest beds free on a day with somebody present, per host."""
    hosts = zip(found.free_beds, found.heads, found.limited.tolist(), strict=True)
    return [
        int(free[heads > 0].min()) if limited and (heads > 0).any() else None
        for free, heads, limited in hosts
    ]


def cost_split(facts: Facts) -> CostSplit:
    """Return what the money pays for."""
    parts = facts.parts
    return CostSplit(
        travel=int(parts.travel.sum()),
        support=int(parts.support.sum()),
        organisation=int(parts.organisation.sum()),
        inclusion=int(parts.inclusion.sum()),
        escorts=int(facts.parties.cost_eur.sum()),
        total=facts.cost_of_all_eur,
    )
