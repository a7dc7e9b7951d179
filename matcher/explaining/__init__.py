"""Why, why not, what would help, and what conflicts: in sentences by id, the same for the same round."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from matcher.explaining import whynot
from matcher.explaining.conflicts import conflict
from matcher.explaining.helping import MOST_SEARCHED, Help
from matcher.explaining.probing import Probe, of_options
from matcher.explaining.reasons import reason_of
from matcher.explaining.standing import Standing
from matcher.explaining.ties import Ties
from matcher.result import Result
from models.round import IntArray

__all__ = ["conflict", "unplaced", "why_not"]

COLUMNS = ("learner_id", "reason", "detail", "nearest_fix")


def unplaced(result: Result, learners: Iterable[str] | None = None) -> pd.DataFrame:
    """The rows of ``unplaced.csv``, sorted by learner: who is left out, why, and the smallest change that
    would help.

    ``nearest_fix`` is checked, never guessed: the full audit of the changed round finds nothing against an
    allocation in which the learner has a place and nobody lost one. Searches are cut after so many learners
    (``helping``); with ``learners`` only those are looked at. Empty where there is no allocation: then
    nobody is left out of it.
    """
    if result.audit is None:
        return pd.DataFrame(columns=list(COLUMNS), dtype=object)
    standing = Standing.of(result)
    order = standing.by_priority
    if learners is not None:
        wanted = [whynot.find(standing.rnd, "learners", learner) for learner in learners]
        order = order[np.isin(order, wanted)]
    rows = _rows(standing, order[:MOST_SEARCHED], order[MOST_SEARCHED:])
    return pd.DataFrame(sorted(rows), columns=list(COLUMNS), dtype=object)


def why_not(result: Result, learner: str, company: str | None = None) -> str:
    """Why a learner is not placed, or not at a company: in one or a few lines. Raises ``UnknownName``."""
    return whynot.why_not(Standing.of(result), learner, company)


def _rows(standing: Standing, first: IntArray, rest: IntArray) -> list[tuple[str, str, str, str]]:
    """The rows of the learners who come first, and of those whose search is cut."""
    ties = Ties(standing.rnd)
    bundles = [ties.of(learner) for learner in first.tolist()]
    near = Probe.of(standing, np.unique(np.concatenate([np.empty(0, np.int64), *bundles])))
    far = of_options(standing, rest)
    reasons = {learner: reason_of(near, learner) for learner in first.tolist()}
    reasons |= {learner: reason_of(far, learner) for learner in rest.tolist()}
    fixes = Help(near).sentences(np.concatenate([first, rest]))
    return [(standing.id(learner), *reason, fixes[learner]) for learner, reason in reasons.items()]
