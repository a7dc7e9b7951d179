"""Every reason of the contract on a round where it can be seen by eye, with its counts and its nearest fix."""

from datetime import date
from typing import Any

import pytest

from matcher import Result
from matcher.explaining import unplaced
from models.policy import Policy
from models.tables import Agreement, Beds, Group, Lock, Pair, Quota
from tests.matcher.explaining.small import (
    FIRST,
    company,
    flow,
    host,
    learner,
    offer,
    partner,
    school,
    solved,
)

FITS = "then B fits at offer o in flow f (checked: fits with nobody moved)"
AT_O = "the one candidate place (1 offer, 1 flow, 1 host); nearest is offer o of c in flow f"
ONE = "this rules out the one option"
A = learner("A", priority=9)


def row_of(result: Result, who: str = "B") -> tuple[str, str, str]:
    """Reason, detail and nearest fix of a learner."""
    rows = unplaced(result).set_index("learner_id")
    found: tuple[str, str, str] = tuple(rows.loc[who, ["reason", "detail", "nearest_fix"]])
    return found


BARRED: list[tuple[list[Any], str, str, str]] = [
    (
        [learner("B", languages=(("en", 2), ("it", 1)))],
        "language",
        f"no company asks a language level that B has: language bars {AT_O}: language: en A2 < B1",
        "company c asks en A2 (now B1)",
    ),
    (
        [learner("B", field="0613")],
        "profile",
        (
            f"no offer takes the field and level of B: profile bars {AT_O}: profile: field 0613, EQF 4; "
            "asked 0713, EQF any–any, fit at least 30"
        ),
        "a micro-credential of B in field 0713",
    ),
    (
        [learner("B"), offer(min_eqf=5)],
        "profile",
        (
            f"no offer takes the field and level of B: profile bars {AT_O}: profile: field 0713, EQF 4; "
            "asked 0713, EQF 5–any, fit at least 30"
        ),
        "set min_eqf of offer o to 4 (now 5)",
    ),
    (
        [learner("B", available_to=date(2022, 9, 30))],
        "dates",
        (
            f"no place lies within the availability of B and of its offer: dates bars {AT_O}: dates: flow 2022-09-05 "
            "to 2022-10-02; learner 2022-09-05 to 2022-09-30; offer 2022-09-05 to 2022-10-02"
        ),
        "learner B available to 2022-10-02 (now 2022-09-30)",
    ),
    (
        [learner("B", birth_date=None), company(min_age=18)],
        "age",
        f"no company takes B at the age on the first day: age bars {AT_O}: age: birth date not given, company asks 18",
        "the birth date of B, if it is 2004-09-05 or earlier",
    ),
    (
        [learner("B", birth_date=date(2005, 1, 1)), company(min_age=18)],
        "age",
        f"no company takes B at the age on the first day: age bars {AT_O}: age: age 17 < 18",
        "company c takes learners from age 17 (now 18)",
    ),
    (
        [learner("B", needs=("stay:halal",))],
        "needs",
        f"nowhere are the needs of B provided for: needs bars {AT_O}: needs: not provided: stay:halal",
        "host h provides stay:halal",
    ),
    (
        [learner("B", needs=("work:lift", "work:day_shift"))],
        "needs",
        f"nowhere are the needs of B provided for: needs bars {AT_O}: needs: not provided: work:lift;work:day_shift",
        "company c provides work:lift;work:day_shift",
    ),
    (
        [learner("B"), host("h2"), Agreement(partner_id="p", host_id="h2")],
        "agreements",
        (
            f"the sending partner of B has no agreement with a host that has a place: agreements bars {AT_O}: "
            "agreements: p has agreements, none with h"
        ),
        "an agreement of p with h",
    ),
    (
        [learner("B"), Lock(learner_id="B", kind="forbid", host_id="h")],
        "locks",
        f"locks rule out every place of B: locks bars {AT_O}: locks: forbid h",
        "lift the lock that keeps B from h",
    ),
]


@pytest.mark.parametrize(("rows", "reason", "detail", "change"), BARRED)
def test_one_rule_alone_bars_every_candidate(rows: list[Any], reason: str, detail: str, change: str) -> None:
    """The reason is the rule; the detail has the datum of the nearest candidate; the fix lifts the bar."""
    assert row_of(solved(*rows)) == (reason, detail, f"{change}: {FITS}")


LIMITED: list[tuple[list[Any], str, str, str]] = [
    ([offer(seats=0)], "seats", "no offer for B has a seat", "offer o has 1 seat (now 0)"),
    (
        [Beds(host_id="h", from_=FIRST, to=date(2022, 9, 20), beds=1)],
        "beds",
        "no host has beds for B, even if nobody else came",
        "1 bed more at h from 2022-09-21 to 2022-10-02",
    ),
    (
        [flow(max_heads=1, learners_per_escort=3)],
        "flow_heads",
        "no flow takes B and an escort where one is needed, even if nobody else came",
        "flow f takes 2 heads (now 1)",
    ),
    (
        [Quota(host_id="h", max_learners=0)],
        "quotas",
        "quotas allow nobody where B has an option",
        "quota all→h all allows 1 (now 0)",
    ),
    (
        [partner(budget_eur=100)],
        "budget",
        "every option of B costs more than the whole budget",
        "3149 EUR more for the budget of p (100 EUR)",
    ),
    (
        [flow(min_group=2)],
        "min_group",
        "in every flow too few learners of the partner of B have an option for the smallest group",
        "flow f takes 1 or more learners of a sending partner (now 2 or more)",
    ),
    (
        [school(), learner("B", school_id="s"), company(max_same_school=0)],
        "same_school",
        "no company with an option takes a learner of the school of B",
        "company c takes 1 learner of one school (now 0)",
    ),
]


@pytest.mark.parametrize(("rows", "reason", "detail", "change"), LIMITED)
def test_a_limit_that_nobody_else_has_used_up(rows: list[Any], reason: str, detail: str, change: str) -> None:
    """Options exist, and one rule rules them all out whoever else is placed: nothing went elsewhere.

    3,149 EUR: 275 EUR of travel (500 km and more), 30 paid days, 14 at 104 EUR and 16 at 73 EUR, make 2,624 EUR,
    and 350 EUR of organisation: 3,249 EUR, of which 100 are there.
    """
    given = [row for row in rows if getattr(row, "id", None) != "B"]
    result = solved(*[row for row in rows if getattr(row, "id", None) == "B"] or [learner("B")], *given)
    assert row_of(result) == (reason, f"{detail}: {ONE}", f"{change}: {FITS}")


def test_the_first_of_several_rules_is_the_reason_and_the_others_are_named() -> None:
    """Language and needs both bar everything: language has the smaller number."""
    reason, detail, fix = row_of(solved(learner("B", languages=(), needs=("work:x",))))
    assert reason == "language"
    assert "(1 offer, 1 flow, 1 host), barred by needs as well; nearest is offer o of c in flow f" in detail
    assert detail.endswith("language: en none < B1; needs: not provided: work:x")
    assert fix.startswith("no single change opens a place while nobody moves")
    assert fix.endswith("two or more rules bar every place of the learner, or of one tied to it")


def test_several_rules_together_are_no_option() -> None:
    """One company asks Italian, the other an age."""
    rows = [
        company(working_languages=(("it", 1),)),
        offer(),
        company("c2", min_age=30),
        offer("o2", company_id="c2"),
    ]
    reason, detail, fix = row_of(solved(learner("B"), *rows))
    assert reason == "no_option"
    assert detail.startswith(
        "together the rules bar all 2 candidate places (2 offers, 1 flow, 1 host) of B: language 1, age 1;"
    )
    assert fix == f"it A1 of B (now none): {FITS}"


def test_no_candidate_at_all_is_no_option_and_says_so() -> None:
    """A long stay where every flow is short."""
    reason, detail, _ = row_of(solved(learner("B", stay="long")))
    assert reason == "no_option"
    assert (
        detail
        == "no host has a flow and an offer for the stay of B (long): in all, 0 flows and 1 offer have that stay"
    )


def test_a_member_without_options_keeps_the_whole_group_out() -> None:
    """The member's own reason is its language; the others' is the group."""
    rows = [Group(id="g", partner_id="p", mode="all_or_none"), offer(seats=2)]
    result = solved(learner("A", group_id="g", languages=()), learner("B", group_id="g"), *rows)
    both = "in flow f with 1 more who are not placed now (checked: fits with nobody moved)"
    assert row_of(result, "A")[0] == "language"
    assert row_of(result, "A")[2] == f"en B1 of A (now none): then A fits at offer o {both}"
    assert row_of(result) == (
        "groups",
        (
            "the group of B has no place for all its members: this rules out the one option; group g (all_or_none) has "
            "2 members, at the best place 1 have an option, 1 have no option at all"
        ),
        f"en B1 of A (now none): then B fits at offer o {both}",
    )


def test_a_pair_mate_without_options_keeps_the_other_out() -> None:
    """Together, or neither."""
    pair = Pair(learner_a="A", learner_b="B", kind="together")
    reason, detail, _ = row_of(solved(learner("A", languages=()), learner("B"), pair, offer(seats=2)))
    assert (reason, detail) == ("pairs", f"the learner tied to B has no option at any place of B: {ONE}")


OUTCOMPETED: list[tuple[list[Any], str, str]] = [
    ([], "no seat left for 1 (o)", "offer o has 2 seats (now 1)"),
    (
        [offer(seats=2), flow(max_heads=1)],
        "no head left in the flow for 1 (f)",
        "flow f takes 2 heads (now 1)",
    ),
    (
        [offer(seats=2), Beds(host_id="h", from_=FIRST, to=date(2022, 12, 1), beds=1)],
        "no bed left for 1 (h)",
        "1 bed more at h from 2022-09-05 to 2022-10-02",
    ),
    (
        [offer(seats=2), Quota(partner_id="p", stay="short", max_learners=1)],
        "a full quota for 1 (p→all short, at most 1)",
        "quota p→all short allows 2 (now 1)",
    ),
    (
        [offer(seats=2), partner(budget_eur=5000)],
        "too little money left for 1 (p (5000 EUR))",
        "1498 EUR more for the budget of p (5000 EUR)",
    ),
    (
        [offer(seats=2), Pair(learner_a="A", learner_b="B", kind="apart")],
        "a pair in the way for 1 (A and B)",
        "lift the pair of A and B",
    ),
]


@pytest.mark.parametrize(("rows", "full", "change"), OUTCOMPETED)
def test_what_went_elsewhere(rows: list[Any], full: str, change: str) -> None:
    """A, of higher priority, has the only seat, head, bed, place in the quota, or the money."""
    reason, detail, fix = row_of(solved(A, learner("B"), *rows))
    assert reason == "outcompeted"
    assert detail == f"B has 1 option at 1 offer in 1 flow, none of them free: {full}"
    assert fix == f"{change}: {FITS}"


def test_the_share_of_fewer_opportunities() -> None:
    """A has a reason; with B the share falls to 50 of 100."""
    policy = Policy(min_fewer_opportunities_share=60)
    reason, detail, fix = row_of(
        solved(learner("A", fewer_opportunities=("rural",)), learner("B"), offer(seats=2), policy=policy)
    )
    assert reason == "outcompeted"
    assert detail.endswith("none of them free: too small a share with fewer opportunities for 1")
    assert fix == f"min_fewer_opportunities_share is 50 (now 60): {FITS}"


def test_a_place_that_only_the_goals_leave_empty() -> None:
    """Cheapest is to send nobody: nothing is full, and nothing need change."""
    reason, detail, fix = row_of(solved(learner("B"), policy=Policy(goals=("cost",))))
    assert reason == "outcompeted"
    assert (
        detail == "B has 1 option at 1 offer in 1 flow, 1 of them free, though the goals are better without"
    )
    assert fix == "nothing need change: B fits at offer o in flow f (checked: fits with nobody moved)"


def test_nobody_is_left_out_of_no_allocation() -> None:
    """An infeasible round has the columns and no rows."""
    frame = unplaced(solved(learner("B", languages=()), Lock(learner_id="B", kind="pin", offer_id="o")))
    assert frame.empty
    assert list(frame.columns) == ["learner_id", "reason", "detail", "nearest_fix"]
