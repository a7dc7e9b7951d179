"""Empty seats: counted as by hand, each by the one thing that decides it."""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from matcher import load, match
from matcher.allocations import adopted
from matcher.reporting.facts import Facts
from matcher.reporting.page import page
from matcher.reporting.vacancies import Vacancies, busiest, vacancies
from models.round import Round
from tests.conftest import ROOT
from tests.tiny import allocation, company, day, flow, host, learner, offer, tiny


def asked(rnd: Round, *placements: str) -> Vacancies:
    """The empty seats of an allocation."""
    result = adopted(rnd, allocation(*placements))
    return vacancies(Facts(result), result)


def told(found: Vacancies) -> dict[str, tuple[int, str, int]]:
    """Of each offer: empty seats, why, how many learners could come."""
    return {one.id: (one.empty, one.why, one.learners) for one in found.offers}


def test_each_offer_by_what_decides_it() -> None:
    """o1: 3 seats, L1 there, L2 could come and has no place. o2 asks for Italian, which would suffice for both of them.
    o3 has no flow in its time. o4 is L1's second choice of place: only L2, who has none, is counted. o5 takes a field
    that only L3 has, who is at o6.
    """
    rnd = tiny(
        learner("L1"),
        learner("L2"),
        learner("L3", field="0811"),
        company("c1"),
        company("c2", working_languages=(("it", 2),)),
        offer("o1", seats=3),
        offer("o2", company_id="c2", seats=2),
        offer("o3", seats=1, available_to=day("03-01")),
        offer("o4", seats=1),
        offer("o5", seats=4, fields=("0811",)),
        offer("o6", seats=1, fields=("081",)),
    )
    found = asked(rnd, "L1 o1 f1", "L3 o6 f1")
    assert told(found) == {
        "o5": (4, "elsewhere", 1),
        "o1": (2, "waiting", 1),
        "o2": (2, "barred", 0),
        "o3": (1, "no_flow", 0),
        "o4": (1, "waiting", 1),
    }
    assert [one.id for one in found.offers] == ["o5", "o1", "o2", "o3", "o4"]  # by empty seats, then by id
    (at,) = found.hosts
    assert (at.offers, at.seats, at.empty) == (6, 12, 10)
    assert (at.no_flow, at.barred, at.elsewhere, at.waiting) == (1, 2, 4, 3)
    kept = next(one.kept_away for one in found.offers if one.id == "o2")
    assert kept is not None
    assert [(one.rule, one.learners) for one in kept] == [("language", 2)]  # L3's field is wrong too


def test_a_seat_taken_on_some_day_is_not_empty() -> None:
    """One after the other they need one seat of two; on a common day (both ends count) they need both."""
    people = [learner("L1"), learner("L2")]
    apart = tiny(*people, offer(seats=2), flow("f1"), flow("f2", "10-10", "10-31"))
    assert told(asked(apart, "L1 o1 f1", "L2 o1 f2")) == {"o1": (1, "elsewhere", 0)}
    meeting = tiny(*people, offer(seats=2), flow("f1"), flow("f2", "10-09", "10-31"))
    assert asked(meeting, "L1 o1 f1", "L2 o1 f2").vacant == 0


def test_hosts_without_offers_are_left_out_and_nobody_need_be_placed() -> None:
    """A host whom no company belongs to has no seats to be empty; an allocation may be empty."""
    found = asked(tiny(host("zni"), host("h2"), offer(seats=2)))
    assert [one.id for one in found.hosts] == ["zni"]
    assert told(found) == {"o1": (2, "waiting", 1)}


def test_dates_that_are_no_rule_close_nothing() -> None:
    """Where the rule is off, a flow outside of the offer's time is as good as any."""
    late = tiny(offer(available_to=day("03-01")))
    off = late.replace(policy=late.policy.model_copy(update={"rules": {"dates": False}}))
    assert [one.why for one in asked(late).offers] == ["no_flow"]
    assert [one.why for one in asked(off).offers] == ["waiting"]


def test_the_busiest_day_as_counted_day_by_day() -> None:
    """On a whole round: learners at each offer on each day, one by one."""
    rnd = load(ROOT / "sample_data" / "tiny")
    facts = Facts(match(rnd))
    days: dict[tuple[int, object], int] = {}
    some = facts.options
    for where, which in zip(some.offer.tolist(), some.flow.tolist(), strict=True):
        at = rnd.flows.records[which]
        for number in range((at.end - at.start).days + 1):
            key = (where, at.start + timedelta(days=number))
            days[key] = days.get(key, 0) + 1
    most = np.zeros(len(rnd.offers), np.int64)
    for (where, _), count in days.items():
        most[where] = max(most[where], count)
    assert busiest(facts).tolist() == most.tolist()
    assert most.any()


def test_the_page_tells_them() -> None:
    """In a section of its own, with what a coordinator can do next."""
    text = page(match(tiny(offer(seats=2))))
    assert "1 of 2 seats stay empty all the time, at 1 offer." in text
    assert "all who may come are here" in text
    assert "None of the 1 seats stays empty" in page(match(tiny(offer(seats=1))))
