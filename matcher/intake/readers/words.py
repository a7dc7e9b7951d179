"""Readers of single words out of a closed list: choices, yes or no, countries."""

from __future__ import annotations

from functools import partial
from typing import Final

from matcher.intake.findings import Bad
from matcher.intake.readers.base import Read, Reader, understood
from models.columns import Choice, Kind
from models.vocabulary import countries, fold, nearest

_OTHER_WORDS: Final = {
    "short term": "short",
    "shortterm": "short",
    "st": "short",
    "long term": "long",
    "longterm": "long",
    "lt": "long",
    "erasmuspro": "long",
    "erasmus pro": "long",
    "all or nothing": "all_or_none",
}

_YES: Final = frozenset(("yes", "y", "true", "1", "x", "si", "da", "oui", "ja", "tak", "po"))
_NO: Final = frozenset(("no", "n", "false", "0", "ne", "non", "nein", "nie", "jo"))


def choice_reader(kind: Kind) -> Reader:
    """One of the kind's words; other cases and a few other words for it are reported."""
    assert isinstance(kind, Choice)
    return partial(_choice, kind.values)


def yes_no_reader(_kind: Kind) -> Reader:
    """``yes`` or ``no``; the same in other words is reported."""
    return _yes_no


def country_reader(_kind: Kind) -> Reader:
    """A country's code; other codes and names of it are reported."""
    return _country


def _choice(values: tuple[str, ...], text: str) -> Read | Bad:
    if text in values:
        return Read(text)
    folded = " ".join(fold(text).replace("-", " ").replace("_", " ").split())
    meant = next((word for word in values if word.replace("_", " ") == folded), _OTHER_WORDS.get(folded))
    if meant in values:
        return understood(meant, str(meant), f"another word for {meant}")
    return Bad(f"expected one of {', '.join(values)}", nearest(text, values))


def _yes_no(text: str) -> Read | Bad:
    if text in {"yes", "no"}:
        return Read(text == "yes")
    folded = fold(text)
    if folded in _YES or folded in _NO:
        return understood(folded in _YES, "yes" if folded in _YES else "no", "another word for yes or no")
    return Bad("expected yes or no", nearest(text, ("yes", "no")))


def _country(text: str) -> Read | Bad:
    found = countries.resolve(text)
    if found is None:
        return Bad("no such country: expected ISO 3166-1 alpha-2, or XK", countries.nearest_code(text))
    return Read(found.code) if found.note is None else understood(found.code, found.code, "country")
