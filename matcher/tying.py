"""What methods may know beyond the rows: which options are near each other, and which learners choose alike."""

from __future__ import annotations

import numpy as np

from matcher.options import Options
from models.bulk import narrow
from models.problem import Areas, Ties
from models.round import IntArray, Round


def areas_of(rnd: Round, options: Options) -> Areas:
    """An area per flow, a district per hosting partner, along the days on which flows begin."""
    start = rnd.flows["start"].astype("datetime64[D]").astype(np.int64)
    return Areas(options.flow, rnd.ref("flows", "host_id"), start)


def ties_of(rnd: Round, options: Options) -> Ties | None:
    """Groups by flow, or by flow and company; ``together`` pairs by flow and company. Who is in a group, or in more
    than one pair, is tied once.
    """
    of_learner = np.full(len(rnd.learners), -1)
    whole, by_company = np.zeros(0, bool), np.zeros(0, bool)
    if rnd.policy.holds("groups"):
        of_learner = rnd.ref("learners", "group_id").copy()
        whole = np.array([mode != "same_flow" for mode in rnd.groups["mode"]], bool)
        by_company = np.array([mode == "same_company" for mode in rnd.groups["mode"]], bool)
    if rnd.policy.holds("pairs"):
        pairs = _pairs_apart_from_ties(rnd, of_learner)
        for side in pairs:
            of_learner[side] = len(whole) + np.arange(len(side))
        more = np.ones(len(pairs[0]), bool)
        whole, by_company = np.append(whole, more), np.append(by_company, more)
    if not len(whole):
        return None
    option = np.flatnonzero(of_learner[options.learner] >= 0)
    part = options.take(option)
    company = np.where(by_company[of_learner[part.learner]], part.company + 1, 0)
    label = part.flow.astype(np.int64) * (len(rnd.companies) + 1) + company
    return Ties(of_learner, whole, narrow(option), narrow(label))


def _pairs_apart_from_ties(rnd: Round, of_learner: IntArray) -> tuple[IntArray, IntArray]:
    """The ``together`` pairs of learners who are in no other tie."""
    together = rnd.pairs["kind"] == "together"
    one, other = rnd.ref("pairs", "learner_a")[together], rnd.ref("pairs", "learner_b")[together]
    times = np.bincount(np.concatenate([one, other]), minlength=len(of_learner))
    alone = (of_learner < 0) & (times == 1)
    free = alone[one] & alone[other]
    return one[free], other[free]
