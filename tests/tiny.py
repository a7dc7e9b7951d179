"""Tiny named rounds for tests by hand: one of everything, and what a test changes.

Without changes learner L1 of partner ccis may work at offer o1 of company c1, at host zni, in flow f1 (12
September to 9 October 2022, 28 days). An allocation is written as ``"L1 o1 f1"``, one string per placement.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from matcher.columns import Columns
from matcher.joining import find_options
from matcher.placements import Placements
from matcher.rules import discover
from matcher.rules.base import Rule
from models.outcome import Breach, Placement
from models.policy import ALWAYS_ON, Policy
from models.rates import Rates
from models.round import Round
from models.tables import Company, Flow, HostingPartner, Learner, Offer, Row, SendingPartner
from tests.subsets import Faces
from tests.unscreened import Unscreened

RATES = Rates.shipped(2022)


def day(text: str) -> date:
    """A day of 2022: ``day("09-12")``."""
    return date.fromisoformat(f"2022-{text}")


def partner(id: str = "ccis", **changes: Any) -> SendingPartner:
    """A sending partner in Belgrade."""
    row = {"id": id, "name": "-", "country": "RS", "lat": 44.804, "lon": 20.4651}
    return SendingPartner(**row | changes)


def host(id: str = "zni", **changes: Any) -> HostingPartner:
    """A hosting partner in Maribor."""
    return HostingPartner(
        **{"id": id, "name": "-", "country": "SI", "lat": 46.5547, "lon": 15.6459} | changes
    )


def flow(id: str = "f1", start: str = "09-12", end: str = "10-09", **changes: Any) -> Flow:
    """A short flow at zni; its days as ``day`` takes them."""
    row = {"id": id, "host_id": "zni", "stay": "short", "start": day(start), "end": day(end)}
    return Flow(**row | changes)


def company(id: str = "c1", **changes: Any) -> Company:
    """A company of zni that asks for English at A2."""
    row = {"id": id, "host_id": "zni", "name": "-", "working_languages": (("en", 2),)}
    return Company(**row | changes)


def offer(id: str = "o1", **changes: Any) -> Offer:
    """Nine seats at c1, all year, for the whole of broad field 07."""
    row = {"id": id, "company_id": "c1", "fields": ("07",), "seats": 9}
    return Offer(**row | {"available_from": day("01-01"), "available_to": day("12-31")} | changes)


def learner(id: str = "L1", **changes: Any) -> Learner:
    """A learner of ccis: English B1, electricity and energy, away from September."""
    row = {"id": id, "partner_id": "ccis", "field": "0713", "eqf_level": 4, "stay": "short"}
    away = {"available_from": day("09-01"), "available_to": day("12-20")}
    return Learner(**row | away | {"languages": (("en", 3),)} | changes)


DEFAULTS: Mapping[str, Row] = {
    "sending_partners": partner(),
    "hosting_partners": host(),
    "flows": flow(),
    "companies": company(),
    "offers": offer(),
    "learners": learner(),
}


def tiny(*rows: Row, policy: Policy | None = None, rates: Rates = RATES, **changes: Any) -> Round:
    """A round of these rows, and of the default row of every needed table that has none."""
    given = {row.table for row in rows}
    filled = [row for table, row in DEFAULTS.items() if table not in given]
    rnd = Round.of([*rows, *filled], rates=rates, policy=policy)
    return replace(rnd, **changes)


def rule(name: str) -> Rule:
    """The rule of that name."""
    return next(found for found in discover() if found.name == name)


def allocation(*placements: str) -> list[Placement]:
    """Placements from their short form."""
    return [Placement(*text.split()) for text in placements]


def breaches(rnd: Round, name: str, *placements: str) -> list[Breach]:
    """What the audit of one rule finds in an allocation; its bars and rows have to say the same, and so has its
    look at everybody, suspect or not.
    """
    chosen = allocation(*placements)
    found = list(rule(name).audit(rnd, Placements(rnd, chosen)))
    assert found == list(rule(name).audit(rnd, Unscreened(rnd, chosen)))
    if len({placement.learner_id for placement in chosen}) == len(chosen):
        assert allowed(rnd, name, *placements) in {not found, None}
    return found


def barred(rnd: Round, name: str) -> list[str]:
    """The candidates that one rule bars."""
    every, _ = find_options(rnd, ())
    out = every.take(rule(name).bars(rnd, every))
    tables = ((rnd.learners, out.learner), (rnd.offers, out.offer), (rnd.flows, out.flow))
    ids = [table["id"][rows].tolist() for table, rows in tables]
    return [" ".join(names) for names in zip(*ids, strict=True)]


def labels(rnd: Round, name: str) -> list[str]:
    """What the rows of one rule say that they are about, over all candidates."""
    columns = Columns(rnd, find_options(rnd, ())[0])
    blocks = list(rule(name).rows(rnd, columns))
    assert {block.rule for block in blocks} <= {name}
    of_columns = [*(family.definition for family in columns.families), *columns.cuts]
    assert {block.rule for block in of_columns} <= {name, "escorts"}
    return [block.label(row) for block in blocks for row in range(len(block))]


def allowed(rnd: Round, name: str, *placements: str) -> bool | None:
    """Whether the bars and rows of one rule (and of escorts, if they travel) allow an allocation.

    ``None``: one of the placements is no candidate.
    """
    others = {other.name: False for other in discover() if other.name not in {name, "escorts", ALWAYS_ON}}
    alone = rnd.replace(policy=rnd.policy.model_copy(update={"rules": dict(rnd.policy.rules) | others}))
    faces = Faces(alone, find_options(alone, ())[0])
    number = {placement: candidate for candidate, placement in enumerate(faces.placements(range(len(faces))))}
    chosen = [number.get(placement) for placement in allocation(*placements)]
    known = [candidate for candidate in chosen if candidate is not None]
    return faces.allows(known) if len(known) == len(chosen) else None


def why(rnd: Round, name: str, placement: str = "L1 o1 f1") -> str:
    """Why one rule bars an option."""
    tables = (rnd.learners, rnd.offers, rnd.flows)
    rows = [table.position[key] for table, key in zip(tables, placement.split(), strict=True)]
    return rule(name).why(rnd, *rows)
