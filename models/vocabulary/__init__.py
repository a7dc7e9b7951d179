"""The words of a mobility round: levels, countries, languages, fields of education, barriers.

``countries``, ``languages`` and ``isced`` are modules with like verbs: ``exists``, ``name`` or ``label``,
``codes``, ``resolve`` (what was meant, with the note to report) and ``nearest_code`` or ``nearest`` (a
suggestion).
"""

from models.vocabulary import countries, isced, languages
from models.vocabulary.barriers import (
    BARRIER_GROUPS,
    FEWER_OPPORTUNITIES,
    Barrier,
    barrier_label,
    nearest_barrier,
)
from models.vocabulary.isced import field_fit
from models.vocabulary.levels import EQF_MAX, EQF_MIN, Cefr, GroupMode, LockKind, PairKind, Stay
from models.vocabulary.readings import Reading
from models.vocabulary.suggestions import Suggester, fold, hint, nearest

__all__ = [
    "BARRIER_GROUPS",
    "EQF_MAX",
    "EQF_MIN",
    "FEWER_OPPORTUNITIES",
    "Barrier",
    "Cefr",
    "GroupMode",
    "LockKind",
    "PairKind",
    "Reading",
    "Stay",
    "Suggester",
    "barrier_label",
    "countries",
    "field_fit",
    "fold",
    "hint",
    "isced",
    "languages",
    "nearest",
    "nearest_barrier",
]
