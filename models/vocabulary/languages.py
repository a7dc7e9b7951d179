"""Languages by ISO 639-1 code, and the other ways in which they arrive: three-letter codes and English names.

Europass writes the bibliographic three-letter codes (``alb``, ``mac``, ``fre``, ``ger``), most software the
terminological ones (``sqi``, ``mkd``, ``fra``, ``deu``); both are read. Montenegrin has no two-letter code and is read as
Serbian, which is reported. Code list: ISO 639-1 and 639-2 (Library of Congress and SIL).
"""

from __future__ import annotations

import csv
from functools import cache

from models.vocabulary.readings import Reading, data_file
from models.vocabulary.suggestions import fold, nearest

_READ_AS = {
    "cnr": ("sr", "Montenegrin (cnr) has no ISO 639-1 code; read as Serbian (sr)"),
    "montenegrin": ("sr", "Montenegrin has no ISO 639-1 code; read as Serbian (sr)"),
    "crnogorski": ("sr", "Montenegrin has no ISO 639-1 code; read as Serbian (sr)"),
    "sh": ("sr", "the ISO 639-1 code sh (Serbo-Croatian) is withdrawn; read as Serbian (sr)"),
    "hbs": ("sr", "Serbo-Croatian (hbs) has no ISO 639-1 code any more; read as Serbian (sr)"),
    "scc": ("sr", "the code scc is withdrawn; read as Serbian (sr)"),
    "scr": ("hr", "the code scr is withdrawn; read as Croatian (hr)"),
}

_NAMES = {
    "bosanski": "bs", "castilian": "es", "deutsch": "de", "engleski": "en", "espanol": "es", "farsi": "fa",
    "flemish": "nl", "francais": "fr", "gaeilge": "ga", "hrvatski": "hr", "italiano": "it", "makedonski": "mk",
    "modern greek": "el", "polski": "pl", "shqip": "sq", "slovene": "sl", "slovenski": "sl", "srpski": "sr",
    "македонски": "mk", "српски": "sr",
}  # fmt: skip


@cache
def _table() -> tuple[dict[str, str], ...]:
    with data_file("languages.csv").open(encoding="utf-8") as stream:
        return tuple(csv.DictReader(stream))


@cache
def _names() -> dict[str, str]:
    return {row["code"]: row["name"] for row in _table()}


@cache
def _by_alias() -> dict[str, str]:
    """Map three-letter codes and folded names to ISO 639-1 codes; a code wins over a name that is spelt like it."""
    named = {fold(row["name"]): row["code"] for row in _table()} | _NAMES
    for row in _table():
        named |= {row["terminological"]: row["code"], row["bibliographic"]: row["code"]}
    return named


def codes() -> tuple[str, ...]:
    """Return all 183 codes in alphabetical order."""
    return tuple(_names())


def exists(code: str) -> bool:
    """Tell whether ``code`` is an ISO 639-1 code in small letters."""
    return code in _names()


def name(code: str) -> str:
    """Return the English name of ``code``; ``KeyError`` when there is no such language."""
    return _names()[code]


def resolve(text: str) -> Reading | None:
    """Return the language that ``text`` stands for, or ``None``.

    Read are two- and three-letter codes in any case, with or without a region (``en-GB``), and English names.
    """
    given = text.strip()
    if exists(given):
        return Reading(given)
    folded = fold(given)
    stem = folded.replace("_", "-").split("-")[0]
    for key in (folded, stem):
        if key in _READ_AS:
            return Reading(*_READ_AS[key])
        code = key if exists(key) else _by_alias().get(key)
        if code is not None:
            return Reading(code, f"{given!r} read as {code} ({name(code)})")
    return None


@cache
def nearest_code(text: str) -> str | None:
    """Return the code of the language whose name or code is most like ``text``, or ``None``."""
    aliases = _by_alias()
    best = nearest(text, aliases, cutoff=0.6)
    return nearest(text, codes()) if best is None else aliases[best]
