"""What ``report.json`` holds, key by key. What was not computed is null, never an invented number.

Contract: section "What comes out"; the keys that it names come first and mean what it says.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from matcher.reporting.parts import Part
from matcher.reporting.repairs import Repair
from matcher.reporting.vacancies import Vacancies
from matcher.reporting.waysout import WaysOut


class Goal(Part):
    """A goal of the policy, as the audit found it, with what was proven of it."""

    name: str
    value: int | None = Field(description="in the allocation; null: there is none")
    bound: int | None = Field(
        description="the best that any allocation could reach without giving up a goal before; null: not known"
    )
    proven: bool = Field(description="value and bound are equal")


class Objective(Part):
    """The weighted sum of a weighted policy; goals that are minimised count negative."""

    value: float | None
    bound: float | None
    proven: bool


class Stability(Part):
    """What the method ``stable`` publishes, so that anybody can repeat its decisions."""

    priority: str = Field(description="whose claim to a seat goes first")
    lottery: tuple[str, ...] = Field(description="the learners' ids in the order in which the seed drew them")
    blocking_pairs: int | None = Field(
        description="feasible blocking pairs that are left: a learner and an option that the learner prefers and could "
        "have, with nobody but weaker claims to its seats giving way and every rule kept; null: nobody had the time to "
        "count them"
    )
    rounds: int = Field(description="how often all learners were asked again after the first proposals")


class Counts(Part):
    """How many of what; null where there is no allocation to count in."""

    learners: int
    placed: int | None
    unplaced: int | None
    escorts: int | None
    heads: int | None = Field(description="learners placed and escorts")
    options: int = Field(description="learner, offer and flow combinations that no rule bars")
    candidates: int = Field(description="the combinations that the rules were asked about")
    groups: int
    sending_partners: int
    schools: int
    hosting_partners: int
    companies: int
    offers: int
    flows: int


class BarredBy(Part):
    """How many candidates a rule bars."""

    options: int = Field(description="candidates that the rule bars")
    alone: int | None = Field(
        description="those of them that no other rule bars; null, not counted, above 5,000,000,000 candidates"
    )


class PartnerLine(Part):
    """A sending partner's share."""

    id: str
    country: str
    learners: int
    placed: int | None
    unplaced: int | None
    escorts: int | None
    cost_eur: int | None = Field(description="its learners and escorts")
    budget_eur: int | None = Field(description="null: no limit")
    mean_fit: float | None = Field(description="mean fit points of its placements; null: it has none")


class RateLine(Part):
    """How many of a sending partner's learners have a place, with the interval of that share."""

    id: str
    learners: int
    placed: int
    low: float = Field(description="Wilson's interval of 95 % of placed / learners, 0 to 1")
    high: float


class WishLine(Part):
    """How many have this wish met."""

    wish: str = Field(description="1, 2, …; unlisted: a place that was not wished for; unplaced")
    learners: int = Field(description="of those who state wishes")


class Fairness(Part):
    """Who is served how well, who would rather be elsewhere."""

    partners: tuple[RateLine, ...] = Field(description="those that have learners, sorted by id")
    gini_rates: float | None = Field(
        description="Gini coefficient of their shares placed; null: there are none"
    )
    gini_fit: float | None = Field(
        description="Gini coefficient of all learners' fit points, 0 without a place; null: nobody has any"
    )
    wishes: tuple[WishLine, ...]
    blocking_pairs: int | None = Field(
        description="learner and option, where the learner prefers the option and every seat that it takes is free or "
        "held by a weaker claim; other rules are not looked at; null: not counted, the round has too many options"
    )
    justified_envy: int | None = Field(
        description="pairs of learners: the one would rather be in the other's very offer and flow, may be there, and "
        "has the stronger claim; null: not counted"
    )
    envious: int | None = Field(description="how many learners are the one; null: not counted")


class HostLine(Part):
    """A hosting partner's share."""

    id: str
    country: str
    learners: int | None
    escorts: int | None
    heads: int | None
    peak_heads: int | None = Field(description="most heads present on one day")
    least_free_beds: int | None = Field(
        description="fewest beds free on a day with somebody present; null: no limit, or nobody comes"
    )
    companies: int
    companies_with_learners: int | None
    seats: int = Field(description="the sum of its offers' seats")
    cost_eur: int | None = Field(description="the placements there and their escorts")


class CostSplit(Part):
    """The cost of the allocation in whole euros, by what it pays."""

    travel: int
    support: int
    organisation: int
    inclusion: int
    escorts: int
    total: int


class UnverifiedRate(Part):
    """A figure of the rate table for which no official text was found: check it before money is paid."""

    figure: str = Field(description="key in the rate table, such as learner_day.2")
    value: str
    source: str
    confidence: str
    bears: bool = Field(description="false: this round's money cannot depend on it")


class RoundHead(Part):
    """Which round it was."""

    id: str
    name: str
    budget_eur: int | None = Field(description="limit over all sending partners; null: none")


class Report(Part):
    """``report.json``."""

    status: Literal["optimal", "feasible", "infeasible", "no_solution"]
    goals: tuple[Goal, ...] = Field(description="in policy order")
    objective: Objective | None = Field(description="null: the policy is an order of goals")
    gap: float | None = Field(
        description="the largest |bound − value| / max(1, |value|) over the goals (a weighted policy: of the "
        "objective); null when one of these numbers is not known"
    )
    method: str
    method_reason: str | None = Field(
        description="why the method was taken, where it was chosen automatically"
    )
    stopped_by: str | None = Field(
        description="why it stopped before everything was proven; null: it did not"
    )
    seed: int
    stability: Stability | None = Field(
        description="null: the method is not `stable`, or there is no allocation"
    )
    seconds: Mapping[str, float] = Field(description="wall time by phase")
    solver_seconds: Mapping[str, float] = Field(description="wall time within the phase `solve`")
    counts: Counts
    input_digest: str = Field(description="SHA-256 over the normalised tables, the rates and the policy")
    versions: Mapping[str, str]
    round: RoundHead
    call_year: int
    conflict: tuple[str, ...] = Field(
        description="an infeasible round: a smallest set of rules that conflict, a sentence each; else empty"
    )
    ways_out: WaysOut | None = Field(
        default=None,
        description="an infeasible round: the cheapest changes with which it has an allocation; null: it has one, or "
        "nobody has asked (`matcher solve` does; `Result.ways_out` before the report is made)",
    )
    cost: CostSplit | None = Field(description="null: there is no allocation")
    unplaced: Mapping[str, int] | None = Field(
        description="learners left out, by reason; null: there is no allocation"
    )
    searched: int | None = Field(
        description="learners left out for whom a change that would help was searched and put to the audit, first by "
        "priority and id; what nearest_fix says of the others is counted; null: nobody was left out, or not known"
    )
    barred: Mapping[str, BarredBy] = Field(
        description="what each rule bars, by its name, in the order of the rules"
    )
    partners: tuple[PartnerLine, ...]
    hosts: tuple[HostLine, ...]
    vacancies: Vacancies | None = Field(default=None, description="null: there is no allocation")
    fairness: Fairness | None = Field(default=None, description="null: there is no allocation")
    unverified_rates: tuple[UnverifiedRate, ...]
    policy: Mapping[str, Any] = Field(description="as it was read, with the defaults filled in")
    repair: Repair | None = Field(
        default=None, description="what `matcher rematch` did; null: the round was solved as a whole"
    )
    files: Mapping[str, str] = Field(description="SHA-256 of the other files written with this one")


def schema() -> dict[str, Any]:
    """Return the JSON Schema of ``report.json``."""
    return Report.model_json_schema(mode="serialization")
