"""Learners of the INTERVET sample, planned into seats so that nearly everybody can be placed. Invented."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Final

from matcher.generating.intervet.companies import PlannedCompany, PlannedOffer, pick, trades
from matcher.generating.intervet.plan import LONG_FLOWS, SHORT_FLOWS, Party, PlannedFlow, may_send
from matcher.generating.intervet.published import SENDERS

LEVELS: Final = ("A1", "A2", "B1", "B2", "C1", "C2")

ENGLISH: Final = ((2, 0.20), (3, 0.46), (4, 0.27), (5, 0.07))
"""Levels of English, 1 (A1) to 6 (C2): those who apply know some."""

MOTHER_TONGUES: Final = {
    "ccis": {"sr": 6},
    "albskills": {"sq": 6},
    "cem": {"sr": 6},
    "ius": {"bs": 6},
    "rea": {"sq": 6},
    "ncdiel": {"mk": 6},
}

FURTHER: Final = {
    "ccis": (("es", 0.08), ("it", 0.08), ("fr", 0.06)),
    "albskills": (("it", 0.55), ("es", 0.08), ("fr", 0.06)),
    "cem": (("it", 0.30), ("es", 0.05)),
    "ius": (("sr", 0.5), ("hr", 0.5), ("it", 0.06), ("fr", 0.05)),
    "rea": (("sr", 0.08), ("it", 0.10), ("fr", 0.05)),
    "ncdiel": (("sr", 0.6), ("it", 0.08), ("es", 0.05)),
}
"""Further languages and the share that knows them: Italian in Albania, neighbours' languages elsewhere."""

REASONS: Final = (("rural", 0.4), ("economic", 0.25), ("social", 0.2), ("displaced", 0.1), ("minority", 0.05))
NEEDS: Final = (
    ("stay:halal", 0.4),
    ("stay:vegetarian", 0.3),
    ("work:day_shift", 0.2),
    ("work:step_free", 0.1),
)
STAY_PROVISIONS: Final = {
    "uniser": ("stay:halal", "stay:vegetarian"),
    "incoma": ("stay:vegetarian",),
    "sepr": ("stay:halal", "stay:vegetarian"),
    "mode": ("stay:vegetarian",),
    "zni": ("stay:halal", "stay:vegetarian"),
}
POPULAR: Final = (("uniser", 0.27), ("incoma", 0.30), ("sepr", 0.17), ("mode", 0.12), ("zni", 0.14))


@dataclass(eq=False)
class Person:
    """A learner with the seat that the plan has for her or him (None: the plan has none)."""

    partner: str
    flow: PlannedFlow
    offer: PlannedOffer | None
    field: str
    languages: dict[str, int]
    birth: date
    available: tuple[date, date]
    eqf: int = 4
    school: int = 0
    reasons: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    preferences: tuple[str, ...] = ()
    green: bool = False
    priority: int = 1
    id: str = ""
    group: str | None = None


class People:
    """Makes the learners of a plan, party by party."""

    def __init__(self, rng: Random, companies: Sequence[PlannedCompany]) -> None:
        self.rng = rng
        self.companies = companies
        self.company = {company.id: company for company in companies}

    def of_plan(self, plan: Sequence[Party]) -> list[Person]:
        """One person per place of the plan; long stays take their seats first."""
        ordered = sorted(
            plan, key=lambda party: (party.flow.stay, party.flow.start, party.flow.id, party.partner)
        )
        people = [person for party in ordered for person in self._party(party)]
        put_in_schools(self.rng, people)
        return people

    def _party(self, party: Party) -> list[Person]:
        return [self._person(party) for _ in range(party.size)]

    def _person(self, party: Party) -> Person:
        rng, flow = self.rng, party.flow
        offer = self._free_seat(flow)
        company = self.company[offer.company]
        offer.taken.append(flow)
        return Person(
            partner=party.partner,
            flow=flow,
            offer=offer,
            field=self._field(offer),
            languages=self._languages(party.partner, company),
            birth=self._birth(flow, company.min_age or 16),
            available=window(rng, flow),
            eqf=5 if flow.stay == "long" and rng.random() < 0.3 else 4,
            reasons=(pick(rng, REASONS),) if rng.random() < 0.2 else (),
            needs=self._needs(company),
            preferences=self._preferences(party.partner, flow, company),
            green=rng.random() < 0.04 and flow.host != "incoma",
        )

    def _free_seat(self, flow: PlannedFlow) -> PlannedOffer:
        free = [
            (offer, offer.seats)
            for company in self.companies
            if company.host == flow.host
            for offer in company.offers
            if offer.has_seat(flow)
        ]
        return pick(self.rng, free)

    def _field(self, offer: PlannedOffer) -> str:
        """A field that the offer asks for; now and then only a related one."""
        rng, asked = self.rng, self.rng.choice(offer.fields)
        kept = pick(rng, ((4, 0.80), (3, 0.14), (2, 0.06)))
        known = [trade["field"] for trade in trades()]
        near = [code for code in known if code.startswith(asked[:kept])]
        return rng.choice(
            near or [code for code in known if code.startswith(asked[:3])] or known_under(asked)
        )

    def _languages(self, partner: str, company: PlannedCompany) -> dict[str, int]:
        rng = self.rng
        spoken = {"en": pick(rng, ENGLISH)} | MOTHER_TONGUES[partner]
        for language, share in FURTHER[partner]:
            if rng.random() < share:
                spoken[language] = (
                    5 if language in ("sr", "hr") else pick(rng, ((1, 0.3), (2, 0.4), (3, 0.3)))
                )
        asked = [each.split(":") for each in company.languages.split(";")]
        wanted = [(language, LEVELS.index(level) + 1) for language, level in asked]
        if not any(spoken.get(language, 0) >= level for language, level in wanted):
            language, level = next((each for each in wanted if each[0] == "en"), wanted[0])
            spoken[language] = level
        return spoken

    def _birth(self, flow: PlannedFlow, least: int) -> date:
        low = max(least, 16 if flow.stay == "short" else 18)
        years = pick(self.rng, tuple((age, weight) for age, weight in AGES if age >= low))
        return flow.start - timedelta(days=round(365.25 * years) + self.rng.randrange(5, 355))

    def _needs(self, company: PlannedCompany) -> tuple[str, ...]:
        if self.rng.random() >= 0.07:
            return ()
        need = pick(self.rng, NEEDS)
        met = need in company.provides or need in STAY_PROVISIONS[company.host]
        return (need,) if met else ()

    def _preferences(self, partner: str, flow: PlannedFlow, company: PlannedCompany) -> tuple[str, ...]:
        """Up to three wishes, hosts that the partner sends to or companies; a school often names what is planned."""
        rng = self.rng
        if rng.random() < 0.2:
            return ()
        planned = pick(rng, ((company.host, 0.65), (company.id, 0.35)))
        wishes = [planned] if rng.random() < NAMED_BY_SCHOOL else []
        hosts = tuple((host, weight) for host, weight in POPULAR if may_send(partner, host))
        for _ in range(rng.randrange(1, 3)):
            host = pick(rng, hosts)
            own = [each.id for each in self.companies if each.host == host]
            wishes.append(pick(rng, ((host, 0.6), (rng.choice(own), 0.4))))
        if rng.random() < 0.5:
            rng.shuffle(wishes)
        return tuple(dict.fromkeys(wishes[:3]))


NAMED_BY_SCHOOL: Final = 0.7
"""Share of the learners with wishes whose wishes contain the host, or the company, that is planned."""

REACH: Final[tuple[tuple[tuple[int, int] | None, float], ...]] = (
    (None, 0.52),
    ((0, 0), 0.36),
    ((-1, 0), 0.06),
    ((0, 1), 0.06),
)
"""Seasons before and after the planned one in which a learner can be away too; None: not even all of it."""

AGES: Final = ((16, 0.12), (17, 0.30), (18, 0.32), (19, 0.16), (20, 0.07), (21, 0.03))


def known_under(code: str) -> list[str]:
    """The trades' fields in a broad field."""
    return [trade["field"] for trade in trades() if trade["field"].startswith(code[:2])]


def window(rng: Random, flow: PlannedFlow) -> tuple[date, date]:
    """When a learner can be away: the weeks around the planned flow, or its season, or two seasons."""
    flows = SHORT_FLOWS if flow.stay == "short" else LONG_FLOWS
    reach = pick(rng, REACH)
    if reach is None:
        return flow.start - timedelta(days=rng.randrange(1, 15)), flow.end + timedelta(
            days=rng.randrange(1, 15)
        )
    seasons = range(flow.season + reach[0], flow.season + reach[1] + 1)
    inside = [each for each in flows if each.season in seasons]
    first, last = min(each.start for each in inside), max(each.end for each in inside)
    return first - timedelta(days=rng.randrange(1, 10)), last + timedelta(days=rng.randrange(1, 10))


def put_in_schools(rng: Random, people: Sequence[Person]) -> None:
    """Number the schools; a party comes from several, and every school sends somebody as far as they go."""
    for sender in SENDERS:
        own = [person for person in people if person.partner == sender.id]
        fresh = list(range(1, sender.schools + 1))
        rng.shuffle(fresh)
        for number, person in enumerate(own):
            left = len(own) - number
            if fresh and (rng.random() < len(fresh) / left or number == 0):
                person.school = fresh.pop()
            else:
                mates = [each.school for each in own[:number] if each.flow == person.flow]
                person.school = rng.choice(mates or [each.school for each in own[:number]])
