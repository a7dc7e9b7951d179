"""Reasons counted in whole columns are the reasons worked out one by one."""

from collections import Counter

import numpy as np
import pytest

from matcher import match
from matcher.explaining.probing import Probe
from matcher.explaining.reasons import reason_of
from matcher.explaining.standing import Standing
from matcher.explaining.tallying import Tally
from tests.strategies import random_round

ROUNDS = range(120)


@pytest.mark.slow
def test_many_reasons_are_those_of_each() -> None:
    """Reason and detail, word by word, of everybody who has options and no place; many kinds of reasons occur."""
    seen: Counter[str] = Counter()
    for seed in ROUNDS:
        result = match(random_round(seed), method="greedy" if seed % 2 else "cpsat")
        if result.audit is None:
            continue
        standing = Standing.of(result)
        left = standing.unplaced[standing.option_counts[standing.unplaced] > 0]
        found = Tally(standing, left).reasons()
        probe = Probe.of(standing, left)
        assert found == {learner: reason_of(probe, learner) for learner in left.tolist()}
        seen.update(reason.reason for reason in found.values())
        some = left[::2]
        assert Tally(standing, some).reasons() == {learner: found[learner] for learner in some.tolist()}
    assert seen["outcompeted"] > 50
    assert len(seen) > 4


def test_nobody_is_nobody() -> None:
    """No learners, no reasons."""
    result = match(random_round(3), method="greedy")
    assert Tally(Standing.of(result), np.empty(0, np.int64)).reasons() == {}
