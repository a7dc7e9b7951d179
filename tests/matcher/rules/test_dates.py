"""Rule 3: the flow lies within the learner's and within the offer's availability, both ends included."""

import pytest

from models.outcome import Breach
from tests.tiny import barred, breaches, day, learner, offer, tiny, why

AWAY = "learner L1 in flow f1, 2022-09-12 to 2022-10-09: "


@pytest.mark.parametrize(
    ("first", "last", "fine"),
    [
        ("09-12", "10-09", True),
        ("09-13", "10-09", False),
        ("09-12", "10-08", False),
        ("09-13", "10-08", False),
    ],
)
def test_the_boundary_days_of_the_learner(first: str, last: str, fine: bool) -> None:
    """Available from the flow's first day to its last is enough; a day less at either end is a breach."""
    rnd = tiny(learner(available_from=day(first), available_to=day(last)))
    message = f"{AWAY}learner L1 is available 2022-{first} to 2022-{last}"
    assert breaches(rnd, "dates", "L1 o1 f1") == ([] if fine else [Breach("dates", message, ("L1",))])
    assert barred(rnd, "dates") == ([] if fine else ["L1 o1 f1"])


@pytest.mark.parametrize(
    ("first", "last", "fine"),
    [("09-12", "10-09", True), ("09-13", "10-09", False), ("09-12", "10-08", False)],
)
def test_the_boundary_days_of_the_offer(first: str, last: str, fine: bool) -> None:
    """The same for the offer."""
    rnd = tiny(offer(available_from=day(first), available_to=day(last)))
    message = f"{AWAY}offer o1 is available 2022-{first} to 2022-{last}"
    assert breaches(rnd, "dates", "L1 o1 f1") == ([] if fine else [Breach("dates", message, ("L1",))])
    assert barred(rnd, "dates") == ([] if fine else ["L1 o1 f1"])


def test_why_says_the_three_ranges() -> None:
    """Flow, learner, offer."""
    assert why(tiny(), "dates") == (
        "flow 2022-09-12 to 2022-10-09; learner 2022-09-01 to 2022-12-20; offer 2022-01-01 to 2022-12-31"
    )
