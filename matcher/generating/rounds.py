"""From a spec and a seed to a round."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from matcher.generating import geography, hosting, learning, tying
from matcher.generating.drawing import Draws, FloatArray
from matcher.generating.planting import plant
from matcher.generating.spec import Spec
from matcher.generating.world import SHORT, STAY_NAMES, World, dates, picked, table
from models.policy import FitWeights, Policy
from models.rates import Rates
from models.round import Array, Round, Table
from models.tables import TABLES

ANCHORS = 12
"""Learners who surely fit somewhere, beyond the pinned ones: quotas and planted conflicts take from them."""
RATE_FACTOR, STAFF_RATE_FACTOR = 0.55, 0.65
"""What the Spanish agency pays of the guide's maxima (SEPIE, 2021)."""


def generate(spec: Spec, seed: int = 0, plants: Iterable[str] = ()) -> Round:
    """A round as the spec asks, with the conflicts of the given names planted in it.

    The same spec, seed and plants give the same round. Raises ``UnknownName`` for a conflict that does not exist.
    """
    world = World(spec, Draws(seed), Rates.shipped(spec.call_year))
    for make in (geography.make_senders, geography.make_hosts, hosting.make_flows, hosting.make_companies):
        make(world)
    learning.make_learners(world)
    tying.make_groups(world)
    tying.make_anchors(world, ANCHORS + round(spec.pins * spec.learners))
    hosting.make_beds(world)
    ties = (
        tying.make_pairs,
        tying.make_locks,
        tying.make_quotas,
        tying.make_agreements,
        tying.make_credentials,
    )
    for tie in (*ties, tying.make_previous, tying.make_affinity, tying.make_previous_rounds):
        tie(world)
    for name in plants:
        plant(world, name)
    return _round(world, seed)


def _round(world: World, seed: int) -> Round:
    spec = world.spec
    budgets = _budgets(world)
    fit = FitWeights(affinity=spec.affinity_weight)
    return Round(
        id=f"generated-{spec.learners}-{seed}",
        name=f"Generated round, {spec.learners} learners, seed {seed}",
        call_year=spec.call_year,
        policy=Policy(
            goals=spec.goals,
            weights=spec.weights,
            fit_weights=fit,
            min_fewer_opportunities_share=spec.inclusion,
        ),
        rates=world.rates,
        tables=_tables(world, budgets),
        budget_eur=None if spec.round_budget is None else round(_expected(world).sum() * spec.round_budget),
    )


def _expected(world: World) -> FloatArray:
    """What each sending partner would pay about if all its learners travelled, escorts included, in euros."""
    rates, flows, people = world.rates, world.flows, world.learners
    group = [rates.country_group[country] for country in world.hosts.country]
    day = np.array([rates.learner_day[each] * RATE_FACTOR for each in group])[flows.host]
    escort_day = np.array([rates.escort_day[each] * STAFF_RATE_FACTOR for each in group])[flows.host]
    paid = flows.end - flows.start + 1 + rates.travel_days.standard
    weighted = np.minimum(paid, rates.full_rate_days)
    weighted = weighted + (paid - weighted) * float(rates.later_share)
    fixed = np.where(flows.stay == SHORT, rates.organisation.short, rates.organisation.long) + 300
    escorts = np.where(
        np.isnan(flows.per_escort), 0, (300 + weighted * escort_day) / np.nan_to_num(flows.per_escort, nan=1)
    )
    each = weighted * day + fixed + escorts
    paid_by = np.bincount(people.partner, weights=each[people.flow], minlength=world.spec.partner_count)
    return paid_by.astype(np.float64)


def _budgets(world: World) -> list[int | None]:
    if world.spec.budgets is None:
        found: list[int | None] = [None] * world.spec.partner_count
    else:
        found = [round(euros) for euros in (_expected(world) * world.spec.budgets).tolist()]
    for partner in world.broke:
        found[partner] = 0
    return found


def _tables(world: World, budgets: list[int | None]) -> Mapping[str, Table]:
    made = {
        "sending_partners": _sending_partners(world, budgets),
        "schools": _schools(world),
        "learners": _learners(world),
        "groups": _groups(world),
        "hosting_partners": _hosting_partners(world),
        "flows": _flows(world),
        "companies": _companies(world),
        "offers": _offers(world),
    }
    return {
        name: made.get(name) or Table.from_rows(row, [each for each in world.rows if each.table == name])
        for name, row in TABLES.items()
    }


def _sending_partners(world: World, budgets: list[int | None]) -> Table:
    senders, count = world.senders, world.spec.partner_count
    return table(
        "sending_partners",
        count,
        id=[world.partner_id(number) for number in range(count)],
        name=[f"Sending partner {number + 1}" for number in range(count)],
        country=senders.country,
        city=senders.city,
        budget_eur=budgets,
        rate_factor=[RATE_FACTOR] * count,
        staff_rate_factor=[STAFF_RATE_FACTOR] * count,
    )


def _schools(world: World) -> Table:
    senders = world.senders
    count = len(senders.school_city)
    return table(
        "schools",
        count,
        id=[world.school_id(number) for number in range(count)],
        partner_id=[world.partner_id(number) for number in senders.school_partner.tolist()],
        name=[f"School {number}, {city}" for number, city in enumerate(senders.school_city, start=1)],
        city=senders.school_city,
    )


def _learners(world: World) -> Table:
    people, count = world.learners, world.spec.learners
    groups = [*(world.group_id(number) for number in range(len(world.groups))), None]
    partners = [world.partner_id(number) for number in range(world.spec.partner_count)]
    schools = [world.school_id(number) for number in range(len(world.senders.school_city))]
    return table(
        "learners",
        count,
        id=[world.learner_id(number) for number in range(count)],
        partner_id=picked(partners, people.partner.tolist()),
        school_id=picked(schools, people.school.tolist()),
        field=people.fields,
        eqf_level=people.eqf,
        stay=picked(STAY_NAMES, people.stay.tolist()),
        available_from=dates(people.opens),
        available_to=dates(people.closes),
        languages=[tuple(sorted(each.items())) for each in people.languages],
        birth_date=learning.give_birth_dates(world),
        group_id=picked(groups, people.group.tolist()),
        fewer_opportunities=people.reasons,
        needs=people.needs,
        priority=people.priority,
        preferences=people.preferences,
        green_travel=people.green,
    )


def _groups(world: World) -> Table:
    count = len(world.groups)
    return table(
        "groups",
        count,
        id=[world.group_id(number) for number in range(count)],
        partner_id=[world.partner_id(partner) for partner, _ in world.groups],
        mode=[mode for _, mode in world.groups],
    )


def _hosting_partners(world: World) -> Table:
    hosts, count = world.hosts, world.spec.host_count
    return table(
        "hosting_partners",
        count,
        id=[world.host_id(number) for number in range(count)],
        name=[f"Hosting partner {number + 1}" for number in range(count)],
        country=hosts.country,
        city=hosts.city,
        provides=hosts.provides,
    )


def _flows(world: World) -> Table:
    flows = world.flows
    count = len(flows.host)
    return table(
        "flows",
        count,
        id=[world.flow_id(number) for number in range(count)],
        host_id=[world.host_id(number) for number in flows.host.tolist()],
        stay=picked(STAY_NAMES, flows.stay.tolist()),
        start=dates(flows.start),
        end=dates(flows.end),
        max_heads=flows.max_heads,
        min_group=flows.min_group,
        learners_per_escort=flows.per_escort,
    )


def _companies(world: World) -> Table:
    companies = world.companies
    count = len(companies.host)
    return table(
        "companies",
        count,
        id=[world.company_id(number) for number in range(count)],
        host_id=[world.host_id(number) for number in companies.host.tolist()],
        name=[f"Company {number + 1}" for number in range(count)],
        city=picked(world.hosts.city, companies.host.tolist()),
        working_languages=companies.languages,
        min_age=companies.min_age,
        provides=companies.provides,
        max_same_school=companies.max_same_school,
    )


def _offers(world: World) -> Table:
    offers = world.companies
    count = len(offers.seats)
    stays: Array = np.array(STAY_NAMES, object)[offers.offer_stay]
    return table(
        "offers",
        count,
        id=[world.offer_id(number) for number in range(count)],
        company_id=[world.company_id(number) for number in offers.offer_company.tolist()],
        fields=offers.offer_fields,
        seats=offers.seats,
        available_from=dates(offers.opens),
        available_to=dates(offers.closes),
        stay=stays,
        min_eqf=offers.min_eqf,
        max_eqf=offers.max_eqf,
    )
