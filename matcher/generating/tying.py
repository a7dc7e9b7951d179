"""What ties learners to each other and to places: groups, pairs, locks, quotas, earlier placements, scores."""

from __future__ import annotations

import numpy as np

from matcher.generating import marginals
from matcher.generating.drawing import IntArray
from matcher.generating.learning import fitted_field
from matcher.generating.world import BOTH, SHORT, World
from models.tables import Affinity, Agreement, Lock, MicroCredential, Pair, Previous, PreviousRound, Quota

MODES = ("same_flow", "all_or_none", "same_company")
PAIRS_AT_LEAST = 2
MOST_ANCHORS_PER_FLOW = 3


def make_groups(world: World) -> None:
    """Groups of learners of one partner who would travel in one flow; members are away at the same time."""
    spec, draws, people = world.spec, world.draws, world.learners
    order = np.lexsort((people.flow, people.partner))
    order = order[people.stay[order] == SHORT]
    wanted, position = round(spec.groups * spec.learners), 0
    while wanted > 1 and position < len(order) - 1:
        large = draws.uniform(1)[0] < spec.large_groups
        size = int(draws.whole(8, 11, 1)[0] if large else draws.whole(2, 5, 1)[0])
        members = order[position : position + min(size, wanted)]
        members = members[people.partner[members] == people.partner[members[0]]]
        position += len(members)
        wanted -= len(members)
        if len(members) > 1:
            _group(world, members)
        position += int(draws.uniform(1)[0] * 2 * len(members) * (1 - spec.groups))


def _group(world: World, members: IntArray) -> None:
    people, first = world.learners, members[0]
    mode = MODES[len(world.groups) % (3 if len(members) <= 3 else 2)]
    people.group[members] = len(world.groups)
    for column in (people.flow, people.opens, people.closes):
        column[members] = column[first]
    world.groups.append((int(people.partner[first]), mode))


def make_anchors(world: World, count: int) -> None:
    """Make some learners fit an offer in a flow for certain, each at another company."""
    people, flows = world.learners, world.flows
    order = world.draws.order(world.spec.learners)
    alone = order[(people.group[order] < 0) & (flows.min_group[people.flow[order]] == 1)]
    used: set[int] = set()
    in_flow = np.zeros(len(flows.host), np.int64)
    for learner in alone.tolist():
        if len(world.anchors) >= count:
            break
        flow = int(people.flow[learner])
        company = world.companies.offer_company
        offer = next((each for each in _open_offers(world, flow) if int(company[each]) not in used), None)
        if offer is not None and in_flow[flow] < MOST_ANCHORS_PER_FLOW:
            used.add(int(company[offer]))
            in_flow[flow] += 1
            fit_to(world, learner, offer, flow)
            world.anchors.append((learner, offer, flow))
    world.spare = list(world.anchors)


def _open_offers(world: World, flow: int) -> list[int]:
    """Offers at the flow's host that are open on all its days and for its stay."""
    offers, flows = world.companies, world.flows
    first, last = np.searchsorted(offers.offer_host, flows.host[flow] + np.arange(2))
    own = np.arange(first, last)
    stay = offers.offer_stay[own]
    inside = (offers.opens[own] <= flows.start[flow]) & (flows.end[flow] <= offers.closes[own])
    found: list[int] = own[inside & ((stay == BOTH) | (stay == flows.stay[flow]))].tolist()
    return found


def fit_to(world: World, learner: int, offer: int, flow: int) -> None:
    """Change a learner so that no rule bars the offer in the flow."""
    people, offers = world.learners, world.companies
    company = int(offers.offer_company[offer])
    people.fields[learner] = fitted_field(offers.offer_fields[offer])
    people.eqf[learner] = 4
    people.opens[learner] = min(people.opens[learner], world.flows.start[flow])
    people.closes[learner] = max(people.closes[learner], world.flows.end[flow])
    people.known_birth[learner] = True
    people.birth[learner] = min(int(people.birth[learner]), int(world.flows.start[flow]) - 19 * 366)
    people.needs[learner] = ()
    language, level = offers.languages[company][0]
    spoken = people.languages[learner]
    people.languages[learner] = spoken | {language: max(level, spoken.get(language, 0))}


def make_pairs(world: World) -> None:
    """Pairs of one partner: half together, half apart; nobody is in two."""
    wanted = round(world.spec.pairs * world.spec.learners)
    taken = {learner for learner, _, _ in world.anchors}
    people = world.learners
    order = np.lexsort((world.draws.order(world.spec.learners), people.flow, people.partner))
    free = [each for each in order.tolist() if people.group[each] < 0 and each not in taken]
    step = max(2, len(free) // max(wanted, 1))
    for number, first in enumerate(range(0, len(free) - 1, step)):
        one, other = free[first], free[first + 1]
        if number < wanted and people.partner[one] == people.partner[other]:
            kind = ("together", "apart")[number % 2]
            ids = world.learner_id(one), world.learner_id(other)
            world.rows.append(Pair(learner_a=ids[0], learner_b=ids[1], kind=kind))


def make_locks(world: World) -> None:
    """Pins that can all be kept, and forbidden places."""
    spec, draws = world.spec, world.draws
    for number in range(round(spec.pins * spec.learners)):
        if not world.spare:
            break
        learner, offer, flow = world.spare.pop()
        company = int(world.companies.offer_company[offer])
        places = (
            {"host_id": world.host_id(int(world.flows.host[flow]))},
            {"flow_id": world.flow_id(flow)},
            {"company_id": world.company_id(company)},
            {"offer_id": world.offer_id(offer), "flow_id": world.flow_id(flow)},
        )[number % 4]
        world.rows.append(Lock(learner_id=world.learner_id(learner), kind="pin", **places))
    taken = {learner for learner, _, _ in world.anchors}
    for learner in draws.some(spec.forbids, spec.learners).tolist():
        if learner not in taken:
            host = int(draws.whole(0, spec.host_count - 1, 1)[0])
            world.rows.append(
                Lock(learner_id=world.learner_id(learner), kind="forbid", host_id=world.host_id(host))
            )


def make_quotas(world: World) -> None:
    """Minima that anchored learners can meet, and maxima for a few partners at a few hosts."""
    if not world.spec.quotas:
        return
    people, flows = world.learners, world.flows
    for learner, _, flow in world.spare[:2]:
        where = {"partner_id": world.partner_id(int(people.partner[learner]))}
        where |= {"host_id": world.host_id(int(flows.host[flow]))}
        world.rows.append(Quota(**where, min_learners=1))
    del world.spare[:2]
    sent = np.bincount(people.partner, minlength=world.spec.partner_count)
    for number in range(1, world.spec.partner_count, 3):
        host = int(world.draws.whole(0, world.spec.host_count - 1, 1)[0])
        most = max(MOST_ANCHORS_PER_FLOW * 20, round(int(sent[number]) * 0.6))
        partner, place = world.partner_id(number), world.host_id(host)
        world.rows.append(Quota(partner_id=partner, host_id=place, stay="short", max_learners=most))


def make_agreements(world: World) -> None:
    """A row for every host that a partner with agreements sends to."""
    hosts = world.hosts
    for partner, host in np.argwhere(hosts.agreed & hosts.bound[:, None]).tolist():
        world.rows.append(Agreement(partner_id=world.partner_id(partner), host_id=world.host_id(host)))


def make_credentials(world: World) -> None:
    """Micro-credentials in fields by the marginal."""
    spec, draws, codes = world.spec, world.draws, marginals.fields()
    holders = draws.some(spec.credentials, spec.learners)
    field, ects = draws.index(codes.weights, len(holders)), draws.whole(1, 6, len(holders))
    for learner, code, points in zip(holders.tolist(), field.tolist(), ects.tolist(), strict=True):
        world.rows.append(
            MicroCredential(
                learner_id=world.learner_id(learner),
                title="Micro-credential",
                field=codes.values[code],
                ects=float(points),
            )
        )


def make_previous(world: World) -> None:
    """Earlier placements: the anchored learners' own places, then places of others that may have gone since."""
    spec, draws = world.spec, world.draws
    known = {learner: (offer, flow) for learner, offer, flow in world.anchors}
    for learner in draws.some(spec.previous, spec.learners).tolist():
        flow = int(world.learners.flow[learner])
        offers = _open_offers(world, flow)
        if learner not in known and offers:
            known[learner] = offers[int(draws.whole(0, len(offers) - 1, 1)[0])], flow
    if spec.previous:
        for learner, (offer, flow) in sorted(known.items()):
            ids = world.learner_id(learner), world.offer_id(offer), world.flow_id(flow)
            world.rows.append(Previous(learner_id=ids[0], offer_id=ids[1], flow_id=ids[2]))


def make_affinity(world: World) -> None:
    """Scores from outside, three in four for a company."""
    spec, draws = world.spec, world.draws
    learners = draws.some(spec.affinity, spec.learners)
    company = draws.whole(0, len(world.companies.host) - 1, len(learners))
    score, of_host = draws.whole(0, 100, len(learners)), draws.chance(0.25, len(learners))
    for learner, place, points, whole in zip(
        learners.tolist(), company.tolist(), score.tolist(), of_host, strict=True
    ):
        where = (
            {"host_id": world.host_id(int(world.companies.host[place]))}
            if whole
            else {"company_id": world.company_id(place)}
        )
        world.rows.append(Affinity(learner_id=world.learner_id(learner), score=points, **where))


def make_previous_rounds(world: World) -> None:
    """How the sending partners were served in earlier rounds.

    Each asked for about as many places as now, and had a half of them or more.
    """
    now = np.bincount(world.learners.partner, minlength=world.spec.partner_count)
    for number in range(world.spec.earlier_rounds):
        asked = np.maximum(1, np.rint(now * (0.7 + 0.6 * world.draws.uniform(len(now))))).astype(np.int64)
        placed = np.rint(asked * (0.5 + 0.5 * world.draws.uniform(len(now)))).astype(np.int64)
        for partner, (some, had) in enumerate(zip(asked.tolist(), placed.tolist(), strict=True)):
            row = {"round_id": f"earlier-{number + 1}", "partner_id": world.partner_id(partner)}
            world.rows.append(PreviousRound(**row, asked=some, placed=had))
