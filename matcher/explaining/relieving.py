"""Changes that make room where an allocation breaks a limit: the exact amount that is missing, from the
tables.

A *limit* names what is short: seats at an offer, beds of a host, heads of a flow, money of a partner, and
so on. ``relief`` looks at placements that go beyond it and says by how much it would have to give.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from itertools import pairwise
from typing import NamedTuple

from matcher.explaining.changes import (
    Change,
    edit,
    euros,
    points,
    with_budget,
    with_policy,
    without,
)
from matcher.explaining.probing import Obstacle
from matcher.explaining.words import count
from matcher.placements import Placements, gather, rising
from models.problem import Block
from models.round import Round
from models.tables import Beds

BLOCKED_DAYS = 7
"""A bed counts for so many days, or a part of them."""


class Limit(NamedTuple):
    """What is short: the rule, and which of its limits (an id; the number of a row of a table; blank: the
    round's).
    """

    rule: str
    which: str | int


def limit_of(obstacle: Obstacle) -> Limit:
    """The limit behind a row that is broken."""
    block, row = obstacle.block, obstacle.row
    key = KEYS.get(block.rule)
    if block.rule == "quotas":
        return Limit("quotas", row)
    if block.rule == "pairs":
        return Limit("pairs", " and ".join((_key(block, "a", row), _key(block, "b", row))))
    return Limit(block.rule, _key(block, key, row) if key else "")


KEYS = {
    "seats": "offer",
    "beds": "host",
    "flow_heads": "flow",
    "min_group": "flow",
    "budget": "partner",
    "groups": "group",
    "same_school": "company",
}


ROW_BY_ROW = ("quotas", "pairs")
"""Rules each of whose rows is a limit of its own."""


def _key(block: Block, name: str, row: int) -> str:
    keys = block.keys or {}
    return str(keys[name][row]) if name in keys else ""


def relief(rnd: Round, after: Placements, limit: Limit) -> Change | None:
    """The smallest change of the limit with which the placements ``after`` keep it; None where nobody knows
    one.
    """
    found = _RELIEFS.get(limit.rule)
    return found(rnd, after, limit.which) if found else None


def _seats(rnd: Round, after: Placements, which: str | int) -> Change | None:
    row = rnd.offers.position[str(which)]
    seats = rnd.offers.record(row).seats
    most = max(
        (present for _, present in rising((p.stay for p in after.by_offer.get(str(which), ())), seats)),
        default=seats,
    )
    text = f"offer {which} has {count(most, 'seat')} (now {seats})"
    return (
        Change(points("seat", most - seats), text, edit("offers", row, seats=most)) if most > seats else None
    )


def _flow_heads(rnd: Round, after: Placements, which: str | int) -> Change | None:
    row, heads = rnd.flows.position[str(which)], after.heads.get(str(which), 0)
    most = rnd.flows.record(row).max_heads
    if most is None or heads <= most:
        return None
    text = f"flow {which} takes {count(heads, 'head')} (now {most})"
    return Change(points("head", heads - most), text, edit("flows", row, max_heads=heads))


def _min_group(rnd: Round, after: Placements, which: str | int) -> Change | None:
    row = rnd.flows.position[str(which)]
    least = rnd.flows.record(row).min_group
    parties = after.parties_of
    fewest = int(parties.learners[parties.flow == row].min(initial=least))
    if fewest >= least:
        return None
    text = f"flow {which} takes {fewest} or more learners of a sending partner (now {least} or more)"
    return Change(points("minimum group", least - fewest), text, edit("flows", row, min_group=fewest))


def _quotas(rnd: Round, after: Placements, which: str | int) -> Change | None:
    row = int(which)
    quota, seated = rnd.quotas.record(row), after.seated
    wanted = (quota.partner_id, quota.host_id, quota.stay)
    partner, host = (rnd.ref("quotas", column)[row] for column in ("partner_id", "host_id"))
    counted = ((partner < 0) | (seated.partner == partner)) & ((host < 0) | (seated.host == host))
    if quota.stay is not None:
        counted &= rnd.flows["stay"][seated.flow] == quota.stay
    placed = int(counted.sum())
    if quota.max_learners is None or placed <= quota.max_learners:
        return None
    what = " ".join(place or "all" for place in (f"{wanted[0] or 'all'}→{wanted[1] or 'all'}", wanted[2]))
    text = f"quota {what} allows {placed} (now {quota.max_learners})"
    return Change(
        points("quota", placed - quota.max_learners), text, edit("quotas", row, max_learners=placed)
    )


def _budget(rnd: Round, after: Placements, which: str | int) -> Change | None:
    if which == "":
        total, most = sum(after.spent.values()), rnd.budget_eur
        if most is None or total <= most:
            return None
        text = f"{total - most} EUR more for the round's budget ({most} EUR)"
        return Change(euros(total - most), text, with_budget(total))
    row = rnd.sending_partners.position[str(which)]
    spent, limit = after.spent.get(str(which), 0), rnd.sending_partners.record(row).budget_eur
    if limit is None or spent <= limit:
        return None
    text = f"{spent - limit} EUR more for the budget of {which} ({limit} EUR)"
    return Change(euros(spent - limit), text, edit("sending_partners", row, budget_eur=spent))


def _same_school(rnd: Round, after: Placements, which: str | int) -> Change | None:
    row = rnd.companies.position[str(which)]
    limit = rnd.companies.record(row).max_same_school
    if limit is None:
        return None
    seated = after.seated
    here = after.suspects((seated.company == row) & (seated.school >= 0))
    by_school = gather(here, lambda p: p.learner.school_id)
    peaks = [
        present for places in by_school.values() for _, present in rising((p.stay for p in places), limit)
    ]
    most = max(peaks, default=limit)
    text = f"company {which} takes {count(most, 'learner')} of one school (now {limit})"
    return (
        Change(points("same school", most - limit), text, edit("companies", row, max_same_school=most))
        if peaks
        else None
    )


def _inclusion(rnd: Round, after: Placements, _: str | int) -> Change | None:
    share = rnd.policy.min_fewer_opportunities_share
    reasons = rnd.learners["fewer_opportunities"][after.seated.learner]
    reached = 100 * sum(map(bool, reasons)) // max(1, len(after))
    text = f"min_fewer_opportunities_share is {reached} (now {share})"
    change = with_policy(min_fewer_opportunities_share=reached)
    return Change(points("policy point", share - reached), text, change) if reached < share else None


def _pairs(rnd: Round, _: Placements, which: str | int) -> Change | None:
    rows = [
        number
        for number, pair in enumerate(rnd.pairs.records)
        if f"{pair.learner_a} and {pair.learner_b}" == which
    ]
    return Change(points("lift pair"), f"lift the pair of {which}", without("pairs", rows)) if rows else None


def _beds(rnd: Round, after: Placements, which: str | int) -> Change | None:
    """As many beds more as lack on the worst day, from the first to the last day on which some lack."""
    here = rnd.ref("flows", "host_id")[after.parties_of.flow] == rnd.hosting_partners.position[str(which)]
    places = tuple(after.suspect_parties(here))
    lacking = _lacking_beds(rnd, str(which), [(p.flow.start, p.flow.end, p.heads) for p in places])
    if not lacking:
        return None
    first, last, more = min(lacking), max(lacking), max(lacking.values())
    weeks = -(-((last - first).days + 1) // BLOCKED_DAYS)
    text = f"{count(more, 'bed')} more at {which} from {first} to {last}"
    return Change(points("bed", more * weeks), text, more_beds(str(which), first, last, more))


def _lacking_beds(rnd: Round, host: str, stays: list[tuple[date, date, int]]) -> Mapping[date, int]:
    """The beds that lack, by day."""
    if not stays:
        return {}
    ranges = [row for row in rnd.beds.records if row.host_id == host]
    first, last = min(start for start, _, _ in stays), max(end for _, end, _ in stays)
    found = {}
    for after in range((last - first).days + 1):
        day = first + timedelta(after)
        heads = sum(number for start, end, number in stays if start <= day <= end)
        beds = sum(row.beds for row in ranges if row.from_ <= day <= row.to)
        if heads > beds:
            found[day] = heads - beds
    return found


def more_beds(host: str, first: date, last: date, more: int) -> Callable[[Round], Round]:
    """So many beds more at a host on every day of a range, whatever ranges there are now."""

    def apply(rnd: Round) -> Round:
        others = [row for row in rnd.beds.records if row.host_id != host]
        own = [row for row in rnd.beds.records if row.host_id == host]
        day = timedelta(1)
        cuts = sorted({first, last + day, *(row.from_ for row in own), *(row.to + day for row in own)})
        pieces = []
        for begin, end in pairwise(cuts):
            here = [row.beds for row in own if row.from_ <= begin <= row.to]
            extra = more if first <= begin <= last else 0
            if here or extra:
                beds = sum(here) + extra
                pieces.append(Beds(host_id=host, from_=begin, to=end - day, beds=beds))
        return rnd.replace(rows={"beds": [*others, *pieces]})

    return apply


_RELIEFS: Mapping[str, Callable[[Round, Placements, str | int], Change | None]] = {
    "seats": _seats,
    "beds": _beds,
    "flow_heads": _flow_heads,
    "min_group": _min_group,
    "quotas": _quotas,
    "budget": _budget,
    "same_school": _same_school,
    "inclusion": _inclusion,
    "pairs": _pairs,
}
