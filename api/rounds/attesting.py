"""Figures of a run that can be verified after learners were erased.

Before a learner's data go, what their placement was worth is *attested*: the place, its fit and cost, the learner's
priority, and of every rule that looks at personal data whether it held. From then on a run's figures are recomputed
from the tables for everybody else, and from what is attested for the erased.

The learner's row stays in the snapshot with its id and sending partner, and with neutral values elsewhere, so that
everything that counts heads (seats, beds, escorts, quotas, the shares of partners) is still reckoned from the tables.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from matcher import goals, rules
from matcher.auditing import Audit, audit
from matcher.placements import Placements
from models.outcome import Placement
from models.policy import ALWAYS_ON, Policy
from models.round import Round
from models.tables import Lock

Facts = dict[str, Any]

FROM_PLACES: Final = frozenset(
    {ALWAYS_ON, "seats", "beds", "flow_heads", "escorts", "min_group", "quotas", "agreements"}
)
"""Rules that look at who comes from where and goes where, and at nothing personal: reckoned with everybody."""

ADDED_UP: Final = frozenset({"budget", "inclusion"})
"""Rules over sums: reckoned from the others' tables and the attested amounts together."""

PERSONAL: Final[Mapping[str, Any]] = {
    "school_id": None,
    "field": "9999",
    "eqf_level": 1,
    "languages": (("en", 1),),
    "birth_date": None,
    "group_id": None,
    "fewer_opportunities": (),
    "needs": (),
    "priority": 1,
    "preferences": (),
    "green_travel": False,
}
"""What stands in a learner's cells after erasure; ``stay`` stays, as places depend on it."""

AVAILABLE: Final = ("available_from", "available_to")
"""The learner's dates: after erasure a day before every flow, so that no later run places the learner."""

SPEAKING: Final = {
    "micro_credentials": ("learner_id",),
    "pairs": ("learner_a", "learner_b"),
    "locks": ("learner_id",),
    "previous": ("learner_id",),
    "affinity": ("learner_id",),
}
"""Tables whose rows speak of single learners, with the columns that name them: an erased learner's rows go."""

NEVER: Final = date(1900, 1, 1)


@dataclass(frozen=True)
class RunFacts:
    """What a run was asked, and its placements as ``placements.csv``."""

    policy: Mapping[str, Any] | None
    locks: Sequence[Mapping[str, Any]]
    placements: bytes


@dataclass(frozen=True)
class Figures:
    """What a run's placements are worth, and which rules they break (in a sentence each; none: every rule holds)."""

    goals: Mapping[str, int]
    objective: float | None
    breaches: tuple[str, ...]
    placed: int
    cost_eur: int


def asked(rnd: Round, run: RunFacts) -> Round:
    """The round with the policy and the locks that the run was asked for."""
    if run.policy is not None:
        rnd = rnd.replace(policy=Policy.model_validate(run.policy))
    if run.locks:
        known = rnd.learners.position
        extra = [Lock(**lock) for lock in run.locks if lock["learner_id"] in known]
        rnd = rnd.replace(rows={"locks": [*rnd.locks.records, *extra]})
    return rnd


def placements_in(content: bytes) -> list[Placement]:
    """The placements in a ``placements.csv`` that the engine has written."""
    rows = csv.DictReader(io.StringIO(content.decode(), newline=""))
    return [Placement(row["learner_id"], row["offer_id"], row["flow_id"]) for row in rows]


def attest(rnd: Round, run: RunFacts, learner_id: str, earlier: Mapping[str, Facts]) -> Facts:
    """What is to be remembered of a learner's placement in a run; ``earlier`` is attested of those erased before."""
    rnd = asked(rnd, run)
    row = rnd.learners.record(rnd.learners.position[learner_id])
    chosen = [place for place in placements_in(run.placements) if place.learner_id not in earlier]
    found = audit(rnd, chosen)
    own = found.placed.by_learner.get(learner_id, ())
    facts: Facts = {"placed": bool(own), "priority": row.priority, "rules": _held(rnd, found, learner_id)}
    if own:
        (place,) = own
        facts |= {
            "offer_id": place.offer.id,
            "flow_id": place.flow.id,
            "fit": found.placed.fit(place),
            "cost_eur": found.placed.cost_eur(place),
            "has_fewer_opportunities": bool(row.fewer_opportunities),
            "kept": any(
                (one.learner_id, one.offer_id, one.flow_id) == (learner_id, place.offer.id, place.flow.id)
                for one in rnd.previous.records
            ),
        }
    return facts


def _held(rnd: Round, found: Audit, learner_id: str) -> dict[str, bool]:
    """Of every rule that looks at personal data, whether the learner's placement breaks it."""
    broken = {breach.rule for breach in found.breaches if learner_id in breach.learners}
    return {
        rule.name: rule.name not in broken
        for rule in rules.discover()
        if rnd.policy.holds(rule.name) and rule.name not in FROM_PLACES | ADDED_UP
    }


def without(rnd: Round, learner_id: str) -> Round:
    """The round in which nothing personal is left of a learner; the id and the sending partner stay."""
    number = rnd.learners.position[learner_id]
    blanked = rnd.edited("learners", [number], **PERSONAL, **dict.fromkeys(AVAILABLE, NEVER))
    rows = {}
    for table, columns in SPEAKING.items():
        kept = [
            row
            for row in rnd.tables[table].records
            if learner_id not in [getattr(row, column) for column in columns]
        ]
        if len(kept) < len(rnd.tables[table]):
            rows[table] = kept
    return blanked.replace(rows=rows)


def figures(rnd: Round, run: RunFacts, erased: Mapping[str, Facts]) -> Figures:
    """A run's figures: from the tables for everybody but the erased, for whom it is what was attested."""
    rnd = asked(rnd, run)
    chosen = placements_in(run.placements)
    everybody = Placements(rnd, chosen)
    others = Placements(rnd, [place for place in chosen if place.learner_id not in erased])
    facts = [erased[place.learner_id] for place in chosen if place.learner_id in erased]
    values = _goals(rnd, everybody, others, facts)
    return Figures(
        values,
        _objective(rnd, values),
        tuple(_breaches(rnd, chosen, everybody, others, erased, facts)),
        len(everybody),
        _cost(everybody, others, facts),
    )


def _goals(rnd: Round, everybody: Placements, others: Placements, facts: Sequence[Facts]) -> dict[str, int]:
    """The goals that the policy reports. A goal that is not known here is not stated, rather than misstated."""
    by_name = {goal.name: goal for goal in goals.discover()}

    def added(name: str, what: str) -> int:
        return by_name[name].value(rnd, others) + sum(int(one[what]) for one in facts)

    reckoned = {
        "placed": lambda: added("placed", "priority"),
        "fit": lambda: added("fit", "fit"),
        "kept": lambda: added("kept", "kept"),
        "equity": lambda: by_name["equity"].value(rnd, everybody),
        "cost": lambda: _cost(everybody, others, facts),
    }
    return {name: reckoned[name]() for name in rnd.policy.reported_goals if name in reckoned}


def _cost(everybody: Placements, others: Placements, facts: Sequence[Facts]) -> int:
    """Learners' costs, the erased ones' as attested, and the escorts of all of them."""
    learners = int(others.costs_eur.sum()) + sum(int(one["cost_eur"]) for one in facts)
    return learners + int(everybody.parties_of.cost_eur.sum())


def _objective(rnd: Round, values: Mapping[str, int]) -> float | None:
    weights = rnd.policy.weights
    if weights is None or set(weights) - set(values):
        return None
    sense = {goal.name: goal.sense for goal in goals.discover()}
    return float(sum((weights[name] * sense[name] * values[name] for name in weights), Decimal(0)))


def _breaches(
    rnd: Round,
    chosen: Sequence[Placement],
    everybody: Placements,
    others: Placements,
    erased: Mapping[str, Facts],
    facts: Sequence[Facts],
) -> Iterator[str]:
    """Every rule that is broken, each found where it can be reckoned."""
    for rule in rules.discover():
        if not rnd.policy.holds(rule.name) or rule.name in ADDED_UP:
            continue
        placed = everybody if rule.name in FROM_PLACES else others
        yield from (breach.message for breach in rule.audit(rnd, placed))
    for place in chosen:
        attested = erased.get(place.learner_id, {}).get("rules", {})
        yield from (f"{rule}: attested as broken" for rule, held in attested.items() if not held)
    if rnd.policy.holds("budget"):
        yield from _over_budget(rnd, everybody, others, chosen, erased)
    if rnd.policy.holds("inclusion"):
        yield from _too_few(rnd, others, facts)


def _over_budget(
    rnd: Round,
    everybody: Placements,
    others: Placements,
    chosen: Iterable[Placement],
    erased: Mapping[str, Facts],
) -> Iterator[str]:
    partners = rnd.sending_partners
    spent = dict.fromkeys(partners["id"].tolist(), 0)
    seated = others.seated
    for partner, cost in zip(partners["id"][seated.partner].tolist(), others.costs_eur.tolist(), strict=True):
        spent[partner] += cost
    for party in everybody.parties:
        spent[party.partner.id] += party.cost_eur
    of = dict(zip(rnd.learners["id"].tolist(), rnd.learners["partner_id"].tolist(), strict=True))
    for place in chosen:
        if place.learner_id in erased:
            spent[of[place.learner_id]] += int(erased[place.learner_id]["cost_eur"])
    for partner, limit in zip(spent, partners.cells("budget_eur"), strict=True):
        if limit is not None and spent[partner] > limit:
            yield f"sending partner {partner}: costs {spent[partner]} euros, budget {limit}"
    if rnd.budget_eur is not None and sum(spent.values()) > rnd.budget_eur:
        yield f"the round costs {sum(spent.values())} euros, budget {rnd.budget_eur}"


def _too_few(rnd: Round, others: Placements, facts: Sequence[Facts]) -> Iterator[str]:
    share = rnd.policy.min_fewer_opportunities_share
    reasons = rnd.learners["fewer_opportunities"][others.seated.learner].tolist()
    known = [*map(bool, reasons), *(bool(one["has_fewer_opportunities"]) for one in facts)]
    if 100 * sum(known) < share * len(known):
        yield f"learners with fewer opportunities: {sum(known)} of {len(known)} placed, at least {share} % asked"
