"""The map's outlines: how they are made, and that the file that ships is what was made."""

import json
import re
from importlib.resources import files
from itertools import accumulate

import pytest

from matcher.reporting.projection import FRAME, project
from scripts import outlines

SQUARE = [(0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0)]


def shipped() -> list[dict[str, object]]:
    """The countries in the file."""
    text = (files("matcher.reporting") / "data" / "europe.json").read_text(encoding="utf-8")
    content = json.loads(text)
    assert "Natural Earth" in content["credit"]
    countries: list[dict[str, object]] = content["countries"]
    return countries


def rings(path: object) -> list[outlines.Ring]:
    """The points of a path, from its steps."""
    found = []
    for start, steps in re.findall(r"M(-?\d+,-?\d+)l([^z]*)z", str(path)):
        pairs = [(float(x), float(y)) for x, y in (pair.split(",") for pair in [start, *steps.split()])]
        found.append(list(accumulate(pairs, lambda here, step: (here[0] + step[0], here[1] + step[1]))))
    return found


def test_every_outline_is_in_its_box_and_in_the_frame() -> None:
    """The box by which a country is chosen is the box of its points."""
    west, north, east, south = FRAME
    for country in shipped():
        shapes = rings(country["path"])
        assert outlines.box(shapes) == country["box"]
        assert all(west <= x <= east and north <= y <= south for shape in shapes for x, y in shape)


@pytest.mark.parametrize(
    ("place", "lat", "lon"), [("Beograd", 44.8, 20.5), ("Bologna", 44.5, 11.3), ("Sevilla", 37.4, -6.0)]
)
def test_towns_are_on_land(place: str, lat: float, lon: float) -> None:
    """Exactly one country has a town well inside its borders, so outlines and places are on one map."""
    point = project(lat, lon)
    holding = [
        country for country in shipped() if sum(around(point, ring) for ring in rings(country["path"])) % 2
    ]
    assert len(holding) == 1, place


def around(point: tuple[float, float], ring: outlines.Ring) -> bool:
    """Whether a ring goes round a point: an odd number of its sides cross the ray to the east."""
    x, y = point
    sides = zip(ring, [*ring[1:], ring[0]], strict=True)
    return (
        sum((b > y) != (d > y) and x < a + (y - b) * (c - a) / (d - b) for (a, b), (c, d) in sides) % 2 == 1
    )


def test_simplifying_keeps_corners_and_drops_what_nobody_sees() -> None:
    """A bend of half the tolerance goes, one of twice the tolerance stays."""
    flat = [(0.0, 0.0), (5.0, outlines.TOLERANCE / 2), (10.0, 0.0)]
    bent = [(0.0, 0.0), (5.0, outlines.TOLERANCE * 2), (10.0, 0.0)]
    assert outlines.simplified(flat) == [flat[0], flat[-1]]
    assert outlines.simplified(bent) == bent


def test_clipping_cuts_at_the_frame() -> None:
    """Half of a square that lies across the eastern edge is left; one inside stays as it is."""
    east = FRAME[2]
    across = [(x + east - 5, y) for x, y in SQUARE]
    assert abs(outlines.area(outlines.clipped(across))) == pytest.approx(50.0)
    assert outlines.clipped(SQUARE) == SQUARE


def test_arcs_are_put_together_in_either_direction() -> None:
    """``~n`` is arc n backwards; a point that two arcs share stands once."""
    lines = [[(0.0, 0.0), (1.0, 0.0)], [(0.0, 1.0), (1.0, 0.0)]]
    assert outlines.whole([0, ~1], lines) == [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0)]
