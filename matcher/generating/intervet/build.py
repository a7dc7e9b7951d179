"""The INTERVET sample as a round: published margins, a plan made by chance, and companies and learners around it."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Final

from matcher.auditing import audit
from matcher.generating.intervet.companies import PlannedCompany, make_companies
from matcher.generating.intervet.exceptions import make_exceptions
from matcher.generating.intervet.learners import LEVELS, STAY_PROVISIONS, People, Person
from matcher.generating.intervet.plan import PER_ESCORT, Party, PlannedFlow, make_plan
from matcher.generating.intervet.published import AGREEMENTS, HOSTS, SENDERS, TOWNS
from matcher.generating.intervet.ties import Ties
from matcher.intake.writing import write_round
from models.outcome import Placement
from models.policy import FitWeights, Policy
from models.rates import Rates
from models.round import Round
from models.tables import (
    Agreement,
    Beds,
    Company,
    Flow,
    HostingPartner,
    Learner,
    Offer,
    Quota,
    Row,
    School,
    SendingPartner,
)

SEED = 1
MIN_GROUP = 6
SHARED_MAX_HEADS = 22
"""Most heads in a flow that shares its house with another: two parties."""
SHORT_OF_MONEY: Final = {"rea": 81_900}
"""Budgets that are not enough for all of a partner's learners, found by trying (seed 1)."""
SPARE_MONEY = 1.03
ROOM_CLOSED = "sepr-2022-03-long"
"""The stay during which one room is closed: there are beds for one learner less than are planned for."""
POLICY = Policy(
    fit_weights=FitWeights(profile=45, language=20, preference=25, affinity=10),
    min_fewer_opportunities_share=15,
)


@dataclass(frozen=True)
class Sample:
    """The round, and the plan that it was built around: a valid allocation, not the best one."""

    rnd: Round
    plan: tuple[Placement, ...]


def intervet(seed: int = SEED) -> Sample:
    """The sample. The same seed gives the same round."""
    rng = Random(seed)
    parties = make_plan(rng)
    companies = make_companies(rng)
    people = People(rng, companies).of_plan(parties)
    make_exceptions(people, companies)
    next(person for person in people if person.flow.id == ROOM_CLOSED).offer = None
    _number(rng, people)
    _lift_school_limits(people, companies)
    ties = Ties(rng, people, companies).make()
    rows = [
        *_schools(rng),
        *_learners(people),
        *_hosts(),
        *_flows(parties),
        *_beds(parties),
        *_companies(companies),
        *_agreements(),
        *_quotas(),
        *ties,
    ]
    plan = tuple(_placement(person) for person in people if person.offer is not None)
    return _with_money(rows, plan)


def write(folder: Path, seed: int = SEED) -> None:
    """Write the sample's files; ``rates.toml`` as it stands here, with its comments."""
    write_round(intervet(seed).rnd, folder, overwrite=True)
    (folder / "rates.toml").write_text(_rates_text(), encoding="utf-8")


def _number(rng: Random, people: list[Person]) -> None:
    """Pseudonymous ids in the order in which the applications came."""
    arrival = list(people)
    rng.shuffle(arrival)
    for number, person in enumerate(arrival, start=1):
        person.id = f"L{number:04d}"


def _placement(person: Person) -> Placement:
    assert person.offer is not None, "only planned learners have a placement"
    return Placement(person.id, person.offer.id, person.flow.id)


def _lift_school_limits(people: Iterable[Person], companies: Iterable[PlannedCompany]) -> None:
    """A company's limit per school is dropped where the plan would break it."""
    per_school = Counter((p.offer.company, p.partner, p.school) for p in people if p.offer is not None)
    most: dict[str, int] = defaultdict(int)
    for (company, _, _), count in per_school.items():
        most[company] = max(most[company], count)
    for each in companies:
        if each.max_same_school is not None and most[each.id] > each.max_same_school:
            each.max_same_school = None


def _senders(budgets: Mapping[str, int]) -> Iterator[SendingPartner]:
    for sender in SENDERS:
        yield SendingPartner(
            id=sender.id,
            name=sender.name,
            country=sender.country,
            city=sender.city,
            budget_eur=budgets.get(sender.id),
            rate_factor=0.55,
            staff_rate_factor=0.65,
        )


def _schools(rng: Random) -> Iterator[School]:
    for sender in SENDERS:
        towns = TOWNS[sender.id].split(";")
        for number in range(1, sender.schools + 1):
            town = towns[int(len(towns) * rng.random() ** 2)]
            yield School(
                id=f"{sender.id}-s{number:02d}",
                partner_id=sender.id,
                name=f"School {number}, {town}",
                city=town,
            )


def _learners(people: Iterable[Person]) -> Iterator[Learner]:
    for person in people:
        yield Learner(
            id=person.id,
            partner_id=person.partner,
            school_id=f"{person.partner}-s{person.school:02d}",
            field=person.field,
            eqf_level=person.eqf,
            stay=person.flow.stay,
            available_from=person.available[0],
            available_to=person.available[1],
            languages=tuple(sorted(person.languages.items())),
            birth_date=person.birth,
            group_id=person.group,
            fewer_opportunities=person.reasons,
            needs=person.needs,
            priority=person.priority,
            preferences=person.preferences,
            green_travel=person.green,
        )


def _hosts() -> Iterator[HostingPartner]:
    for host in HOSTS:
        yield HostingPartner(
            id=host.id,
            name=host.name,
            country=host.country,
            city=host.city,
            provides=STAY_PROVISIONS[host.id],
        )


def planned_heads(parties: Iterable[Party]) -> dict[PlannedFlow, int]:
    """Heads of the plan in each flow: learners, and one accompanying person per party of a short stay."""
    heads: dict[PlannedFlow, int] = defaultdict(int)
    for party in parties:
        heads[party.flow] += party.size + (party.flow.stay == "short")
    return heads


def _flows(parties: Sequence[Party]) -> Iterator[Flow]:
    heads = planned_heads(parties)
    for flow, planned in heads.items():
        shared = flow.stay == "short" and len(_house(flow, heads)) > 1
        yield Flow(
            id=flow.id,
            host_id=flow.host,
            stay=flow.stay,
            start=flow.start,
            end=flow.end,
            max_heads=SHARED_MAX_HEADS if shared else planned,
            min_group=MIN_GROUP if flow.stay == "short" else 1,
            learners_per_escort=PER_ESCORT if flow.stay == "short" else None,
        )


def _house(flow: PlannedFlow, flows: Iterable[PlannedFlow]) -> list[PlannedFlow]:
    """The flows of the same stay at the host that share days with one, itself included."""
    return [
        each
        for each in flows
        if (each.host, each.stay) == (flow.host, flow.stay)
        and each.start <= flow.end
        and flow.start <= each.end
    ]


def _beds(parties: Sequence[Party]) -> Iterator[Beds]:
    """Beds as the plan needs them, in ranges of days; Sevilla lodges with families and states none."""
    heads = planned_heads(parties)
    for host in HOSTS:
        stays = [
            (min(each.start for each in house), max(each.end for each in house), _room(house, heads))
            for house in _houses(host.id, heads)
        ]
        edges = sorted({first for first, _, _ in stays} | {last + timedelta(days=1) for _, last, _ in stays})
        for first, after in pairwise(edges):
            beds = sum(count for start, end, count in stays if start <= first <= end)
            if beds and host.id != "incoma":
                yield Beds(host_id=host.id, from_=first, to=after - timedelta(days=1), beds=beds)


def _room(house: Iterable[PlannedFlow], heads: Mapping[PlannedFlow, int]) -> int:
    return sum(heads[each] - (each.id == ROOM_CLOSED) for each in house)


def _houses(host: str, heads: Mapping[PlannedFlow, int]) -> Iterator[list[PlannedFlow]]:
    done: set[str] = set()
    for flow in sorted(heads, key=lambda each: (each.start, each.id)):
        if flow.host == host and flow.id not in done:
            house = _house(flow, heads)
            done.update(each.id for each in house)
            yield house


def _companies(companies: Iterable[PlannedCompany]) -> Iterator[Row]:
    for company in companies:
        yield Company(
            id=company.id,
            host_id=company.host,
            name=company.name,
            city=company.city,
            sector=company.sector,
            working_languages=_levels(company.languages),
            min_age=company.min_age,
            provides=company.provides,
            max_same_school=company.max_same_school,
        )
        for offer in company.offers:
            yield Offer(
                id=offer.id,
                company_id=offer.company,
                fields=offer.fields,
                seats=offer.seats,
                available_from=offer.open_from,
                available_to=offer.open_to,
                stay=offer.stay,
                min_eqf=4 if offer.stay == "long" else None,
                tasks=offer.tasks,
            )


def _levels(text: str) -> tuple[tuple[str, int], ...]:
    pairs = (each.split(":") for each in text.split(";"))
    return tuple(sorted((language, LEVELS.index(level) + 1) for language, level in pairs))


def _agreements() -> Iterator[Agreement]:
    for partner, hosts in AGREEMENTS.items():
        for host in hosts:
            yield Agreement(partner_id=partner, host_id=host)


def _quotas() -> Iterator[Quota]:
    """Minima and maxima as partners agree on them in a project's first meeting."""
    yield Quota(host_id="mode", stay="short", min_learners=56)
    yield Quota(partner_id="albskills", host_id="uniser", stay="short", max_learners=22)
    yield Quota(partner_id="ncdiel", host_id="zni", stay="short", min_learners=8)
    yield Quota(partner_id="ius", stay="long", min_learners=10, max_learners=13)


def _with_money(rows: Sequence[Row], plan: tuple[Placement, ...]) -> Sample:
    """Budgets that the plan keeps with a little to spare, but for those that are short of money."""
    rates = Rates.from_toml(_rates_text())
    spent = audit(_round([*rows, *_senders({})], rates, None), plan).placed.spent
    budgets = {partner: _hundreds(euros * SPARE_MONEY) for partner, euros in spent.items()} | SHORT_OF_MONEY
    return Sample(
        _round([*rows, *_senders(budgets)], rates, _hundreds(sum(spent.values()) * SPARE_MONEY)), plan
    )


def _rates_text() -> str:
    return files("matcher.generating.intervet").joinpath("rates.toml").read_text(encoding="utf-8")


def _hundreds(euros: float) -> int:
    """Rounded up to whole hundreds."""
    return 100 * math.ceil(euros / 100)


def _round(rows: Iterable[Row], rates: Rates, budget: int | None) -> Round:
    return Round.of(
        rows,
        rates=rates,
        policy=POLICY,
        id="intervet-2021-2022",
        name="INTERVET WB, short and long stays 2021-2022",
        call_year=2019,
        budget_eur=budget,
    )
