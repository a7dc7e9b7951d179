"""The page's tables of what was asked for: goals with their proof, quotas, what the rules bar, rates to check."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from matcher.reporting.facts import Facts
from matcher.reporting.model import Report
from matcher.reporting.views import MOST_LINES, Bar, Cell, Column, Table, share, table
from matcher.reporting.words import (
    LADDER,
    NARROW,
    NOTHING,
    bound_words,
    gap_words,
    goal_value,
    goal_words,
    number,
    percent,
    proof,
)
from models.tables import Quota


def goals(report: Report, *, by_priority: bool = False) -> Table:
    """Return the goals in policy order with their bounds and proofs."""
    columns = [Column("Goal"), Column("Value", numeric=True), Column("Bound", numeric=True)]
    columns += [Column("Gap", numeric=True, spare=True), Column("What is known", wide=True)]
    weighted = report.objective is not None

    def cells(place: int) -> list[Cell]:
        goal = report.goals[place]
        known = "Part of the weighted sum." if weighted else proof(goal, place, by_priority=by_priority)
        title = goal_words(goal.name, by_priority=by_priority).title
        return [
            title if weighted else f"{place + 1}. {title}",
            goal_value(goal.name, goal.value),
            bound_words(goal),
            NOTHING if goal.name == LADDER else gap_words(goal.value, goal.bound),
            known,
        ]

    caption = (
        "Goals, weighed against each other"
        if weighted
        else "Goals in order; none was given up for a later one"
    )
    found = table(caption, columns, range(len(report.goals)), cells)
    return Table(found.caption, columns, [*found.rows, *_objective(report)])


def _objective(report: Report) -> Iterator[list[Cell]]:
    if report.objective is not None:
        value, bound, proven = report.objective.value, report.objective.bound, report.objective.proven
        known = "Proven: no allocation has a higher sum." if proven else _open(value, bound)
        limit = NOTHING if bound is None else f"≤ {bound:,.2f}"
        shown = NOTHING if value is None else f"{value:,.2f}"
        yield ["Weighted sum", shown, limit, gap_words(value, bound), known]


def _open(value: float | None, bound: float | None) -> str:
    """What is known of a sum that is not proven."""
    if value is None or bound is None:
        return "Not proven; no bound is known."
    return f"Not proven: no allocation has a sum more than {gap_words(value, bound)} higher."


def quotas(facts: Facts) -> Table | None:
    """Return every quota with how many count towards it; ``None`` where there is none."""
    rnd, options = facts.rnd, facts.options
    partner, host = rnd.ref("quotas", "partner_id"), rnd.ref("quotas", "host_id")
    stays = rnd.flows["stay"][options.flow] if len(options) else np.empty(0, object)

    def placed(item: tuple[int, Quota]) -> int:
        row, quota = item
        members = np.ones(len(options), bool)
        members &= (partner[row] < 0) | (options.partner == partner[row])
        members &= (host[row] < 0) | (options.host == host[row])
        return int((members & (quota.stay is None or stays == quota.stay)).sum())

    def cells(item: tuple[int, Quota]) -> list[Cell]:
        quota, count = item[1], placed(item)
        at = [
            word
            for word, limit in (("minimum", quota.min_learners), ("maximum", quota.max_learners))
            if count == limit
        ]
        return [
            quota.partner_id or "all",
            quota.host_id or "all",
            quota.stay or "both",
            number(quota.min_learners),
            number(count),
            number(quota.max_learners),
            f"at its {' and '.join(at)}" if at else "",
        ]

    labels = ("From", "To", "Stay", "At least", "Placed", "At most", "Where it stands")
    columns = [Column(label, numeric=3 <= place <= 5) for place, label in enumerate(labels)]
    rows = list(enumerate(rnd.quotas.records))
    return table("Quotas", columns, rows, cells, most=MOST_LINES, rest="all in the round") if rows else None


def barred(report: Report) -> Table | None:
    """Return what each rule bars; ``None`` where no rule bars anything."""
    columns = [
        Column("Rule"),
        Column("Combinations barred", numeric=True),
        Column("Share", numeric=True),
        Column("Barred by this rule alone", numeric=True),
    ]
    total = report.counts.candidates

    def cells(name: str) -> list[Cell]:
        found = report.barred[name]
        part = share(found.options, total)
        alone = "not counted" if found.alone is None else number(found.alone)
        return [name, Bar(number(found.options), part, "b"), percent(part), alone]

    return table("What the rules bar", columns, list(report.barred), cells) if report.barred else None


def rates(report: Report) -> Table | None:
    """Return the unverified figures that may bear on this round by their source; ``None`` where there are none."""
    sources: dict[tuple[str, str], list[str]] = {}
    for rate in report.unverified_rates:
        if rate.bears:
            sources.setdefault((rate.confidence, rate.source), []).append(
                f"{rate.figure}{NARROW}={NARROW}{rate.value}"
            )
    columns = [Column("Figures"), Column("Confidence"), Column("Where they come from", wide=True)]

    def cells(key: tuple[str, str]) -> list[Cell]:
        return [", ".join(sources[key]), *key]

    caption = "Figures to check before money is paid"
    return table(caption, columns, list(sources), cells) if sources else None
