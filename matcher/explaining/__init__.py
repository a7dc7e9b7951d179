"""Why, why not, what would help, and what conflicts: in sentences by id, the same for the same round."""

from __future__ import annotations

import numpy as np
import pandas as pd

from matcher.explaining.helping import MOST_SEARCHED, Help
from matcher.explaining.probing import Probe, of_options
from matcher.explaining.reasons import Reason, reason_of
from matcher.explaining.standing import Standing
from matcher.explaining.ties import Ties
from matcher.result import Result

__all__ = ["unplaced"]

COLUMNS = ("learner_id", "reason", "detail", "nearest_fix")


def unplaced(result: Result) -> pd.DataFrame:
    """The rows of ``unplaced.csv``, sorted by learner: who is left out, why, and the smallest change that would help.

    ``nearest_fix`` is checked, never guessed: the full audit of the changed round finds nothing against an allocation in which the
    learner has a place and nobody lost one. Empty where there is no allocation: then nobody is left out of it.
    """
    if result.audit is None:
        return pd.DataFrame(columns=list(COLUMNS), dtype=object)
    standing = Standing.of(result)
    order = standing.by_priority
    first = order[:MOST_SEARCHED]
    bundles = [Ties(standing.rnd).of(learner) for learner in first.tolist()]
    near = Probe.of(standing, np.unique(np.concatenate([np.empty(0, np.int64), *bundles])))
    far = of_options(standing, order[MOST_SEARCHED:])
    reasons: dict[int, Reason] = {learner: reason_of(near, learner) for learner in first.tolist()}
    reasons |= {learner: reason_of(far, learner) for learner in order[MOST_SEARCHED:].tolist()}
    fixes = Help(near).sentences(order)
    rows = [(standing.id(one), *reasons[one], fixes[one]) for one in standing.unplaced.tolist()]
    return pd.DataFrame(rows, columns=list(COLUMNS), dtype=object)
