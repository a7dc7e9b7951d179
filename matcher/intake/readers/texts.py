"""Readers of ids and of free text."""

from __future__ import annotations

import re
from typing import Final

from matcher.intake.findings import Bad
from matcher.intake.readers.base import Read, Reader
from models.columns import Id, Kind

LONGEST_ID: Final = 64

_NOT_IN_IDS: Final = re.compile(r"[\s,;]+")
_RULE: Final = str(Id.__doc__).rstrip(".")
_FORMULA: Final = ("=", "+", "-", "@")


def id_reader(_kind: Kind) -> Reader:
    """Ids: 1–64 characters, no blanks, commas or semicolons; what begins like a formula is refused."""
    return read_id


def text_reader(_kind: Kind) -> Reader:
    """Free text: anything."""
    return Read


def read_id(text: str) -> Read | Bad:
    """One id."""
    if text.startswith(_FORMULA):
        return Bad(
            "an id may not begin with = + - @, which a spreadsheet takes for a formula",
            text.lstrip("=+-@") or None,
        )
    if _NOT_IN_IDS.search(text):
        return Bad(f"not an id: {_RULE}", _NOT_IN_IDS.sub("-", text)[:LONGEST_ID])
    if len(text) > LONGEST_ID:
        return Bad(f"not an id: {len(text)} characters, at most {LONGEST_ID} are allowed")
    return Read(text)
