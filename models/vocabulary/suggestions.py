"""Finds the nearest valid thing to what somebody typed, for error messages that help."""

from __future__ import annotations

import unicodedata
from bisect import bisect_left
from collections.abc import Iterable
from typing import Final

from rapidfuzz import process
from rapidfuzz.distance import OSA

LONGEST: Final = 100
"""Longer texts get no suggestion: no valid thing is that long, and comparing takes time."""

EXHAUSTIVE: Final = 2000
"""Up to this many candidates all are compared."""

WINDOW: Final = 200
"""Beyond that, so many neighbours on either side by beginning, and as many by ending."""

# Letters that Unicode does not decompose into a base letter and a mark.
_BASE_LETTERS = str.maketrans(
    {
        "\N{LATIN SMALL LETTER L WITH STROKE}": "l",
        "\N{LATIN SMALL LETTER D WITH STROKE}": "d",
        "\N{LATIN SMALL LETTER O WITH STROKE}": "o",
        "\N{LATIN SMALL LETTER H WITH STROKE}": "h",
        "\N{LATIN SMALL LETTER DOTLESS I}": "i",
        "\N{LATIN SMALL LETTER AE}": "ae",
        "\N{LATIN SMALL LIGATURE OE}": "oe",
        "\N{LATIN SMALL LETTER THORN}": "th",
        "\N{LATIN SMALL LETTER ETH}": "d",
    }
)


def fold(text: str) -> str:
    """Return ``text`` in lower case, bare of diacritics, with single blanks: ``Wrocław`` -> ``wroclaw``."""
    if text.isascii():
        return " ".join(text.lower().split())
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    return " ".join(bare.translate(_BASE_LETTERS).split())


class Suggester:
    """Suggests the candidate most like a value; built once, asked often.

    Likeness is 1 minus the normalised number of insertions, deletions, substitutions and swaps of
    neighbours, on folded text, so case and diacritics cost nothing. Equally near candidates: the first in
    alphabetical order. The answer does not depend on the order of ``candidates``. Beyond ``EXHAUSTIVE``
    candidates only those are compared that share a beginning or an ending with the value, so that 10,000
    bad references to 10,000 ids take seconds.

    Parameters
    ----------
    candidates
        The valid things.
    cutoff
        Smallest likeness that is still worth suggesting, between 0 and 1.
    """

    def __init__(self, candidates: Iterable[str], *, cutoff: float = 0.5) -> None:
        pairs = sorted((fold(candidate), candidate) for candidate in set(candidates))
        self._cutoff = cutoff
        self._folded = [folded for folded, _ in pairs]
        self._original = [original for _, original in pairs]
        by_ending = sorted((folded[::-1], index) for index, folded in enumerate(self._folded))
        self._endings = [ending for ending, _ in by_ending]
        self._ending_index = [index for _, index in by_ending]

    def __call__(self, value: str) -> str | None:
        """Return the nearest candidate, or ``None`` when none is near enough or ``value`` is far too long."""
        if len(value) > LONGEST:
            return None
        wanted = fold(value)
        pool = self._pool(wanted)
        found = process.extractOne(
            wanted,
            [self._folded[index] for index in pool],
            scorer=OSA.normalized_similarity,
            score_cutoff=self._cutoff,
        )
        return None if found is None else self._original[pool[found[2]]]

    def _pool(self, wanted: str) -> list[int]:
        """Return the indices worth comparing, ascending: ties fall to the first in alphabetical order."""
        if len(self._folded) <= EXHAUSTIVE:
            return list(range(len(self._folded)))
        start = bisect_left(self._folded, wanted)
        end = bisect_left(self._endings, wanted[::-1])
        beginnings = range(max(0, start - WINDOW), min(len(self._folded), start + WINDOW))
        endings = self._ending_index[max(0, end - WINDOW) : end + WINDOW]
        return sorted({*beginnings, *endings})


def nearest(value: str, candidates: Iterable[str], *, cutoff: float = 0.5) -> str | None:
    """Return the candidate most like ``value``, or ``None``: a :class:`Suggester` that is asked once."""
    return Suggester(candidates, cutoff=cutoff)(value)


def hint(value: str, candidates: Iterable[str]) -> str:
    """`` (nearest: …)`` for a message about a value that is none of the candidates; nothing where none is like it."""
    found = nearest(value, candidates)
    return "" if found is None else f" (nearest: {found})"
