"""The audit as a whole: what an option is, which rules are asked, what the goals are worth."""

from decimal import Decimal

import pytest

from matcher.auditing import OPTION, audit
from models.errors import UnknownName
from models.outcome import Breach
from models.policy import Policy
from models.tables import Previous
from tests.tiny import allocation, company, flow, host, learner, offer, tiny

WORLD = (
    learner("L1", priority=3),
    learner("L2"),
    host("zni"),
    host("mode"),
    company("c1"),
    company("c2", host_id="mode"),
    offer("o1", seats=1),
    offer("o2", company_id="c2", stay="long"),
    offer("o3", stay="short"),
    flow("f1"),
    flow("f2", host_id="mode"),
    flow("f3", stay="long"),
)
AT = "placement of L1 at offer"


def test_a_valid_allocation_has_no_breach_and_its_values() -> None:
    """L1 of priority 3 at o1: fit (50·100 + 20·80 + 30·100) / 100 = 96, cost 2754 as in the rule `budget`."""
    verdict = audit(tiny(*WORLD), allocation("L1 o1 f1"))
    assert verdict.valid
    assert verdict.breaches == ()
    assert verdict.goals == {"placed": 3, "fit": 96, "cost": 2754}
    assert list(verdict.goals) == ["placed", "fit", "cost"]
    assert verdict.objective is None
    assert len(verdict.placed) == 1


def test_every_goal_that_the_policy_names_is_worked_out() -> None:
    """One of two learners is placed, where it was before."""
    before = Previous(learner_id="L1", offer_id="o1", flow_id="f1")
    rnd = tiny(*WORLD, before, policy=Policy(goals=("kept", "equity", "placed")))
    assert audit(rnd, allocation("L1 o1 f1")).goals == {"kept": 1, "equity": 500, "placed": 3}


@pytest.mark.parametrize(
    ("placement", "messages"),
    [
        ("L1 o1 f1", []),
        ("L1 o3 f1", []),
        ("L1 o1 f2", [f"{AT} o1 in flow f2: the company is at host zni, the flow at mode"]),
        ("L1 o1 f3", [f"{AT} o1 in flow f3: the learner's stay is short, the flow's long"]),
        ("L1 o2 f2", [f"{AT} o2 in flow f2: the offer's stay is long, the flow's short"]),
        (
            "L1 o3 f3",
            [
                f"{AT} o3 in flow f3: the learner's stay is short, the flow's long",
                f"{AT} o3 in flow f3: the offer's stay is short, the flow's long",
            ],
        ),
    ],
)
def test_what_is_no_option_is_a_breach_that_no_policy_switches_off(
    placement: str, messages: list[str]
) -> None:
    """Host of company and flow, stay of learner, flow and offer."""
    off = dict.fromkeys(("profile", "dates", "language", "seats"), False)
    verdict = audit(tiny(*WORLD, policy=Policy(rules=off)), allocation(placement))
    assert list(verdict.breaches) == [Breach(OPTION, message, ("L1",)) for message in messages]
    assert verdict.valid == (not messages)


def test_an_id_that_does_not_exist_is_a_breach_that_names_the_nearest() -> None:
    """The unknown come first, and count in no goal."""
    verdict = audit(tiny(*WORLD), allocation("L1 o1 f11", "L22 qqq f1", "L2 o1 f1"))
    assert verdict.breaches == (
        Breach(OPTION, "placement of L1: there is no flow f11 (nearest: f1)", ("L1",)),
        Breach(OPTION, "placement of L22: there is no learner L22 (nearest: L2)", ("L22",)),
        Breach(OPTION, "placement of L22: there is no offer qqq", ("L22",)),
    )
    assert verdict.goals["placed"] == 1


def test_breaches_come_in_the_order_of_the_rules() -> None:
    """What is no option, then rule 1, then rule 5."""
    found = audit(tiny(*WORLD), allocation("L2 o1 f1", "L1 o1 f2", "L1 o1 f1")).breaches
    assert [breach.rule for breach in found] == ["option", "one_placement", "seats"]


def test_a_rule_that_is_switched_off_is_not_asked() -> None:
    """Two learners on one seat."""
    both = allocation("L1 o1 f1", "L2 o1 f1")
    assert [breach.rule for breach in audit(tiny(*WORLD), both).breaches] == ["seats"]
    assert audit(tiny(*WORLD, policy=Policy(rules={"seats": False})), both).valid


def test_a_weighted_policy_states_the_sum_and_its_goals() -> None:
    """1000 · 3 + 0.5 · 96 − 0.01 · 2754 = 3020.46."""
    weights = {"cost": Decimal("0.01"), "placed": Decimal(1000), "fit": Decimal("0.5")}
    verdict = audit(tiny(*WORLD, policy=Policy(weights=weights)), allocation("L1 o1 f1"))
    assert verdict.objective == 3020.46
    assert list(verdict.goals) == ["cost", "placed", "fit"]
    assert audit(tiny(*WORLD, policy=Policy(weights=weights)), ()).objective == 0


def test_a_goal_that_does_not_exist_is_named() -> None:
    """With the ones that do."""
    known = "cost, equity, first_choices, fit, kept, placed"
    with pytest.raises(UnknownName, match=f"there is no goal 'speed'; there are {known}"):
        audit(tiny(*WORLD, policy=Policy(goals=("placed", "speed"))), ())


def test_escorts_are_stated_where_there_are_some() -> None:
    """A flow that asks for none has no row."""
    flows = (flow("f1", learners_per_escort=2), flow("f2", host_id="mode"), flow("f3", stay="long"))
    rnd = tiny(*WORLD[:9], offer("o4", company_id="c2"), *flows)
    (party,) = audit(rnd, allocation("L1 o1 f1", "L2 o4 f2")).escorts
    assert (party.partner.id, party.flow.id, party.learners, party.escorts, party.cost_eur) == (
        "ccis",
        "f1",
        ("L1",),
        1,
        3708,
    )
