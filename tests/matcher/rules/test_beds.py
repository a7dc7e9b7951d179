"""Rule 6: on every day heads present at the hosting partner stay within its beds."""

from datetime import date

import pytest

from models.outcome import Breach
from models.policy import Policy
from models.tables import Beds
from tests.tiny import breaches, company, day, flow, host, labels, learner, offer, partner, tiny

LEARNERS = [learner(name) for name in ("L1", "L2", "L3")]


def beds(count: int, first: str = "09-01", last: str = "12-31", host_id: str = "zni") -> Beds:
    """Beds at a host over a range of days."""
    return Beds(host_id=host_id, from_=day(first), to=day(last), beds=count)


def test_one_head_too_many_is_named_with_the_day() -> None:
    """Two beds, three learners."""
    found = breaches(tiny(*LEARNERS, beds(2)), "beds", "L1 o1 f1", "L2 o1 f1", "L3 o1 f1")
    message = "beds at zni: 2, heads 3 on 2022-09-12: 0 escort(s) and L1, L2, L3"
    assert found == [Breach("beds", message, ("L1", "L2", "L3"))]


def test_as_many_heads_as_beds_is_fine() -> None:
    """Three beds, three learners."""
    assert breaches(tiny(*LEARNERS, beds(3)), "beds", "L1 o1 f1", "L2 o1 f1", "L3 o1 f1") == []


def test_escorts_need_beds_while_the_rule_holds() -> None:
    """Three learners, one escort for up to two: two escorts, five heads; without escorts four beds do."""
    rows = (*LEARNERS, beds(4), flow(learners_per_escort=2))
    everyone = ("L1 o1 f1", "L2 o1 f1", "L3 o1 f1")
    message = "beds at zni: 4, heads 5 on 2022-09-12: 2 escort(s) and L1, L2, L3"
    assert breaches(tiny(*rows), "beds", *everyone) == [Breach("beds", message, ("L1", "L2", "L3"))]
    assert breaches(tiny(*rows, policy=Policy(rules={"escorts": False})), "beds", *everyone) == []


def test_each_partner_sends_its_own_escorts() -> None:
    """One learner of each of two partners, one escort for up to ten: two escorts, four heads."""
    rows = (learner("L1"), learner("L2", partner_id="cem"), partner("ccis"), partner("cem"))
    rnd = tiny(*rows, beds(3), flow(learners_per_escort=10))
    message = "beds at zni: 3, heads 4 on 2022-09-12: 2 escort(s) and L1, L2"
    assert breaches(rnd, "beds", "L1 o1 f1", "L2 o1 f1") == [Breach("beds", message, ("L1", "L2"))]


def test_a_host_without_a_row_has_no_limit() -> None:
    """The rows of another host do not matter."""
    rnd = tiny(*LEARNERS, host("zni"), host("mode"), beds(0, host_id="mode"))
    assert breaches(rnd, "beds", "L1 o1 f1", "L2 o1 f1", "L3 o1 f1") == []


@pytest.mark.parametrize(
    ("first", "last", "on"),
    [
        ("09-12", "10-09", None),
        ("09-13", "10-09", "2022-09-12"),
        ("09-12", "10-08", "2022-10-09"),
    ],
)
def test_a_day_that_no_row_covers_has_no_beds(first: str, last: str, on: str | None) -> None:
    """The flow's first and last day count; nobody sleeps on a day outside the rows."""
    message = f"beds at zni: 0, heads 1 on {on}: 0 escort(s) and L1"
    expected = [] if on is None else [Breach("beds", message, ("L1",))]
    assert breaches(tiny(beds(5, first, last)), "beds", "L1 o1 f1") == expected


def test_a_hole_between_rows_and_fewer_beds_later_are_seen() -> None:
    """Two beds to 20 September, none on the 21st, one from the 22nd: two learners lack two, then one."""
    rnd = tiny(*LEARNERS, beds(2, "09-01", "09-20"), beds(1, "09-22", "12-31"))
    found = breaches(rnd, "beds", "L1 o1 f1", "L2 o1 f1")
    message = "beds at zni: 0, heads 2 on 2022-09-21: 0 escort(s) and L1, L2"
    assert found == [Breach("beds", message, ("L1", "L2"))]


def test_rows_without_a_hole_add_up() -> None:
    """One bed up to 20 September, one from the 21st: one learner has a bed all the time."""
    rnd = tiny(*LEARNERS, beds(1, "09-01", "09-20"), beds(1, "09-21", "12-31"))
    assert breaches(rnd, "beds", "L1 o1 f1") == []


def test_a_row_to_the_end_of_time_is_fine() -> None:
    """The day after the last day that a date can hold is never needed."""
    forever = Beds(host_id="zni", from_=day("01-01"), to=date.max, beds=1)
    assert breaches(tiny(forever), "beds", "L1 o1 f1") == []


def test_hosts_are_counted_apart() -> None:
    """One bed at each of two hosts, one learner at each."""
    rows = (
        host("zni"),
        host("mode"),
        beds(1),
        beds(1, host_id="mode"),
        flow("f1"),
        flow("f2", host_id="mode"),
    )
    rnd = tiny(
        *LEARNERS,
        *rows,
        company("c1"),
        company("c2", host_id="mode"),
        offer("o1"),
        offer("o2", company_id="c2"),
    )
    assert breaches(rnd, "beds", "L1 o1 f1", "L2 o2 f2") == []
    message = "beds at mode: 1, heads 2 on 2022-09-12: 0 escort(s) and L2, L3"
    expected = [Breach("beds", message, ("L2", "L3"))]
    assert breaches(rnd, "beds", "L1 o1 f1", "L2 o2 f2", "L3 o2 f2") == expected


def test_rows_name_host_day_and_beds() -> None:
    """Fewer beds from 22 September are the tighter limit; the earlier days follow."""
    rnd = tiny(*LEARNERS, beds(2, "09-01", "09-21"), beds(1, "09-22", "12-31"))
    assert labels(rnd, "beds") == ["beds at zni on 2022-09-22: 1"]


def test_rows_say_a_thing_once() -> None:
    """The same beds before and after 22 September: the first day says it for all."""
    rnd = tiny(*LEARNERS, beds(1, "09-01", "09-21"), beds(1, "09-22", "12-31"))
    assert labels(rnd, "beds") == ["beds at zni on 2022-09-12: 1"]


def test_rows_count_the_beds_of_a_ranges_last_day() -> None:
    """Who arrives on the last day of a range has its beds; on the day after there are fewer."""
    rnd = tiny(*LEARNERS, beds(2, "09-01", "09-12"), beds(1, "09-13", "12-31"))
    assert labels(rnd, "beds") == ["beds at zni on 2022-09-13: 1"]
    rnd = tiny(*LEARNERS, beds(1, "09-01", "09-12"), beds(2, "09-13", "12-31"))
    assert labels(rnd, "beds") == ["beds at zni on 2022-09-12: 1"]
