"""Languages by ISO 639-1 code, and the other ways in which they arrive: three-letter codes and names.

Europass writes the bibliographic three-letter codes (``alb``, ``mac``, ``fre``, ``ger``), most software the
terminological ones (``sqi``, ``mkd``, ``fra``, ``deu``); both are read. Montenegrin has no two-letter code
and is read as Serbian, which is reported. Codes: ISO 639-1 and 639-2 (Library of Congress, SIL).
"""

from __future__ import annotations

from functools import cache, lru_cache

from models.vocabulary.readings import Reading, data_rows
from models.vocabulary.suggestions import LONGEST, Suggester, fold


@cache
def _names() -> dict[str, str]:
    return {row["code"]: row["name"] for row in data_rows("languages.csv")}


@cache
def _aliases() -> dict[str, Reading]:
    """Map folded names and codes to readings; a code wins over a name that is spelt like it."""
    rows = data_rows("languages.csv")
    plain = {fold(row["name"]): row["code"] for row in rows}
    for form in ("terminological", "bibliographic", "code"):
        plain |= {row[form]: row["code"] for row in rows}
    listed = {
        fold(row["alias"]): Reading(row["code"], row["note"] or None)
        for row in data_rows("language_aliases.csv")
    }
    return {alias: Reading(code) for alias, code in plain.items()} | listed


@cache
def _suggester() -> Suggester:
    return Suggester((alias for alias in _aliases() if len(alias) > 3), cutoff=0.6)


@cache
def _code_suggester() -> Suggester:
    return Suggester(_names())


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

    Read are two- and three-letter codes in any case, with or without a region (``en-GB``), and names.
    """
    given = text.strip()
    if exists(given):
        return Reading(given)
    if len(given) > LONGEST:
        return None
    folded = fold(given)
    found = _aliases().get(folded) or _aliases().get(_without_region(folded))
    if found is None or found.note is not None:
        return found
    return Reading(found.code, f"{given!r} read as {found.code} ({name(found.code)})")


def _without_region(folded: str) -> str:
    """``en-gb`` and ``sr_latn`` -> ``en`` and ``sr``; a text whose first part is not a code -> itself."""
    stem = folded.replace("_", "-").split("-")[0]
    return stem if len(stem) in (2, 3) else folded


@lru_cache(maxsize=4096)
def nearest_code(text: str) -> str | None:
    """Return the code of the language whose name, or else code, is most like ``text``, or ``None``."""
    meant = resolve(text)
    if meant is not None:
        return meant.code
    best = _suggester()(text)
    return _code_suggester()(text) if best is None else _aliases()[best].code
