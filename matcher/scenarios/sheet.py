"""Scenarios side by side: a section of the run's report, and ``scenarios.html``, a page of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from matcher.reporting import words as say
from matcher.reporting.studies import Head, Section, drawn, sheet
from matcher.reporting.views import Bar, Cell, Column, Table, share
from matcher.scenarios import headings, words
from matcher.scenarios.lines import Comparison, Line
from models.outcome import Status

MARKS: Final = "abcd"
"""The patterns of bars."""
MOST_GOALS: Final = 3
"""With more goals than these the table of all scenarios scrolls sideways."""


def page(comparison: Comparison) -> str:
    """Return the page."""
    proven = all(one.proven for one in comparison.lines)
    name = comparison.round_name or comparison.round_id
    head = Head(
        title=headings.page_title(name),
        over=headings.SCENARIOS,
        heading=name,
        status="optimal" if proven else "feasible",
        mark=("✓", headings.ALL_PROVEN) if proven else ("≈", headings.NOT_ALL_PROVEN),
        footer=words.FOOTER,
    )
    return sheet(section(comparison), head)


def section(comparison: Comparison, goals: Mapping[str, int | None] | None = None) -> Section:
    """Return the section; ``goals`` are those of the run in whose report it stands (None: in none)."""
    conflicts = [(one.name, one.conflict) for one in comparison.lines if one.placed is None]
    gained = gains(comparison) if any(one.against_base for one in comparison.others) else None
    shares = [
        (f"scenario-{which}", name, _shares(comparison, which), words.by_partner(which))
        for which, name in headings.PARTIES.items()
        if comparison.parties(which)
    ]
    parts = [("scenario-conflicts", headings.CONFLICTS)] if conflicts else []
    parts += [("scenario-gains", headings.GAINS)] if gained else []
    parts += [(id, name) for id, name, *_ in shares]
    parts += [("scenario-changes", headings.CHANGES), ("scenario-made", headings.MADE)]
    model: dict[str, Any] = {
        "lead": lead(comparison),
        "otherwise": _otherwise(comparison, goals) if goals else "",
        "overview": overview(comparison),
        "overview_kind": "cards" if len(comparison.goal_names) <= MOST_GOALS else "scroll",
        "charts": charts(comparison),
        "conflicts": conflicts,
        "gains": gained,
        "shares": shares,
        "changes": comparison.lines,
        "made": _made(comparison),
    }
    return drawn("scenarios", headings.SCENARIOS, parts, model)


def section_from(content: Mapping[str, Any], goals: Mapping[str, int | None]) -> Section:
    """Return the section from the content of ``scenarios.json``, for the report of a run with these goals.

    Raises ``ValidationError`` for what is no such content.
    """
    return section(Comparison.from_dict(content), goals)


def _otherwise(comparison: Comparison, goals: Mapping[str, int | None]) -> str:
    """That the round as it is came out otherwise than in the run's report, where it did."""
    base = comparison.base
    if base is None or base.values is None:
        return ""
    differ = [name for name, value in goals.items() if value is not None and base.values.get(name) != value]
    return headings.otherwise([title(comparison, name) for name in differ]) if differ else ""


def lead(comparison: Comparison) -> str:
    """What is to be said first."""
    names = [one.name for one in comparison.others]
    infeasible = [one.name for one in comparison.lines if one.status is Status.INFEASIBLE]
    return words.lead(names, infeasible, [one.name for one in comparison.lines if not one.proven])


def overview(comparison: Comparison) -> Table:
    """Return a line per scenario: status and every goal."""
    goals = comparison.goal_names
    columns = [Column("Scenario"), Column("What is known", wide=True)]
    columns += [Column(title(comparison, name), numeric=True) for name in goals]
    counted = comparison.by_priority
    columns += [Column(say.goal_words("placed").title, numeric=True)] if counted else []
    weighted = any(line.objective for line in comparison.lines)
    columns += [Column(words.WEIGHTED, numeric=True)] if weighted else []

    def cells(line: Line) -> list[Cell]:
        shown = [goal_cell(comparison, line, name) for name in goals]
        shown += [say.number(line.placed)] if counted else []
        return [line.name, words.STATUS[line.status], *shown, *([_weighted(line)] if weighted else [])]

    return Table(words.overview_caption(), columns, [cells(line) for line in comparison.lines])


def title(comparison: Comparison, name: str) -> str:
    """What a goal is called."""
    return say.goal_words(name, by_priority=comparison.by_priority).title


def _weighted(line: Line) -> str:
    """The weighted sum of a weighted policy, with its bound if that is not reached."""
    found = line.objective
    if found is None or found.value is None:
        return say.NOTHING
    bound = "" if found.proven or found.bound is None else f", ≤{say.NARROW}{found.bound:,.2f}"
    return f"{found.value:,.2f}{bound}"


def goal_cell(comparison: Comparison, line: Line, name: str) -> str:
    """A goal's value in a scenario, with its bound if that is not reached, and the difference to the base."""
    if line.values is None:
        return say.NOTHING
    goal = line.goal(name)
    shown = say.goal_value(name, line.values[name])
    if goal and not goal.proven and goal.bound is not None:
        sign = "≤" if say.sense(name) > 0 else "≥"
        shown += f", {sign}{say.NARROW}{say.goal_value(name, goal.bound)}"
    return shown + _gap(comparison, line, name)


def _gap(comparison: Comparison, line: Line, name: str) -> str:
    base = comparison.base
    if base is None or line is base or base.values is None or line.values is None:
        return ""
    return f" ({_signed(line.values[name] - base.values[name], name)})"


def _signed(value: int, name: str = "placed") -> str:
    """A difference with its sign, in the goal's own form."""
    shown = say.goal_value(name, abs(value)).removesuffix(" points")
    return f"{'+' if value > 0 else '−' if value < 0 else '±'}{shown}"


def charts(comparison: Comparison) -> list[Table]:
    """Return a bar chart for every goal, with the numbers beside the bars."""
    found = []
    for number, name in enumerate(comparison.goal_names):
        most = max((line.values[name] for line in comparison.lines if line.values), default=0)
        rows: list[list[Cell]] = [
            [line.name, _bar(comparison, line, name, most, MARKS[number % len(MARKS)])]
            for line in comparison.lines
        ]
        found.append(
            Table(
                words.chart(title(comparison, name)),
                [Column("Scenario"), Column("Value", numeric=True)],
                rows,
            )
        )
    return found


def _bar(comparison: Comparison, line: Line, name: str, most: int, mark: str) -> Cell:
    if line.values is None:
        return words.STATUS[line.status]
    text = say.goal_value(name, line.values[name]) + _gap(comparison, line, name)
    return Bar(text, share(line.values[name], most), mark)


def gains(comparison: Comparison) -> Table:
    """Return how many gain or lose a place, or get another."""
    names = ("gained", "lost", "moved", "kept", "joined", "left")
    labels = (
        "Gain a place",
        "Lose it",
        "Get another",
        "Keep theirs",
        "Placed, new learners",
        "Placed before, no learners now",
    )

    def cells(line: Line) -> list[Cell]:
        gap = line.against_base
        if gap is None:
            return [line.name, *[say.NOTHING] * len(names)]
        found = [getattr(gap, name) for name in names]
        return [line.name, *(say.number(one if isinstance(one, int) else len(one)) for one in found)]

    columns = [Column("Scenario"), *(Column(label, numeric=True) for label in labels)]
    return Table("Learners, by what becomes of them", columns, [cells(line) for line in comparison.others])


def _shares(comparison: Comparison, which: str) -> Table:
    """A line per partner or host, a column per scenario."""
    before = getattr(comparison.base, which, None) or {}

    def cell(line: Line, id: str) -> Cell:
        part = (getattr(line, which) or {}).get(id)
        if part is None:
            return say.NOTHING
        if line is comparison.base or id not in before:
            return say.number(part.placed)
        return f"{say.number(part.placed)} ({_signed(part.placed - before[id].placed)})"

    columns = [Column("Partner"), *(Column(line.name, numeric=True) for line in comparison.lines)]
    rows: list[list[Cell]] = [
        [id, *(cell(line, id) for line in comparison.lines)] for id in comparison.parties(which)
    ]
    return Table(words.placed_by(which), columns, rows)


def _made(comparison: Comparison) -> list[tuple[str, str]]:
    limit = comparison.time_limit
    methods = dict.fromkeys(line.method for line in comparison.lines)
    return [
        ("Round", comparison.round_id),
        ("Methods", ", ".join(methods)),
        ("Seed", str(comparison.seed)),
        ("Time limit", words.NO_TIME if limit is None else words.TIME.format(seconds=limit)),
        ("Checked", words.MADE_OF),
    ]
