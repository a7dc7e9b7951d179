"""What hosts offer: flows with their dates, beds, companies with their seats."""

from __future__ import annotations

import math

import numpy as np

from matcher.generating import marginals
from matcher.generating.drawing import BoolArray, Draws, FloatArray, IntArray
from matcher.generating.world import BOTH, LONG, SHORT, Companies, Flows, World, dates, picked
from models.tables import Beds

SEATS = (0.52, 0.33, 0.10, 0.05)
"""Weights of 1, 2, 3 and 4 seats: about four in five trainees go to small companies (European Commission, 2017)."""
MEAN_SEATS = sum(weight * (seats + 1) for seats, weight in enumerate(SEATS))
WIDTHS = ((4, 3, 2), (0.58, 0.28, 0.14))
"""Digits of the codes that offers ask for."""
SMALLEST_FLOW = 14
WORK_PROVISIONS = ("work:day_shift", "work:quiet", "work:step_free")
RANGE_OF_BEDS = 92


def make_flows(world: World) -> None:
    """Flows of every host; their months and lengths follow the marginals."""
    spec, draws = world.spec, world.draws
    longs = max(1, round(spec.flows_per_host / 3)) if spec.long else 0
    each = np.array([SHORT] * spec.flows_per_host + [LONG] * longs)
    hosts = spec.host_count
    host, stay = np.repeat(np.arange(hosts), len(each)), np.tile(each, hosts)
    length = np.empty(len(stay), np.int64)
    for number, name in ((SHORT, "short"), (LONG, "long")):
        length[stay == number] = _lengths(draws, name, int((stay == number).sum()))
    start = _starts(world, len(stay))
    if spec.overlaps < 1:
        start = _apart(start, length, host, stay, draws.chance(spec.overlaps, len(stay)))
    weight = _demand(world)[host] * (0.6 + 0.8 * draws.uniform(len(stay)))
    planned = _planned(weight, stay, spec.learners * (1 - spec.long), spec.learners * spec.long)
    escorted = spec.escorts & (stay == SHORT)
    per_escort = np.where(escorted, draws.whole(8, 11, len(stay)), np.nan)
    heads = planned * (1.0 + escorted / 9) * (spec.heads or 1.0)
    limit = (
        np.maximum(np.ceil(heads), max(SMALLEST_FLOW, spec.min_group + 4))
        if spec.heads
        else np.full(len(stay), np.nan)
    )
    second = (np.arange(len(stay)) % len(each)) % 2 == 1
    least = np.where(second & (stay == SHORT), spec.min_group, 1)
    world.flows = Flows(host, stay, start, start + length - 1, planned, limit, least, per_escort)


def _demand(world: World) -> FloatArray:
    """How many learners hosts plan for, by weight: where each partner sends to a few hosts only, its learners count."""
    hosts = world.hosts
    if world.spec.agreements_per_partner is None:
        return hosts.weight
    shares = hosts.agreed * hosts.weight
    demand: FloatArray = world.senders.weight @ (shares / shares.sum(axis=1, keepdims=True))
    least: FloatArray = np.maximum(demand, demand.mean() / 10)
    return least


def _lengths(draws: Draws, stay: str, count: int) -> IntArray:
    known = marginals.days(stay)
    return known.numbers[draws.even(known.weights, count)]


def _starts(world: World, count: int) -> IntArray:
    """Days on which flows begin: months by the marginal, within the first ``months`` of the call year."""
    known, months = marginals.months(), np.arange(world.spec.months)
    month = world.draws.even(known.weights[months % 12], count)
    first = np.datetime64(f"{world.spec.call_year}-01", "M")
    return (first + month).astype("datetime64[D]").astype(np.int64) + world.draws.whole(0, 27, count)


def _apart(
    start: IntArray, length: IntArray, host: IntArray, stay: IntArray, may_overlap: BoolArray
) -> IntArray:
    """Starts put off until the host's flow of the same stay before has ended, where the flow may not overlap it."""
    moved = start.copy()
    for key in np.unique(host * 2 + stay):
        own = np.flatnonzero(host * 2 + stay == key)
        free_from = 0
        for flow in own[np.argsort(start[own], kind="stable")].tolist():
            if not may_overlap[flow]:
                moved[flow] = max(moved[flow], free_from)
            free_from = max(free_from, int(moved[flow] + length[flow]))
    return moved


def _planned(weight: FloatArray, stay: IntArray, short: float, long: float) -> FloatArray:
    """Learners per flow if everybody travelled, in proportion to the weights."""
    total = np.array([weight[stay == each].sum() for each in (SHORT, LONG)])
    people = np.array([short, long])
    planned: FloatArray = weight / np.maximum(total, 1e-9)[stay] * people[stay]
    return planned


def make_beds(world: World) -> None:
    """Beds of seven hosts in ten, in ranges that follow each other without a gap."""
    if world.spec.beds is None:
        return
    flows = world.flows
    for host in np.flatnonzero(world.draws.chance(0.7, world.spec.host_count)).tolist():
        own = np.flatnonzero(flows.host == host)
        first, last = int(flows.start[own].min()) - 7, int(flows.end[own].max()) + 7
        for begin in range(first, last + 1, RANGE_OF_BEDS):
            end = min(begin + RANGE_OF_BEDS - 1, last)
            beds = max(SMALLEST_FLOW, math.ceil(_busiest(flows, own, begin, end) * 1.1 * world.spec.beds))
            span = dates(np.array([begin, end])).tolist()
            world.rows.append(Beds(host_id=world.host_id(host), from_=span[0], to=span[1], beds=beds))


def _busiest(flows: Flows, own: IntArray, begin: int, end: int) -> float:
    """The most learners that are planned to be there on one day of a range."""
    days = [begin, *(day for day in flows.start[own].tolist() if begin <= day <= end)]
    return max(
        float(flows.planned[own][(flows.start[own] <= day) & (day <= flows.end[own])].sum()) for day in days
    )


def make_companies(world: World) -> None:
    """Companies with one offer or two, until there are seats for the busiest day of each stay."""
    spec, draws, flows = world.spec, world.draws, world.flows
    host, stay = _offers_needed(world)
    count = len(host)
    second = draws.chance(0.25, count) & np.concatenate([[False], host[1:] == host[:-1]])
    company = np.cumsum(~second) - 1
    companies = int(company[-1]) + 1
    company_host = host[~second]
    long_only = stay[~second] == LONG
    codes = marginals.fields()
    main = draws.even(codes.weights, count)
    other = draws.index(codes.weights, count)
    further = draws.chance(0.6, count)
    width = np.array(WIDTHS[0])[draws.index(WIDTHS[1], count)]
    first_day, last_day = int(flows.start.min()) - 30, int(flows.end.max()) + 30
    half = draws.whole(0, 13, count)
    both = draws.chance(0.25, count) & (spec.overlaps > 0)
    bounded = draws.chance(spec.eqf_bounds, count)
    low = draws.chance(0.6, count)
    world.companies = Companies(
        host=company_host,
        languages=_languages(world, company_host),
        min_age=_sometimes(draws, spec.age_limits, np.where(long_only, 18, draws.whole(16, 18, companies))),
        provides=_provided(draws, companies),
        max_same_school=_sometimes(draws, spec.school_limits, draws.whole(1, 2, companies)),
        offer_company=company,
        offer_fields=[
            _asked(codes.values[one][:digits], codes.values[two] if more else None)
            for one, two, more, digits in zip(
                main.tolist(), other.tolist(), further, width.tolist(), strict=True
            )
        ],
        seats=1 + draws.index(SEATS, count),
        offer_stay=np.where(both, BOTH, stay),
        opens=np.where(half == 0, (first_day + last_day) // 2, first_day),
        closes=np.where(half == 1, (first_day + last_day) // 2, last_day),
        min_eqf=np.where(bounded & low, draws.whole(3, 4, count), np.nan),
        max_eqf=np.where(bounded & ~low, draws.whole(4, 5, count), np.nan),
    )


def _offers_needed(world: World) -> tuple[IntArray, IntArray]:
    """Host and stay of each offer, sorted by host."""
    spec, flows = world.spec, world.flows
    host: list[int] = []
    stay: list[int] = []
    for number in range(spec.host_count):
        for each in (SHORT, LONG):
            own = np.flatnonzero((flows.host == number) & (flows.stay == each))
            if len(own):
                peak = _busiest(flows, own, int(flows.start[own].min()), int(flows.end[own].max()))
                offers = max(3, math.ceil(peak * spec.seats / MEAN_SEATS))
                host += [number] * offers
                stay += [each] * offers
    return np.array(host, np.int64), np.array(stay, np.int64)


def _asked(code: str, other: str | None) -> tuple[str, ...]:
    """The codes of an offer; one that another contains is left out."""
    if other is None or other.startswith(code):
        return (code,)
    return tuple(sorted((code, other)))


def _languages(world: World, host: IntArray) -> list[tuple[tuple[str, int], ...]]:
    """Working languages: English, the host's own, or either; where neighbours are understood, theirs as well."""
    if not world.spec.languages:
        return [(("en", 1),)] * len(host)
    kinds = {country: _kinds(country) for country in set(world.hosts.country)}
    kind = world.draws.index((0.3, 0.1, 0.35, 0.15, 0.1), len(host))
    countries = picked(world.hosts.country, host.tolist())
    return [kinds[country][each] for country, each in zip(countries, kind.tolist(), strict=True)]


def _kinds(country: str) -> list[tuple[tuple[str, int], ...]]:
    main, near = marginals.tongues()[country]
    kinds = ({"en": 3}, {main: 2}, {main: 2, "en": 3}, {"en": 2}, {"en": 4, main: 2} | dict.fromkeys(near, 4))
    return [tuple(sorted(kind.items())) for kind in kinds]


def _sometimes(draws: Draws, share: float, values: IntArray) -> FloatArray:
    """The values for a share of the rows, nothing for the others."""
    return np.where(draws.chance(share, len(values)), values, np.nan)


def _provided(draws: Draws, count: int) -> list[tuple[str, ...]]:
    given = draws.uniform(count * len(WORK_PROVISIONS)).reshape(count, -1) < 0.35
    return [
        tuple(code for code, yes in zip(WORK_PROVISIONS, row, strict=True) if yes) for row in given.tolist()
    ]
