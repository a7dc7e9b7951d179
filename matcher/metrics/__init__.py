"""How good an allocation is, for analysts: DataFrame in, DataFrame out.

    from matcher import load, match, metrics

    round_ = load("sample_data/intervet")
    best, first = match(round_).placements, match(round_, method="greedy").placements
    print(metrics.summary(round_, {"best": best, "first come": first}))
    print(metrics.compare(round_, first, best))

Allocations are DataFrames with the columns ``learner_id``, ``offer_id`` and ``flow_id`` (others are not looked at): a
result's ``placements``, a ``placements.csv`` that pandas read, or one made by hand, valid or not. What each column
means is said at the function that makes it. Nothing names a person or a school but by id.
"""

from __future__ import annotations

from matcher.metrics.baselines import BASELINES, Effort, baselines, spread
from matcher.metrics.comparing import changes, compare
from matcher.metrics.grouping import KEYS, by, inequality
from matcher.metrics.judging import Judgement, judge
from matcher.metrics.measures import gini, wilson
from matcher.metrics.pricing import Prices, parity, stability
from matcher.metrics.summing import rank_profile, summary

__all__ = [
    "BASELINES",
    "KEYS",
    "Effort",
    "Judgement",
    "Prices",
    "baselines",
    "by",
    "changes",
    "compare",
    "gini",
    "inequality",
    "judge",
    "parity",
    "rank_profile",
    "spread",
    "stability",
    "summary",
    "wilson",
]
