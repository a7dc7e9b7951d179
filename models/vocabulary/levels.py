"""The closed word lists of a round: language levels, lengths of stay, kinds of groups, pairs and locks.

Every value is the contract's own spelling (ROUND_FORMAT, "Tables"); nothing here is free text.
"""

from enum import IntEnum, StrEnum
from typing import Final

EQF_MIN: Final = 1
"""Lowest level of the European Qualifications Framework."""

EQF_MAX: Final = 8
"""Highest level of the European Qualifications Framework."""


class Cefr(IntEnum):
    """A language level of the Common European Framework of Reference: A1 = 1 is the lowest, C2 = 6."""

    A1 = 1
    A2 = 2
    B1 = 3
    B2 = 4
    C1 = 5
    C2 = 6


class Stay(StrEnum):
    """Length of a mobility: ``short`` (10 to 89 days) or ``long`` (ErasmusPro, 90 days to 12 months)."""

    SHORT = "short"
    LONG = "long"


class GroupMode(StrEnum):
    """What a group of learners must share once placed (rule ``groups``)."""

    SAME_FLOW = "same_flow"
    ALL_OR_NONE = "all_or_none"
    SAME_COMPANY = "same_company"


class PairKind(StrEnum):
    """Whether two learners must or must not be at one company (rule ``pairs``)."""

    TOGETHER = "together"
    APART = "apart"


class LockKind(StrEnum):
    """Whether a coordinator's decision requires or excludes a placement (rule ``locks``)."""

    PIN = "pin"
    FORBID = "forbid"
