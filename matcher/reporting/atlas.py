"""The map of flows: sending partners, hosting partners, and an arc for every pair that shares learners.

Outlines: Natural Earth (public domain), see ``scripts/outlines.py``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import hypot, sqrt
from typing import Any, Final, NamedTuple

import numpy as np

from matcher.places import host_places, partner_places
from matcher.reporting.facts import Facts, tally
from matcher.reporting.projection import Point, inside, project
from matcher.reporting.words import shortened
from models.round import Array, IntArray

WIDTH: Final = 640
"""The map's width in its own units; a letter is about ``LETTER`` of them wide, a line ``LINE`` high, at most."""
LETTER: Final = 8.6
LINE: Final = 19.0
DROP: Final = 5.0
"""How far below a line's middle its letters stand."""
MARGIN: Final = 45.0
"""Units of the projection above and below the outermost places; beside them there is twice as much, for labels."""
WIDEST_ARC: Final = 10.0
NEAR: Final = (
    (4, 0),
    (4, 1),
    (4, -1),
    (12, 2),
    (12, -2),
    (16, 3),
    (16, -3),
    (22, 4),
    (22, -4),
    (30, 5),
    (30, -5),
)
"""Where a label is tried: so far from its spot, so many lines lower."""
MOST_ARCS: Final = 120
MOST_LABELS: Final = 30


class Arc(NamedTuple):
    """An arc as an SVG path, its width, and what it says."""

    path: str
    width: float
    title: str


class Spot(NamedTuple):
    """A partner on the map; ``label`` is blank where there is no room for it, ``anchor`` is SVG's text-anchor."""

    x: float
    y: float
    radius: float
    title: str
    label: str
    label_x: float
    label_y: float
    anchor: str

    @property
    def led(self) -> bool:
        """Whether the label is so far away that a line has to lead to it."""
        return hypot(self.label_x - self.x, self.label_y - DROP - self.y) > self.radius + LINE


@dataclass(frozen=True)
class Map:
    """What is drawn, in units of a picture ``WIDTH`` wide; ``transform`` brings the outlines there."""

    height: float
    transform: str
    countries: Sequence[str]
    arcs: Sequence[Arc]
    senders: Sequence[Spot]
    hosts: Sequence[Spot]
    undrawn_arcs: int
    outside: int
    credit: str


class _Window(NamedTuple):
    """The part of the projection that is shown."""

    west: float
    north: float
    scale: float
    height: float

    def place(self, point: Point) -> Point:
        return (point[0] - self.west) * self.scale, (point[1] - self.north) * self.scale


def flow_map(facts: Facts, between: IntArray) -> Map | None:
    """Return the map for ``between`` (learners, of shape sending × hosting partners).

    Only partners with learners are on it. ``None`` when Europe has none of them.
    """
    rnd = facts.rnd
    senders = [project(*place) for place in partner_places(rnd).tolist()]
    hosts = [project(*place) for place in host_places(rnd).tolist()]
    pairs = [(int(a), int(b)) for a, b in zip(*np.nonzero(between), strict=True)]
    drawn = [(a, b) for a, b in pairs if inside(senders[a]) and inside(hosts[b])]
    if not drawn:
        return None
    drawn.sort(key=lambda pair: (-int(between[pair]), pair))
    window = _window([point for a, b in drawn for point in (senders[a], hosts[b])])
    sender_at = {a: window.place(senders[a]) for a, _ in drawn}
    host_at = {b: window.place(hosts[b]) for _, b in drawn}
    crowd = _Crowd(window.height)
    crowd.take(sender_at, between.sum(axis=1))
    crowd.take(host_at, between.sum(axis=0))
    escorts = tally(facts.host_of_party, len(hosts), facts.parties.escorts)
    ids = rnd.sending_partners["id"], rnd.hosting_partners["id"]
    return Map(
        height=round(window.height, 1),
        transform=f"scale({window.scale:.4f}) translate({-window.west:.1f} {-window.north:.1f})",
        countries=_countries(window),
        arcs=[
            _arc(
                sender_at[a],
                host_at[b],
                int(between[a, b]),
                int(between.max()),
                f"{ids[0][a]} to {ids[1][b]}",
            )
            for a, b in drawn[:MOST_ARCS]
        ],
        hosts=[*_spots(crowd, ids[1], host_at, between.sum(axis=0), escorts)],
        senders=[*_spots(crowd, ids[0], sender_at, between.sum(axis=1), None)],
        undrawn_arcs=max(0, len(drawn) - MOST_ARCS),
        outside=len(pairs) - len(drawn),
        credit=_outlines()["credit"],
    )


def _window(points: Sequence[Point]) -> _Window:
    """The part around the points, not flatter than 5:3 and not higher than 6:5."""
    xs, ys = zip(*points, strict=True)
    west, east = min(xs) - 2 * MARGIN, max(xs) + 2 * MARGIN
    north, south = min(ys) - MARGIN, max(ys) + MARGIN
    width, height = max(east - west, 240.0), south - north
    tall = min(max(height, width * 0.6), width * 1.2)
    width = max(width, height / 1.2)
    return _Window((west + east - width) / 2, (north + south - tall) / 2, WIDTH / width, WIDTH / width * tall)


@cache
def _outlines() -> Any:
    text = (files("matcher.reporting") / "data" / "europe.json").read_text(encoding="utf-8")
    return json.loads(text)


def _countries(window: _Window) -> list[str]:
    east, south = window.west + WIDTH / window.scale, window.north + window.height / window.scale
    return [
        country["path"]
        for country in _outlines()["countries"]
        if country["box"][0] < east
        and country["box"][2] > window.west
        and country["box"][1] < south
        and country["box"][3] > window.north
    ]


def _arc(start: Point, end: Point, learners: int, most: int, who: str) -> Arc:
    """A curve that leaves the straight line to the left, so that opposite directions part."""
    (a, b), (c, d) = start, end
    away = 0.16 if hypot(c - a, d - b) > 1 else 0.0
    middle = ((a + c) / 2 + away * (d - b), (b + d) / 2 - away * (c - a))
    path = f"M{a:.1f},{b:.1f}Q{middle[0]:.1f},{middle[1]:.1f} {c:.1f},{d:.1f}"
    width = max(1.0, WIDEST_ARC * learners / most)
    return Arc(path, round(width, 1), f"{who}: {learners}")


def _spots(
    crowd: _Crowd, ids: Array, at: dict[int, Point], learners: IntArray, escorts: IntArray | None
) -> Iterator[Spot]:
    """The partners that are drawn, those with most learners first; only so many of them have labels."""
    for rank, row in enumerate(sorted(at, key=lambda row: (-int(learners[row]), row))):
        count, size = int(learners[row]), radius(learners, row)
        label = f"{shortened(ids[row], 14)} {count}"
        where = crowd.spot(at[row], size, label) if rank < MOST_LABELS else None
        also = f" and {int(escorts[row])} escorts" if escorts is not None and escorts[row] else ""
        yield Spot(
            round(at[row][0], 1),
            round(at[row][1], 1),
            size,
            f"{ids[row]}: {count} learners{also}",
            label if where else "",
            *(where or (0.0, 0.0, "start")),
        )


def radius(learners: IntArray, row: int) -> float:
    """How large a partner's spot is: its area grows with its learners."""
    return round(4 + 6 * sqrt(int(learners[row]) / int(learners.max())), 1)


class _Crowd:
    """Boxes that are taken on the map, and where a label still fits."""

    def __init__(self, height: float) -> None:
        self.height = height
        self.taken: list[tuple[float, float, float, float]] = []

    def take(self, at: dict[int, Point], learners: IntArray) -> None:
        """Keep labels off some spots."""
        for row, (x, y) in at.items():
            size = radius(learners, row)
            self.taken.append((x - size, y - size, x + size, y + size))

    def spot(self, point: Point, size: float, label: str) -> tuple[float, float, str] | None:
        """Where a label goes: beside its spot, below, above, or askew, wherever nothing else is; ``None``: nowhere."""
        wide = LETTER * len(label)
        for anchor, x, middle in _around(point, size):
            left = x - {"start": 0.0, "middle": wide / 2, "end": wide}[anchor]
            box = (left, middle - LINE / 2, left + wide, middle + LINE / 2)
            if self._free(box):
                self.taken.append(box)
                return round(x, 1), round(middle + DROP, 1), anchor
        return None

    def _free(self, box: tuple[float, float, float, float]) -> bool:
        if box[0] < 2 or box[1] < 2 or box[2] > WIDTH - 2 or box[3] > self.height - 2:
            return False
        return not any(
            box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3]
            for other in self.taken
        )


def _around(point: Point, size: float) -> Iterator[tuple[str, float, float]]:
    """Where a label may begin, end or have its middle, the best places first."""
    x, y = point
    for off, lines in NEAR:
        lower = y + lines * LINE * 0.7
        yield "start", x + size + off, lower
        yield "end", x - size - off, lower
        yield "middle", x, lower + (size + LINE / 2) * (1 if lines >= 0 else -1)
