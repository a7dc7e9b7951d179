"""Why no allocation is possible: a smallest set of rules that conflict, a sentence each with the people and
the amounts in it.

The rows come from ``solvers.conflict``; none of them can be spared. What everybody knows is not named: that
a learner has one placement, and what an escort is. A sentence says what is asked and what there is for it,
with the rules that bar the rest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from matcher import rules
from matcher.compiling import rules_of
from matcher.explaining.probing import candidates
from matcher.explaining.words import SHOWN, count, few
from matcher.options import Options
from matcher.result import Result
from matcher.rules.base import Mask
from models.outcome import Status
from models.problem import FREE_ABOVE, FREE_BELOW, Block, IntArray
from models.round import Round
from models.tables import Lock
from solvers.conflict import Conflict, find_conflict
from solvers.interface import Limits

SECONDS = 60.0
"""For the whole search; a set that is not proven smallest by then says so."""

UNSURE = "the search for a smallest set ran out of time: some of these may not be needed"


class Member(NamedTuple):
    """A row of the conflict."""

    rnd: Round
    options: Options
    block: Block
    row: int

    def key(self, name: str) -> str:
        """What the row says under a name."""
        assert self.block.keys is not None
        return str(self.block.keys[name][self.row])

    @property
    def columns(self) -> IntArray:
        """The options in the row."""
        inside = self.block.column[self.block.row == self.row]
        return np.unique(inside[inside < len(self.options)])

    @property
    def people(self) -> int:
        """How many learners have an option in the row."""
        return len(np.unique(self.options.learner[self.columns]))


def conflict(result: Result) -> tuple[str, ...]:
    """The sentences for an infeasible round, in the order of the rules; none for any other."""
    if result.status is not Status.INFEASIBLE:
        return ()
    found = conflict_rows(result)
    sentences = [
        sentence(Member(result.round, result.options, result.problem.blocks[block], row))
        for block, row in found.rows
    ]
    return tuple(sentences) if found.irreducible else (*sentences, UNSURE)


def conflict_rows(result: Result) -> Conflict:
    """The rows behind the sentences, as (number of the block, row)."""
    return find_conflict(result.problem, Limits(seconds=SECONDS))


def sentence(member: Member) -> str:
    """What a row asks, and what there is for it."""
    say = _SENTENCES.get(member.block.rule)
    return f"{member.block.rule}: {say(member) if say else member.block.label(member.row)}"


def _locks(member: Member) -> str:
    rnd, who = member.rnd, member.key("learner")
    learner = rnd.learners.position[who]
    pins = [lock for lock in rnd.locks.records if lock.learner_id == who and lock.kind == "pin"]
    asked = " and to ".join(_place(lock) for lock in pins)
    head = f"learner {who} is pinned to {asked}"
    options = len(member.columns)
    return (
        f"{head}, with {count(options, 'option')} there"
        if options
        else f"{head}, but {_no_pin(rnd, learner, pins)}"
    )


def _place(lock: Lock) -> str:
    columns = (
        ("host", lock.host_id),
        ("company", lock.company_id),
        ("offer", lock.offer_id),
        ("flow", lock.flow_id),
    )
    return ", ".join(f"{what} {where}" for what, where in columns if where is not None)


def _no_pin(rnd: Round, learner: int, pins: list[Lock]) -> str:
    own = candidates(rnd, np.array([learner]))
    return _nothing(own.take(_agree(own, pins)), rnd.learners["stay"][learner])


def _nothing(places: Options, stay: str) -> str:
    """Why none of one learner's candidates is an option: the rules that bar the nearest."""
    if not len(places):
        return f"no offer and flow of one host with a {stay} stay agree with that"
    rnd = places.rnd
    masks = {rule.name: rule.bars(rnd, places) for rule in rules_of(rnd)}
    best = int(np.argmin(np.sum(list(masks.values()), axis=0)))
    row = (int(places.learner[best]), int(places.offer[best]), int(places.flow[best]))
    by_name = {rule.name: rule for rule in rules.discover()}
    why = [f"{name} bars it: {by_name[name].why(rnd, *row)}" for name, mask in masks.items() if mask[best]]
    where = "" if len(places) == 1 else f"of {len(places)} such places none is an option; for the nearest "
    return where + "; ".join(why)


def _agree(own: Options, pins: list[Lock]) -> Mask:
    rnd, agrees = own.rnd, np.ones(len(own), bool)
    places = (
        ("hosting_partners", "host_id", own.host),
        ("companies", "company_id", own.company),
        ("offers", "offer_id", own.offer),
        ("flows", "flow_id", own.flow),
    )
    for lock in pins:
        for table, column, there in places:
            wanted = getattr(lock, column)
            if wanted is not None:
                agrees &= there == rnd.tables[table].position[wanted]
    return agrees


def _quotas(member: Member) -> str:
    """What the quota asks, how many have an option there, and what bars the others."""
    low, high = int(member.block.lower[member.row]), int(member.block.upper[member.row])
    stay = member.key("stay")
    name = f"quota {member.key('partner')}→{member.key('host')}{'' if stay == 'all' else f' {stay}'}"
    asks = f"needs at least {low}" if low > FREE_BELOW else ""
    allows = f"allows at most {high}" if high < FREE_ABOVE else ""
    head = f"{name} {' and '.join(part for part in (asks, allows) if part)}"
    return f"{head}; {_have(member, 'there')}{_without(member) if asks and member.people < low else ''}"


def _without(member: Member) -> str:
    """Which rules bar the other learners whom the quota counts."""
    rnd = member.rnd
    partner, host, stay = member.key("partner"), member.key("host"), member.key("stay")
    counted = np.ones(len(rnd.learners), bool)
    counted &= (rnd.learners["partner_id"] == partner) | (partner == "all")
    counted &= (rnd.learners["stay"] == stay) | (stay == "all")
    others = np.setdiff1d(np.flatnonzero(counted), member.options.learner[member.columns])
    if not len(others):
        return f", and there are no other {'' if stay == 'all' else f'{stay} '}learners of {partner}"
    every = candidates(rnd, others)
    every = every if host == "all" else every.take(every.host == rnd.hosting_partners.position[host])
    masks = {rule.name: rule.bars(rnd, every) for rule in rules_of(rnd)}
    causes = Counter(_cause(masks, every.learner == other) for other in others.tolist())
    listed = few(
        [f"{cause} ({number})" for cause, number in sorted(causes.items(), key=lambda it: (-it[1], it[0]))]
    )
    return f", not {count(len(others), 'other')}: {listed}"


def _cause(masks: Mapping[str, Mask], own: Mask) -> str:
    """The first rule that bars all of a learner's places, or that it takes several."""
    if not own.any():
        return "no offer and flow for the stay"
    alone = [name for name, mask in masks.items() if mask[own].all()]
    return alone[0] if alone else "several rules together"


def _flow_heads(member: Member) -> str:
    rnd, flow = member.rnd, member.rnd.flows.records[member.rnd.flows.position[member.key("flow")]]
    alike = [row for row in rnd.flows.records if (row.host_id, row.stay) == (flow.host_id, flow.stay)]
    only = f", the only {flow.stay} flow at {flow.host_id}," if len(alike) == 1 else ""
    each = flow.learners_per_escort if rnd.policy.holds("escorts") else None
    escorts = f", with an escort for every {count(each, 'learner')} of a partner" if each else ""
    return f"flow {flow.id}{only} takes {count(int(member.key('limit')), 'head')} at most{escorts}; {_have(member)}"


def _have(member: Member, where: str = "in it") -> str:
    """How many learners have an option in the row; who, if they are few."""
    ids = member.rnd.learners["id"][np.unique(member.options.learner[member.columns])].tolist()
    who = f" ({few(ids)})" if 0 < len(ids) <= SHOWN else ""
    return f"{count(len(ids), 'learner')} {'has' if len(ids) == 1 else 'have'} an option {where}{who}"


def _seats(member: Member) -> str:
    seats = count(int(member.key("seats")), "seat")
    return f"offer {member.key('offer')} has {seats} on {member.key('day')}; {_have(member)}"


def _beds(member: Member) -> str:
    host, day = member.key("host"), member.key("day")
    return f"{host} has {count(int(member.key('beds')), 'bed')} on {day}; {_have(member)}"


def _budget(member: Member) -> str:
    whose = member.key("partner") if "partner" in (member.block.keys or {}) else "the round"
    cells = (member.block.row == member.row) & (member.block.column < len(member.options))
    costs = member.block.value[cells]
    cheapest = f"; a placement costs {costs.min()} EUR or more" if len(costs) else ""
    return f"the budget of {whose} is {member.key('budget')} EUR{cheapest}"


def _side_by_side(member: Member) -> str:
    """Two learners in one place or neither: whether each could be there at all."""
    rnd, label = member.rnd, member.block.label(member.row)
    keys = member.block.keys or {}
    here = set(member.options.learner[member.columns].tolist())
    for side in ("a", "b"):
        if "flow" in keys and side in keys and rnd.learners.position[member.key(side)] not in here:
            learner = rnd.learners.position[member.key(side)]
            own = candidates(rnd, np.array([learner]))
            there = own.flow == rnd.flows.position[member.key("flow")]
            if "company" in keys:
                there &= own.company == rnd.companies.position[member.key("company")]
            why = _nothing(own.take(there), rnd.learners["stay"][learner])
            label += f"; {member.key(side)} has no option there: {why}"
    return label


def _min_group(member: Member) -> str:
    return f"{member.block.label(member.row)}; {_have(member)}"


def _inclusion(member: Member) -> str:
    reasons = member.rnd.learners["fewer_opportunities"]
    learners = np.unique(member.options.learner)
    able = sum(bool(reasons[learner]) for learner in learners.tolist())
    return f"{member.block.label(member.row)}; {able} of {len(learners)} learners with an option are such"


_SENTENCES: Mapping[str, Callable[[Member], str]] = {
    "locks": _locks,
    "quotas": _quotas,
    "flow_heads": _flow_heads,
    "groups": _side_by_side,
    "pairs": _side_by_side,
    "seats": _seats,
    "beds": _beds,
    "budget": _budget,
    "min_group": _min_group,
    "inclusion": _inclusion,
}
