"""An allocation as the audit sees it: columns to look at everybody, and rows to speak of somebody.

A rule's audit screens all placements at once (``seated``, ``parties_of``) and then looks closely, in plain Python
over the tables' rows, at the suspects alone. The close look is complete by itself: a screen may let through too
many, never too few (held by ``tests/matcher/test_screens.py``).

Nothing here knows options, columns or solvers. It takes whatever it is given: several placements of one learner,
ids that do not exist (set aside in ``unknown``), offers and flows of different hosting partners.
Contract: "The option", rules 6 to 8, "Cost of a placement".
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple, TypeVar

import numpy as np

from matcher import worth
from matcher.seated import Mask, Rows, Seated
from models.outcome import Placement
from models.round import Array, Round, Table
from models.tables import Company, Flow, HostingPartner, Learner, Offer, School, SendingPartner

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


class Parties(NamedTuple):
    """Every sending partner in every flow where it has learners, sorted by partner and flow: parallel arrays.

    ``cost_eur`` is the escorts' cost. ``of`` has an entry per placement: the number of its party.
    """

    partner: Rows
    flow: Rows
    learners: Rows
    escorts: Rows
    cost_eur: Rows
    of: Rows

    @property
    def heads(self) -> Rows:
        """Learners and escorts of each."""
        return self.learners + self.escorts


class Placements:
    """The placements of a round, sorted by learner, offer and flow.

    Iterates over ``Placed``, which are made when asked for; ``seated`` has the same as columns. Escorts exist only
    while the rule `escorts` holds: where it is switched off nobody sends any.
    """

    def __init__(self, rnd: Round, placements: Iterable[Placement]) -> None:
        self.rnd = rnd
        given = list(placements)
        known = (rnd.learners.position, rnd.offers.position, rnd.flows.position)
        strange = [place for place in given if not _all_in(place, known)]
        if strange:
            given = [place for place in given if _all_in(place, known)]
        self.unknown = tuple(unknown for place in sorted(strange) for unknown in _strangers(place, known))
        self.seated = Seated.of(rnd, ((row.learner_id, row.offer_id, row.flow_id) for row in given))

    def __iter__(self) -> Iterator[Placed]:
        return map(self._placed, range(len(self)))

    def __len__(self) -> int:
        return len(self.seated)

    def suspects(self, mask: Mask) -> Iterator[Placed]:
        """The placements that a screen picks out, to be looked at closely; in order."""
        return map(self._placed, np.flatnonzero(mask).tolist())

    def suspect_parties(self, mask: Mask) -> Iterator[Party]:
        """The parties (of ``parties_of``) that a screen picks out."""
        return map(self._party, np.flatnonzero(mask).tolist())

    def suspect_rows(self, table: str, mask: Mask) -> Iterator[Any]:
        """The rows of a table that a screen picks out."""
        return (self._row(table, number) for number in np.flatnonzero(mask).tolist())

    @cached_property
    def by_learner(self) -> Mapping[str, tuple[Placed, ...]]:
        """The placements of every placed learner (one each, unless rule 1 is broken)."""
        return _Index(self.rnd.learners, self.seated.learner, self._placed)

    @cached_property
    def by_offer(self) -> Mapping[str, tuple[Placed, ...]]:
        """The placements at every offer that has some."""
        return _Index(self.rnd.offers, self.seated.offer, self._placed)

    @cached_property
    def by_flow(self) -> Mapping[str, tuple[Placed, ...]]:
        """The placements in every flow that has some."""
        return _Index(self.rnd.flows, self.seated.flow, self._placed)

    @property
    def members(self) -> Mapping[str, tuple[str, ...]]:
        """The learners of every group that has members."""
        return self.rnd.once(_members)

    @cached_property
    def parties_of(self) -> Parties:
        """The parties as columns."""
        seated, flows = self.seated, len(self.rnd.flows)
        found, of = np.unique(seated.partner * flows + seated.flow, return_inverse=True)
        partner, flow = np.divmod(found, max(1, flows))
        learners = np.bincount(of, minlength=len(found))
        escorts = self._escorts(flow, learners)
        cost, some = np.zeros(len(found), np.int64), escorts > 0
        cost[some] = escorts[some] * worth.escorts_eur(self.rnd, partner[some], flow[some])
        return Parties(partner, flow, learners, escorts, cost, of)

    @cached_property
    def parties(self) -> tuple[Party, ...]:
        """Every sending partner in every flow where it has learners, sorted by partner and flow."""
        return tuple(map(self._party, range(len(self.parties_of.flow))))

    @cached_property
    def heads_in(self) -> Rows:
        """The heads in every flow of the round, learners and escorts, by row number."""
        return _sums(self.parties_of.flow, self.parties_of.heads, len(self.rnd.flows))

    @cached_property
    def heads(self) -> Mapping[str, int]:
        """The heads in every flow that has some: learners and escorts."""
        return _where_some(self.rnd.flows["id"], self.heads_in)

    @cached_property
    def spent_by(self) -> Rows:
        """What every sending partner of the round pays for learners and escorts, in whole euros, by row number."""
        partners, parties = len(self.rnd.sending_partners), self.parties_of
        learners = _sums(self.seated.partner, self.costs_eur, partners)
        return learners + _sums(parties.partner, parties.cost_eur, partners)

    @cached_property
    def spent(self) -> Mapping[str, int]:
        """What every sending partner that pays anything pays for its learners and their escorts, in euros."""
        return _where_some(self.rnd.sending_partners["id"], self.spent_by)

    @cached_property
    def profile_fits(self) -> Rows:
        """The profile fit of rule 2, of every placement."""
        return worth.profile_points(self.seated)

    @cached_property
    def language_fits(self) -> Rows:
        """The language component of every placement: 0 where no working language is satisfied."""
        return worth.language_points(self.seated)

    @cached_property
    def fits(self) -> Rows:
        """The fit points of every placement."""
        return worth.fit_points(self.seated, self.profile_fits, self.language_fits)

    @cached_property
    def costs_eur(self) -> Rows:
        """The cost of every placement in whole euros, without escorts."""
        return worth.costs_eur(self.seated)

    def profile_fit(self, placed: Placed) -> int:
        """The profile fit of rule 2."""
        return int(self.profile_fits[self._number(placed)])

    def fit(self, placed: Placed) -> int:
        """The fit points of a placement."""
        return int(self.fits[self._number(placed)])

    def cost_eur(self, placed: Placed) -> int:
        """The cost of a placement in whole euros, without escorts."""
        return int(self.costs_eur[self._number(placed)])

    def _number(self, placed: Placed) -> int:
        """Where a placement stands."""
        rnd, seated = self.rnd, self.seated
        wanted = rnd.offers.position[placed.offer.id], rnd.flows.position[placed.flow.id]
        learner = rnd.learners.position[placed.learner.id]
        number = int(seated.at[learner])
        while (seated.offer[number], seated.flow[number]) != wanted:
            number += 1
        return number

    def _row(self, table: str, number: int) -> Any:
        """A row of a table by its number; the table keeps it."""
        return self.rnd.tables[table].record(number)

    def _placed(self, number: int) -> Placed:
        seated, row = self.seated, self._row
        school = int(seated.school[number])
        return Placed(
            learner=row("learners", int(seated.learner[number])),
            offer=row("offers", int(seated.offer[number])),
            flow=row("flows", int(seated.flow[number])),
            company=row("companies", int(seated.company[number])),
            host=row("hosting_partners", int(seated.host[number])),
            partner=row("sending_partners", int(seated.partner[number])),
            school=None if school < 0 else row("schools", school),
        )

    def _party(self, number: int) -> Party:
        found = self.parties_of
        first, last = np.searchsorted(found.of[self._by_party], [number, number + 1])
        learners = self.seated.learner[self._by_party[first:last]]
        return Party(
            self._row("sending_partners", int(found.partner[number])),
            self._row("flows", int(found.flow[number])),
            tuple(self.rnd.learners["id"][learners].tolist()),
            int(found.escorts[number]),
            int(found.cost_eur[number]),
        )

    @cached_property
    def _by_party(self) -> Rows:
        """The placements party by party."""
        return np.argsort(self.parties_of.of, kind="stable")

    def _escorts(self, flow: Rows, learners: Rows) -> Rows:
        """One for so many learners of a partner in a flow, or begun; none where the flow asks for none."""
        each = self.rnd.flows["learners_per_escort"][flow]
        if not self.rnd.policy.holds("escorts"):
            return np.zeros(len(flow), np.int64)
        return np.where(np.isnan(each), 0, -(-learners // np.nan_to_num(each, nan=1.0))).astype(np.int64)


class _Index(Mapping[str, tuple[Placed, ...]]):
    """The placements by the id of one of their rows, in order; ids in the order of their first placement."""

    def __init__(self, table: Table, rows: Rows, placed: Callable[[int], Placed]) -> None:
        self._table, self._placed = table, placed
        self._order = np.argsort(rows, kind="stable")
        self._sorted = rows[self._order]
        found, first = np.unique(rows, return_index=True)
        self._keys = self._table["id"][found[np.argsort(first)]].tolist()

    def __getitem__(self, key: str) -> tuple[Placed, ...]:
        number = self._table.position[key]
        first, last = np.searchsorted(self._sorted, [number, number + 1])
        if first == last:
            raise KeyError(key)
        return tuple(map(self._placed, self._order[first:last].tolist()))

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)


Positions = tuple[Mapping[str, int], ...]
"""The row numbers of the ids of learners, offers and flows."""


def _all_in(place: Placement, known: Positions) -> bool:
    learners, offers, flows = known
    return place.learner_id in learners and place.offer_id in offers and place.flow_id in flows


def _strangers(place: Placement, known: Positions) -> list[Unknown]:
    ids = {"learner_id": place.learner_id, "offer_id": place.offer_id, "flow_id": place.flow_id}
    pairs = zip(ids.items(), known, strict=True)
    return [Unknown(place, column, value) for (column, value), rows in pairs if value not in rows]


def _members(rnd: Round) -> Mapping[str, tuple[str, ...]]:
    pairs = zip(rnd.learners["group_id"], rnd.learners["id"], strict=True)
    grouped = gather((pair for pair in pairs if pair[0] is not None), lambda pair: pair[0])
    return {group: tuple(learner for _, learner in rows) for group, rows in grouped.items()}


def _sums(owner: Rows, amounts: Rows, owners: int) -> Rows:
    """The amounts added up by owner (exact: far below 2**53)."""
    return np.bincount(owner, amounts, owners).astype(np.int64)


def _where_some(ids: Array, amounts: Rows) -> Mapping[str, int]:
    some = np.flatnonzero(amounts)
    return dict(zip(ids[some].tolist(), amounts[some].tolist(), strict=True))


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
