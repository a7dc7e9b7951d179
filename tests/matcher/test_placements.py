"""An allocation resolved to its rows: indexes, parties, money, sweeps over days."""

from datetime import date

import pytest

from matcher.placements import Placements, Stay, gather, learners_on, listed, rising
from models.outcome import Placement
from models.policy import FitWeights, Policy
from models.tables import Affinity, MicroCredential, School
from tests.tiny import allocation, company, flow, host, learner, offer, partner, tiny

WORLD = (
    learner("L1", school_id="s1", group_id="g1"),
    learner("L2", partner_id="cem", group_id="g1"),
    learner("L3"),
    School(id="s1", partner_id="ccis", name="-"),
    partner("ccis"),
    partner("cem"),
    host("zni"),
    host("mode"),
    company("c1"),
    company("c2", host_id="mode"),
    offer("o1"),
    offer("o2", company_id="c2"),
    flow("f1"),
    flow("f2", host_id="mode"),
)


def test_a_placement_leads_to_its_rows() -> None:
    """Learner, offer, flow, company, host, partner, school."""
    rnd = tiny(*WORLD)
    first, second = Placements(rnd, allocation("L3 o2 f2", "L1 o1 f1"))
    assert (first.learner.id, first.offer.id, first.flow.id) == ("L1", "o1", "f1")
    assert (first.company.id, first.host.id, first.partner.id) == ("c1", "zni", "ccis")
    assert first.school is not None
    assert first.school.id == "s1"
    assert (second.company.id, second.host.id, second.school) == ("c2", "mode", None)


def test_the_host_is_where_the_flow_is() -> None:
    """An offer at zni in a flow at mode is no option; the learner would sleep at mode."""
    (place,) = Placements(tiny(*WORLD), allocation("L1 o1 f2"))
    assert (place.company.host_id, place.host.id) == ("zni", "mode")


def test_indexes_hold_every_placement_in_order() -> None:
    """Sorted by learner, offer and flow, however they came; several of one learner side by side."""
    placed = Placements(tiny(*WORLD), allocation("L2 o1 f1", "L1 o2 f2", "L3 o1 f1", "L1 o1 f1"))
    assert len(placed) == 4
    assert [place.offer.id for place in placed.by_learner["L1"]] == ["o1", "o2"]
    assert [place.learner.id for place in placed.by_offer["o1"]] == ["L1", "L2", "L3"]
    assert [place.learner.id for place in placed.by_flow["f2"]] == ["L1"]
    assert list(placed.by_learner) == ["L1", "L2", "L3"]
    assert placed.members == {"g1": ("L1", "L2")}


def test_unknown_ids_are_set_aside() -> None:
    """Each id that does not exist is named once; the placement counts nowhere."""
    placed = Placements(tiny(*WORLD), allocation("L9 o9 f1", "L1 o1 f9", "L3 o1 f1"))
    found = [(unknown.placement, unknown.column, unknown.value) for unknown in placed.unknown]
    assert found == [
        (Placement("L1", "o1", "f9"), "flow_id", "f9"),
        (Placement("L9", "o9", "f1"), "learner_id", "L9"),
        (Placement("L9", "o9", "f1"), "offer_id", "o9"),
    ]
    assert [place.learner.id for place in placed] == ["L3"]


def test_parties_are_the_learners_of_a_partner_in_a_flow() -> None:
    """Sorted by partner and flow, with their escorts and what those cost: 3708 each."""
    rnd = tiny(*WORLD[:-2], flow("f1", learners_per_escort=1), flow("f2", host_id="mode"))
    placed = Placements(rnd, allocation("L1 o1 f1", "L2 o1 f1", "L3 o1 f1"))
    found = [(party.partner.id, party.flow.id, party.learners, party.escorts) for party in placed.parties]
    assert found == [("ccis", "f1", ("L1", "L3"), 2), ("cem", "f1", ("L2",), 1)]
    assert [party.cost_eur for party in placed.parties] == [2 * 3708, 3708]
    assert [party.heads for party in placed.parties] == [4, 2]
    assert placed.heads == {"f1": 6}


def test_money_is_counted_by_partner_with_escorts() -> None:
    """A learner costs 2754, an escort 3708 (see the rule `budget`)."""
    rnd = tiny(*WORLD[:-2], flow("f1", learners_per_escort=2), flow("f2", host_id="mode"))
    placed = Placements(rnd, allocation("L1 o1 f1", "L3 o1 f1", "L2 o2 f2"))
    assert placed.spent == {"ccis": 2 * 2754 + 3708, "cem": 2754}
    assert Placements(rnd, ()).spent == {}


def test_learners_who_differ_in_what_they_are_paid_for_are_paid_apart() -> None:
    """By school (beside the host: no travel), way of travelling, reasons, partner and flow."""
    rows = (
        learner("L1"),
        learner("L2", school_id="s1"),
        learner("L3", green_travel=True),
        learner("L4", fewer_opportunities=("rural",)),
        learner("L5", partner_id="cem"),
        learner("L6"),
        School(id="s1", partner_id="ccis", name="-", lat=46.5547, lon=15.6459),
        partner("ccis"),
        partner("cem", rate_factor=0.5),
        flow("f1"),
        flow("f2", "09-12", "10-10"),
    )
    rnd = tiny(*rows)
    chosen = allocation("L1 o1 f1", "L2 o1 f1", "L3 o1 f1", "L4 o1 f1", "L5 o1 f1", "L6 o1 f2", "L1 o1 f2")
    placed = Placements(rnd, chosen)
    costs = [(place.learner.id, placed.cost_eur(place)) for place in placed]
    assert costs == [
        ("L1", 2754),
        ("L1", 2816),
        ("L2", 2574),
        ("L3", 3032),
        ("L4", 2854),
        ("L5", 180 + 14 * 44 + 16 * 31 + 350),
        ("L6", 2816),
    ]


def test_fit_points_come_from_the_learners_own_rows() -> None:
    """L1: profile 80 by a course, language 80, preference 100: (50·80 + 20·80 + 30·100) / 100 = 86.

    L3 has neither course nor score: profile 0, language 80, no wishes: 46.
    """
    rows = (
        MicroCredential(learner_id="L1", title="-", field="1013"),
        Affinity(learner_id="L1", company_id="c2", score=50),
        offer("o1", fields=("1013",)),
        offer("o2", company_id="c2", fields=("1013",)),
    )
    rnd = tiny(*WORLD[:10], *WORLD[12:], *rows)
    placed = Placements(rnd, allocation("L1 o1 f1", "L3 o1 f1"))
    assert [placed.profile_fit(place) for place in placed] == [80, 0]
    assert [placed.fit(place) for place in placed] == [86, 46]
    weights = rnd.policy.fit_weights.model_copy(update={"affinity": 100})
    weighty = rnd.replace(policy=rnd.policy.model_copy(update={"fit_weights": weights}))
    placed = Placements(weighty, allocation("L1 o2 f2", "L3 o2 f2"))
    assert [placed.fit(place) for place in placed] == [(8600 + 5000) // 200, 4600 // 200]


def test_wishes_and_scores_for_companies_and_hosts_count() -> None:
    """L1 wishes for mode, then for c1; its score for host mode is 40, L2's for company c2 70.

    At c1: preference 80, affinity 0; at c2 of mode: preference 100, affinity 40; for L2 without wishes 100 and 70.
    """
    rows = (
        learner("L1", preferences=("mode", "c1")),
        learner("L2"),
        Affinity(learner_id="L1", host_id="mode", score=40),
        Affinity(learner_id="L2", company_id="c2", score=70),
        *WORLD[6:],
    )
    weights = FitWeights(profile=0, language=0, preference=1, affinity=1)
    placed = Placements(
        tiny(*rows, policy=Policy(fit_weights=weights)), allocation("L1 o1 f1", "L1 o2 f2", "L2 o2 f2")
    )
    assert [placed.fit(place) for place in placed] == [40, 70, 85]


def stay(first: int, last: int, heads: int = 1) -> Stay:
    """Heads from one day of September 2022 to another."""
    return Stay(date(2022, 9, first), date(2022, 9, last), heads)


@pytest.mark.parametrize(
    ("stays", "limit", "rises"),
    [
        ([], 0, []),
        ([stay(1, 5)], 1, []),
        ([stay(1, 5)], 0, [(1, 1)]),
        ([stay(1, 5), stay(5, 9)], 1, [(5, 2)]),
        ([stay(1, 5), stay(6, 9)], 1, []),
        ([stay(1, 9), stay(2, 3), stay(4, 5)], 1, [(2, 2)]),
        ([stay(1, 9), stay(2, 3), stay(5, 6)], 1, [(2, 2), (5, 2)]),
        ([stay(1, 9, 2), stay(3, 9, 3)], 1, [(1, 2), (3, 5)]),
        ([stay(3, 9, 3), stay(1, 9, -3)], 0, []),
        ([stay(3, 9, 3), stay(1, 7, -3)], 0, [(8, 3)]),
    ],
)
def test_rising(stays: list[Stay], limit: int, rises: list[tuple[int, int]]) -> None:
    """The days on which a crowd above the limit grows; who leaves on the 5th is gone on the 6th."""
    assert list(rising(stays, limit)) == [(date(2022, 9, number), heads) for number, heads in rises]


def test_the_last_day_that_a_date_can_hold_is_a_day() -> None:
    """Beds to the end of time do not overflow."""
    forever = Stay(date(2022, 9, 1), date.max, -2)
    assert list(rising([forever, stay(1, 9, 2)], 0)) == []


def test_learners_on_a_day() -> None:
    """Both ends of a flow are included."""
    placed = Placements(tiny(*WORLD), allocation("L1 o1 f1", "L3 o1 f1"))
    for text, there in (("09-11", ()), ("09-12", ("L1", "L3")), ("10-09", ("L1", "L3")), ("10-10", ())):
        assert learners_on(date.fromisoformat(f"2022-{text}"), placed) == there


def test_gather_keeps_the_order() -> None:
    """Keys as they first come, items as they come."""
    assert gather([3, 1, 4, 1, 5], lambda number: number % 2) == {1: (3, 1, 1, 5), 0: (4,)}


def test_listed_counts_what_it_does_not_name() -> None:
    """Twenty names at most."""
    names = [f"L{number}" for number in range(22)]
    assert listed(names[:2]) == "L0, L1"
    assert listed(names[:20]) == ", ".join(names[:20])
    assert listed(names[:21]) == ", ".join(names[:20]) + " and 1 more"
    assert listed(names) == ", ".join(names[:20]) + " and 2 more"
