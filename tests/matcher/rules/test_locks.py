"""Rule 17: ``pin`` asks for a placement that agrees with every given column, ``forbid`` rules it out."""

from typing import Any

import pytest

from models.outcome import Breach
from models.tables import Lock
from tests.tiny import barred, breaches, company, flow, host, labels, learner, offer, tiny, why

WORLD = (
    learner("L1"),
    learner("L2"),
    host("zni"),
    host("mode"),
    company("c1"),
    company("c2"),
    company("c3", host_id="mode"),
    offer("o1"),
    offer("o2", company_id="c2"),
    offer("o3", company_id="c3"),
    offer("o4"),
    flow("f1"),
    flow("f2"),
    flow("f3", host_id="mode"),
)
AGREEING: list[tuple[dict[str, str], str, set[str]]] = [
    ({"host_id": "zni"}, "host zni", {"L1 o1 f1", "L1 o2 f2", "L1 o4 f1"}),
    ({"company_id": "c1"}, "company c1", {"L1 o1 f1", "L1 o4 f1"}),
    ({"offer_id": "o1"}, "offer o1", {"L1 o1 f1"}),
    ({"flow_id": "f1"}, "flow f1", {"L1 o1 f1", "L1 o4 f1"}),
    ({"company_id": "c1", "flow_id": "f2"}, "company c1, flow f2", set()),
    (
        {"host_id": "zni", "company_id": "c1", "offer_id": "o1", "flow_id": "f1"},
        "host zni, company c1, offer o1, flow f1",
        {"L1 o1 f1"},
    ),
]
PLACES = ("L1 o1 f1", "L1 o2 f2", "L1 o3 f3", "L1 o4 f1")


@pytest.mark.parametrize("placement", PLACES)
@pytest.mark.parametrize(("given", "words", "agreeing"), AGREEING)
@pytest.mark.parametrize("kind", ["pin", "forbid"])
def test_every_given_column_counts(
    kind: str, given: dict[str, Any], words: str, agreeing: set[str], placement: str
) -> None:
    """A pin wants agreement with all of them, a forbid a difference in one."""
    rnd = tiny(*WORLD, Lock(learner_id="L1", kind=kind, **given))
    _, at, when = placement.split()
    message = f"learner L1, {kind} {words}: offer {at} in flow {when}"
    fine = (placement in agreeing) == (kind == "pin")
    found = breaches(rnd, "locks", placement, "L2 o1 f1")
    assert found == ([] if fine else [Breach("locks", message, ("L1",))])
    assert (placement in barred(rnd, "locks")) != fine


def test_who_is_not_placed_breaks_a_pin_and_keeps_a_forbid() -> None:
    """Another learner's placement does not help."""
    rnd = tiny(*WORLD, Lock(learner_id="L1", kind="pin", offer_id="o1"))
    message = "learner L1, pin offer o1: not placed"
    assert breaches(rnd, "locks", "L2 o1 f1") == [Breach("locks", message, ("L1",))]
    rnd = tiny(*WORLD, Lock(learner_id="L1", kind="forbid", offer_id="o1"))
    assert breaches(rnd, "locks", "L2 o1 f1") == []


def test_all_placements_of_a_learner_are_looked_at() -> None:
    """One of two honours the pin; all of them are named when none does."""
    rnd = tiny(*WORLD, Lock(learner_id="L1", kind="pin", offer_id="o2"))
    assert breaches(rnd, "locks", "L1 o1 f1", "L1 o2 f1") == []
    message = "learner L1, pin offer o2: offer o1 in flow f1; offer o4 in flow f1"
    assert breaches(rnd, "locks", "L1 o1 f1", "L1 o4 f1") == [Breach("locks", message, ("L1",))]


def test_locks_of_one_learner_all_bar() -> None:
    """A forbid and a forbid bar two options, a pin bars the others; another lock takes nothing back."""
    locks = (
        Lock(learner_id="L1", kind="forbid", offer_id="o1"),
        Lock(learner_id="L1", kind="forbid", offer_id="o2"),
        Lock(learner_id="L1", kind="pin", flow_id="f1"),
        Lock(learner_id="L2", kind="pin", flow_id="f3"),
    )
    rnd = tiny(*WORLD, *locks)
    free = {"L1 o4 f1", "L2 o3 f3"}
    assert not free & set(barred(rnd, "locks"))
    assert len(barred(rnd, "locks")) == 2 * (3 * 2 + 1) - len(free)


def test_rows_hold_every_pinned_learner_once() -> None:
    """Two pins of one learner are one row; a forbid is none."""
    locks = [Lock(learner_id="L2", kind="pin", **given) for given in ({"host_id": "zni"}, {"flow_id": "f1"})]
    rnd = tiny(*WORLD, *locks, Lock(learner_id="L1", kind="forbid", flow_id="f1"))
    assert labels(rnd, "locks") == ["learner L2 is pinned"]


def test_why_names_the_learners_locks() -> None:
    """In canonical order, with what they give."""
    locks = (
        Lock(learner_id="L1", kind="pin", host_id="zni", flow_id="f1"),
        Lock(learner_id="L1", kind="forbid", offer_id="o1"),
        Lock(learner_id="L2", kind="forbid", offer_id="o2"),
    )
    assert why(tiny(*WORLD, *locks), "locks") == "forbid o1; pin zni, f1"
