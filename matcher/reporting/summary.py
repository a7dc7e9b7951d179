"""The content of ``report.json``: status, goals with their proof, counts, shares, digests, versions.

Contract: section "What comes out". Nothing in it is estimated; what was not computed is ``None``.
"""

from __future__ import annotations

import platform
import time
from collections import Counter
from collections.abc import Mapping
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

from matcher import rules
from matcher.reporting import exports
from matcher.reporting.facts import Facts
from matcher.reporting.fairness import fairness
from matcher.reporting.model import (
    BarredBy,
    Counts,
    Goal,
    Objective,
    Report,
    RoundHead,
    Stability,
    UnverifiedRate,
)
from matcher.reporting.occupancy import occupancy
from matcher.reporting.shares import cost_split, host_lines, partner_lines
from matcher.reporting.vacancies import vacancies
from matcher.reporting.waysout import WaysOut
from models.outcome import Status
from models.round import Round
from models.version import VERSION

if TYPE_CHECKING:
    from matcher.result import Result

FORMAT: Final = 1
"""The version of the contract that the files follow."""

PACKAGES: Final = ("ortools", "highspy", "numpy", "pandas")
"""The packages on whose versions a result may depend."""


def summary(result: Result) -> dict[str, Any]:
    """Return the content of ``report.json``, ready for ``json.dumps``."""
    return report(result).model_dump(mode="json")


def report(result: Result) -> Report:
    """Return the content of ``report.json`` as an object."""
    rnd, outcome = result.round, result.outcome
    facts = Facts(result) if result.audit else None
    seconds, started = dict(result.seconds), time.monotonic()
    known = not {"unplaced", "conflict"}.isdisjoint(vars(result))
    left = facts.unplaced["reason"].tolist() if facts else None
    conflict = tuple(result.conflict) if outcome.status is Status.INFEASIBLE else ()
    asked = vars(result).get(
        "ways_out"
    )  # they take searching, and are named where somebody has asked for them
    ways = WaysOut.model_validate(asked.as_dict()) if conflict and asked is not None else None
    if not known:  # else it was worked out earlier, and nobody measured it
        seconds["explain"] = time.monotonic() - started
    return Report(
        status=outcome.status.value,
        goals=tuple(Goal(name=g.name, value=g.value, bound=g.bound, proven=g.proven) for g in outcome.goals),
        objective=_objective(result),
        gap=gap(result),
        method=outcome.method,
        method_reason=outcome.why,
        stopped_by=outcome.stopped_by.value if outcome.stopped_by else None,
        seed=result.seed,
        stability=_stability(result),
        seconds=_rounded(seconds),
        solver_seconds=_rounded(outcome.seconds),
        counts=_counts(result, facts),
        input_digest=rnd.digest,
        versions=versions(),
        round=RoundHead(id=rnd.id, name=rnd.name, budget_eur=rnd.budget_eur),
        call_year=rnd.call_year,
        conflict=conflict,
        ways_out=ways,
        cost=cost_split(facts) if facts else None,
        unplaced=None if left is None else dict(sorted(Counter(left).items())),
        searched=facts.unplaced.attrs.get("searched") if facts and left else None,
        barred=_barred(result),
        partners=partner_lines(rnd, facts),
        hosts=host_lines(rnd, facts, occupancy(facts) if facts else None),
        vacancies=vacancies(facts, result) if facts else None,
        fairness=fairness(facts, result) if facts else None,
        unverified_rates=unverified(rnd),
        policy=rnd.policy.model_dump(mode="json"),
        files=exports.digests(result),
    )


def gap(result: Result) -> float | None:
    """Return the largest |bound − value| / max(1, |value|) over the goals, or of the weighted objective."""
    objective = result.outcome.objective
    stated = [objective] if objective else list(result.outcome.goals)
    gaps = []
    for one in stated:
        if one.value is None or one.bound is None:
            return None
        gaps.append(abs(one.bound - one.value) / max(1, abs(one.value)))
    return max(gaps, default=None)


def versions() -> dict[str, str]:
    """Return the versions that a result may depend on."""
    own = {"matcher": VERSION, "format": str(FORMAT), "python": platform.python_version()}
    return own | {package: version(package) for package in PACKAGES}


def unverified(rnd: Round) -> tuple[UnverifiedRate, ...]:
    """Return the figures of the rate table for which no official text was found."""
    return tuple(
        UnverifiedRate(
            figure=figure.name,
            value=str(figure.value),
            source=figure.source,
            confidence=figure.confidence,
            bears=_bears(rnd, figure.name),
        )
        for figure in rnd.rates.to_verify()
    )


def _bears(rnd: Round, figure: str) -> bool:
    """Whether the round's money may depend on a figure; in doubt it may."""
    key, _, part = figure.partition(".")
    countries = set(rnd.hosting_partners["country"])
    match key:
        case "country_group":
            return part in countries
        case "learner_day" | "escort_day":
            groups = {str(rnd.rates.group_of(country)) for country in countries}
            escorted = key == "learner_day" or any(flow.learners_per_escort for flow in rnd.flows.records)
            return part in groups and escorted
        case "organisation":
            return part in set(rnd.flows["stay"])
        case "inclusion":
            return any(rnd.learners["fewer_opportunities"])
        case _:
            return True


def _objective(result: Result) -> Objective | None:
    found = result.outcome.objective
    return Objective(value=found.value, bound=found.bound, proven=found.proven) if found else None


def _stability(result: Result) -> Stability | None:
    found, rnd = result.outcome.stability, result.round
    if found is None:
        return None
    by_fit = "fit" in rnd.policy.reported_goals
    return Stability(
        priority="fit, then the lottery" if by_fit else "the lottery",
        lottery=tuple(rnd.learners["id"][found.lottery].tolist()),
        blocking_pairs=found.blocking,
        rounds=found.rounds,
    )


def _counts(result: Result, facts: Facts | None) -> Counts:
    rnd = result.round
    learners, placed = len(rnd.learners), len(facts.frame) if facts else None
    escorts = facts.escorts if facts else None
    return Counts(
        learners=learners,
        placed=placed,
        unplaced=None if placed is None else learners - placed,
        escorts=escorts,
        heads=None if placed is None or escorts is None else placed + escorts,
        options=len(result.options),
        candidates=int(result.barred.candidates.sum()),
        groups=len(rnd.groups),
        sending_partners=len(rnd.sending_partners),
        schools=len(rnd.schools),
        hosting_partners=len(rnd.hosting_partners),
        companies=len(rnd.companies),
        offers=len(rnd.offers),
        flows=len(rnd.flows),
    )


def _barred(result: Result) -> dict[str, BarredBy]:
    """What each rule that bars something bars, in the order of the rules."""
    barred, order = result.barred, [rule.name for rule in rules.discover()]
    alone = barred.totals_alone or {}
    return {
        name: BarredBy(options=int(barred.by_rule[name].sum()), alone=alone.get(name))
        for name in order
        if name in barred.by_rule and barred.by_rule[name].any()
    }


def _rounded(seconds: Mapping[str, float]) -> dict[str, float]:
    return {phase: round(time, 3) for phase, time in seconds.items()}
