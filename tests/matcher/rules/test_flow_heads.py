"""Rule 7: heads in a flow, learners and escorts, stay within ``max_heads``."""

import pytest

from models.outcome import Breach
from models.policy import Policy
from tests.tiny import breaches, flow, labels, learner, tiny

LEARNERS = [learner(name) for name in ("L1", "L2", "L3")]
EVERYONE = ("L1 o1 f1", "L2 o1 f1", "L3 o1 f1")


@pytest.mark.parametrize(
    ("most", "ratio", "escorts"),
    [(2, None, 0), (0, None, 0), (3, 3, 1), (4, 2, 2), (5, 1, 3)],
)
def test_one_head_too_many_is_a_breach(most: int, ratio: int | None, escorts: int) -> None:
    """Three learners with ⌈3 / k⌉ escorts; the limit is below that."""
    rnd = tiny(*LEARNERS, flow(max_heads=most, learners_per_escort=ratio))
    heads = 3 + escorts
    message = f"heads in flow f1: at most {most}, there are {heads}: {escorts} escort(s) and L1, L2, L3"
    assert breaches(rnd, "flow_heads", *EVERYONE) == [Breach("flow_heads", message, ("L1", "L2", "L3"))]


@pytest.mark.parametrize(("most", "ratio"), [(3, None), (None, None), (None, 1), (4, 3), (5, 2), (6, 1)])
def test_exactly_as_many_heads_as_allowed_is_fine(most: int | None, ratio: int | None) -> None:
    """The boundary; a blank is no limit."""
    rnd = tiny(*LEARNERS, flow(max_heads=most, learners_per_escort=ratio))
    assert breaches(rnd, "flow_heads", *EVERYONE) == []


def test_without_the_rule_escorts_nobody_sends_any() -> None:
    """Three learners are three heads."""
    policy = Policy(rules={"escorts": False})
    rnd = tiny(*LEARNERS, flow(max_heads=3, learners_per_escort=1), policy=policy)
    assert breaches(rnd, "flow_heads", *EVERYONE) == []


def test_rows_name_the_flow_and_its_limit() -> None:
    """A flow without a limit has no row."""
    rnd = tiny(*LEARNERS, flow("f1", max_heads=3), flow("f2"))
    assert labels(rnd, "flow_heads") == ["heads in flow f1: 3 at most"]
