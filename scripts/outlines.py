"""Make the report's map, matcher/reporting/data/europe.json, out of Natural Earth's countries.

    npm install world-atlas@2.0.2
    python -m scripts.outlines node_modules/world-atlas/countries-50m.json

Natural Earth is in the public domain; world-atlas (ISC) packs it as TopoJSON. The rings are projected, cut to the
map's frame, simplified (Douglas and Peucker 1973) and rounded to whole units of 5 km; rings too small to see go.
"""

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from matcher.reporting.projection import FRAME, Point, project

OUT = Path(__file__).resolve().parent.parent / "matcher" / "reporting" / "data" / "europe.json"
TOLERANCE = 0.8
"""How far, in units, a simplified line may lie from the original."""
SMALLEST = 12.0
"""The smallest ring that is kept, in square units."""
FAR = 65.0
"""Degrees of longitude from the map's centre beyond which a ring cannot be in the frame."""

Ring = list[Point]


def main(source: Path) -> None:
    """Write the outlines: one SVG path and one box per country that is in the frame."""
    topology = json.loads(source.read_text(encoding="utf-8"))
    lines = [list(decoded(arc, topology["transform"])) for arc in topology["arcs"]]
    countries = []
    for shape in topology["objects"]["countries"]["geometries"]:
        rings = [ring for ring in (seen(whole(arcs, lines)) for arcs in rings_of(shape)) if ring]
        if rings:
            countries.append({"box": box(rings), "path": "".join(map(path, rings))})
    credit = "Made with Natural Earth, version 4.1.0 (public domain), by way of world-atlas 2.0.2 (ISC)."
    text = json.dumps({"credit": credit, "countries": countries}, separators=(",", ":")).replace(
        "},{", "},\n{"
    )
    OUT.write_text(text + "\n", encoding="utf-8")
    print(f"{len(countries)} countries, {len(text)} bytes")


def decoded(arc: Iterable[Sequence[int]], transform: dict[str, Any]) -> Iterator[Point]:
    """An arc's longitudes and latitudes; TopoJSON stores whole steps from point to point."""
    x = y = 0
    for step_x, step_y in arc:
        x, y = x + step_x, y + step_y
        yield (
            x * transform["scale"][0] + transform["translate"][0],
            y * transform["scale"][1] + transform["translate"][1],
        )


def rings_of(shape: dict[str, Any]) -> Iterator[list[int]]:
    """The rings of a polygon or of several, holes included, as lists of arc numbers."""
    polygons = shape["arcs"] if shape["type"] == "MultiPolygon" else [shape["arcs"]]
    for polygon in polygons:
        yield from polygon


def whole(arcs: Sequence[int], lines: Sequence[Ring]) -> Ring:
    """A ring put together; ``~n`` is arc n backwards."""
    ring: Ring = []
    for arc in arcs:
        line = lines[arc] if arc >= 0 else lines[~arc][::-1]
        ring += line[1:] if ring else line
    return ring


def seen(ring: Ring) -> Ring:
    """A ring as the map shows it; empty when it does not."""
    if any(abs(lon - 10) > FAR for lon, _ in ring) and not any(abs(lon - 10) < FAR for lon, _ in ring):
        return []
    near = [(max(-FAR + 10, min(FAR + 10, lon)), lat) for lon, lat in ring if lat > 0]
    cut = clipped([project(lat, lon) for lon, lat in near])
    if len(cut) < 3 or abs(area(cut)) < SMALLEST:
        return []
    far = max(range(len(cut)), key=lambda one: distance(cut[one], cut[0], cut[0]))
    simple = simplified(cut[: far + 1])[:-1] + simplified(cut[far:] + cut[:1])[:-1]
    rounded = [(float(round(x)), float(round(y))) for x, y in simple]
    kept = [here for here, there in pairwise([*rounded, rounded[0]]) if here != there]
    return kept if len(kept) >= 3 else []


def clipped(ring: Ring) -> Ring:
    """What of a ring is inside the frame (Sutherland and Hodgman 1974)."""
    west, north, east, south = FRAME
    for axis, limit, sign in ((0, west, 1), (1, north, 1), (0, east, -1), (1, south, -1)):
        kept: Ring = []
        for here, there in pairwise([*ring, *ring[:1]]):
            inner, other = sign * (here[axis] - limit) >= 0, sign * (there[axis] - limit) >= 0
            if inner:
                kept.append(here)
            if inner != other:
                part = (limit - here[axis]) / (there[axis] - here[axis])
                kept.append((here[0] + part * (there[0] - here[0]), here[1] + part * (there[1] - here[1])))
        ring = kept
    return ring


def simplified(line: Ring) -> Ring:
    """The line with fewer points, none of the dropped ones further away than ``TOLERANCE``."""
    if len(line) < 3:
        return line
    away = [distance(point, line[0], line[-1]) for point in line[1:-1]]
    worst = max(range(len(away)), key=away.__getitem__) + 1
    if away[worst - 1] <= TOLERANCE:
        return [line[0], line[-1]]
    return simplified(line[: worst + 1])[:-1] + simplified(line[worst:])


def distance(point: Point, start: Point, end: Point) -> float:
    """How far a point lies from a stretch of line."""
    (x, y), (a, b), (c, d) = point, start, end
    length = (c - a) ** 2 + (d - b) ** 2
    along = 0.0 if length == 0 else max(0.0, min(1.0, ((x - a) * (c - a) + (y - b) * (d - b)) / length))
    return float(((x - a - along * (c - a)) ** 2 + (y - b - along * (d - b)) ** 2) ** 0.5)


def area(ring: Ring) -> float:
    """The area within a ring, in square units, with the sign of its direction."""
    return sum(a * d - c * b for (a, b), (c, d) in pairwise([*ring, ring[0]])) / 2


def box(rings: Iterable[Ring]) -> list[int]:
    """West, north, east and south edge of some rings."""
    xs, ys = zip(*(point for ring in rings for point in ring), strict=True)
    return [int(min(xs)), int(min(ys)), int(max(xs)), int(max(ys))]


def path(ring: Ring) -> str:
    """A ring as an SVG path in steps from point to point."""
    steps = ((there[0] - here[0], there[1] - here[1]) for here, there in pairwise(ring))
    return f"M{ring[0][0]:.0f},{ring[0][1]:.0f}l{' '.join(f'{x:.0f},{y:.0f}' for x, y in steps)}z"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
