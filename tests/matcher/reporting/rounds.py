"""One small round, worked by hand, and results of it.

Two learners of p1 go to h1 with an escort, one of two learners of p2 gets the only seat at h2. Call year 2022:

    L1        travel 275 + support 14 × 104 + 2 × 73 = 1602 + organisation 350           2227
    L2        the same + inclusion 100                                                   2327
    L3        travel 275 + support 14 × 88 + 2 × 62 = 1356 + organisation 350            1981
    escort    travel 275 + support 14 × 160 + 2 × 112 = 2464                             2739
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import pandas as pd

from matcher import Result, match
from matcher.reporting import frames
from models.policy import Policy
from models.rates import Rates
from models.round import Round
from models.tables import (
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

FIRST, LAST = date(2022, 9, 1), date(2022, 10, 31)


def learner(id: str, partner: str, day: int, **more: object) -> Learner:
    """A learner who can be away for 14 days from a day of September on."""
    row: dict[str, object] = {
        "id": id,
        "partner_id": partner,
        "field": "0713",
        "eqf_level": 4,
        "stay": "short",
        "available_from": date(2022, 9, day),
        "available_to": date(2022, 9, day + 13),
        "languages": (("en", 3),),
    }
    return Learner.model_validate(row | more)


def offer(id: str, company: str, seats: int) -> Offer:
    """An offer for the learners' field."""
    return Offer(
        id=id, company_id=company, fields=("0713",), seats=seats, available_from=FIRST, available_to=LAST
    )


def hand_rows() -> list[Row]:
    """The rows of the round."""
    english = (("en", 3),)
    return [
        SendingPartner(id="p1", name="Chamber One", country="RS", city="Beograd", budget_eur=8000),
        SendingPartner(id="p2", name="Chamber Two", country="AL", city="Tirana"),
        School(id="s1", partner_id="p1", name="School of Secrets"),
        HostingPartner(id="h1", name="Host One", country="IT", city="Bologna"),
        HostingPartner(id="h2", name="Host Two", country="SI", city="Maribor"),
        Beds(host_id="h1", from_=FIRST, to=LAST, beds=4),
        Flow(
            id="f1",
            host_id="h1",
            stay="short",
            start=date(2022, 9, 5),
            end=date(2022, 9, 18),
            max_heads=5,
            learners_per_escort=2,
        ),
        Flow(id="f2", host_id="h2", stay="short", start=date(2022, 9, 12), end=date(2022, 9, 25)),
        Company(id="c1", host_id="h1", name="Company One", working_languages=english),
        Company(id="c2", host_id="h2", name="Company Two", working_languages=english),
        offer("o1", "c1", 3),
        offer("o2", "c2", 1),
        learner("L1", "p1", 5, school_id="s1"),
        learner("L2", "p1", 5, fewer_opportunities=("rural",), preferences=("h2", "c1")),
        learner("L3", "p2", 12, preferences=("c2",)),
        learner("L4", "p2", 12, preferences=("h1",)),
        Quota(partner_id="p1", host_id="h1", min_learners=1, max_learners=2),
    ]


def hand_round(*more: Row, policy: Policy | None = None) -> Round:
    """The round, with further rows."""
    return Round.of(
        [*hand_rows(), *more],
        rates=Rates.shipped(2022),
        policy=policy,
        id="hand",
        name="By hand",
        call_year=2022,
        budget_eur=10_000,
    )


def infeasible_round() -> Round:
    """The round, with a quota that nobody can meet."""
    return hand_round(Quota(partner_id="p1", host_id="h2", min_learners=1))


def solved(rnd: Round, method: str = "enumerate") -> Result:
    """A result of a round."""
    return match(rnd, method=method)


def with_reasons(result: Result, rows: Sequence[Mapping[str, str]]) -> Result:
    """The result with given reasons, so that a test of reports does not depend on what explains."""
    vars(result)["unplaced"] = pd.DataFrame(rows, columns=list(frames.UNPLACED))
    return result


def reasons(ids: Sequence[str], reason: str = "outcompeted") -> list[dict[str, str]]:
    """Reasons for learners who are left out."""
    return [
        {"learner_id": id, "reason": reason, "detail": f"detail of {id}", "nearest_fix": f"fix for {id}"}
        for id in ids
    ]


def wide_round() -> Round:
    """A round that strains the page: ids as long as the contract allows, many hosts, flows over more than a year."""
    rows = hand_rows()
    for number in range(12):
        host = f"host-{number:02d}-{'x' * (56 if number < 2 else 3)}"
        rows.append(HostingPartner(id=host, name=f"Host number {number}", country="IT", city="Bologna"))
        rows.append(Company(id=f"c-{number}", host_id=host, name="Company", working_languages=(("en", 3),)))
        rows.append(
            Offer(
                id=f"o-{number}",
                company_id=f"c-{number}",
                fields=("0713",),
                seats=2,
                available_from=FIRST,
                available_to=date(2024, 1, 1),
            )
        )
        rows += [wide_flow(host, number, month) for month in range(1, 12, 3)]
    rows += [wide_learner(number) for number in range(60)]
    return Round.of(rows, rates=Rates.shipped(2024), id="wide", name="A wide round", call_year=2024)


def wide_flow(host: str, number: int, month: int) -> Flow:
    """Three weeks in a month of 2023, not the same in all places."""
    return Flow(
        id=f"{host[:50]}-{month:02d}",
        host_id=host,
        stay="short",
        start=date(2023, month, 1 + number),
        end=date(2023, month, 15 + number),
        max_heads=3,
        learners_per_escort=2,
    )


def wide_learner(number: int) -> Learner:
    """A learner who can be away for most of the year."""
    return Learner(
        id=f"learner-{number:03d}-{'y' * (51 if number % 20 == 0 else 0)}",
        partner_id="p2" if number % 3 else "p1",
        field="0713",
        eqf_level=4,
        stay="short",
        available_from=date(2023, 1 + number % 6, 1),
        available_to=date(2023, 12, 24),
        languages=(("en", 3),),
    )
