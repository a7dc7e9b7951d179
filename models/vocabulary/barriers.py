"""Why a participant counts as having fewer opportunities: labels for the reason codes that are in common use.

The engine accepts any code, since national agencies define their own; this list serves labels and
suggestions. Source: the eight groups of barriers of the Erasmus+ inclusion strategy; finer codes as
projects use them.
"""

from __future__ import annotations

from functools import cache, lru_cache
from types import MappingProxyType
from typing import Final, NamedTuple

from models.vocabulary.suggestions import Suggester


class Barrier(NamedTuple):
    """A reason code's label in plain English, and the official group it belongs to (a group: itself)."""

    label: str
    group: str


BARRIER_GROUPS: Final = MappingProxyType(
    {
        "disability": "Disability",
        "health": "Health problems",
        "education": "Barriers linked to education and training systems",
        "cultural": "Cultural differences",
        "social": "Social barriers",
        "economic": "Economic barriers",
        "discrimination": "Barriers linked to discrimination",
        "geographical": "Geographical barriers",
    }
)
"""The eight official groups of barriers, in the order of the programme's own list."""

_FINER = {
    "care": ("Grew up in care, or is an orphan", "social"),
    "career_transition": ("Worker in career transition", "economic"),
    "chronic_illness": ("Chronic illness", "health"),
    "displaced": ("Internally displaced person", "geographical"),
    "early_school_leaver": ("Left school early", "education"),
    "first_generation": ("First in the family to study or to travel", "social"),
    "insular": ("Lives on an island", "geographical"),
    "learning_difficulty": ("Learning difficulty", "education"),
    "low_income": ("Household with a low income", "economic"),
    "mental_health": ("Mental health problem", "health"),
    "migrant": ("Migrant background", "cultural"),
    "minority": ("Member of a national or ethnic minority", "discrimination"),
    "refugee": ("Refugee or asylum seeker", "cultural"),
    "remote": ("Lives in a remote or outermost area", "geographical"),
    "roma": ("Member of a Roma community", "discrimination"),
    "rural": ("Lives in a rural area", "geographical"),
    "single_parent": ("Single parent, or child of one", "social"),
    "unemployed": ("Long-term unemployment in the household", "economic"),
    "vulnerable": ("Socially vulnerable", "social"),
}

FEWER_OPPORTUNITIES: Final = MappingProxyType(
    {code: Barrier(text, code) for code, text in BARRIER_GROUPS.items()}
    | {code: Barrier(text, group) for code, (text, group) in _FINER.items()}
)
"""Every reason code with a label: first the eight groups, then finer codes."""


def barrier_label(code: str) -> str:
    """Return the label of ``code``; a code that is not in the list is its own label."""
    known = FEWER_OPPORTUNITIES.get(code)
    return code if known is None else known.label


@cache
def _suggester() -> Suggester:
    return Suggester(FEWER_OPPORTUNITIES, cutoff=0.6)


@lru_cache(maxsize=4096)
def nearest_barrier(code: str) -> str | None:
    """Return the known reason code most like ``code``, or ``None``."""
    return _suggester()(code)
