"""A code as it was understood, with the note that intake reports when it was not written as the contract asks."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import NamedTuple


class Reading(NamedTuple):
    """The code that a text stands for. ``note`` is ``None`` when the text is the code itself; otherwise it says, in
    a sentence for the coordinator, what was read as what."""

    code: str
    note: str | None = None


@cache
def data_file(name: str) -> Traversable:
    """Return the shipped data file ``models/data/<name>``; it may live inside a wheel."""
    return files("models") / "data" / name
