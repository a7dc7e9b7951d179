"""Two runs of a round side by side: what the goals are worth, who is elsewhere, what the policies say differently."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.orm import Session

from api.errors import Conflict
from api.runs.learners import learners_of
from api.runs.results import Rows, insist_on_end, report_of, rows_of
from api.store.schema import Run

PLACES: Final = ("host_id", "company_id", "offer_id", "flow_id")
"""What a place is."""


@dataclass(frozen=True)
class Difference:
    """A learner who is elsewhere in the second run; None: without a place."""

    learner_id: str
    partner_id: str
    a: Mapping[str, str] | None
    b: Mapping[str, str] | None


@dataclass(frozen=True)
class Comparison:
    """What there is to say of two runs; ``differences`` are sorted by learner.

    ``partners``, ``hosts``, and of them and of ``counts`` how many are elsewhere: None where withheld.
    """

    goals: list[dict[str, Any]]
    counts: dict[str, int | None]
    partners: list[dict[str, Any]] | None
    hosts: list[dict[str, Any]] | None
    policy: list[dict[str, Any]]
    differences: list[Difference]


def compare(session: Session, a: Run, b: Run) -> Comparison:
    """Compare two runs. Raises ``Conflict`` where they have not both ended, or are of different rounds."""
    if a.round_id != b.round_id:
        raise Conflict("Runs of different rounds cannot be compared.")
    insist_on_end(a)
    insist_on_end(b)
    reports = report_of(session, a), report_of(session, b)
    rows = rows_of(session, a, "placements.csv"), rows_of(session, b, "placements.csv")
    learners = {**learners_of(session, a), **learners_of(session, b)}
    partner_of = defaultdict(str, {learner: row["partner_id"] for learner, row in learners.items()})
    found = list(_differences(rows, partner_of))
    return Comparison(
        list(_goals(*reports)),
        _counts(rows, found),
        _by_partner(rows, partner_of, found),
        _by_host(rows, found),
        list(_policy(reports[0]["policy"], reports[1]["policy"])),
        found,
    )


def _differences(rows: tuple[Rows, Rows], partner_of: Mapping[str, str]) -> Iterator[Difference]:
    for learner in sorted({*rows[0].place, *rows[1].place}):
        a, b = (_place(one.of(learner)) for one in rows)
        if a != b:
            yield Difference(learner, partner_of[learner], a, b)


def _place(row: Mapping[str, str] | None) -> Mapping[str, str] | None:
    return None if row is None else {name: row[name] for name in PLACES}


def _goals(a: Mapping[str, Any], b: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The goals of either, in the first one's order, then the second's."""
    values = [{goal["name"]: goal["value"] for goal in one["goals"]} for one in (a, b)]
    for name in dict.fromkeys([*values[0], *values[1]]):
        yield {"name": name, "a": values[0].get(name), "b": values[1].get(name)}


def _counts(rows: tuple[Rows, Rows], found: list[Difference]) -> dict[str, int | None]:
    moved = sum(one.a is not None and one.b is not None for one in found)
    only_a, only_b = (sum(one.b is None for one in found), sum(one.a is None for one in found))
    return {
        "placed_a": len(rows[0]),
        "placed_b": len(rows[1]),
        "same": len(rows[0]) - moved - only_a,
        "moved": moved,
        "only_a": only_a,
        "only_b": only_b,
    }


def _by_partner(
    rows: tuple[Rows, Rows], partner_of: Mapping[str, str], found: list[Difference]
) -> list[dict[str, Any]]:
    a, b = (Counter(partner_of[learner] for learner in one.place) for one in rows)
    elsewhere = Counter(one.partner_id for one in found)
    return [
        {"id": partner, "placed_a": a[partner], "placed_b": b[partner], "elsewhere": elsewhere[partner]}
        for partner in sorted({*a, *b})
    ]


def _by_host(rows: tuple[Rows, Rows], found: list[Difference]) -> list[dict[str, Any]]:
    at = rows[0].names.index("host_id")
    a, b = (Counter(row[at] for row in one.cells) for one in rows)
    elsewhere = Counter(
        host for one in found for host in {place["host_id"] for place in (one.a, one.b) if place is not None}
    )
    return [
        {"id": host, "placed_a": a[host], "placed_b": b[host], "elsewhere": elsewhere[host]}
        for host in sorted({*a, *b})
    ]


def _policy(a: Mapping[str, Any], b: Mapping[str, Any], above: str = "") -> Iterator[dict[str, Any]]:
    """The keys that say something else, with dots."""
    for key in dict.fromkeys([*a, *b]):
        one, other = a.get(key), b.get(key)
        if isinstance(one, dict) and isinstance(other, dict):
            yield from _policy(one, other, f"{above}{key}.")
        elif one != other:
            yield {"key": f"{above}{key}", "a": one, "b": other}
