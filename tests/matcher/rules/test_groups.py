"""Rule 12: ``same_flow``, ``all_or_none``, ``same_company``."""

import numpy as np
import pytest

from matcher.rules.groups import _matches
from models.outcome import Breach
from models.policy import ALWAYS_ON, Policy
from models.tables import Group
from tests.strategies import RULES
from tests.subsets import Faces
from tests.tiny import breaches, company, flow, labels, learner, offer, tiny

ALONE = Policy(rules={name: name == "groups" for name in RULES if name != ALWAYS_ON})
MODES = ("same_flow", "all_or_none", "same_company")
WORLD = (
    *(learner(f"L{number}", group_id="g1") for number in (1, 2, 3)),
    learner("L4"),
    flow("f1"),
    flow("f2"),
    company("c1"),
    company("c2"),
    offer("o1"),
    offer("o2", company_id="c2"),
    offer("o3"),
)
SPREAD = "is in 2 flows: f1, f2"
PART = "2 of 3 members placed, not placed L3"
APART = "is at 2 companies: c1, c2"


@pytest.mark.parametrize(
    ("placements", "expected"),
    [
        ("", {}),
        ("L4 o1 f2", {}),
        ("L1 o1 f1, L2 o3 f1, L3 o1 f1, L4 o2 f2", {}),
        ("L1 o1 f1, L2 o2 f1, L3 o1 f1", {"same_company": [APART]}),
        ("L1 o1 f1, L2 o1 f1", {"all_or_none": [PART], "same_company": [PART]}),
        ("L1 o1 f1, L2 o1 f2, L3 o1 f1", {mode: [SPREAD] for mode in MODES}),
        (
            "L1 o1 f1, L2 o2 f2",
            {"same_flow": [SPREAD], "all_or_none": [SPREAD, PART], "same_company": [SPREAD, PART, APART]},
        ),
    ],
)
@pytest.mark.parametrize("mode", MODES)
def test_what_each_mode_asks(mode: str, placements: str, expected: dict[str, list[str]]) -> None:
    """Group g1 is L1, L2 and L3; L4 is in none. Offers o1 and o3 are at c1, o2 is at c2."""
    rnd = tiny(*WORLD, Group(id="g1", partner_id="ccis", mode=mode))
    chosen = [text for text in placements.split(", ") if text]
    who = tuple(text.split()[0] for text in chosen if not text.startswith("L4"))
    found = breaches(rnd, "groups", *chosen)
    colon = {PART: ": "}
    assert found == [
        Breach("groups", f"group g1 ({mode}){colon.get(text, ' ')}{text}", who)
        for text in expected.get(mode, [])
    ]


def test_places_and_learners_of_a_large_round_are_told_apart() -> None:
    """Place 42,950 and learner 99,999 as 4-byte numbers: their product does not wrap around to that of another pair."""
    place, learner = np.array([1, 42_950], np.int32), np.array([67_296, 99_999], np.int32)
    row, entry = _matches(np.array([42_950]), np.array([99_999]), place, learner)
    assert (row.tolist(), entry.tolist()) == ([0], [1])
    row, entry = _matches(np.array([1]), np.array([67_296]), place, learner)
    assert (row.tolist(), entry.tolist()) == ([0], [0])


def test_a_group_without_members_asks_nothing() -> None:
    """Its id is in the table only."""
    rnd = tiny(learner("L1"), Group(id="g2", partner_id="ccis", mode="all_or_none"))
    assert breaches(rnd, "groups", "L1 o1 f1") == []


def test_rows_name_group_members_and_place() -> None:
    """Every group has one row for its flow, a tight one also a row per place and neighbours."""
    two = (learner("L1", group_id="g1"), learner("L2", group_id="g1"))

    def of(mode: str) -> list[str]:
        return labels(tiny(*two, Group(id="g1", partner_id="ccis", mode=mode)), "groups")

    one_flow = "group g1 is in one flow at most"
    assert of("same_flow") == [one_flow]
    assert of("all_or_none") == [one_flow, "group g1: L1 and L2 are both in flow f1, or neither is"]
    in_step = "group g1: L1 and L2 are both at company c1 in flow f1, or neither is"
    assert of("same_company") == [one_flow, in_step]


@pytest.mark.parametrize("mode", MODES)
def test_rows_and_audit_agree_where_flows_and_companies_differ(mode: str) -> None:
    """Two members, two companies, two flows: all 256 sets of options."""
    people = (learner("L1", group_id="g1"), learner("L2", group_id="g1"))
    group = Group(id="g1", partner_id="ccis", mode=mode)
    faces = Faces.of(tiny(*people, *WORLD[4:-1], group, policy=ALONE), most=8, seed=0)
    assert len(faces) == 8
    for subset in faces.subsets(seed=0):
        assert faces.allows(subset) == (not faces.breaches(subset))
