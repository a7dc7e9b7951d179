"""An allocation as the audit sees it: every placement with its rows, and indexes that keep audits short.

Plain Python over ``table.records``; nothing here knows options, columns or solvers. It takes whatever it is
given: several placements of one learner, ids that do not exist (set aside in ``unknown``), offers and flows
of different hosting partners.
Contract: "The option", rules 6 to 8, "Cost of a placement".
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import NamedTuple, TypeVar

from matcher import arithmetic
from models.outcome import Placement
from models.round import Round
from models.tables import (
    Affinity,
    Company,
    Flow,
    HostingPartner,
    Learner,
    MicroCredential,
    Offer,
    School,
    SendingPartner,
)

Item = TypeVar("Item")
Key = TypeVar("Key", bound=Hashable)

WITNESSES = 20
"""How many ids a message names before it counts the rest."""


class Placed(NamedTuple):
    """A placement with its rows.

    ``host`` is the flow's hosting partner, who lodges the learner; unless the placement is no option, it is
    the company's too.
    """

    learner: Learner
    offer: Offer
    flow: Flow
    company: Company
    host: HostingPartner
    partner: SendingPartner
    school: School | None

    @property
    def stay(self) -> Stay:
        """The learner's presence: one head on every day of the flow."""
        return Stay(self.flow.start, self.flow.end, 1)


class Stay(NamedTuple):
    """So many heads from ``first`` to ``last``, both days included."""

    first: date
    last: date
    heads: int


class Party(NamedTuple):
    """The learners whom one sending partner has in one flow, with the escorts who accompany them.

    ``cost_eur`` is the escorts' cost.
    """

    partner: SendingPartner
    flow: Flow
    learners: tuple[str, ...]
    escorts: int
    cost_eur: int

    @property
    def heads(self) -> int:
        """Learners and escorts."""
        return len(self.learners) + self.escorts


@dataclass(frozen=True)
class Unknown:
    """A placement that names something that is not in the round: in which column, and which id."""

    placement: Placement
    column: str
    value: str


class _Book(NamedTuple):
    """The rows that a placement leads to, by id."""

    learners: Mapping[str, Learner]
    offers: Mapping[str, Offer]
    flows: Mapping[str, Flow]
    companies: Mapping[str, Company]
    hosts: Mapping[str, HostingPartner]
    partners: Mapping[str, SendingPartner]
    schools: Mapping[str, School]

    @classmethod
    def of(cls, rnd: Round) -> _Book:
        return cls(
            learners={row.id: row for row in rnd.learners.records},
            offers={row.id: row for row in rnd.offers.records},
            flows={row.id: row for row in rnd.flows.records},
            companies={row.id: row for row in rnd.companies.records},
            hosts={row.id: row for row in rnd.hosting_partners.records},
            partners={row.id: row for row in rnd.sending_partners.records},
            schools={row.id: row for row in rnd.schools.records},
        )


class Placements:
    """The placements of a round, sorted by learner, offer and flow.

    Iterates over ``Placed``. Escorts exist only while the rule `escorts` holds: where it is switched off
    nobody sends any.
    """

    def __init__(self, rnd: Round, placements: Iterable[Placement]) -> None:
        self.rnd = rnd
        self._book = _Book.of(rnd)
        self._costs: dict[tuple[Hashable, ...], int] = {}
        unknown: list[Unknown] = []
        found: list[Placed] = []
        for placement in sorted(placements):
            strangers = self._strangers(placement)
            unknown += strangers
            if not strangers:
                found.append(self._resolved(placement))
        self._placed = tuple(found)
        self.unknown = tuple(unknown)

    def __iter__(self) -> Iterator[Placed]:
        return iter(self._placed)

    def __len__(self) -> int:
        return len(self._placed)

    @cached_property
    def by_learner(self) -> Mapping[str, tuple[Placed, ...]]:
        """The placements of every placed learner (one each, unless rule 1 is broken)."""
        return gather(self, lambda placed: placed.learner.id)

    @cached_property
    def by_offer(self) -> Mapping[str, tuple[Placed, ...]]:
        """The placements at every offer that has some."""
        return gather(self, lambda placed: placed.offer.id)

    @cached_property
    def by_flow(self) -> Mapping[str, tuple[Placed, ...]]:
        """The placements in every flow that has some."""
        return gather(self, lambda placed: placed.flow.id)

    @cached_property
    def credentials(self) -> Mapping[str, tuple[MicroCredential, ...]]:
        """The micro-credentials of every learner who has some."""
        return gather(self.rnd.micro_credentials.records, lambda row: row.learner_id)

    @cached_property
    def members(self) -> Mapping[str, tuple[str, ...]]:
        """The learners of every group that has members."""
        grouped = gather(self.rnd.learners.records, lambda row: row.group_id)
        return {group: tuple(row.id for row in rows) for group, rows in grouped.items() if group is not None}

    @cached_property
    def parties(self) -> tuple[Party, ...]:
        """Every sending partner in every flow where it has learners, sorted by partner and flow."""
        together = gather(self, lambda placed: (placed.partner.id, placed.flow.id))
        return tuple(self._party(together[key]) for key in sorted(together))

    @cached_property
    def heads(self) -> Mapping[str, int]:
        """The heads in every flow that has some: learners and escorts."""
        heads: Counter[str] = Counter()
        for party in self.parties:
            heads[party.flow.id] += party.heads
        return heads

    @cached_property
    def spent(self) -> Mapping[str, int]:
        """What every sending partner with learners placed pays for them and their escorts, in whole euros."""
        euros: Counter[str] = Counter()
        for placed in self:
            euros[placed.partner.id] += self.cost_eur(placed)
        for party in self.parties:
            euros[party.partner.id] += party.cost_eur
        return euros

    def profile_fit(self, placed: Placed) -> int:
        """The profile fit of rule 2."""
        return arithmetic.profile_fit(
            placed.learner, self.credentials.get(placed.learner.id, ()), placed.offer
        )

    def fit(self, placed: Placed) -> int:
        """The fit points of a placement."""
        learner, company, host = placed.learner, placed.company, placed.host
        return arithmetic.fit_points(
            self.rnd.policy.fit_weights,
            profile=self.profile_fit(placed),
            language=arithmetic.language_fit(learner.languages, company.working_languages),
            preference=arithmetic.preference_fit(learner.preferences, company.id, host.id),
            affinity=arithmetic.affinity_fit(self._affinity.get(learner.id, ()), company.id, host.id),
        )

    def cost_eur(self, placed: Placed) -> int:
        """The cost of a placement in whole euros, without escorts."""
        learner = placed.learner
        alike = (learner.partner_id, learner.school_id, placed.flow.id, learner.green_travel)
        key = (*alike, bool(learner.fewer_opportunities))
        if key not in self._costs:
            self._costs[key] = arithmetic.placement_eur(
                self.rnd.rates, learner, placed.school, placed.partner, placed.host, placed.flow
            )
        return self._costs[key]

    @cached_property
    def _affinity(self) -> Mapping[str, tuple[Affinity, ...]]:
        return gather(self.rnd.affinity.records, lambda row: row.learner_id)

    def _party(self, together: Sequence[Placed]) -> Party:
        first = together[0]
        learners = tuple(placed.learner.id for placed in together)
        escorts = self._escorts(first.flow, len(learners))
        each = arithmetic.escort_eur(self.rnd.rates, first.partner, first.host, first.flow) if escorts else 0
        return Party(first.partner, first.flow, learners, escorts, escorts * each)

    def _escorts(self, flow: Flow, learners: int) -> int:
        if flow.learners_per_escort is None or not self.rnd.policy.holds("escorts"):
            return 0
        return -(-learners // flow.learners_per_escort)

    def _strangers(self, placement: Placement) -> list[Unknown]:
        known = (
            ("learner_id", placement.learner_id, self._book.learners),
            ("offer_id", placement.offer_id, self._book.offers),
            ("flow_id", placement.flow_id, self._book.flows),
        )
        return [Unknown(placement, column, value) for column, value, rows in known if value not in rows]

    def _resolved(self, placement: Placement) -> Placed:
        book = self._book
        learner, flow = book.learners[placement.learner_id], book.flows[placement.flow_id]
        offer = book.offers[placement.offer_id]
        return Placed(
            learner=learner,
            offer=offer,
            flow=flow,
            company=book.companies[offer.company_id],
            host=book.hosts[flow.host_id],
            partner=book.partners[learner.partner_id],
            school=None if learner.school_id is None else book.schools[learner.school_id],
        )


def gather(items: Iterable[Item], key: Callable[[Item], Key]) -> Mapping[Key, tuple[Item, ...]]:
    """The items by key: keys in the order of their first item, items in the given order."""
    found: defaultdict[Key, list[Item]] = defaultdict(list)
    for item in items:
        found[key(item)].append(item)
    return {name: tuple(together) for name, together in found.items()}


def rising(stays: Iterable[Stay], limit: int) -> Iterator[tuple[date, int]]:
    """The days on which the heads present rise to more than ``limit``, or further above it, with the heads.

    Every day above the limit is one of these or follows one of them without falling to the limit in between.
    ``heads`` may be negative (beds that take them in). One sweep over arrivals and departures: linear but for
    sorting.
    """
    change: Counter[int] = Counter()
    for stay in stays:
        change[stay.first.toordinal()] += stay.heads
        change[stay.last.toordinal() + 1] -= stay.heads
    present = 0
    for day in sorted(change):
        present += change[day]
        if change[day] > 0 and present > limit:
            yield date.fromordinal(day), present


def learners_on(day: date, places: Iterable[Placed]) -> tuple[str, ...]:
    """The learners whose flow covers the day, in order."""
    return tuple(placed.learner.id for placed in places if placed.flow.start <= day <= placed.flow.end)


def listed(ids: Sequence[str]) -> str:
    """Ids for a message: all of them up to ``WITNESSES``, then how many more there are."""
    more = len(ids) - WITNESSES
    shown = ", ".join(ids[:WITNESSES])
    return f"{shown} and {more} more" if more > 0 else shown
