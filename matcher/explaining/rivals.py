"""Who might make room: the placed learners who stand where an unplaced learner could go, the closest
first.
"""

from __future__ import annotations

import numpy as np

from matcher.explaining.probing import Probe
from matcher.explaining.ties import Ties
from models.round import IntArray

MOST_MOVERS = 16
"""So many placed learners may move for one (whole bundles of tied learners may make it a few more)."""

LARGEST_BUNDLE = 3
"""Larger groups that travel together are not asked to move for one learner."""

AT_OFFER, IN_FLOW, AT_HOST = 4, 2, 1
"""How close a placed learner stands to an option: in its seat, in its flow, in its beds. Weights of a
ranking, nothing more."""


def rivals(probe: Probe, ties: Ties, learner: int) -> IntArray:
    """Placed learners (row numbers, ascending) at the offers, in the flows and at the hosts of the
    learner's options.

    Of a learner without options: of the candidates that one rule bars.
    """
    own = probe.own(learner)
    own = own[probe.bars[own] <= 1]
    if (probe.bars[own] == 0).any():
        own = own[probe.bars[own] == 0]
    wanted, chosen = probe.candidates.take(own), probe.standing.chosen
    score = (
        AT_OFFER * _times(wanted.offer, chosen.offer)
        + IN_FLOW * _times(wanted.flow, chosen.flow)
        + AT_HOST * _times(wanted.host, chosen.host)
    )
    order = np.lexsort((chosen.learner, -score))
    order = order[score[order] > 0]
    alone = [len(ties.of(learner)) <= LARGEST_BUNDLE for learner in chosen.learner[order].tolist()]
    nearest = chosen.learner[order[np.array(alone, bool)][:MOST_MOVERS]]
    return np.unique(np.concatenate([np.empty(0, np.int64), *(ties.of(int(one)) for one in nearest)]))


def _times(wanted: IntArray, there: IntArray) -> IntArray:
    """How often each placement's place is wanted."""
    length = int(max(wanted.max(initial=0), there.max(initial=0))) + 1
    counts: IntArray = np.bincount(wanted, minlength=length)[there]
    return counts
