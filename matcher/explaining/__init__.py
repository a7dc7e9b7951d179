"""Why, why not, what would help, and what conflicts: in sentences by id, the same for the same round."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from matcher.explaining import whynot
from matcher.explaining.conflicts import conflict
from matcher.explaining.standing import Standing
from matcher.explaining.telling import rows_of
from matcher.result import Result

__all__ = ["conflict", "unplaced", "why_not"]

COLUMNS = ("learner_id", "reason", "detail", "nearest_fix")


def unplaced(result: Result, learners: Iterable[str] | None = None) -> pd.DataFrame:
    """The rows of ``unplaced.csv``, sorted by learner: who is left out, why, and the smallest change that
    would help.

    For the first learners by priority and id (``helping``, ``working``: as many as a fixed amount of work allows)
    ``nearest_fix`` is searched and checked: the full audit of the changed round finds nothing against an allocation in
    which the learner has a place and nobody lost one. For the others it is counted from what stands in the way, and
    says so. ``attrs["searched"]`` has the number of the first. With ``learners`` only those are looked at. Empty where
    there is no allocation: then nobody is left out of it.
    """
    if result.audit is None:
        return pd.DataFrame(columns=list(COLUMNS), dtype=object)
    standing = Standing.of(result)
    order = standing.by_priority
    if learners is not None:
        wanted = [whynot.find(standing.rnd, "learners", learner) for learner in learners]
        order = order[np.isin(order, wanted)]
    rows, searched = rows_of(standing, order)
    frame = pd.DataFrame(rows, columns=list(COLUMNS), dtype=object)
    frame.attrs["searched"] = searched
    return frame


def why_not(result: Result, learner: str, company: str | None = None) -> str:
    """Why a learner is not placed, or not at a company: in one or a few lines. Raises ``UnknownName``."""
    return whynot.why_not(Standing.of(result), learner, company)
