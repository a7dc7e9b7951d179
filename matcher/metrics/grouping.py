"""Who is served how well: placement rate and quality of groups of learners, with intervals for small ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from matcher.metrics.measures import FEW, wilson
from matcher.metrics.scene import Scene
from matcher.metrics.summing import wishing
from models.errors import UnknownName
from models.round import Round
from models.vocabulary import nearest

Names = list[tuple[str | None, ...]]


def by(rnd: Round, placements: pd.DataFrame, key: str) -> pd.DataFrame:
    """Placement rate and quality per group of learners, sorted by group.

    ``key`` is one of ``KEYS``: the sending partner, the school, the sending partner's country, the field of study as
    given (ISCED-F), the fewer-opportunities reason. A learner with several reasons counts for each of them; those who
    have none (or no school) are the group None, last.

    Returns
    -------
    DataFrame
        - ``group``, ``learners``, ``placed``, ``unplaced``
        - ``rate``: placed / learners, ``low`` and ``high``: its Wilson interval of 95 %, which takes the learners for a
          sample of those who might have applied
        - ``mean_fit``: fit points of the placed; ``first_wish``: of the placed who state wishes, the share that has the
          first (NaN: there are none)
        - ``small``: one of the three counts is from 1 to 4. Such a line says little, and may say it of a person: it is
          not for publication.

    Raises
    ------
    UnknownName
        For another key.
    InputErrors
        As ``summary`` does.
    """
    if key not in KEYS:
        raise UnknownName(f"no key {key!r} (nearest: {nearest(key, KEYS)}); there are {', '.join(KEYS)}")
    _, allocations = Scene.of(rnd, {"placements": placements}, 0)
    held, wishes = allocations["placements"], wishing(rnd)
    pairs = [(name, number) for number, names in enumerate(KEYS[key](rnd)) for name in names]
    groups = sorted({name for name, _ in pairs}, key=lambda name: (name is None, name or ""))
    at = {name: number for number, name in enumerate(groups)}
    group = np.array([at[name] for name, _ in pairs], np.int64)
    learner = np.array([number for _, number in pairs], np.int64)

    def count(
        which: np.ndarray[tuple[int], np.dtype[np.bool_]],
    ) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        return np.bincount(group[which[learner]], minlength=len(groups)).astype(np.int64)

    served = held.fit >= 0
    learners, placed = np.bincount(group, minlength=len(groups)), count(served)
    points = np.bincount(group, np.maximum(held.fit, 0)[learner], len(groups))
    low, high = wilson(placed, learners)
    counts = np.stack([learners, placed, learners - placed])
    return pd.DataFrame(
        {
            "group": pd.Series(groups, dtype=object),
            "learners": learners,
            "placed": placed,
            "unplaced": learners - placed,
            "rate": placed / learners,
            "low": low,
            "high": high,
            "mean_fit": _ratio(points, placed),
            "first_wish": _ratio(count(served & (held.wish == 1)), count(served & wishes)),
            "small": ((counts > 0) & (counts < FEW)).any(axis=0),
        }
    )


def _ratio(amount: np.ndarray, count: np.ndarray) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Amount by count, NaN where there is nothing to count."""
    return amount / np.where(count > 0, count, np.nan)


def _column(name: str) -> Callable[[Round], Names]:
    return lambda rnd: [(cell,) for cell in rnd.learners[name].tolist()]


def _countries(rnd: Round) -> Names:
    return [(name,) for name in rnd.sending_partners["country"][rnd.ref("learners", "partner_id")].tolist()]


def _reasons(rnd: Round) -> Names:
    return [tuple(dict.fromkeys(reasons)) or (None,) for reasons in rnd.learners["fewer_opportunities"]]


KEYS: Mapping[str, Callable[[Round], Names]] = {
    "partner": _column("partner_id"),
    "school": _column("school_id"),
    "country": _countries,
    "field": _column("field"),
    "fewer_opportunities": _reasons,
}
"""What learners can be grouped by: for each key, the groups of every learner."""
