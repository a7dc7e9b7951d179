"""Countries by ISO 3166-1 alpha-2 code, plus XK for Kosovo, and the other ways in which they arrive.

Source of the code list: ``iso3166.tab`` of the tz database (public domain), names edited; XK is the user-assigned code
that the European Commission uses (UNSCR 1244/1999).
"""

from __future__ import annotations

import csv
from functools import cache

from models.vocabulary.readings import Reading, data_file
from models.vocabulary.suggestions import fold, nearest

_EU_CODES = {"EL": "GR", "UK": "GB"}
"""Codes of the EU institutions' style guide that differ from ISO 3166-1."""

_ALPHA_3 = {
    "ALB": "AL", "AUT": "AT", "BEL": "BE", "BGR": "BG", "BIH": "BA", "CHE": "CH", "CYP": "CY", "CZE": "CZ",
    "DEU": "DE", "DNK": "DK", "ESP": "ES", "EST": "EE", "FIN": "FI", "FRA": "FR", "GBR": "GB", "GRC": "GR",
    "HRV": "HR", "HUN": "HU", "IRL": "IE", "ISL": "IS", "ITA": "IT", "KOS": "XK", "LIE": "LI", "LTU": "LT",
    "LUX": "LU", "LVA": "LV", "MDA": "MD", "MKD": "MK", "MLT": "MT", "MNE": "ME", "NLD": "NL", "NOR": "NO",
    "POL": "PL", "PRT": "PT", "ROU": "RO", "RKS": "XK", "SRB": "RS", "SVK": "SK", "SVN": "SI", "SWE": "SE",
    "TUR": "TR", "UKR": "UA", "XKX": "XK",
}  # fmt: skip

_NAMES = {
    "bosna i hercegovina": "BA", "bosnia": "BA", "bosnia herzegovina": "BA", "crna gora": "ME",
    "czech republic": "CZ", "deutschland": "DE", "ellada": "GR", "espana": "ES", "fyrom": "MK",
    "great britain": "GB", "holland": "NL", "hrvatska": "HR", "italia": "IT", "kosova": "XK",
    "macedonia": "MK", "magyarorszag": "HU", "makedonija": "MK", "nederland": "NL", "osterreich": "AT",
    "polska": "PL", "portugalia": "PT", "republic of serbia": "RS", "severna makedonija": "MK", "shqiperi": "AL",
    "shqiperia": "AL", "slovenija": "SI", "slovensko": "SK", "srbija": "RS", "suomi": "FI", "sverige": "SE",
    "the netherlands": "NL", "turkey": "TR", "turkiye": "TR",
    "албанија": "AL", "босна и херцеговина": "BA", "италија": "IT", "косово": "XK", "македонија": "MK",
    "северна македонија": "MK", "словенија": "SI", "србија": "RS", "црна гора": "ME", "шпанија": "ES",
}  # fmt: skip


@cache
def _names() -> dict[str, str]:
    with data_file("countries.csv").open(encoding="utf-8") as stream:
        return {row["code"]: row["name"] for row in csv.DictReader(stream)}


@cache
def _by_folded_name() -> dict[str, str]:
    named = {fold(name): code for code, name in _names().items()}
    return named | _NAMES


def codes() -> tuple[str, ...]:
    """Return all 250 codes in alphabetical order."""
    return tuple(_names())


def exists(code: str) -> bool:
    """Tell whether ``code`` is an ISO 3166-1 alpha-2 code in capitals, or ``XK``."""
    return code in _names()


def name(code: str) -> str:
    """Return the English name of ``code``; ``KeyError`` when there is no such country."""
    return _names()[code]


def resolve(text: str) -> Reading | None:
    """Return the country that ``text`` stands for: a code, an EU or three-letter code, or a name.

    ``None`` when it is none of these; then :func:`nearest_code` may have a suggestion.
    """
    given = text.strip()
    if exists(given):
        return Reading(given)
    capitals = given.upper()
    code = _EU_CODES.get(capitals) or _ALPHA_3.get(capitals) or (capitals if exists(capitals) else None)
    code = code or _by_folded_name().get(fold(given).rstrip("*"))
    return None if code is None else Reading(code, f"{given!r} read as {code} ({name(code)})")


@cache
def nearest_code(text: str) -> str | None:
    """Return the code of the country whose name or code is most like ``text``, or ``None``."""
    named = _by_folded_name()
    best = nearest(text, named, cutoff=0.6)
    return nearest(text, codes()) if best is None else named[best]
