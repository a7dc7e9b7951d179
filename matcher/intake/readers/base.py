"""What a reader is: one text in, a value or a fault out. Readers see each distinct text of a column once,
never blanks.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from matcher.intake.findings import Bad


class Read(NamedTuple):
    """A value; ``note`` says how the text was understood when it was not written as the contract asks.

    ``how`` is what such cells have in common: cells that were read in the same way are reported together.
    ``shown`` tells whether the text and the note may be repeated.
    """

    value: object
    note: str | None = None
    how: str | None = None
    shown: bool = True


Reader = Callable[[str], Read | Bad]


def understood(value: object, written: str, how: str) -> Read:
    """A value that was written otherwise: read as ``written``, in the way that ``how`` names."""
    return Read(value, f"read as {written}", how)
