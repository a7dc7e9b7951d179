"""What a column of an input table may hold: its kind, whether it is required, what a blank means.

A kind says how a cell is to be read; ``matcher/intake`` has one vectorised reader per kind, the API takes the
JSON type from the field's annotation, and the documentation prints ``doc``. Kinds are data, not behaviour.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """How to read a cell."""


@dataclass(frozen=True)
class Id(Kind):
    """1–64 characters, no blanks, commas or semicolons."""


@dataclass(frozen=True)
class Ref(Kind):
    """An id that must exist in ``table``."""

    table: str


@dataclass(frozen=True)
class Text(Kind):
    """Free text; never interpreted."""


@dataclass(frozen=True)
class Whole(Kind):
    """A whole number within bounds, both included."""

    low: int = 0
    high: int = 1_000_000_000


@dataclass(frozen=True)
class Decimal(Kind):
    """A decimal number within bounds, both included."""

    low: float
    high: float


@dataclass(frozen=True)
class Day(Kind):
    """A calendar date."""


@dataclass(frozen=True)
class Choice(Kind):
    """One of a few words."""

    values: tuple[str, ...]


@dataclass(frozen=True)
class YesNo(Kind):
    """``yes`` or ``no``."""


@dataclass(frozen=True)
class Country(Kind):
    """ISO 3166-1 alpha-2, and XK."""


@dataclass(frozen=True)
class Isced(Kind):
    """One ISCED-F 2013 code with one of the given numbers of digits."""

    digits: tuple[int, ...]


@dataclass(frozen=True)
class IscedList(Kind):
    """ISCED-F 2013 codes separated by ``;``, at least one where the column is required."""

    digits: tuple[int, ...]


@dataclass(frozen=True)
class Languages(Kind):
    """``en:B1;it:A2``: ISO 639-1 and CEFR, each language once."""


@dataclass(frozen=True)
class Codes(Kind):
    """Lower-case codes separated by ``;``; each begins with one of ``prefixes`` (none: any)."""

    prefixes: tuple[str, ...] = ()


@dataclass(frozen=True)
class RefList(Kind):
    """Ids separated by ``;``, in order; each must exist in one of ``tables``."""

    tables: tuple[str, ...]


@dataclass(frozen=True)
class Column:
    """The note that a table class attaches to a field: how to read a cell, and what it means.

    Whether the column is required, and what a blank means, is the field's own default.
    """

    kind: Kind
    doc: str
