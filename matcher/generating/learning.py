"""The learners: what they learn and speak, when they can be away, what they need and wish."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from matcher.generating import marginals
from matcher.generating.drawing import Draws, FloatArray, IntArray
from matcher.generating.geography import STAY_PROVISIONS
from matcher.generating.hosting import WORK_PROVISIONS
from matcher.generating.world import LONG, SHORT, Learners, World

ENGLISH = (0.06, 0.22, 0.42, 0.24, 0.06)
"""Weights of A1 to C1: an assumption."""
EQF = (0.12, 0.70, 0.18)
"""Weights of levels 3, 4 and 5: vocational schools are mostly at 4."""
REASONS = ("economic", "rural", "social", "disability", "migrant", "displaced", "health")
REASON_WEIGHTS = (0.3, 0.25, 0.2, 0.08, 0.07, 0.05, 0.05)


def make_learners(world: World) -> None:
    """Learners of every partner in proportion to its size."""
    spec, draws = world.spec, world.draws
    count = spec.learners
    partner = draws.even(world.senders.weight, count)
    stay = np.where(draws.even((1 - spec.long, spec.long), count) == 1, LONG, SHORT)
    flow = _flows(world, partner, stay)
    start, end = world.flows.start[flow], world.flows.end[flow]
    wide = np.where(draws.chance(0.3, count), 3, 1)
    years = marginals.ages().numbers[draws.even(marginals.ages().weights, count)]
    codes = marginals.fields()
    drawn = draws.even(codes.weights, count).tolist()
    narrow = draws.chance(0.06, count)
    world.learners = Learners(
        partner=partner,
        school=draws.within(
            np.ones(len(world.senders.school_partner)),
            world.senders.first_school[partner],
            world.senders.first_school[partner + 1],
        ),
        stay=stay,
        flow=flow,
        opens=start - draws.whole(0, 20, count) * wide,
        closes=end + draws.whole(0, 35, count) * wide,
        birth=start - np.floor(years * 365.25).astype(np.int64) - draws.whole(1, 364, count),
        known_birth=~draws.chance(spec.unknown_birth, count),
        eqf=3 + draws.index(EQF, count),
        priority=np.where(draws.chance(spec.priorities, count), draws.whole(2, 5, count), 1),
        green=draws.chance(spec.green, count),
        group=np.full(count, -1),
        fields=[
            codes.values[code][:3] if cut else codes.values[code]
            for code, cut in zip(drawn, narrow, strict=True)
        ],
        languages=_languages(world, partner, flow),
        reasons=_reasons(draws, spec.fewer_opportunities, count),
        needs=_needs(draws, spec.needs, count),
        preferences=_preferences(world, partner),
    )


def _flows(world: World, partner: IntArray, stay: IntArray) -> IntArray:
    """For each learner a flow of the stay at a host that the partner sends to, by planned learners."""
    flow = np.empty(len(partner), np.int64)
    planned = [world.flows.planned * (world.flows.stay == each) for each in (SHORT, LONG)]
    order = np.lexsort((stay, partner))
    edges = np.flatnonzero(np.diff(partner[order] * 2 + stay[order], prepend=-1)).tolist()
    for first, last in pairwise([*edges, len(order)]):
        own = order[first:last]
        allowed = world.hosts.agreed[partner[own[0]]][world.flows.host]
        flow[own] = world.draws.even(planned[stay[own[0]]] * allowed, len(own))
    return flow


def _languages(world: World, partner: IntArray, flow: IntArray) -> list[dict[str, int]]:
    """The partner's main language, English, often a neighbour's, sometimes the host's."""
    draws, count = world.draws, len(partner)
    english = 1 + draws.index(ENGLISH, count)
    near = draws.chance(0.5, count)
    host_level = np.where(draws.chance(0.25, count), draws.whole(1, 3, count), 0)
    homes = [marginals.tongues()[country] for country in world.senders.country]
    abroad = [marginals.tongues()[country][0] for country in world.hosts.country]
    return [
        _spoken(homes[home], abroad[host], level, more, there)
        for home, host, level, more, there in zip(
            partner.tolist(),
            world.flows.host[flow].tolist(),
            english.tolist(),
            near.tolist(),
            host_level.tolist(),
            strict=True,
        )
    ]


def _spoken(
    home: tuple[str, tuple[str, ...]], abroad: str, english: int, near: bool, there: int
) -> dict[str, int]:
    spoken = {"en": english} | ({abroad: there} if there else {})
    return spoken | (dict.fromkeys(home[1], 5) if near else {}) | {home[0]: 6}


def _reasons(draws: Draws, share: float, count: int) -> list[tuple[str, ...]]:
    has, second = draws.chance(share, count), draws.chance(0.15, count)
    one, other = draws.index(REASON_WEIGHTS, count), draws.index(REASON_WEIGHTS, count)
    return [
        tuple(sorted({REASONS[a], REASONS[b]} if two else {REASONS[a]})) if yes else ()
        for yes, two, a, b in zip(has, second, one.tolist(), other.tolist(), strict=True)
    ]


def _needs(draws: Draws, share: float, count: int) -> list[tuple[str, ...]]:
    codes = (*STAY_PROVISIONS, *WORK_PROVISIONS)
    which = draws.whole(0, len(codes) - 1, count).tolist()
    return [
        (codes[code],) if yes else () for yes, code in zip(draws.chance(share, count), which, strict=True)
    ]


def _preferences(world: World, partner: IntArray) -> list[tuple[str, ...]]:
    """Hosts that the partner sends to, and companies there; best first, none twice."""
    spec, draws, count = world.spec, world.draws, len(partner)
    length = np.where(draws.chance(spec.preferences, count), draws.whole(1, spec.most_preferences, count), 0)
    total = int(length.sum())
    learner = np.repeat(np.arange(count), length)
    host = _popular(draws, world.hosts.agreed * world.hosts.weight, partner[learner])
    edges = np.searchsorted(world.companies.host, np.arange(spec.host_count + 1))
    company = draws.within(np.ones(len(world.companies.host)), edges[host], edges[host + 1])
    of_host = draws.chance(0.6, total)
    hosts = [world.host_id(number) for number in range(spec.host_count)]
    companies = [world.company_id(number) for number in range(len(world.companies.host))]
    named = [
        hosts[a] if yes else companies[b]
        for yes, a, b in zip(of_host, host.tolist(), company.tolist(), strict=True)
    ]
    ends = np.cumsum(length).tolist()
    return [tuple(dict.fromkeys(named[first:last])) for first, last in zip([0, *ends], ends, strict=False)]


def _popular(draws: Draws, weight: FloatArray, partner: IntArray) -> IntArray:
    """A host for each wish, by the weights in the partner's row."""
    first = partner * weight.shape[1]
    found: IntArray = draws.within(weight.ravel(), first, first + weight.shape[1]) - first
    return found


def give_birth_dates(world: World) -> list[object]:
    """Birth dates, ``None`` where not known."""
    people = world.learners
    days = people.birth.astype("datetime64[D]").tolist()
    return [day if known else None for day, known in zip(days, people.known_birth, strict=True)]


def fitted_field(offer_fields: Sequence[str]) -> str:
    """A field of 3 or 4 digits that fits an offer with 100."""
    known = marginals.fields().values
    code = offer_fields[0]
    return next((field for field in known if field.startswith(code)), code)
