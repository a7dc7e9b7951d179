"""Rule 9: a sending partner has no learner in a flow, or at least ``min_group``."""

import pytest

from models.outcome import Breach
from tests.tiny import breaches, flow, labels, learner, partner, tiny

PEOPLE = (
    *(learner(name) for name in ("L1", "L2", "L3")),
    learner("L4", partner_id="cem"),
    partner("ccis"),
    partner("cem"),
)


@pytest.mark.parametrize(("least", "fine"), [(1, True), (2, True), (3, False)])
def test_the_boundary(least: int, fine: bool) -> None:
    """Two learners: enough for two, too few for three."""
    rnd = tiny(*PEOPLE, flow(min_group=least))
    message = f"partner ccis in flow f1: at least {least} learners or none, placed 2: L1, L2"
    expected = [] if fine else [Breach("min_group", message, ("L1", "L2"))]
    assert breaches(rnd, "min_group", "L1 o1 f1", "L2 o1 f1") == expected


def test_each_partner_needs_its_own_number() -> None:
    """Three of ccis do not help the one of cem."""
    rnd = tiny(*PEOPLE, flow(min_group=2))
    message = "partner cem in flow f1: at least 2 learners or none, placed 1: L4"
    found = breaches(rnd, "min_group", "L1 o1 f1", "L2 o1 f1", "L3 o1 f1", "L4 o1 f1")
    assert found == [Breach("min_group", message, ("L4",))]


def test_nobody_is_fine() -> None:
    """An empty flow asks for nothing."""
    assert breaches(tiny(*PEOPLE, flow(min_group=9)), "min_group") == []


def test_rows_name_partner_flow_and_number() -> None:
    """A minimum of 1 needs no row."""
    rnd = tiny(*PEOPLE, flow("f1", min_group=2), flow("f2"))
    assert labels(rnd, "min_group") == [
        "learners of ccis in flow f1: none or at least 2",
        "learners of cem in flow f1: none or at least 2",
    ]
