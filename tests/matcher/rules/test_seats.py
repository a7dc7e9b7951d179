"""Rule 5: on every day at most ``seats`` placed learners are present at the offer."""

import pytest

from models.outcome import Breach
from tests.tiny import breaches, flow, labels, learner, offer, tiny

LEARNERS = [learner(name) for name in ("L1", "L2", "L3")]


def test_one_learner_too_many_is_named_with_the_day() -> None:
    """Two seats, three learners in one flow."""
    rnd = tiny(*LEARNERS, offer(seats=2))
    found = breaches(rnd, "seats", "L1 o1 f1", "L2 o1 f1", "L3 o1 f1")
    message = "seats at offer o1: 2, placed 3 on 2022-09-12: L1, L2, L3"
    assert found == [Breach("seats", message, ("L1", "L2", "L3"))]


def test_as_many_as_there_are_seats_is_fine() -> None:
    """Two seats, two learners; the third is at another offer."""
    rnd = tiny(*LEARNERS, offer("o1", seats=2), offer("o2", seats=1))
    assert breaches(rnd, "seats", "L1 o1 f1", "L2 o1 f1", "L3 o2 f1") == []


@pytest.mark.parametrize(("start", "fine"), [("10-10", True), ("10-09", False)])
def test_a_seat_is_free_again_on_the_day_after_the_last(start: str, fine: bool) -> None:
    """f1 ends on 9 October: who comes on the 10th takes the same seat, who comes on the 9th needs another."""
    rnd = tiny(*LEARNERS, offer(seats=1), flow("f1"), flow("f2", start, "10-30"))
    message = "seats at offer o1: 1, placed 2 on 2022-10-09: L1, L2"
    expected = [] if fine else [Breach("seats", message, ("L1", "L2"))]
    assert breaches(rnd, "seats", "L1 o1 f1", "L2 o1 f2") == expected


def test_every_further_rise_is_reported_with_who_is_there() -> None:
    """No seats: one learner from 12 September, two from the 19th; L3 only takes over from L1."""
    flows = (flow("f1", "09-12", "09-30"), flow("f2", "09-19", "10-20"), flow("f3", "10-01", "10-20"))
    rnd = tiny(*LEARNERS, offer(seats=0), *flows)
    found = breaches(rnd, "seats", "L1 o1 f1", "L2 o1 f2", "L3 o1 f3")
    assert found == [
        Breach("seats", "seats at offer o1: 0, placed 1 on 2022-09-12: L1", ("L1",)),
        Breach("seats", "seats at offer o1: 0, placed 2 on 2022-09-19: L1, L2", ("L1", "L2")),
    ]


def test_rows_name_offer_day_and_seats() -> None:
    """f1 and f2 overlap from 19 September: one row for that day says all."""
    rnd = tiny(*LEARNERS, offer(seats=2), flow("f1"), flow("f2", "09-19", "10-20"))
    assert labels(rnd, "seats") == ["seats at offer o1 on 2022-09-19: 2"]
