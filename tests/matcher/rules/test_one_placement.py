"""Rule 1: a learner has at most one placement."""

from models.outcome import Breach
from tests.tiny import breaches, flow, labels, learner, offer, tiny

ROUND = tiny(learner("L1"), learner("L2"), offer("o1"), offer("o2"), flow("f1"), flow("f2"))


def test_two_placements_of_one_learner_are_a_breach_that_names_them() -> None:
    """L1 is at o1 and at o2; L2's one placement is fine."""
    found = breaches(ROUND, "one_placement", "L1 o2 f1", "L2 o1 f1", "L1 o1 f2")
    where = "offer o1 in flow f2; offer o2 in flow f1"
    assert found == [Breach("one_placement", f"learner L1 has 2 placements: {where}", ("L1",))]


def test_the_same_placement_twice_is_a_breach() -> None:
    """A line that stands twice in a file is two placements."""
    where = "offer o1 in flow f1; offer o1 in flow f1"
    found = breaches(ROUND, "one_placement", "L1 o1 f1", "L1 o1 f1")
    assert found == [Breach("one_placement", f"learner L1 has 2 placements: {where}", ("L1",))]


def test_one_placement_each_is_fine() -> None:
    """The boundary: exactly one."""
    assert breaches(ROUND, "one_placement", "L1 o1 f1", "L2 o1 f1") == []


def test_rows_name_the_learner() -> None:
    """One row per learner with options."""
    assert labels(ROUND, "one_placement") == [
        "learner L1 has one placement at most",
        "learner L2 has one placement at most",
    ]
