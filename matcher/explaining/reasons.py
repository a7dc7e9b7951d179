"""Why a learner is left out: the reason of the contract and a sentence with counts.

A rule is the reason when it alone rules out every place: its bars do, or its limits do whatever becomes of
the others (an offer without seats, a budget below the price, fewer learners than the smallest group).
Several rules together are ``no_option``. Who has places that others took is ``outcompeted``. Contract:
"What comes out".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from matcher import rules
from matcher.explaining.crowding import crowding
from matcher.explaining.lifting import Spot, lifts
from matcher.explaining.probing import Probe
from matcher.explaining.words import count, few
from matcher.slots import STAYS, stays
from models.round import Round
from models.tables import Group

NO_OPTION, OUTCOMPETED = "no_option", "outcompeted"

OWN_LIMITS = ("seats", "beds", "flow_heads", "quotas", "budget", "same_school")
"""Rules that only ever get tighter as others are placed: who breaks one alone breaks it always."""

LEADS: Mapping[str, str] = {
    "profile": "no offer takes the field and level of {who}",
    "dates": "no place lies within the availability of {who} and of its offer",
    "language": "no company asks a language level that {who} has",
    "age": "no company takes {who} at the age on the first day",
    "needs": "nowhere are the needs of {who} provided for",
    "locks": "locks rule out every place of {who}",
    "agreements": "the sending partner of {who} has no agreement with a host that has a place",
    "seats": "no offer for {who} has a seat",
    "beds": "no host has beds for {who}, even if nobody else came",
    "flow_heads": "no flow takes {who} and an escort where one is needed, even if nobody else came",
    "min_group": "in every flow too few learners of the partner of {who} have an option for the smallest group",
    "quotas": "quotas allow nobody where {who} has an option",
    "budget": "every option of {who} costs more than the whole budget",
    "same_school": "no company with an option takes a learner of the school of {who}",
    "groups": "the group of {who} has no place for all its members",
    "pairs": "the learner tied to {who} has no option at any place of {who}",
}


class Reason(NamedTuple):
    """The contract's ``reason`` and ``detail``."""

    reason: str
    detail: str


def reason_of(probe: Probe, learner: int) -> Reason:
    """Why a learner (row number), one of the probe's, is not placed."""
    standing = probe.standing
    if not standing.barred.candidates[learner]:
        return Reason(NO_OPTION, _no_candidate(standing.rnd, learner))
    if not standing.option_counts[learner]:
        return _barred(probe, learner)
    return _never(probe, learner) or Reason(OUTCOMPETED, crowding(probe, learner))


def _no_candidate(rnd: Round, learner: int) -> str:
    """No flow and offer agree with the stay."""
    stay, who = rnd.learners["stay"][learner], rnd.learners["id"][learner]
    flows, offers = rnd.once(_with_stay)[stay]
    have = f"{count(flows, 'flow')} and {count(offers, 'offer')} have that stay"
    return f"no host has a flow and an offer for the stay of {who} ({stay}): in all, {have}"


def _with_stay(rnd: Round) -> Mapping[str, tuple[int, int]]:
    """How many flows and how many offers have each stay."""
    flows, offers = stays(rnd.flows["stay"]), stays(rnd.offers["stay"])
    both = int((offers == 0).sum())
    return {
        stay: (int((flows == number).sum()), int((offers == number).sum()) + both)
        for stay, number in STAYS.items()
    }


def _barred(probe: Probe, learner: int) -> Reason:
    """Every candidate is barred: by one rule, or by several together."""
    barred = probe.standing.barred
    total = int(barred.candidates[learner])
    everything = [name for name, counts in barred.by_rule.items() if counts[learner] == total]
    if not everything:
        return Reason(NO_OPTION, _barred_together(probe, learner, total))
    rule, *others = everything
    alone = barred.alone(rule, learner)
    also = f", barred by {few(others)} as well" if others else ""
    only = f", {alone} of them barred by nothing else" if 0 < alone < total else ""
    detail = (
        f"{lead(rule, probe.standing.id(learner))}: {rule} bars {_size(probe, learner, total)}{also}{only}"
    )
    return Reason(rule, detail + _nearest(probe, learner, [rule]))


def _barred_together(probe: Probe, learner: int, total: int) -> str:
    barred = probe.standing.barred
    counts = [(name, int(counts[learner])) for name, counts in barred.by_rule.items() if counts[learner]]
    by_rule = ", ".join(f"{name} {number}" for name, number in counts)
    who = probe.standing.id(learner)
    return f"together the rules bar {_size(probe, learner, total)} of {who}: {by_rule}" + _nearest(
        probe, learner, []
    )


def _size(probe: Probe, learner: int, total: int) -> str:
    """All candidates: how many, over how many offers, flows and hosts."""
    every = "the one candidate place" if total == 1 else f"all {total} candidate places"
    own = probe.candidates.take(probe.own(learner))
    if len(own) < total:
        return every
    offers, flows, hosts = (len(np.unique(column)) for column in (own.offer, own.flow, own.host))
    return f"{every} ({count(offers, 'offer')}, {count(flows, 'flow')}, {count(hosts, 'host')})"


def _nearest(probe: Probe, learner: int, wanted: Sequence[str]) -> str:
    """The candidate that the fewest rules bar, and of those the one where least would have to change."""
    own = probe.own(learner)
    if not len(own):
        return ""
    nearest = own[probe.bars[own] == probe.bars[own].min()].tolist()
    best = min(nearest, key=lambda number: (_effort(probe, number, wanted), number))
    rnd, options = probe.standing.rnd, probe.candidates
    row = (learner, int(options.offer[best]), int(options.flow[best]))
    by_name = {rule.name: rule for rule in rules.discover()}
    why = "; ".join(f"{name}: {by_name[name].why(rnd, *row)}" for name in probe.barring(best))
    company = rnd.companies["id"][options.company[best]]
    return (
        f"; nearest is offer {rnd.offers['id'][row[1]]} of {company} in flow {rnd.flows['id'][row[2]]}: {why}"
    )


def _effort(probe: Probe, candidate: int, wanted: Sequence[str]) -> int:
    """The effort of the smallest changes that lift the bars of a candidate (far, where nobody knows one)."""
    options = probe.candidates
    spot = Spot.of(
        probe.standing.rnd,
        int(options.learner[candidate]),
        int(options.offer[candidate]),
        int(options.flow[candidate]),
    )
    names = wanted or probe.barring(candidate)
    return sum(min((change.effort for change in lifts(name, spot)), default=10**6) for name in names)


def _never(probe: Probe, learner: int) -> Reason | None:
    """The reason, where options exist but none can ever be chosen."""
    blocked = blocked_alone(probe, learner)
    own = probe.own(learner)
    options = set(own[probe.bars[own] == 0].tolist())
    whole = [rule.name for rule in rules.discover() if blocked.get(rule.name, set()) == options]
    who = probe.standing.id(learner)
    if whole:
        return Reason(whole[0], ruled_out(who, whole, len(options)) + _group_note(probe, learner, whole[0]))
    if blocked and set.union(*blocked.values()) == options:
        order = [rule.name for rule in rules.discover() if rule.name in blocked]
        return Reason(NO_OPTION, never_together(who, len(options), {r: len(blocked[r]) for r in order}))
    return None


def ruled_out(who: str, whole: Sequence[str], options: int) -> str:
    """The sentence for rules each of which rules out all options of a learner, the first of which is the reason."""
    also = f"; {few(whole[1:])} would as well" if whole[1:] else ""
    every = "the one option" if options == 1 else f"all {options} options"
    return f"{lead(whole[0], who)}: this rules out {every}{also}"


def never_together(who: str, options: int, by_rule: Mapping[str, int]) -> str:
    """The sentence for rules that rule out all options of a learner together; how many each, where it does."""
    parts = ", ".join(f"{rule} {number}" for rule, number in by_rule.items() if number)
    return f"together the rules leave none of {count(options, 'option')} of {who}: {parts}"


def blocked_alone(probe: Probe, learner: int) -> Mapping[str, set[int]]:
    """The learner's options (candidate numbers) that a rule keeps from ever being chosen, by rule."""
    own = probe.own(learner)
    found: dict[str, set[int]] = {}
    for number in own[probe.bars[own] == 0].tolist():
        for obstacle in probe.obstacles_alone(number):
            if obstacle.block.rule in OWN_LIMITS:
                found.setdefault(obstacle.block.rule, set()).add(number)
        for rule, impossible in (("min_group", _too_few), ("groups", _apart), ("pairs", _without_mate)):
            if probe.standing.rnd.policy.holds(rule) and impossible(probe, number):
                found.setdefault(rule, set()).add(number)
    return found


def _too_few(probe: Probe, number: int) -> bool:
    """Fewer learners of the partner have an option in the flow than its smallest group has."""
    options, standing = probe.candidates, probe.standing
    flow = options.flow[number]
    least = standing.rnd.flows["min_group"][flow]
    if least <= 1:
        return False
    every = standing.options
    partner = standing.rnd.ref("learners", "partner_id")[options.learner[number]]
    mates = np.unique(every.learner[(every.flow == flow) & (every.partner == partner)])
    return len(mates) < int(least)


def _apart(probe: Probe, number: int) -> bool:
    """Some member of the strict group has no option at this place."""
    options, standing = probe.candidates, probe.standing
    group = _strict_group(probe, int(options.learner[number]))
    if group is None:
        return False
    members = np.flatnonzero(standing.rnd.learners["group_id"] == group.id)
    company = options.company[number] if group.mode == "same_company" else None
    return not _all_have(probe, members.tolist(), int(options.flow[number]), company)


def _strict_group(probe: Probe, learner: int) -> Group | None:
    rnd = probe.standing.rnd
    number = int(rnd.ref("learners", "group_id")[learner])
    group: Group | None = None if number < 0 else rnd.groups.records[number]
    return None if group is None or group.mode == "same_flow" else group


def _without_mate(probe: Probe, number: int) -> bool:
    """A learner tied by a ``together`` pair has no option at this company in this flow."""
    options, rnd = probe.candidates, probe.standing.rnd
    learner = options.learner[number]
    one, other = rnd.ref("pairs", "learner_a"), rnd.ref("pairs", "learner_b")
    together = rnd.pairs["kind"] == "together"
    mates = [*other[together & (one == learner)].tolist(), *one[together & (other == learner)].tolist()]
    return not _all_have(probe, mates, int(options.flow[number]), int(options.company[number]))


def _all_have(probe: Probe, members: Sequence[int], flow: int, company: int | None) -> bool:
    every = probe.standing.options
    for member in members:
        own = probe.standing.own_options(member)
        there = every.flow[own] == flow
        if company is not None:
            there &= every.company[own] == company
        if not there.any():
            return False
    return True


def _group_note(probe: Probe, learner: int, rule: str) -> str:
    """How close the group comes to a place for all."""
    group = _strict_group(probe, learner)
    if rule != "groups" or group is None:
        return ""
    members = np.flatnonzero(probe.standing.rnd.learners["group_id"] == group.id).tolist()
    without = sum(probe.standing.option_counts[member] == 0 for member in members)
    own = probe.own(learner)
    most = max(
        sum(
            _all_have(probe, [member], int(probe.candidates.flow[number]), _company(probe, group, number))
            for member in members
        )
        for number in own[probe.bars[own] == 0].tolist()
    )
    return group_short_of(f"{group.id} ({group.mode})", len(members), most, without)


def group_short_of(group: str, members: int, most: int, without: int) -> str:
    """The end of the sentence for a group that has no place for all: how close it comes."""
    none = f", {without} have no option at all" if without else ""
    return f"; group {group} has {members} members, at the best place {most} have an option{none}"


def _company(probe: Probe, group: Group, number: int) -> int | None:
    return int(probe.candidates.company[number]) if group.mode == "same_company" else None


def lead(rule: str, who: str) -> str:
    """How the sentence begins for a rule that alone rules out every place of a learner."""
    return LEADS.get(rule, "the rule {rule} leaves {who} no place").format(who=who, rule=rule)
