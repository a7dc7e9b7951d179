"""Rule 15: ``together`` at one company in one flow or both unplaced; ``apart`` never at one company."""

import pytest

from models.outcome import Breach
from models.tables import Pair
from tests.tiny import breaches, company, flow, labels, learner, offer, tiny

WORLD = (
    *(learner(f"L{number}") for number in (1, 2, 3)),
    company("c1"),
    company("c2"),
    offer("o1"),
    offer("o2", company_id="c2"),
    offer("o3"),
    flow("f1"),
    flow("f2", "10-09", "10-30"),
    flow("f3", "10-10", "10-30"),
)


@pytest.mark.parametrize(
    ("placements", "at"),
    [
        ([], None),
        (["L1 o1 f1", "L2 o3 f1", "L3 o2 f2"], None),
        (["L1 o1 f1"], "company c1 in flow f1 and no place"),
        (["L2 o1 f1"], "no place and company c1 in flow f1"),
        (["L1 o1 f1", "L2 o2 f1"], "company c1 in flow f1 and company c2 in flow f1"),
        (["L1 o1 f1", "L2 o1 f2"], "company c1 in flow f1 and company c1 in flow f2"),
    ],
)
def test_together(placements: list[str], at: str | None) -> None:
    """Offers o1 and o3 are at c1: another offer of the same company is together."""
    rnd = tiny(*WORLD, Pair(learner_a="L1", learner_b="L2", kind="together"))
    message = f"learners L1 and L2 (together) are at {at}"
    assert breaches(rnd, "pairs", *placements) == ([Breach("pairs", message, ("L1", "L2"))] if at else [])


@pytest.mark.parametrize(
    ("placements", "days"),
    [
        ([], None),
        (["L1 o1 f1"], None),
        (["L1 o1 f1", "L2 o2 f1"], None),
        (["L1 o1 f1", "L2 o1 f3"], None),
        (["L1 o1 f3", "L2 o3 f1"], None),
        (["L1 o1 f1", "L2 o3 f1"], "2022-09-12 to 2022-10-09"),
        (["L1 o1 f1", "L2 o1 f2"], "2022-10-09 to 2022-10-09"),
        (["L1 o1 f2", "L2 o1 f1"], "2022-10-09 to 2022-10-09"),
    ],
)
def test_apart(placements: list[str], days: str | None) -> None:
    """f1 ends on 9 October: f2 begins that very day, f3 the day after."""
    rnd = tiny(*WORLD, Pair(learner_a="L1", learner_b="L2", kind="apart"))
    message = f"learners L1 and L2 (apart) are both at company c1 from {days}"
    assert breaches(rnd, "pairs", *placements) == ([Breach("pairs", message, ("L1", "L2"))] if days else [])


def test_several_placements_of_one_learner_are_all_looked_at() -> None:
    """L1's first placement is not with L2, the second is."""
    rnd = tiny(*WORLD, Pair(learner_a="L1", learner_b="L2", kind="apart"))
    assert len(breaches(rnd, "pairs", "L1 o1 f1", "L1 o2 f1", "L2 o2 f1")) == 1
    rnd = tiny(*WORLD, Pair(learner_a="L1", learner_b="L2", kind="together"))
    places = "company c1 in flow f1; company c2 in flow f1"
    message = f"learners L1 and L2 (together) are at {places} and company c2 in flow f1"
    assert breaches(rnd, "pairs", "L1 o1 f1", "L1 o2 f1", "L2 o2 f1") == [
        Breach("pairs", message, ("L1", "L2"))
    ]


def test_rows_name_the_pair_and_the_place() -> None:
    """One row per company and flow for ``together``, per company and shared day for ``apart``."""
    pairs = [Pair(learner_a="L1", learner_b="L2", kind=kind) for kind in ("apart", "together")]
    assert labels(tiny(learner("L1"), learner("L2"), *pairs), "pairs") == [
        "learners L1 and L2 are both at company c1 in flow f1, or neither is",
        "learners L1 and L2 are not both at company c1 on 2022-09-12",
    ]
