"""Companies of the INTERVET sample and what they offer: one or two seats mostly, used by flow after flow. Invented."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib.resources import files
from random import Random
from typing import Final, TypeVar

from matcher.generating.intervet.plan import LONG_FLOWS, SHORT_FLOWS, PlannedFlow
from matcher.generating.intervet.published import HOSTS, Host

T = TypeVar("T")

OPEN: Final = (date(2021, 6, 1), date(2022, 12, 31))
SEATS: Final = ((1, 0.52), (2, 0.34), (3, 0.10), (4, 0.04))
SPARE_SEATS: Final = 1.8
"""Seats per learner planned at the busiest time: short stays."""
SPARE_LONG_SEATS: Final = 1.7
MORE_FIELDS: Final = (0.65, 0.35)
"""Chances of a second and a third field that an offer is open to."""

LANGUAGES: Final = {
    "uniser": (("en:B1", 0.35), ("it:A2", 0.15), ("en:B1;it:A2", 0.35), ("en:B2;it:B1", 0.15)),
    "incoma": (("en:B1", 0.35), ("es:A2", 0.10), ("en:B1;es:A2", 0.40), ("en:B2;es:B1", 0.15)),
    "sepr": (("en:B1;fr:A2", 0.50), ("en:B2;fr:A2", 0.30), ("en:A2", 0.20)),
    "mode": (("en:B1", 0.60), ("en:A2;pl:A1", 0.25), ("en:B2;pl:A2", 0.15)),
    "zni": (("bs:B2;en:B1;hr:B2;sl:A2;sr:B2", 0.55), ("en:B1;sl:A2", 0.25), ("en:A2", 0.20)),
}
"""What companies ask for, any one of them; around Maribor many get along with Serbian, Croatian, Bosnian."""

CITIES: Final = {
    "uniser": ("Bologna", "Bologna", "Bologna", "Milano", "Ancona"),
    "incoma": ("Sevilla",),
    "sepr": ("Lyon", "Lyon", "Villeurbanne"),
    "mode": ("Wroclaw",),
    "zni": ("Maribor", "Maribor", "Maribor", "Ptuj"),
}


@dataclass
class PlannedOffer:
    """An offer, with who is planned to sit in its seats."""

    id: str
    company: str
    fields: tuple[str, ...]
    seats: int
    stay: str | None
    tasks: str
    open_from: date = OPEN[0]
    open_to: date = OPEN[1]
    taken: list[PlannedFlow] = field(default_factory=list)

    def has_seat(self, flow: PlannedFlow) -> bool:
        """Whether the offer is open for the flow and one more learner fits on each of its days."""
        inside = self.open_from <= flow.start and flow.end <= self.open_to
        starts = [flow.start, *(other.start for other in self.taken if flow.start <= other.start <= flow.end)]
        busiest = max(sum(other.start <= day <= other.end for other in self.taken) for day in starts)
        return inside and self.stay in (None, flow.stay) and busiest < self.seats


@dataclass
class PlannedCompany:
    """A company with its offers."""

    id: str
    host: str
    name: str
    city: str
    sector: str
    languages: str
    min_age: int | None
    provides: tuple[str, ...]
    max_same_school: int | None
    offers: list[PlannedOffer] = field(default_factory=list)


@cache
def trades() -> tuple[dict[str, str], ...]:
    """Fields of education with a weight, a kind of company and what a learner does there. Invented around the profiles
    that the report names.
    """
    text = files("matcher.generating.intervet").joinpath("trades.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))


def pick(rng: Random, weighted: Sequence[tuple[T, float]]) -> T:
    """One of the things, by weight."""
    left = rng.random() * sum(weight for _, weight in weighted)
    for thing, weight in weighted:
        left -= weight
        if left < 0:
            return thing
    return weighted[-1][0]


def make_companies(rng: Random) -> list[PlannedCompany]:
    """Companies of all hosts, with seats for somewhat more than are there at the busiest time."""
    companies: list[PlannedCompany] = []
    for host in HOSTS:
        companies += _of_host(rng, host, len(companies))
    return companies


def _of_host(rng: Random, host: Host, number: int) -> Iterator[PlannedCompany]:
    mix = [(trade, float(trade["weight"]) * rng.uniform(0.5, 1.6)) for trade in trades()]
    missing = {
        "short": round(_busiest(host.id) * SPARE_SEATS),
        "long": round(_longest(host.id) * SPARE_LONG_SEATS),
    }
    while any(seats > 0 for seats in missing.values()):
        number += 1
        stay = "short" if missing["short"] > 0 else "long"
        company = _company(rng, host.id, number, pick(rng, mix), stay)
        for offer in company.offers:
            missing[stay] -= offer.seats
        yield company


def _busiest(host: str) -> int:
    """Parties of ten at the host at the busiest time, in learners."""
    flows = [flow for flow in SHORT_FLOWS if flow.host == host]
    return 10 * max(sum(f.planned for f in flows if f.start <= day.start <= f.end) for day in flows)


def _longest(host: str) -> int:
    return max((flow.planned for flow in LONG_FLOWS if flow.host == host), default=0)


def _company(rng: Random, host: str, number: int, trade: dict[str, str], stay: str) -> PlannedCompany:
    name = f"c{number:03d}"
    company = PlannedCompany(
        id=name,
        host=host,
        name=f"{trade['company']} {number}",
        city=rng.choice(CITIES[host]),
        sector=trade["company"],
        languages=pick(rng, LANGUAGES[host]),
        min_age=pick(rng, ((None, 0.6), (16, 0.2), (18, 0.2))) if stay == "short" else 18,
        provides=tuple(code for code in ("work:day_shift", "work:step_free") if rng.random() < 0.3),
        max_same_school=pick(rng, ((None, 0.6), (1, 0.25), (2, 0.15))),
    )
    second = [_related(rng, trade)] if rng.random() < 0.25 else []
    for letter, each in zip("ab", [trade, *second], strict=False):
        company.offers.append(_offer(rng, f"{name}{letter}", name, each, stay))
    return company


def _offer(rng: Random, name: str, company: str, trade: dict[str, str], stay: str) -> PlannedOffer:
    width = pick(rng, ((4, 0.65), (3, 0.27), (2, 0.08)))
    other = [_related(rng, trade)["field"] for chance in MORE_FIELDS if rng.random() < chance]
    codes = sorted({trade["field"][:width], *other})
    kept = tuple(
        code for code in codes if not any(code != short and code.startswith(short) for short in codes)
    )
    open_to_both = pick(rng, ((stay, 0.8), (None, 0.2)))
    return PlannedOffer(name, company, kept, pick(rng, SEATS), open_to_both, trade["tasks"])


def _related(rng: Random, trade: dict[str, str]) -> dict[str, str]:
    """Another trade: mostly of the same broad field."""
    near = [each for each in trades() if each["field"][:2] == trade["field"][:2] and each != trade]
    return rng.choice(near if near and rng.random() < 0.7 else list(trades()))
