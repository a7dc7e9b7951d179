"""The handful whom no plan can place, each for another reason, so that the list of who is left out is worth reading."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date

from matcher.generating.intervet.companies import PlannedCompany, PlannedOffer
from matcher.generating.intervet.learners import Person

VET_FIELD = "0841"


def make_exceptions(people: Sequence[Person], companies: list[PlannedCompany]) -> None:
    """Change a few people of large parties so that one rule each bars them, or a single seat is wanted twice."""
    changes: tuple[tuple[str, Callable[[Person], None]], ...] = (
        ("albskills", _without_languages),
        ("ccis", _only_in_august),
        ("ncdiel", _without_trade_here),
        ("ius", _with_rare_need),
    )
    for partner, change in changes:
        person = next(each for each in _large_parties_first(people) if each.partner == partner)
        change(person)
        person.offer = None
    _wanting_one_seat(people, companies)


def _large_parties_first(people: Sequence[Person]) -> list[Person]:
    """Planned learners of short stays whose party has lost nobody yet: first those of parties of ten and more."""
    sizes = Counter((each.partner, each.flow.id) for each in people)
    lost = {(each.partner, each.flow.id) for each in people if each.offer is None}
    able = [each for each in people if each.flow.stay == "short" and (each.partner, each.flow.id) not in lost]
    return sorted(able, key=lambda each: sizes[each.partner, each.flow.id] < 10)


def _without_languages(person: Person) -> None:
    person.languages = {"en": 1, "sq": 6}


def _only_in_august(person: Person) -> None:
    person.available = (date(2021, 8, 1), date(2021, 9, 5))


def _without_trade_here(person: Person) -> None:
    person.field = "0215"


def _with_rare_need(person: Person) -> None:
    person.needs = ("stay:wheelchair_room",)


def _wanting_one_seat(people: Sequence[Person], companies: list[PlannedCompany]) -> None:
    """Two learners of veterinary assistance in one season, and one seat for them."""
    one, other = [each for each in people if each.flow.id == "zni-2021-06"][:2]
    flow = one.flow
    clinic = PlannedCompany(
        id=f"c{len(companies) + 1:03d}",
        host="zni",
        name="Veterinary clinic",
        city="Maribor",
        sector="Veterinary clinic",
        languages="en:A2;sl:A2",
        min_age=16,
        provides=(),
        max_same_school=None,
    )
    offer = PlannedOffer(
        f"{clinic.id}a", clinic.id, (VET_FIELD,), 1, "short", "looking after animals with a vet"
    )
    clinic.offers.append(offer)
    companies.append(clinic)
    for person in (one, other):
        person.field = VET_FIELD
        person.languages["en"] = max(person.languages["en"], 3)
        person.available = (date(2021, 6, 15), date(2021, 7, 25))
        person.needs = ()
        if person.offer is not None:
            person.offer.taken.remove(flow)
    one.offer, other.offer = offer, None
    offer.taken.append(flow)
