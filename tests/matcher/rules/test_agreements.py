"""Rule 19: a sending partner with agreements sends only to hosts that they name; one without sends to all."""

from models.outcome import Breach
from models.tables import Agreement
from tests.tiny import barred, breaches, company, flow, host, learner, offer, partner, tiny, why

WORLD = (
    learner("L1"),
    learner("L2", partner_id="cem"),
    partner("ccis"),
    partner("cem"),
    *(host(name) for name in ("zni", "mode", "sepr")),
    company("c1"),
    company("c2", host_id="mode"),
    offer("o1"),
    offer("o2", company_id="c2"),
    flow("f1"),
    flow("f2", host_id="mode"),
)
AGREED = [Agreement(partner_id="ccis", host_id=name) for name in ("zni", "sepr")]


def test_a_host_outside_the_agreements_is_a_breach() -> None:
    """Partner ccis may send to zni and sepr; cem has no row and may send to mode."""
    rnd = tiny(*WORLD, *AGREED)
    message = "learner L1 at host mode: partner ccis has agreements with sepr, zni"
    assert breaches(rnd, "agreements", "L1 o2 f2", "L2 o2 f2") == [Breach("agreements", message, ("L1",))]
    assert barred(rnd, "agreements") == ["L1 o2 f2"]


def test_any_of_the_agreements_is_enough() -> None:
    """Host zni is one of two."""
    assert breaches(tiny(*WORLD, *AGREED), "agreements", "L1 o1 f1", "L2 o1 f1") == []


def test_without_agreements_all_may_send_to_all() -> None:
    """No rows at all."""
    assert breaches(tiny(*WORLD), "agreements", "L1 o2 f2", "L2 o1 f1") == []
    assert barred(tiny(*WORLD), "agreements") == []


def test_why_names_partner_and_host() -> None:
    """Between whom there is no agreement."""
    assert why(tiny(*WORLD, *AGREED), "agreements", "L1 o2 f2") == "ccis has agreements, none with mode"
