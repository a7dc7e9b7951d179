"""What the tests of reports share."""

import pytest

from matcher import Result
from tests.matcher.reporting import rounds


@pytest.fixture
def hand() -> Result:
    """The result of the round worked by hand."""
    return rounds.with_reasons(rounds.solved(rounds.hand_round()), rounds.reasons(["L4"]))


@pytest.fixture
def infeasible() -> Result:
    """A round that no allocation satisfies."""
    result = rounds.solved(rounds.infeasible_round())
    vars(result)["conflict"] = ("the quota p1→h2 needs 1 learner, but nobody of p1 has an option at h2",)
    return result
