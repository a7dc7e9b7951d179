"""Reader of language lists such as ``en:B1;it:A2``, and of the other forms in which they arrive."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from matcher.intake.findings import Bad
from matcher.intake.readers.base import Read, Reader, understood
from models.columns import Kind
from models.vocabulary import Cefr, fold, languages

_STRICT: Final = re.compile(r"([a-z]{2}):([ABC][12])")
_SEPARATORS: Final = re.compile(r"[;,|\n/]|\band\b")
_LOOSE: Final = re.compile(r"([^\W\d_][^\d:=()]*?)\s*[:=(\s–-]\s*\(?\s*([ABCabc][12])\s*\+?\)?\.?")
_ADJACENT: Final = re.compile(r"(?<=[ABCabc][12])[ .]+(?=[^\W\d_])")
_EXPECTED: Final = "expected languages as en:B1;it:A2 (ISO 639-1 and CEFR A1 to C2)"
_TELLING: Final = 4
_LEVEL: Final = re.compile(r"\b([A-Za-z])\s?([0-9])\b")


def languages_reader(_kind: Kind) -> Reader:
    """Languages with levels, each language once, sorted by code."""
    return _languages


def _languages(text: str) -> Read | Bad:
    strict = [_STRICT.fullmatch(piece) for piece in text.split(";")]
    if all(found and languages.exists(found[1]) for found in strict):
        return _gathered([(found[1], found[2]) for found in strict if found], how=None)
    return _loose(text)


def _loose(text: str) -> Read | Bad:
    pairs = []
    for piece in _pieces(text):
        found = _LOOSE.fullmatch(piece)
        language = languages.resolve(found[1]) if found else None
        if found is None or language is None:
            return _fault(piece)
        pairs.append((language.code, found[2].upper()))
    return _gathered(pairs, how="languages in another form") if pairs else Bad(_EXPECTED)


def _pieces(text: str) -> list[str]:
    parts = (part for chunk in _SEPARATORS.split(text) for part in _ADJACENT.split(chunk))
    return [" ".join(part.split()) for part in parts if part.strip()]


def _gathered(pairs: list[tuple[str, str]], how: str | None) -> Read | Bad:
    levels: dict[str, str] = {}
    for code, level in pairs:
        if levels.setdefault(code, level) != level:
            return Bad(
                f"the language {code} stands twice, with {levels[code]} and {level}: keep one",
                _written(levels),
            )
    if len(levels) < len(pairs):
        how = "language that stands twice"
    value = tuple((code, int(Cefr[level])) for code, level in sorted(levels.items()))
    return understood(value, _written(levels), how) if how else Read(value)


def _written(levels: dict[str, str]) -> str:
    return ";".join(f"{code}:{level}" for code, level in sorted(levels.items()))


def _fault(piece: str) -> Bad:
    """What is wrong with one entry: its language, its level, or its form."""
    level = _LEVEL.search(piece)
    language = (piece[: level.start()] if level else piece).strip(" :=-–(")
    resolved = languages.resolve(language)
    code = resolved.code if resolved else _nearest_language(language)
    near = f"{code}:{_nearest_level(level)}" if code else None
    if level is None:
        return Bad(f"{piece[:40]!r} has no level: {_EXPECTED}", near)
    if resolved is None and language:
        return Bad(f"{language[:40]!r} is not a known language: {_EXPECTED}", near)
    return Bad(f"{piece[:40]!r} is not understood: {_EXPECTED}", near)


def _nearest_language(text: str) -> str | None:
    """The language whose English name begins like the text, else the one that is most like it."""
    begun = fold(text)[:_TELLING]
    return _beginnings().get(begun) or languages.nearest_code(text)


@cache
def _beginnings() -> dict[str, str]:
    """Beginnings of English names to codes; of several languages the first by code."""
    found: dict[str, str] = {}
    for code in languages.codes():
        name = fold(languages.name(code))
        for length in range(3, _TELLING + 1):
            found.setdefault(name[:length], code)
    return found


def _nearest_level(found: re.Match[str] | None) -> str:
    """The level with a letter from A to C and a digit from 1 to 2 that is nearest to what was found."""
    if found is None:
        return "A1"
    letter = min(max(found[1].upper(), "A"), "C")
    return f"{letter}{min(max(int(found[2]), 1), 2)}"
