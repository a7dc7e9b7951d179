"""The rows of ``unplaced.csv``: a few learners searched one by one, everybody counted in whole columns."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from matcher.explaining import helping
from matcher.explaining.helping import Help, searched_first
from matcher.explaining.hinting import hints, hints_without_options
from matcher.explaining.probing import Probe, of_options
from matcher.explaining.reasons import Reason, reason_of
from matcher.explaining.standing import Standing
from matcher.explaining.tallying import Tally
from matcher.explaining.ties import Ties
from models.round import IntArray

OPTIONS_AT_ONCE = 1_000_000
"""How many options are counted together: bounds memory, changes no result."""

Row = tuple[str, str, str, str]


def rows_of(standing: Standing, order: IntArray) -> tuple[list[Row], int]:
    """A row for each of the unplaced learners, who are in order of priority, sorted by learner; and how many of them
    were searched.
    """
    near, fixes = _searched(standing, order)
    told: dict[int, tuple[Reason, str]] = {}
    has_options = standing.option_counts[order] > 0
    for learners in _parts(standing, np.sort(order[has_options])):
        tally = Tally(standing, learners)
        counted = hints(tally)
        told |= {learner: (reason, counted[learner]) for learner, reason in tally.reasons().items()}
    far = of_options(standing, np.empty(0, np.int64))
    looked_at = set(np.unique(near.candidates.learner).tolist())
    for learner, counted_for in hints_without_options(standing, np.sort(order[~has_options])).items():
        told[learner] = reason_of(near if learner in looked_at else far, learner), counted_for
    if not standing.valid:
        fixes = dict.fromkeys(told, helping.INVALID)
    rows = [
        (standing.id(learner), *reason, fixes.get(learner, counted))
        for learner, (reason, counted) in sorted(told.items())
    ]
    return rows, len(fixes) if standing.valid else 0


def _searched(standing: Standing, order: IntArray) -> tuple[Probe, dict[int, str]]:
    """The candidate places of the learners who come first, and what was found for them."""
    ties = Ties(standing.rnd)
    first = searched_first(standing, order, ties)
    bundles = [ties.of(learner) for learner in first.tolist()]
    near = Probe.of(standing, np.unique(np.concatenate([np.empty(0, np.int64), *bundles])))
    return near, dict(Help(near).sentences(first)) if standing.valid else {}


def _parts(standing: Standing, learners: IntArray) -> Iterator[IntArray]:
    """The learners, so many at a time that their options together stay within bounds (one at least)."""
    part = np.cumsum(standing.option_counts[learners]) // OPTIONS_AT_ONCE
    for number in np.unique(part):
        yield learners[part == number]
