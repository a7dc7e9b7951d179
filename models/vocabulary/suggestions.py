"""Finds the nearest valid thing to what somebody typed, for error messages that help."""

import unicodedata
from collections.abc import Iterable, Sequence

from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

_LETTERS_WITHOUT_DECOMPOSITION = str.maketrans(
    {"ł": "l", "đ": "d", "ø": "o", "æ": "ae", "œ": "oe", "ß": "ss", "þ": "th", "ð": "d", "ı": "i", "ħ": "h"}
)


def fold(text: str) -> str:
    """Return ``text`` in lower case, without diacritics and with single blanks: ``"Wrocław "`` -> ``"wroclaw"``."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    return " ".join(bare.translate(_LETTERS_WITHOUT_DECOMPOSITION).split())


def nearest(value: str, candidates: Iterable[str], *, cutoff: float = 0.5) -> str | None:
    """Return the candidate most like ``value``, or ``None`` when none is like it at all.

    Likeness is 1 minus the normalised number of insertions, deletions, substitutions and swaps of neighbours, on
    folded text (so case and diacritics cost nothing). Equally near candidates: the first in alphabetical order, so
    the answer does not depend on the order of ``candidates``.

    Parameters
    ----------
    cutoff
        Smallest likeness that is still worth suggesting, between 0 and 1.
    """
    ordered = sorted(set(candidates))
    return nearest_of(value, ordered, [fold(candidate) for candidate in ordered], cutoff=cutoff)


def nearest_of(value: str, ordered: Sequence[str], folded: Sequence[str], *, cutoff: float = 0.5) -> str | None:
    """Do the work of :func:`nearest` for candidates that were sorted and folded once, for use in long loops."""
    found = process.extractOne(
        fold(value), folded, scorer=DamerauLevenshtein.normalized_similarity, score_cutoff=cutoff
    )
    return None if found is None else ordered[found[2]]
