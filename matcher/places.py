"""Where schools and partners are, and how far each is from each host.

Contract, "Cost of a placement": own ``lat``/``lon``; else ``city`` with the country (a school's is its
partner's) in the gazetteer; a school with neither counts as being at its sending partner; a partner or host
needs one of them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from models.errors import InputErrors, InputProblem
from models.gazetteer import locate
from models.round import IntArray, Round

EARTH_RADIUS_KM = 6371.0088

Places = npt.NDArray[np.float64]
"""Latitude and longitude in degrees, one row per place, shape (n, 2); NaN where unknown."""


class Distances(NamedTuple):
    """Great-circle distances in whole kilometres, rounded down, to every hosting partner.

    ``school`` has shape (schools, hosts), ``partner`` (sending partners, hosts).
    """

    school: IntArray
    partner: IntArray


def partner_places(rnd: Round) -> Places:
    """Return where the sending partners are."""
    return _places(rnd, "sending_partners", rnd.sending_partners["country"])


def host_places(rnd: Round) -> Places:
    """Return where the hosting partners are."""
    return _places(rnd, "hosting_partners", rnd.hosting_partners["country"])


def school_places(rnd: Round) -> Places:
    """Return where the schools are; a school without a place of its own is at its sending partner."""
    partner = rnd.ref("schools", "partner_id")
    own = _places(rnd, "schools", rnd.sending_partners["country"][partner])
    return np.where(np.isnan(own), partner_places(rnd)[partner], own)


def distances(rnd: Round) -> Distances:
    """Return the distance of every school and every sending partner to every hosting partner.

    Raises ``InputErrors`` when a partner or a host has no place.
    """
    starts, hosts = every_start(rnd)
    schools = len(rnd.schools)
    return Distances(whole_km(starts[:schools], hosts), whole_km(starts[schools:], hosts))


def every_start(rnd: Round) -> tuple[Places, Places]:
    """Return where the schools, then the sending partners are, and where the hosts are.

    Raises ``InputErrors`` when a partner or a host has no place.
    """
    partners, hosts = partner_places(rnd), host_places(rnd)
    nowhere = [*_nowhere(rnd, "sending_partners", partners), *_nowhere(rnd, "hosting_partners", hosts)]
    if nowhere:
        raise InputErrors(nowhere)
    return np.concatenate([school_places(rnd), partners]), hosts


def whole_km(starts: Places, ends: Places) -> IntArray:
    """Return great-circle distances (haversine) from every start to every end, in whole km, rounded down.

    Shapes (n, 2) and (m, 2) give (n, m).
    """
    lat_a, lon_a = (column[:, None] for column in np.radians(starts).T)
    lat_b, lon_b = (column[None, :] for column in np.radians(ends).T)
    across = np.sin((lon_b - lon_a) / 2) ** 2 * np.cos(lat_a) * np.cos(lat_b)
    haversine = np.sin((lat_b - lat_a) / 2) ** 2 + across
    km: Places = 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(haversine, 1.0)))
    return np.floor(km).astype(np.int64)


def _places(rnd: Round, table: str, country: npt.NDArray[np.object_]) -> Places:
    rows = rnd.tables[table]
    places = np.column_stack([rows["lat"], rows["lon"]]).astype(np.float64).reshape(-1, 2)
    places[np.isnan(places).any(axis=1)] = np.nan
    for row in np.flatnonzero(np.isnan(places[:, 0])):
        city = rows["city"][row]
        places[row] = (city and locate(city, country[row])) or (np.nan, np.nan)
    return places


def _nowhere(rnd: Round, table: str, places: Places) -> list[InputProblem]:
    rows = rnd.tables[table]
    missing = np.flatnonzero(np.isnan(places[:, 0]))
    message = "has neither lat and lon nor a city that the gazetteer knows"
    return [
        InputProblem(table, None, "city", rows["city"][row], f"{rows['id'][row]} {message}")
        for row in missing
    ]
