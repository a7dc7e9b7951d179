"""What ties learners of the INTERVET sample to each other and to places: groups, pairs, locks. Invented."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random

from matcher.generating.intervet.companies import PlannedCompany
from matcher.generating.intervet.learners import Person
from models.tables import Affinity, Group, Lock, MicroCredential, Pair, Previous, Row

CREDENTIALS = (
    ("Office software", "0611"),
    ("Web pages from start to finish", "0613"),
    ("Food hygiene", "0721"),
    ("Customer service in tourism", "1013"),
    ("Digital marketing", "0414"),
    ("Warehouse and forklift safety", "1041"),
    ("Occupational safety in electrical work", "0713"),
    ("Bookkeeping basics", "0411"),
    ("First aid in care", "0913"),
)


@dataclass
class Ties:
    """Rows of the tables that name learners; ``busy`` are those already tied, whom nothing else ties."""

    rng: Random
    people: Sequence[Person]
    companies: Sequence[PlannedCompany]
    rows: list[Row] = field(default_factory=list)
    busy: set[str] = field(default_factory=set)

    def make(self) -> list[Row]:
        """All rows, in an order that the seed decides. Everything that is tied agrees with the plan."""
        self._exact_groups("same_company", 3, 2)
        self._pairs_together(3)
        self._flow_groups("all_or_none", (4, 3, 5))
        self._flow_groups("same_flow", (5, 4, 6, 3, 4))
        self._pairs_apart(6)
        self._locks()
        self._previous(14)
        self._credentials(64)
        self._affinity(160)
        return self.rows

    def _planned(self) -> list[Person]:
        """Planned learners of short stays whom nothing ties yet, in random order."""
        found = [
            each
            for each in self.people
            if each.offer and each.flow.stay == "short" and each.id not in self.busy
        ]
        self.rng.shuffle(found)
        return found

    def _take(self, *people: Person) -> None:
        self.busy.update(each.id for each in people)

    def _together(self, size: int) -> Iterator[list[Person]]:
        """Planned learners of one partner, flow and company, ``size`` of them."""
        places: defaultdict[tuple[str, str, str], list[Person]] = defaultdict(list)
        for person in self._planned():
            if person.offer is not None:
                places[person.partner, person.flow.id, person.offer.company].append(person)
        yield from (members[:size] for members in places.values() if len(members) >= size)

    def _new_group(self, mode: str, members: Sequence[Person]) -> None:
        name = f"g{1 + sum(isinstance(row, Group) for row in self.rows):02d}"
        self.rows.append(Group(id=name, partner_id=members[0].partner, mode=mode))
        for person in members:
            person.group = name
        self._take(*members)

    def _exact_groups(self, mode: str, size: int, count: int) -> None:
        for _ in range(count):
            members = next(self._together(size), None) or next(self._together(size - 1), None)
            if members is not None:
                self._new_group(mode, members)

    def _flow_groups(self, mode: str, sizes: Sequence[int]) -> None:
        for size in sizes:
            lead = self._planned()[0]
            mates = [
                each for each in self._planned() if (each.partner, each.flow) == (lead.partner, lead.flow)
            ]
            self._new_group(mode, mates[:size])

    def _pairs_together(self, count: int) -> None:
        for _ in range(count):
            one, other = next(self._together(2), (None, None))
            if one is None or other is None:
                return
            self.rows.append(Pair(learner_a=one.id, learner_b=other.id, kind="together"))
            self._take(one, other)

    def _pairs_apart(self, count: int) -> None:
        """Learners of one party whom the plan has at different companies."""
        for _ in range(count):
            lead = self._planned()[0]
            other = next((each for each in self._planned() if _apart(lead, each)), None)
            if other is not None:
                self.rows.append(Pair(learner_a=lead.id, learner_b=other.id, kind="apart"))
                self._take(lead, other)

    def _locks(self) -> None:
        for person, kind in zip(self._planned(), ("host", "flow", "flow", "company", "offer"), strict=False):
            self.rows.append(_pin(person, kind))
            self._take(person)
        for person in self._planned()[:8]:
            elsewhere = [each for each in self.companies if person.offer and each.id != person.offer.company]
            company = self.rng.choice(elsewhere)
            if company.host == person.flow.host or self.rng.random() < 0.5:
                self.rows.append(Lock(learner_id=person.id, kind="forbid", company_id=company.id))
            else:
                self.rows.append(Lock(learner_id=person.id, kind="forbid", host_id=company.host))

    def _previous(self, count: int) -> None:
        for person in self._planned()[:count]:
            if person.offer is not None:
                self.rows.append(
                    Previous(learner_id=person.id, offer_id=person.offer.id, flow_id=person.flow.id)
                )

    def _credentials(self, count: int) -> None:
        for person in self.rng.sample(list(self.people), count):
            title, code = self.rng.choice(CREDENTIALS)
            self.rows.append(
                MicroCredential(
                    learner_id=person.id, title=title, field=code, ects=self.rng.choice((1, 2, 3, 5))
                )
            )

    def _affinity(self, count: int) -> None:
        """Scores as a model might have predicted them; for a company, or for a host as a whole."""
        for person in self.rng.sample(list(self.people), count):
            own = [each for each in self.companies if each.host == person.flow.host]
            company = self.rng.choice(own)
            planned = person.offer.company if person.offer and self.rng.random() < 0.3 else company.id
            score = self.rng.randrange(35, 101)
            if self.rng.random() < 0.25:
                self.rows.append(Affinity(learner_id=person.id, host_id=company.host, score=score))
            else:
                self.rows.append(Affinity(learner_id=person.id, company_id=planned, score=score))


def _apart(one: Person, other: Person) -> bool:
    same_party = (one.partner, one.flow) == (other.partner, other.flow)
    return bool(same_party and one.offer and other.offer and one.offer.company != other.offer.company)


def _pin(person: Person, kind: str) -> Lock:
    offer = person.offer
    assert offer is not None, "only planned learners are pinned"
    places = {
        "host": {"host_id": person.flow.host},
        "flow": {"flow_id": person.flow.id},
        "company": {"company_id": offer.company},
        "offer": {"offer_id": offer.id, "flow_id": person.flow.id},
    }
    return Lock(learner_id=person.id, kind="pin", **places[kind])
