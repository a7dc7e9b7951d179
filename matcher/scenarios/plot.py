"""The trade of two goals as a chart with its numbers: a section of the run's report, and ``frontier.html``."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from matcher.reporting import words as say
from matcher.reporting.studies import Head, Section, drawn, sheet
from matcher.reporting.views import Column, Table
from matcher.scenarios import headings, words
from matcher.scenarios.points import Frontier, Point, Step
from models.outcome import Status

LEFT, RIGHT, TOP, BOTTOM = 124, 598, 44, 330
"""The sides of the chart within its 640 by 400."""
TICKS: Final = 5


class Tick(NamedTuple):
    """A line of the grid."""

    at: float
    text: str


class Dot(NamedTuple):
    """A point: where it is, what it is called, where its name stands beside it."""

    x: float
    y: float
    name: str
    title: str
    sure: bool
    dx: int
    dy: int
    anchor: str


@dataclass(frozen=True)
class Plot:
    """The chart."""

    title: str
    across: Sequence[Tick]
    up: Sequence[Tick]
    across_title: str
    up_title: str
    path: str
    dots: Sequence[Dot]
    caption: str
    left: int = LEFT
    right: int = RIGHT
    top: int = TOP
    bottom: int = BOTTOM


def page(found: Frontier) -> str:
    """Return the page."""
    (first, second), name = titles(found), found.round_name or found.round_id
    head = Head(
        title=headings.frontier_title(name, first, second),
        over=headings.against(first, second),
        heading=name,
        status=str(found.status),
        mark=_mark(found),
        footer=words.FOOTER,
    )
    return sheet(section(found), head)


def section(found: Frontier) -> Section:
    """Return the section."""
    first, second = titles(found)
    parts = [("frontier-steps", headings.STEPS_TITLE)] if found.steps else []
    model: dict[str, Any] = {
        "sentences": sentences(found),
        "conflict": found.conflict,
        "plot": plot(found) if len(found.points) > 1 else None,
        "points": points_table(found) if found.points else None,
        "steps": steps_table(found) if found.steps else None,
        "steps_words": words.STEPS,
        "made": _made(found),
    }
    title = headings.against(first, second)
    return drawn("frontier", title, [*parts, ("frontier-made", headings.FRONTIER_MADE)], model)


def section_from(content: Mapping[str, Any], _goals: Mapping[str, int | None]) -> Section:
    """Return the section from the content of ``frontier.json``, for the report of a run with these goals.

    Raises ``ValidationError`` for what is no such content.
    """
    return section(Frontier.from_dict(content))


def titles(found: Frontier) -> tuple[str, str]:
    """What the two goals are called."""
    first, second = (say.goal_words(name, by_priority=found.by_priority).title for name in found.axes)
    return first, second


def _mark(found: Frontier) -> tuple[str, str]:
    if found.status is Status.OPTIMAL:
        return "✓", "Every point proven"
    return say.STATUS["infeasible"] if found.status is Status.INFEASIBLE else ("≈", "Not every point proven")


def sentences(found: Frontier) -> list[str]:
    """What is to be said of a frontier, the most important first."""
    if not found.points:
        return [say.STATUS[found.status][1] + "."]
    (first, second), (one, other) = titles(found), found.axes
    low, high = found.points[0], found.points[-1]
    said = []
    if found.steps:
        pairs = [(say.goal_value(one, end.first), say.goal_value(other, end.second)) for end in (low, high)]
        said.append(words.ends(first, second, *pairs))
        prices = sorted((step.per_unit for step in found.steps), key=abs)
        what = words.more_of(one, by_priority=found.by_priority)
        said.append(words.price(what, rate(found, prices[0]), rate(found, prices[-1])))
    else:
        said.append(words.single(first, second))
    held = {say.goal_words(name).title: say.goal_value(name, value) for name, value in found.held.items()}
    said.append(words.held(held, proven=found.held_proven))
    if not found.steps and found.held:
        said.append(words.HINT)
    least = f"{50 / (found.asked - 1):.3g} %"
    proven = found.status is Status.OPTIMAL
    said.append(
        words.proof(
            proven=proven,
            complete=found.complete,
            points=found.asked if found.stopped else len(found.points),
            asked=found.asked,
            least=least,
        )
    )
    return said


def rate(found: Frontier, per_unit: float) -> str:
    """What one unit more of the first goal costs in the second, or (of money) what a thousand euros bring, in words."""
    first, second = found.axes
    amount = say.sense(second) * per_unit * (words.PER if first == "cost" else -1)
    if second == "cost":
        return say.euros(round(amount)) if abs(amount) >= 100 else f"€{say.NARROW}{amount:.2f}"
    return f"{amount:.4g} {words.unit(second, many=True, by_priority=found.by_priority)}"


def points_table(found: Frontier) -> Table:
    """Return the points with all that is known of them."""
    (first, second), (one, other) = titles(found), found.axes
    more = [
        name for name in (*found.ties, "placed", "fit", "cost", "first_choices") if name not in {one, other}
    ]
    more = list(dict.fromkeys(more))
    columns = [Column("Point"), Column(first, numeric=True), Column(second, numeric=True)]
    columns += [Column("Learners placed", numeric=True)] if found.by_priority else []
    columns += [
        Column(say.goal_words(name, by_priority=found.by_priority).title, numeric=True) for name in more
    ]
    columns += [Column("What is known", wide=True)]

    def cells(point: Point) -> list[str]:
        counts = [say.number(point.placed)] if found.by_priority else []
        return [
            str(point.number),
            say.goal_value(one, point.first),
            say.goal_value(other, point.second),
            *counts,
            *(say.goal_value(name, point.values[name]) for name in more),
            known(found, point),
        ]

    return Table("Points of the frontier", columns, [cells(point) for point in found.points])


def known(found: Frontier, point: Point) -> str:
    """What is known of a point: that it is proven, or what no allocation passes that is as good in the other goal."""
    if point.proven:
        return words.POINT_PROVEN
    for name, bound in zip(found.axes, (point.first_bound, point.second_bound), strict=True):
        if bound is not None:
            sign = "≤" if say.sense(name) > 0 else "≥"
            return words.point_open(
                say.goal_words(name).title, f"{sign}{say.NARROW}{say.goal_value(name, bound)}"
            )
    return words.POINT_OPEN


def steps_table(found: Frontier) -> Table:
    """Return what lies between each point and the next."""
    first, second = titles(found)
    what = words.more_of(found.axes[0], by_priority=found.by_priority)
    labels = ("Points", f"{first}, more", f"{second}, difference", what)
    columns = [Column(label, numeric=at > 0) for at, label in enumerate(labels)]

    def cells(step: Step) -> list[str]:
        kind = words.step_kind(abs(step.first), exact=step.exact, nothing_between=step.nothing_between)
        return [
            f"{step.start}\u00a0to\u00a0{step.end}",
            signed(found.axes[0], step.first),
            signed(found.axes[1], step.second),
            rate(found, step.per_unit),
            kind,
        ]

    return Table(
        "From point to point", [*columns, Column("What it is")], [cells(step) for step in found.steps]
    )


def signed(goal: str, value: int) -> str:
    """A difference of a goal with its sign."""
    return f"{'+' if value > 0 else '−' if value < 0 else ''}{say.goal_value(goal, abs(value))}"


def plot(found: Frontier) -> Plot:
    """Return the chart; the first goal goes across."""
    (first, second), (one, other) = titles(found), found.axes
    xs, ys = [point.first for point in found.points], [point.second for point in found.points]
    across, up = _Scale.of(xs, LEFT, RIGHT), _Scale.of(ys, BOTTOM, TOP)
    spots = [(across.at(x), up.at(y)) for x, y in zip(xs, ys, strict=True)]
    falling = (ys[-1] - ys[0]) < 0
    dots = [
        Dot(
            x,
            y,
            str(point.number),
            f"{point.number}: {say.goal_value(one, point.first)}, {say.goal_value(other, point.second)}",
            point.proven,
            10 if falling else -10,
            -8,
            "start" if falling else "end",
        )
        for point, (x, y) in zip(found.points, spots, strict=True)
    ]
    return Plot(
        title=f"{first} against {second}",
        across=[
            Tick(across.at(value), say.goal_value(one, value).removesuffix(" points"))
            for value in across.ticks
        ],
        up=[Tick(up.at(value), say.goal_value(other, value).removesuffix(" points")) for value in up.ticks],
        across_title=first,
        up_title=second,
        path="M" + " L".join(f"{x:.1f} {y:.1f}" for x, y in spots),
        dots=dots,
        caption=words.PLOT_CAPTION,
    )


@dataclass(frozen=True)
class _Scale:
    """Numbers along an axis, with round ones for its grid."""

    low: int
    high: int
    start: int
    end: int
    ticks: tuple[int, ...]

    @classmethod
    def of(cls, values: Sequence[int], start: int, end: int) -> _Scale:
        least, most = min(values), max(values)
        rough = max(1.0, (most - least) / TICKS)
        size = 10 ** math.floor(math.log10(rough))
        step = next(size * by for by in (1, 2, 5, 10) if size * by >= rough)
        low, high = least // step * step, -(-most // step) * step
        return cls(low, max(high, low + step), start, end, tuple(range(low, max(high, low + step) + 1, step)))

    def at(self, value: int) -> float:
        """Where a value is."""
        return round(self.start + (self.end - self.start) * (value - self.low) / (self.high - self.low), 1)


def _made(found: Frontier) -> list[tuple[str, str]]:
    ties = ", ".join(found.ties)
    limit = words.NO_TIME if found.time_limit is None else words.TIME_EACH.format(seconds=found.time_limit)
    return [
        ("Round", found.round_id),
        ("Goals held", ", ".join(found.held) or "none"),
        ("Among equals", words.ties(ties)),
        ("Points asked for", str(found.asked)),
        ("Seed", str(found.seed)),
        ("Time limit", limit),
        ("Checked", words.MADE_OF),
    ]
