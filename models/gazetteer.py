"""Where the towns of Europe are: coordinates by name and country, for schools and partners without their own.

Source: GeoNames (CC BY 4.0): towns of at least 5,000 people, in the Western Balkans of at least 500, with the
names they go by in Latin, Greek and Cyrillic letters.
"""

from __future__ import annotations

import csv
import gzip
from functools import cache, lru_cache

from models.vocabulary import Suggester, fold
from models.vocabulary.readings import data_file, data_rows
from models.vocabulary.suggestions import LONGEST

Place = tuple[float, float]
"""Latitude and longitude in degrees (WGS 84), north and east positive."""


@cache
def _towns() -> dict[str, tuple[dict[str, str], ...]]:
    """Map a country to its towns, most populous first (the order of the file)."""
    text = gzip.decompress(data_file("gazetteer.csv.gz").read_bytes()).decode("utf-8")
    towns: dict[str, list[dict[str, str]]] = {}
    for row in csv.DictReader(text.splitlines()):
        towns.setdefault(row["country"], []).append(row)
    return {country: tuple(rows) for country, rows in towns.items()}


@cache
def _index(country: str) -> dict[str, tuple[str, Place]]:
    """Map a town's folded names to its own name and place.

    A name of two towns belongs to the one that has it as its own name before one that has it as another
    name, and among those to the most populous.
    """
    index: dict[str, tuple[str, Place]] = {}
    rows = [(row, (row["name"], (float(row["lat"]), float(row["lon"])))) for row in _towns().get(country, ())]
    for row, town in rows:
        index.setdefault(fold(row["name"]), town)
    for row, town in rows:
        for alias in filter(None, row["aliases"].split(";")):
            index.setdefault(fold(alias), town)
    return index


@cache
def _latin_letters() -> dict[int, str]:
    """Map Serbian and Macedonian letters to Latin ones, as both are once diacritics are dropped."""
    return {ord(row["cyrillic"]): row["latin"] for row in data_rows("cyrillic.csv")}


@cache
def _suggester(country: str) -> Suggester:
    return Suggester(_index(country), cutoff=0.6)


def covers(country: str) -> bool:
    """Tell whether the gazetteer has towns of ``country`` (ISO 3166-1 alpha-2, and XK)."""
    return country in _towns()


def towns(country: str) -> tuple[tuple[str, int], ...]:
    """Return the towns of ``country`` with their people, most populous first; none where it is not covered."""
    return tuple((row["name"], int(row["population"])) for row in _towns().get(country, ()))


@lru_cache(maxsize=65536)
def locate(city: str, country: str) -> Place | None:
    """Return latitude and longitude of ``city`` in ``country``, or ``None`` when the gazetteer does not
    have it.

    Case, diacritics and blanks do not matter; names in other languages count (Seville and Sevilla, Beograd
    and Belgrade), and Serbian and Macedonian names in Cyrillic letters. Several towns of one name: one that
    has it as its own name before one that has it as another name, then the most populous.
    """
    if len(city) > LONGEST:
        return None
    wanted = fold(city)
    index = _index(country)
    found = index.get(wanted) or index.get(wanted.translate(_latin_letters()))
    return None if found is None else found[1]


@lru_cache(maxsize=4096)
def nearest(city: str, country: str) -> str | None:
    """Return the name of the town in ``country`` whose name is most like ``city``, or ``None``."""
    best = _suggester(country)(city)
    return None if best is None else _index(country)[best][0]
