"""``report.html``: one page for people that needs nothing but itself, made from the same figures as ``report.json``.

What arrives in tables is text for the templates, which escape it; nothing in it can become markup.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from matcher.reporting import atlas, heat, journeys, leaving, policies, quality, sections, words
from matcher.reporting.drawing import environment
from matcher.reporting.facts import Facts, Told
from matcher.reporting.model import Report
from matcher.reporting.occupancy import occupancy
from matcher.reporting.rates import fairness_view
from matcher.reporting.repaired import repaired
from matcher.reporting.studies import Studies
from matcher.reporting.vacant import vacant


class Tile(NamedTuple):
    """A headline figure: the number, what it counts, a remark, and how full a bar under it is (``None``: no bar)."""

    figure: str
    label: str
    remark: str = ""
    share: float | None = None


def page(result: Told, studies: Studies | None = None, content: Mapping[str, Any] | None = None) -> str:
    """Return the page: what ``content`` says (else the result's own report), the tables, and the studies' sections."""
    report = Report.model_validate(result.report if content is None else content)
    facts = Facts(result) if result.audit else None
    by_priority = bool((result.round.learners["priority"] != 1).any())
    goals = policies.goals(report, by_priority=by_priority) if report.goals else None
    found: dict[str, Any] = {"report": report, "rnd": result.round, "goals": goals}
    found |= {"barred": policies.barred(report), "rates": policies.rates(report)}
    found |= {"studies": studies or Studies(), "repair": repaired(report.repair) if report.repair else None}
    found |= {"mark": words.STATUS[report.status], "stopped": words.STOPPED.get(report.stopped_by or "", "")}
    if facts:
        found |= {"headline": headline(report, by_priority=by_priority)} | _allocation(facts, report)
    return environment().get_template("report.html.j2").render(found)


def _allocation(facts: Facts, report: Report) -> dict[str, Any]:
    """What only a round with an allocation shows."""
    rnd, someone = facts.rnd, len(facts.frame) > 0
    learners, days = journeys.between(facts), occupancy(facts)
    return {
        "tiles": tiles(facts, report),
        "senders": sections.senders(rnd, report.partners),
        "receivers": sections.receivers(rnd, report.hosts),
        "heats": [heat.bed_heat(facts, days), heat.seat_heat(facts, days)] if days else [],
        "vacant": vacant(rnd, report.vacancies) if report.vacancies else None,
        "cost_marks": sections.COST_MARKS,
        "costs": sections.cost_parts(report.cost) if report.cost and someone else None,
        "budgets": sections.budgets(rnd, report),
        "quality": _quality(facts) if someone else [],
        "fairness": fairness_view(rnd, report.fairness) if report.fairness and len(rnd.learners) else None,
        "map": atlas.flow_map(facts, learners) if someone else None,
        "matrix": journeys.matrix(rnd, learners) if someone else None,
        "flows": journeys.flows(facts) if someone else None,
        "escorts": journeys.escorts(facts) if facts.escorts else None,
        "quotas": policies.quotas(facts),
        "left_out": leaving.left_out(facts),
    }


def _quality(facts: Facts) -> list[Any]:
    return [
        sections.distribution(facts, "Which wish was met", "Wish", quality.wishes_met(facts), "a"),
        sections.distribution(
            facts, "How the fields of study agree", "Profile", quality.profiles(facts), "b"
        ),
        sections.distribution(facts, "Best working language", "Level", quality.languages(facts), "c"),
        sections.distribution(
            facts, "Fit points of the placements", "Points", quality.fit_classes(facts), "d"
        ),
    ]


def headline(report: Report, *, by_priority: bool = False) -> str:
    """Return how many have a place and what is proven of that."""
    counts = report.counts
    start = f"{words.number(counts.placed)} of {words.number(counts.learners)} learners have a place."
    places = [place for place, goal in enumerate(report.goals) if goal.name == "placed"]
    if not places or report.objective is not None:
        return start
    return f"{start} {words.proof(report.goals[places[0]], places[0], by_priority=by_priority)}"


def tiles(facts: Facts, report: Report) -> list[Tile]:
    """Return the headline figures."""
    counts = report.counts
    placed, learners = counts.placed or 0, counts.learners
    part = placed / learners if learners else None
    found = [
        Tile(
            f"{words.number(placed)} / {words.number(learners)}", "learners placed", words.percent(part), part
        )
    ]
    if not placed:
        return found
    first = [one.size for one in quality.wishes_met(facts) if one.label == quality.WISHES[0]]
    asked = sum(one.size for one in quality.wishes_met(facts) if one.label != quality.NO_WISHES)
    found.append(
        Tile(words.one_decimal(float(facts.fit.mean())), "mean fit", "of 100 points", facts.fit.mean() / 100)
    )
    if asked:
        met = sum(first) / asked
        remark = f"{words.number(sum(first))} of {words.number(asked)} who named any"
        found.append(Tile(words.percent(met), "got their first wish", remark, met))
    found.append(Tile(words.euros(facts.cost_of_all_eur), "in all", _spending(facts)))
    if facts.escorts:
        found.append(Tile(words.number(facts.escorts), "accompanying persons", _heads(report)))
    return found


def _spending(facts: Facts) -> str:
    each = facts.cost_of_all_eur / len(facts.frame)
    return f"{words.euros(round(each))} per learner placed"


def _heads(report: Report) -> str:
    return f"{words.number(report.counts.heads)} heads with the learners"
