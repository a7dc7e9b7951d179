"""Small random rounds with every rule, table, column and switch of the policy in play.

One generator, two sources of chance: ``random_round(seed)`` draws from numpy and is fast, ``rounds()`` draws
from Hypothesis and shrinks. ``tests/test_strategies.py`` measures how often rounds are feasible and how often
each rule binds.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Protocol, TypeVar

import numpy as np
from hypothesis import strategies as st

from matcher.rules import discover
from models.policy import ALWAYS_ON, FitWeights, Policy
from models.rates import Rates
from models.round import Round
from models.tables import (
    GROUP_MODES,
    PAIR_KINDS,
    Affinity,
    Agreement,
    Beds,
    Company,
    Flow,
    Group,
    HostingPartner,
    Learner,
    Lock,
    MicroCredential,
    Offer,
    Pair,
    Previous,
    PreviousRound,
    Quota,
    Row,
    School,
    SendingPartner,
)

Item = TypeVar("Item")

GOALS = ("placed", "equity", "fit", "cost", "kept")
RULES = tuple(rule.name for rule in discover())
BASE = date(2022, 9, 5)

_OTHER_RATES = {
    "full_rate_days": 20,
    "later_share": Decimal("0.55"),
    "travel_days": {"standard": 1, "green": 4},
}
RATES = (Rates.shipped(2022), Rates.shipped(2024), Rates.shipped(2022).merge(_OTHER_RATES))

HOMES = (
    ("RS", "Beograd", 44.804, 20.4651),
    ("AL", "Tirana", 41.3275, 19.8187),
    ("BA", "Sarajevo", 43.85, 18.38),
)
HOSTS = (
    ("IT", "Bologna", 44.4938, 11.3387),
    ("ES", "Sevilla", 37.3828, -5.9732),
    ("SI", "Maribor", 46.55, 15.65),
)
FIELDS = ("0713", "0713", "0714", "071", "0713", "0721", "0711", "0613")
ASKED = ("0713", "071", "071", "07", "07", "0714", "06")
SPOKEN = (2, 3, 4, 4, 5)
ASKED_LEVELS = (1, 2, 2, 3)
NEEDS = ("stay:step_free", "stay:halal", "work:step_free", "work:day_shift")
KINDS = (*PAIR_KINDS, "apart")
SHARES = (0, 0, 0, 0, 20, 40)
BIRTHDAYS = (date(2004, 2, 29), date(2004, 9, 5), date(2004, 9, 12), date(2005, 9, 6), date(2003, 1, 1))


class Chance(Protocol):
    """Where random choices come from."""

    def whole(self, low: int, high: int) -> int:
        """A whole number, both bounds included; Hypothesis shrinks it towards ``low``."""
        ...


class FromNumpy:
    """Choices from a seed."""

    def __init__(self, seed: int) -> None:
        self._random = np.random.default_rng(seed)

    def whole(self, low: int, high: int) -> int:
        return int(self._random.integers(low, high + 1))


class FromHypothesis:
    """Choices that Hypothesis makes, and unmakes when it shrinks."""

    def __init__(self, draw: Callable[[st.SearchStrategy[int]], int]) -> None:
        self._draw = draw

    def whole(self, low: int, high: int) -> int:
        return self._draw(st.integers(low, high))


def random_round(seed: int, *, most_learners: int = 8, rules: Collection[str] | None = None) -> Round:
    """A round from a seed; ``rules`` hold beside the first (``None``: nearly all, by chance)."""
    return Maker(FromNumpy(seed), most_learners, rules).round()


@st.composite
def rounds(
    draw: Callable[[st.SearchStrategy[int]], int],
    most_learners: int = 8,
    rules: Collection[str] | None = None,
) -> Round:
    """The same rounds for Hypothesis."""
    return Maker(FromHypothesis(draw), most_learners, rules).round()


def with_debt(rnd: Round, seed: int) -> Round:
    """The round with up to two earlier rounds of some of its partners and schools."""
    chance = FromNumpy(seed)
    who = [(row.id, None) for row in rnd.sending_partners.records]
    who += [(row.partner_id, row.id) for row in rnd.schools.records]
    rows = []
    for number in range(chance.whole(0, 2)):
        for partner, school in who:
            asked = chance.whole(1, 9)
            placed = chance.whole(0, asked)
            row = {"round_id": f"r{number}", "partner_id": partner, "school_id": school}
            if chance.whole(0, 9) < 7:
                rows.append(PreviousRound(**row, asked=asked, placed=placed))
    return rnd.replace(rows={"previous_rounds": rows})


class Maker:
    """Makes one round; each method makes the rows of a table out of those made before it."""

    def __init__(self, chance: Chance, most_learners: int, rules: Collection[str] | None) -> None:
        self.chance = chance
        self.most_learners = most_learners
        self.rules = rules
        self.partners = [self._partner(number) for number in range(self.whole(1, 2))]
        self.schools = [self._school(number) for number in range(self.whole(1, 2))]
        self.hosts = [self._host(number) for number in range(self.whole(1, 3))]
        self.flows = [self._flow(host, number) for host in self.hosts for number in range(self.whole(1, 3))]
        self.companies = [
            self._company(host, number) for host in self.hosts for number in range(self.whole(1, 2))
        ]
        self.offers = [
            self._offer(company, number) for company in self.companies for number in range(self.whole(1, 2))
        ]
        self.groups = [self._group(number) for number in range(self.whole(0, 2))]
        self.learners = [
            self._learner(number)
            for number in range(self.whole(min(4, self.most_learners), self.most_learners))
        ]

    def whole(self, low: int, high: int) -> int:
        return self.chance.whole(low, high)

    def odds(self, percent: int) -> bool:
        """True in so many of a hundred cases; shrinks towards False."""
        return self.whole(0, 99) >= 100 - percent

    def pick(self, items: Sequence[Item]) -> Item:
        return items[self.whole(0, len(items) - 1)]

    def some(self, items: Sequence[Item], percent: int) -> tuple[Item, ...]:
        return tuple(item for item in items if self.odds(percent))

    def maybe(self, percent: int, items: Sequence[Item]) -> Item | None:
        """One of the items in so many of a hundred cases, else nothing."""
        return self.pick(items) if self.odds(percent) else None

    def round(self) -> Round:
        rows: list[Row] = [*self.partners, *self.schools, *self.hosts, *self.flows, *self.companies]
        rows += [*self.offers, *self.groups, *self.learners]
        rows += [*self._beds(), *self._agreements(), *self._quotas(), *self._pairs(), *self._locks()]
        rows += [*self._credentials(), *self._previous(), *self._affinity()]
        budget = self.maybe(25, (3000, 6000, 9000, 15000))
        return Round.of(rows, rates=self.pick(RATES), policy=self._policy(), budget_eur=budget)

    def _partner(self, number: int) -> SendingPartner:
        country, city, lat, lon = HOMES[number]
        located = self.odds(50)
        return SendingPartner(
            id=f"p{number}",
            name="Partner",
            country=country,
            city=city,
            lat=lat if located else None,
            lon=lon if located or self.odds(10) else None,
            budget_eur=self.maybe(30, (2000, 4000, 6000, 8000)),
            rate_factor=self.pick((1.0, 0.55, 0.65, 0.125)),
            staff_rate_factor=self.pick((1.0, 0.65, 0.85)),
        )

    def _school(self, number: int) -> School:
        partner = self.pick(self.partners)
        located = self.odds(40)
        return School(
            id=f"s{number}",
            partner_id=partner.id,
            name="School",
            city=self.maybe(30, (partner.city,)),
            lat=44.0 + number if located else None,
            lon=19.0 + number if located else None,
        )

    def _host(self, number: int) -> HostingPartner:
        country, city, lat, lon = HOSTS[number]
        located = self.odds(50)
        return HostingPartner(
            id=f"h{number}",
            name="Host",
            country=country,
            city=city,
            lat=lat if located else None,
            lon=lon if located else None,
            provides=self.some(NEEDS[:2], 60),
        )

    def _flow(self, host: HostingPartner, number: int) -> Flow:
        stay = "long" if self.odds(8) else "short"
        start = BASE + timedelta(self.pick((0, 7, 14, 27, 28)))
        days = 90 if stay == "long" else self.pick((14, 21, 28))
        return Flow(
            id=f"{host.id}f{number}",
            host_id=host.id,
            stay=stay,
            start=start,
            end=start + timedelta(days - 1),
            max_heads=self.maybe(50, (1, 2, 2, 3, 4)),
            min_group=self.pick((1, 1, 1, 1, 1, 1, 2, 3)),
            learners_per_escort=self.maybe(35, (1, 2, 3)),
        )

    def _company(self, host: HostingPartner, number: int) -> Company:
        languages = {self.pick(("en", "en", "it")): self.pick(ASKED_LEVELS) for _ in range(self.whole(1, 2))}
        return Company(
            id=f"{host.id}c{number}",
            host_id=host.id,
            name="Company",
            working_languages=tuple(sorted(languages.items())),
            min_age=self.maybe(35, (0, 17, 18)),
            provides=self.some(NEEDS[2:], 60),
            max_same_school=self.maybe(60, (0, 1, 1, 1)),
        )

    def _offer(self, company: Company, number: int) -> Offer:
        fields = {self.pick(ASKED) for _ in range(self.whole(1, 2))}
        return Offer(
            id=f"{company.id}o{number}",
            company_id=company.id,
            fields=tuple(sorted(fields)),
            seats=self.pick((1, 1, 2, 2, 2, 3, 0)),
            available_from=BASE + timedelta(self.pick((-30, -30, -30, 0, 0, 1, 7))),
            available_to=BASE + timedelta(self.pick((300, 200, 200, 200, 200, 89, 27))),
            stay=self.maybe(12, ("short", "short", "long")),
            min_eqf=self.maybe(20, (3, 4)),
            max_eqf=self.maybe(15, (4, 5)),
        )

    def _group(self, number: int) -> Group:
        return Group(id=f"g{number}", partner_id=self.pick(self.partners).id, mode=self.pick(GROUP_MODES))

    def _learner(self, number: int) -> Learner:
        partner = self.pick(self.partners).id
        own = [row.id for row in self.schools if row.partner_id == partner]
        groups = [row.id for row in self.groups if row.partner_id == partner]
        languages = {"en": self.pick(SPOKEN)} | ({"it": self.pick(SPOKEN)} if self.odds(40) else {})
        places = [*(row.id for row in self.hosts), *(row.id for row in self.companies)]
        return Learner(
            id=f"L{number}",
            partner_id=partner,
            school_id=self.maybe(85, own) if own else None,
            field=self.pick(FIELDS),
            eqf_level=self.pick((3, 4, 4, 5)),
            stay="long" if self.odds(8) else "short",
            available_from=BASE + timedelta(self.pick((-20, -20, -20, -20, -20, 0, 1, 7))),
            available_to=BASE + timedelta(self.pick((200, 200, 200, 200, 200, 89, 27, 48))),
            languages=tuple(sorted(languages.items())),
            birth_date=self.maybe(85, BIRTHDAYS),
            group_id=self.maybe(45, groups) if groups else None,
            fewer_opportunities=self.some(("rural", "displaced"), 30),
            needs=self.some(NEEDS, 10),
            priority=self.pick((1, 1, 2, 3)),
            preferences=self._wishes(places),
            green_travel=self.odds(25),
        )

    def _wishes(self, places: Sequence[str]) -> tuple[str, ...]:
        wishes = [self.pick(places) for _ in range(self.whole(0, 3))]
        return tuple(dict.fromkeys(wishes))

    def _beds(self) -> list[Beds]:
        rows = []
        for host in self.some(self.hosts, 40):
            first = BASE - timedelta(5)
            for _ in range(self.whole(1, 2)):
                last = first + timedelta(self.pick((12, 33, 40, 200, 200)))
                rows.append(Beds(host_id=host.id, from_=first, to=last, beds=self.pick((1, 2, 3, 4, 5))))
                first = last + timedelta(self.pick((1, 1, 2)))
        return rows

    def _agreements(self) -> list[Agreement]:
        return [
            Agreement(partner_id=partner.id, host_id=host.id)
            for partner in self.some(self.partners, 45)
            for host in self.some(self.hosts, 60)
        ]

    def _quotas(self) -> list[Quota]:
        return [
            Quota(
                partner_id=self.maybe(50, [row.id for row in self.partners]),
                host_id=self.maybe(50, [row.id for row in self.hosts]),
                stay=self.maybe(30, ("short", "long")),
                min_learners=self.maybe(20, (0, 1, 1, 2)),
                max_learners=self.maybe(60, (0, 1, 2, 2, 3, 3)),
            )
            for _ in range(self.whole(0, 2))
        ]

    def _pairs(self) -> list[Pair]:
        ids = [row.id for row in self.learners]
        pairs = [(self.pick(ids), self.pick(ids), self.pick(KINDS)) for _ in range(self.whole(0, 3))]
        return [Pair(learner_a=one, learner_b=other, kind=kind) for one, other, kind in pairs if one != other]

    def _slot(self) -> tuple[Offer, Flow]:
        """An offer, and a flow that is most often at its host."""
        offer = self.pick(self.offers)
        host = next(row.host_id for row in self.companies if row.id == offer.company_id)
        near = [flow for flow in self.flows if flow.host_id == host]
        return offer, self.pick(self.flows if self.odds(5) else near)

    def _locks(self) -> list[Lock]:
        rows = []
        for _ in range(self.whole(0, 3)):
            offer, flow = self._slot()
            lock = Lock(
                learner_id=self.pick(self.learners).id,
                kind="pin" if self.odds(15) else "forbid",
                host_id=self.maybe(40, (flow.host_id,)),
                company_id=self.maybe(30, (offer.company_id,)),
                offer_id=self.maybe(30, (offer.id,)),
                flow_id=self.maybe(30, (flow.id,)),
            )
            if any((lock.host_id, lock.company_id, lock.offer_id, lock.flow_id)):
                rows.append(lock)
        return rows

    def _credentials(self) -> list[MicroCredential]:
        return [
            MicroCredential(learner_id=learner.id, title="Course", field=self.pick(FIELDS))
            for learner in self.some(self.learners, 25)
        ]

    def _previous(self) -> list[Previous]:
        rows = []
        for learner in self.some(self.learners, 40):
            offer, flow = self._slot()
            rows.append(Previous(learner_id=learner.id, offer_id=offer.id, flow_id=flow.id))
        return rows

    def _affinity(self) -> list[Affinity]:
        of_hosts = [
            Affinity(learner_id=learner.id, host_id=self.pick(self.hosts).id, score=self.whole(0, 100))
            for learner in self.some(self.learners, 30)
        ]
        of_companies = [
            Affinity(learner_id=learner.id, company_id=self.pick(self.companies).id, score=self.whole(0, 100))
            for learner in self.some(self.learners, 30)
        ]
        return of_hosts + of_companies

    def _policy(self) -> Policy:
        chosen = self.some(GOALS, 60) or ("placed", "fit", "cost")
        weighted = self.odds(15)
        weights = {goal: self.pick((Decimal(1), Decimal("0.01"), Decimal(1000))) for goal in chosen}
        return Policy(
            goals=tuple(reversed(chosen)) if self.odds(30) else chosen,
            weights=weights if weighted else None,
            min_profile_fit=self.pick((30, 30, 30, 30, 0, 60, 80)),
            fit_weights=FitWeights(affinity=self.pick((0, 40)), language=self.pick((20, 0))),
            min_fewer_opportunities_share=self.pick(SHARES),
            rules=self._switches(),
        )

    def _switches(self) -> dict[str, bool]:
        if self.rules is not None:
            return {rule: rule in self.rules for rule in RULES if rule != ALWAYS_ON}
        return {rule: False for rule in RULES if rule != ALWAYS_ON and self.odds(4)}
