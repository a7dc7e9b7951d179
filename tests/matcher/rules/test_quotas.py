"""Rule 10: learners placed of a partner, at a host, with a stay, lie within the quota."""

import pytest

from models.outcome import Breach
from models.tables import Quota
from tests.tiny import breaches, company, flow, host, labels, learner, offer, partner, tiny

WORLD = (
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
    flow("f3", "09-12", "12-10", stay="long"),
    learner("L1"),
    learner("L2"),
    learner("L3", partner_id="cem"),
    learner("L4", stay="long"),
)
EVERYONE = ("L1 o1 f1", "L2 o2 f2", "L3 o1 f1", "L4 o1 f3")


@pytest.mark.parametrize(
    ("quota", "who"),
    [
        (Quota(), ("L1", "L2", "L3", "L4")),
        (Quota(partner_id="ccis"), ("L1", "L2", "L4")),
        (Quota(host_id="zni"), ("L1", "L3", "L4")),
        (Quota(stay="short"), ("L1", "L2", "L3")),
        (Quota(partner_id="ccis", host_id="zni", stay="short"), ("L1",)),
        (Quota(partner_id="cem", stay="long"), ()),
    ],
)
def test_a_blank_takes_all_together(quota: Quota, who: tuple[str, ...]) -> None:
    """As many as counted passes as least and as most; one more asked, or one fewer allowed, is a breach."""
    count = len(who)
    name = " → ".join(place or "all" for place in (quota.partner_id, quota.host_id, quota.stay))
    exact = quota.model_copy(update={"min_learners": count, "max_learners": count})
    assert breaches(tiny(*WORLD, exact), "quotas", *EVERYONE) == []
    more = quota.model_copy(update={"min_learners": count + 1})
    message = f"quota {name}: at least {count + 1} learners, placed {count}"
    assert breaches(tiny(*WORLD, more), "quotas", *EVERYONE) == [Breach("quotas", message, who)]
    if count:
        fewer = quota.model_copy(update={"max_learners": count - 1})
        message = f"quota {name}: at most {count - 1} learners, placed {count}: {', '.join(who)}"
        assert breaches(tiny(*WORLD, fewer), "quotas", *EVERYONE) == [Breach("quotas", message, who)]


def test_a_minimum_holds_when_nobody_is_placed() -> None:
    """Nobody is fewer than one."""
    message = "quota all → zni → all: at least 1 learners, placed 0"
    found = breaches(tiny(*WORLD, Quota(host_id="zni", min_learners=1)), "quotas")
    assert found == [Breach("quotas", message, ())]


def test_rows_name_the_quota_even_without_options() -> None:
    """Nobody of cem stays long, and still there is a row."""
    quotas = (Quota(partner_id="cem", stay="long", min_learners=3), Quota(host_id="zni", max_learners=4))
    assert labels(tiny(*WORLD, *quotas), "quotas") == [
        "quota all→zni all: at least any, at most 4",
        "quota cem→all long: at least 3, at most any",
    ]
