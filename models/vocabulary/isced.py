"""Fields of education and training (ISCED-F 2013): which codes exist, what they are called, how two of them relate.

A code has 2 (broad), 3 (narrow) or 4 (detailed) digits and is text, never a number: ``0714`` is not ``714``.
Source: EU Publications Office, authority table ``isced-f`` (© European Union, CC BY 4.0); codes by UNESCO-UIS.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Collection
from functools import cache
from typing import Final

from models.vocabulary.readings import data_file
from models.vocabulary.suggestions import fold, nearest_of

SAME_CODE: Final = 100
SAME_NARROW: Final = 60
SAME_BROAD: Final = 30
UNRELATED: Final = 0

ANY_DIGITS: Final = (2, 3, 4)


@cache
def _english() -> dict[str, str]:
    with data_file("isced_f.csv").open(encoding="utf-8") as stream:
        return {row["code"]: row["en"] for row in csv.DictReader(stream)}


@cache
def _translations() -> dict[str, dict[str, str]]:
    """Map a language code to its labels by ISCED code; English is not among them."""
    with data_file("isced_f_labels.csv.gz").open("rb") as raw, gzip.open(raw, "rt", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    return {language: {row["code"]: row[language] for row in rows} for language in list(rows[0])[1:]}


@cache
def _searchable() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return codes beside folded labels in every language, in code order, for :func:`nearest`."""
    tables = [_english(), *(_translations()[language] for language in languages() if language != "en")]
    pairs = [(code, fold(table[code])) for code in codes() for table in tables]
    return tuple(code for code, _ in pairs), tuple(text for _, text in pairs)


def codes(digits: Collection[int] = ANY_DIGITS) -> tuple[str, ...]:
    """Return the codes with one of the given numbers of digits, in order; 220 in all."""
    return tuple(code for code in _english() if len(code) in digits)


def exists(code: str) -> bool:
    """Tell whether ``code`` is an ISCED-F 2013 code of 2, 3 or 4 digits."""
    return code in _english()


def languages() -> tuple[str, ...]:
    """Return the ISO 639-1 codes of the languages that have labels, in order; English is one of them."""
    return tuple(sorted(["en", *_translations()]))


def label(code: str, language: str = "en") -> str:
    """Return the official label of ``code``; English where ``language`` has none (``sq``, ``bs``).

    Raises ``KeyError`` when there is no such code.
    """
    if language == "en":
        return _english()[code]
    return _translations().get(language, _english())[code]


def restore_zero(code: str, digits: Collection[int] = ANY_DIGITS) -> str | None:
    """Return the code that lost its leading zeros (``714`` -> ``0714``), or ``None``.

    A spreadsheet that takes codes for numbers drops every leading zero, so ``11`` may have been ``011`` or ``0011``:
    with more than one candidate among the codes with an allowed number of digits the answer is ``None``. So is it
    when ``code`` exists as it stands but is too short for the column (``99``, unknown field, is not taken for ``0099``).
    """
    if not code.isascii() or not code.isdigit():
        return None
    if exists(code):
        return code if len(code) in digits else None
    padded = (code.zfill(width) for width in sorted(set(digits)) if width > len(code))
    candidates = [candidate for candidate in padded if exists(candidate)]
    return candidates[0] if len(candidates) == 1 else None


@cache
def nearest(text: str, digits: tuple[int, ...] = ANY_DIGITS) -> str | None:
    """Return the code that ``text`` most probably means, or ``None``: by digits, else by its label in any language.

    By digits: zeros restored, else the existing code with the longest common beginning (the first of them in order).
    """
    given = text.strip()
    if given.isascii() and given.isdigit():
        return restore_zero(given, digits) or _longest_common_beginning(given, digits)
    found_codes, labels = _searchable()
    wanted = [(code, name) for code, name in zip(found_codes, labels, strict=True) if len(code) in digits]
    return nearest_of(given, [code for code, _ in wanted], [name for _, name in wanted])


def _longest_common_beginning(given: str, digits: Collection[int]) -> str | None:
    for kept in range(len(given), 1, -1):
        for code in codes(digits):
            if code.startswith(given[:kept]):
                return code
    return None


def field_fit(learner_code: str, offer_code: str) -> int:
    """Return the fit of a learner's code (3 or 4 digits) against one code of an offer (2 to 4 digits): 100, 60, 30 or 0.

    Contract, rule 2: the offer's code is a prefix of the learner's (or equal) 100; same first three digits 60; same
    first two 30; otherwise 0. So a learner known only as ``071`` fits an offer for ``0714`` with 60, not 100.
    """
    if learner_code.startswith(offer_code):
        return SAME_CODE
    if len(offer_code) >= 3 and learner_code[:3] == offer_code[:3]:
        return SAME_NARROW
    return SAME_BROAD if learner_code[:2] == offer_code[:2] else UNRELATED
