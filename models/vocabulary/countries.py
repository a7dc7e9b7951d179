"""Countries by ISO 3166-1 alpha-2 code, plus XK for Kosovo, and the other ways in which they arrive.

EU texts write EL and UK where ISO writes GR and GB. Source of the list: ``iso3166.tab`` of the tz database
(public domain), names edited; XK is the user-assigned code that the European Commission uses.
"""

from __future__ import annotations

from functools import cache, lru_cache

from models.vocabulary.readings import Reading, data_rows
from models.vocabulary.suggestions import LONGEST, Suggester, fold


@cache
def _names() -> dict[str, str]:
    return {row["code"]: row["name"] for row in data_rows("countries.csv")}


@cache
def _aliases() -> dict[str, str]:
    """Map folded names and codes to codes; a code in use wins over a name that is spelt like it."""
    named = {fold(name): code for code, name in _names().items()}
    listed = {fold(row["alias"]): row["code"] for row in data_rows("country_aliases.csv")}
    return named | {fold(code): code for code in _names()} | listed


@cache
def _suggester() -> Suggester:
    return Suggester((alias for alias in _aliases() if len(alias) > 3), cutoff=0.6)


@cache
def _code_suggester() -> Suggester:
    return Suggester(_names())


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
    """Return the country that ``text`` stands for: a code in any case, an EU or three-letter code, or a name.

    ``None`` when it is none of these; then :func:`nearest_code` may have a suggestion.
    """
    given = text.strip()
    if exists(given):
        return Reading(given)
    if len(given) > LONGEST:
        return None
    code = _aliases().get(fold(given).rstrip("*"))
    return None if code is None else Reading(code, f"{given!r} read as {code} ({name(code)})")


@lru_cache(maxsize=4096)
def nearest_code(text: str) -> str | None:
    """Return the code of the country whose name, or else code, is most like ``text``, or ``None``."""
    meant = resolve(text)
    if meant is not None:
        return meant.code
    best = _suggester()(text)
    return _code_suggester()(text) if best is None else _aliases()[best]
