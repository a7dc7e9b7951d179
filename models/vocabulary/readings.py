"""A code as it was understood, with the note to report when it was not written as the contract asks."""

from __future__ import annotations

import csv
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import NamedTuple


class Reading(NamedTuple):
    """The code that a text stands for.

    ``note`` is ``None`` when the text is the code itself; otherwise it says in words what was read as what.
    """

    code: str
    note: str | None = None


def data_file(name: str) -> Traversable:
    """Return the shipped data file ``models/data/<name>``; it may live inside a wheel."""
    return files("models") / "data" / name


def data_rows(name: str) -> tuple[dict[str, str], ...]:
    """Return the rows of the shipped UTF-8 CSV file ``models/data/<name>``."""
    with data_file(name).open(encoding="utf-8") as stream:
        return tuple(csv.DictReader(stream))
