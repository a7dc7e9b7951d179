"""Where a place lies on the report's map: Lambert's azimuthal equal-area projection about 52° N, 10° E.

The projection of the EU's statistical maps (EPSG:3035), on a sphere. A unit is 5 km; y grows southwards, as in SVG.
"""

from __future__ import annotations

from math import cos, radians, sin, sqrt
from typing import Final

CENTRE: Final = (radians(52.0), radians(10.0))
UNITS: Final = 6371.0088 / 5.0
"""The Earth's radius in units of the map."""

FRAME: Final = (-720.0, -800.0, 1020.0, 560.0)
"""West, north, east and south edge of what the map knows: Europe from Iceland to the Caucasus."""

Point = tuple[float, float]


def project(lat: float, lon: float) -> Point:
    """Return x and y of a place given in degrees."""
    here, there = radians(lat), radians(lon) - CENTRE[1]
    across = sin(CENTRE[0]) * sin(here) + cos(CENTRE[0]) * cos(here) * cos(there)
    scale = UNITS * sqrt(2 / max(1 + across, 1e-9))
    up = cos(CENTRE[0]) * sin(here) - sin(CENTRE[0]) * cos(here) * cos(there)
    return scale * cos(here) * sin(there), -scale * up


def inside(point: Point) -> bool:
    """Whether the map knows the place."""
    west, north, east, south = FRAME
    return west <= point[0] <= east and north <= point[1] <= south
