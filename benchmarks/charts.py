"""Charts as inline SVG: bars in table cells, and lines of cost over size on logarithmic axes."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

LEAST_GAP = 1e-6
"""Relative gaps below this are drawn as 0."""


def bar(value: float | None, low: float, high: float, kind: str) -> str:
    """A bar on a logarithmic scale from ``low`` to ``high``; nothing without a value."""
    if value is None:
        return ""
    share = position(value, low, high)
    width = max(1.0, 100 * share) if value > 0 else 0.0
    return (
        f'<svg class="bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect class="rail" width="100" height="4"/><rect class="{kind}" width="{width:.1f}" height="4"/></svg>'
    )


def position(value: float, low: float, high: float) -> float:
    """Where a value lies between two others, by their logarithms, from 0 to 1."""
    if value <= low or high <= low:
        return 0.0
    return min(1.0, math.log(value / low) / math.log(high / low))


@dataclass(frozen=True)
class Line:
    """A named line of (size, cost) points; ``peer`` says whose."""

    name: str
    points: tuple[tuple[float, float], ...]
    peer: bool


WIDTH, HEIGHT = 560, 320
LEFT, RIGHT, TOP, BOTTOM = 58, 150, 14, 40
LABEL = 15
"""Height of a label."""


def lines(title: str, unit: str, drawn: Sequence[Line]) -> str:
    """A log-log chart with a label at each line's end."""
    sizes = sorted({size for line in drawn for size, _ in line.points})
    costs = [cost for line in drawn for _, cost in line.points]
    low, high = 10 ** math.floor(math.log10(min(costs))), 10 ** math.ceil(math.log10(max(costs) * 1.0001))

    def across(size: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * position(size, sizes[0] / 1.15, sizes[-1])

    def up(cost: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * position(cost, low, high)

    parts = [f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}">']
    for power in range(round(math.log10(low)), round(math.log10(high)) + 1):
        y, text = up(10.0**power), f"{10.0**power:,g}"
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text class="tick" x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{text}</text>')
    for size in apart(sizes, across):
        x = across(size)
        parts.append(
            f'<text class="tick" x="{x:.1f}" y="{HEIGHT - 22}" text-anchor="middle">{size:,g}</text>'
        )
    parts.append(f'<text class="tick" x="{LEFT}" y="{HEIGHT - 5}">learners; {escape(unit)}</text>')
    ends = [up(line.points[-1][1]) for line in drawn]
    for number, (line, y) in enumerate(zip(drawn, spread(ends), strict=True)):
        parts.append(_line(line, number, [(across(size), up(cost)) for size, cost in line.points], y))
    return "".join([*parts, "</svg>"])


def _line(line: Line, number: int, points: Sequence[tuple[float, float]], label: float) -> str:
    """One line with its points and its name, tied to its end."""
    colour = f"c{number % 8}"
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dots = "".join(f'<circle class="{colour}" cx="{x:.1f}" cy="{y:.1f}" r="3"/>' for x, y in points)
    (x, y), dash = points[-1], ' stroke-dasharray="5 4"' if line.peer else ""
    return (
        f'<polyline class="{colour}" points="{path}"{dash}/>{dots}'
        f'<line class="tie" x1="{x + 5:.1f}" y1="{y:.1f}" x2="{WIDTH - RIGHT + 12}" y2="{label:.1f}"/>'
        f'<text class="name n{number % 8}" x="{WIDTH - RIGHT + 15}" y="{label + 4:.1f}">{escape(line.name)}</text>'
    )


def apart(sizes: Sequence[float], across: Callable[[float], float]) -> list[float]:
    """The sizes whose labels have room, the largest always."""
    kept: list[float] = []
    for size in reversed(sizes):
        if not kept or across(kept[-1]) - across(size) >= 58:
            kept.append(size)
    return kept[::-1]


def spread(heights: Sequence[float]) -> list[float]:
    """Heights for labels near to those asked for, none over another, none outside."""
    order = sorted(range(len(heights)), key=lambda number: heights[number])
    placed = [0.0] * len(heights)
    floor = TOP + 0.0
    for number in order:
        placed[number] = floor = max(floor, heights[number])
        floor += LABEL
    ceiling = HEIGHT - BOTTOM + 0.0
    for number in reversed(order):
        placed[number] = min(placed[number], ceiling)
        ceiling = placed[number] - LABEL
    return placed
