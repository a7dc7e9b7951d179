"""A tiny round for explanations: two learners of one partner, one host with one flow, one company with one seat."""

from __future__ import annotations

from datetime import date
from typing import Any

from matcher import Result, match
from models.policy import Policy
from models.rates import Rates
from models.round import Round
from models.tables import Company, Flow, HostingPartner, Learner, Offer, Row, School, SendingPartner

FIRST, LAST = date(2022, 9, 5), date(2022, 10, 2)


def learner(key: str, **cells: Any) -> Learner:
    """A learner of p with no school who suits the offer ``o`` at all points."""
    given: dict[str, Any] = {
        "partner_id": "p",
        "field": "0713",
        "eqf_level": 4,
        "stay": "short",
        "available_from": FIRST,
        "available_to": LAST,
        "languages": (("en", 3),),
        "birth_date": date(2004, 1, 1),
    }
    return Learner(id=key, **(given | cells))


def offer(key: str = "o", **cells: Any) -> Offer:
    """One seat at company c for field 0713, from the flow's first day to its last."""
    given: dict[str, Any] = {
        "company_id": "c",
        "fields": ("0713",),
        "seats": 1,
        "available_from": FIRST,
        "available_to": LAST,
    }
    return Offer(id=key, **(given | cells))


def flow(key: str = "f", **cells: Any) -> Flow:
    """Four weeks at host h."""
    return Flow(**({"id": key, "host_id": "h", "stay": "short", "start": FIRST, "end": LAST} | cells))


def company(key: str = "c", **cells: Any) -> Company:
    """English B1 at host h."""
    return Company(**({"id": key, "host_id": "h", "name": "C", "working_languages": (("en", 3),)} | cells))


def host(key: str = "h", **cells: Any) -> HostingPartner:
    """In Bologna."""
    return HostingPartner(
        **({"id": key, "name": "H", "country": "IT", "lat": 44.4938, "lon": 11.3387} | cells)
    )


def partner(key: str = "p", **cells: Any) -> SendingPartner:
    """In Belgrade."""
    return SendingPartner(
        **({"id": key, "name": "P", "country": "RS", "lat": 44.804, "lon": 20.4651} | cells)
    )


def school(key: str = "s", partner_id: str = "p") -> School:
    """At its partner."""
    return School(id=key, partner_id=partner_id, name="S")


def a_round(*rows: Row, policy: Policy | None = None, budget_eur: int | None = None) -> Round:
    """A round of given rows, with whatever of partner p, host h, company c, offer o and flow f is not given."""
    given = {(row.table, getattr(row, "id", None)) for row in rows}
    usual: tuple[Row, ...] = (partner(), host(), company(), offer(), flow())
    more = [row for row in usual if (row.table, getattr(row, "id", None)) not in given]
    return Round.of([*rows, *more], rates=Rates.shipped(2022), policy=policy, budget_eur=budget_eur)


def solved(*rows: Row, policy: Policy | None = None, budget_eur: int | None = None) -> Result:
    """The round, solved."""
    return match(a_round(*rows, policy=policy, budget_eur=budget_eur), method="exact")
