"""Fields of education and training (ISCED-F 2013): which codes exist, their labels, how two of them relate.

A code has 2 (broad), 3 (narrow) or 4 (detailed) digits and is text, never a number: ``0714`` is not ``714``.
Source: EU Publications Office, authority table ``isced-f`` (© European Union, CC BY 4.0); codes by
UNESCO-UIS.
"""

from __future__ import annotations

import csv
import gzip
import re
from collections import Counter
from collections.abc import Collection
from functools import cache, lru_cache
from typing import Final

from models.vocabulary.readings import data_file, data_rows
from models.vocabulary.suggestions import LONGEST, Suggester, fold

SAME_CODE: Final = 100
SAME_NARROW: Final = 60
SAME_BROAD: Final = 30
UNRELATED: Final = 0

ANY_DIGITS: Final = (2, 3, 4)
"""Broad, narrow and detailed fields."""

_WORD = re.compile(r"\w{4,}")  # shorter words (and, i, the) say nothing about a field


@cache
def _english() -> dict[str, str]:
    return {row["code"]: row["en"] for row in data_rows("isced_f.csv")}


@cache
def _translations() -> dict[str, dict[str, str]]:
    """Map a language code to its labels by ISCED code; English is not among them."""
    packed = data_file("isced_f_labels.csv.gz").read_bytes()
    rows = list(csv.DictReader(gzip.decompress(packed).decode("utf-8").splitlines()))
    return {language: {row["code"]: row[language] for row in rows} for language in list(rows[0])[1:]}


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

    A spreadsheet that takes codes for numbers drops every leading zero, so ``11`` may have been ``011`` or
    ``0011``: with more than one candidate among the codes with an allowed number of digits the answer is
    ``None``. So it is when ``code`` exists as it stands but has too few digits (``99``, unknown, is not
    taken for ``0099``).
    """
    if exists(code):
        return code if len(code) in digits else None
    padded = (code.zfill(width) for width in sorted(set(digits)) if width > len(code))
    candidates = [candidate for candidate in padded if exists(candidate)]
    return candidates[0] if len(candidates) == 1 else None


@lru_cache(maxsize=4096)
def nearest(text: str, digits: tuple[int, ...] = ANY_DIGITS) -> str | None:
    """Return the code that ``text`` most probably means, or ``None``.

    Digits: zeros restored, else the code with the longest common beginning (the first of them in
    order). Words: the field whose label, in any language, shares most words with ``text``; a misspelt word
    counts as the nearest English one; among equals the shortest English label, then the first code.
    """
    given = text.strip()
    if len(given) > LONGEST:
        return None
    if given.isascii() and given.isdigit():
        return restore_zero(given, digits) or _longest_common_beginning(given, digits)
    return _by_words(given, digits)


def _longest_common_beginning(given: str, digits: tuple[int, ...]) -> str | None:
    first = _first_with_beginning(digits)
    for kept in range(len(given), 1, -1):
        for beginning in (given[:kept], "0" + given[:kept]):
            if beginning in first:
                return first[beginning]
    return None


@cache
def _first_with_beginning(digits: tuple[int, ...]) -> dict[str, str]:
    """Map every beginning of a code to the first code that has it."""
    first: dict[str, str] = {}
    for code in codes(digits):
        for length in range(1, len(code) + 1):
            first.setdefault(code[:length], code)
    return first


def _by_words(text: str, digits: Collection[int]) -> str | None:
    votes = Counter(code for word in _words(text) for code in _codes_of_word(word) if len(code) in digits)
    return min(votes, key=lambda code: (-votes[code], len(_english()[code]), code), default=None)


def _codes_of_word(word: str) -> tuple[str, ...]:
    index = _word_index()
    known = word if word in index else _english_words()(word)
    return index[known] if known is not None else ()


def _words(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_WORD.findall(fold(text))))


@cache
def _word_index() -> dict[str, tuple[str, ...]]:
    """Map a folded word to the codes whose label has it in some language, in code order."""
    found: dict[str, dict[str, None]] = {}
    for table in (_english(), *_translations().values()):
        for code, text in table.items():
            for word in _words(text):
                found.setdefault(word, {})[code] = None
    return {word: tuple(sorted(those)) for word, those in found.items()}


@cache
def _english_words() -> Suggester:
    return Suggester((word for text in _english().values() for word in _words(text)), cutoff=0.75)


def field_fit(learner_code: str, offer_code: str) -> int:
    """Return how well a learner's code (3 or 4 digits) fits one code of an offer (2 to 4): 100, 60, 30, 0.

    Contract, rule 2: the offer's code is a prefix of the learner's (or equal) 100; same first three digits
    60; same first two 30; otherwise 0. So a learner known only as ``071`` fits an offer for ``0714`` with 60.
    """
    if learner_code.startswith(offer_code):
        return SAME_CODE
    if len(offer_code) >= 3 and learner_code[:3] == offer_code[:3]:
        return SAME_NARROW
    return SAME_BROAD if learner_code[:2] == offer_code[:2] else UNRELATED
