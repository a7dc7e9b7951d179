"""Rule 16: on every day at most ``max_same_school`` learners of one school are present at the company."""

import pytest

from models.outcome import Breach
from models.tables import School
from tests.tiny import breaches, company, flow, labels, learner, offer, tiny

SCHOOLS = [School(id=name, partner_id="ccis", name="-") for name in ("s1", "s2")]
LEARNERS = [learner(f"L{number}", school_id="s1") for number in (1, 2, 3)]
WORLD = (*SCHOOLS, *LEARNERS, learner("L4", school_id="s2"), learner("L5"), learner("L6"))


@pytest.mark.parametrize(("most", "fine"), [(None, True), (3, True), (2, False), (0, False)])
def test_the_boundary(most: int | None, fine: bool) -> None:
    """Three of school s1 at one company, at two offers; a blank is no limit, 0 is one."""
    rnd = tiny(*WORLD, company(max_same_school=most), offer("o1"), offer("o2"))
    message = f"learners of school s1 at company c1: at most {most}, placed 3 on 2022-09-12: L1, L2, L3"
    expected = [] if fine else [Breach("same_school", message, ("L1", "L2", "L3"))]
    assert breaches(rnd, "same_school", "L1 o1 f1", "L2 o2 f1", "L3 o1 f1") == expected


def test_other_schools_and_learners_without_one_do_not_count() -> None:
    """One of each school and two of none: never two of one school."""
    rnd = tiny(*WORLD, company(max_same_school=1))
    assert breaches(rnd, "same_school", "L1 o1 f1", "L4 o1 f1", "L5 o1 f1", "L6 o1 f1") == []


@pytest.mark.parametrize(("start", "fine"), [("10-10", True), ("10-09", False)])
def test_only_common_days_count(start: str, fine: bool) -> None:
    """f1 ends on 9 October."""
    rnd = tiny(*WORLD, company(max_same_school=1), flow("f1"), flow("f2", start, "10-30"))
    message = "learners of school s1 at company c1: at most 1, placed 2 on 2022-10-09: L1, L2"
    expected = [] if fine else [Breach("same_school", message, ("L1", "L2"))]
    assert breaches(rnd, "same_school", "L1 o1 f1", "L2 o1 f2") == expected


def test_companies_are_counted_apart_and_all_are_looked_at() -> None:
    """c0 has no limit, c1 allows one: L2 and L3 there are too many."""
    places = (company("c0"), company("c1", max_same_school=1), offer("o0", company_id="c0"), offer("o1"))
    rnd = tiny(*WORLD, *places)
    message = "learners of school s1 at company c1: at most 1, placed 2 on 2022-09-12: L2, L3"
    expected = [Breach("same_school", message, ("L2", "L3"))]
    assert breaches(rnd, "same_school", "L1 o0 f1", "L2 o1 f1", "L3 o1 f1", "L5 o1 f1") == expected


def test_rows_name_school_company_day_and_limit() -> None:
    """One row per school at the company."""
    assert labels(tiny(*WORLD, company(max_same_school=2)), "same_school") == [
        "learners of school s1 at company c1 on 2022-09-12: 2 at most",
        "learners of school s2 at company c1 on 2022-09-12: 2 at most",
    ]
