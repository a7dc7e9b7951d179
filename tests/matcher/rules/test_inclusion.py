"""Rule 18: a share of the learners placed has a ``fewer_opportunities`` reason."""

import pytest

from models.outcome import Breach
from models.policy import Policy
from tests.tiny import breaches, labels, learner, tiny

PEOPLE = (
    learner("L1", fewer_opportunities=("rural", "displaced")),
    learner("L2"),
    learner("L3"),
    learner("L4", fewer_opportunities=("rural",)),
)


@pytest.mark.parametrize(
    ("share", "who", "counts"),
    [
        (0, ("L2", "L3"), None),
        (50, ("L1", "L2"), None),
        (51, ("L1", "L2"), (1, 2)),
        (33, ("L1", "L2", "L3"), None),
        (34, ("L1", "L2", "L3"), (1, 3)),
        (66, ("L1", "L2", "L4"), None),
        (67, ("L1", "L2", "L4"), (2, 3)),
        (100, ("L1", "L4"), None),
        (100, (), None),
        (1, ("L2",), (0, 1)),
    ],
)
def test_the_boundary_of_the_share(share: int, who: tuple[str, ...], counts: tuple[int, int] | None) -> None:
    """100 · with a reason ≥ share · placed: 100 of 3 is at least 33 %, not 34 %; two reasons count once."""
    rnd = tiny(*PEOPLE, policy=Policy(min_fewer_opportunities_share=share))
    chosen = [f"{learner_id} o1 f1" for learner_id in who]
    found = breaches(rnd, "inclusion", *chosen)
    if counts is None:
        assert found == []
    else:
        start = f"learners with fewer opportunities: at least {share} % of those placed, "
        assert found == [Breach("inclusion", f"{start}placed {counts[0]} of {counts[1]}")]


def test_a_learner_counts_once() -> None:
    """Two placements of L2 are one learner placed: half of two have a reason."""
    rnd = tiny(*PEOPLE, policy=Policy(min_fewer_opportunities_share=50))
    assert breaches(rnd, "inclusion", "L1 o1 f1", "L2 o1 f1", "L2 o1 f1") == []


def test_rows_name_the_share() -> None:
    """A share of 0 needs no row."""
    rnd = tiny(*PEOPLE, policy=Policy(min_fewer_opportunities_share=1))
    assert labels(rnd, "inclusion") == ["learners with fewer opportunities: at least 1 % of the placed"]
    assert labels(tiny(*PEOPLE), "inclusion") == []
