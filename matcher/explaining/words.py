"""Small words: counts with their noun, short lists of ids."""

from __future__ import annotations

from collections.abc import Sequence

SHOWN = 4
"""How many ids a sentence lists before it counts the rest."""


def count(number: int, noun: str) -> str:
    """``1 offer``, ``2 offers``."""
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{number} {noun if number == 1 else plural}"


def few(ids: Sequence[str]) -> str:
    """Some ids, and how many more there are."""
    return some_of(ids[:SHOWN], len(ids))


def some_of(ids: Sequence[str], total: int) -> str:
    """The ids that are shown, and how many more there are."""
    if total > len(ids):
        return f"{', '.join(ids)} and {total - len(ids)} more"
    return " and ".join([", ".join(ids[:-1]), ids[-1]]) if len(ids) > 1 else "".join(ids)
