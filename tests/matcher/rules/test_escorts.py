"""Rule 8: ⌈n / k⌉ escorts for n learners of a sending partner in a flow."""

import pytest

from matcher.auditing import audit
from matcher.columns import Columns
from matcher.joining import find_options
from matcher.placements import Placements
from models.policy import Policy
from tests.tiny import allocation, breaches, flow, labels, learner, partner, rule, tiny

LEARNERS = [learner(f"L{number}") for number in range(1, 5)]
FOUR = tuple(f"L{number} o1 f1" for number in range(1, 5))


@pytest.mark.parametrize(
    ("ratio", "learners", "escorts"),
    [(3, 1, 1), (3, 2, 1), (3, 3, 1), (3, 4, 2), (1, 4, 4), (4, 4, 1), (9, 4, 1), (None, 4, 0)],
)
def test_escorts_are_rounded_up(ratio: int | None, learners: int, escorts: int) -> None:
    """A started k learners ask for an escort; a flow without k for none."""
    rnd = tiny(*LEARNERS, flow(learners_per_escort=ratio))
    (party,) = Placements(rnd, allocation(*FOUR[:learners])).parties
    assert (party.partner.id, party.flow.id, party.escorts) == ("ccis", "f1", escorts)
    assert party.heads == learners + escorts


def test_escorts_go_by_partner_and_flow() -> None:
    """Two learners of ccis in f1, one of ccis in f2, one of cem in f1: three parties, an escort each."""
    people = (*LEARNERS[:3], learner("L4", partner_id="cem"))
    flows = (flow("f1", learners_per_escort=2), flow("f2", learners_per_escort=2))
    rnd = tiny(*people, *flows, partner("ccis"), partner("cem"))
    verdict = audit(rnd, allocation("L1 o1 f1", "L2 o1 f1", "L3 o1 f2", "L4 o1 f1"))
    found = [(party.partner.id, party.flow.id, party.learners, party.escorts) for party in verdict.escorts]
    assert found == [("ccis", "f1", ("L1", "L2"), 1), ("ccis", "f2", ("L3",), 1), ("cem", "f1", ("L4",), 1)]


def test_switched_off_nobody_sends_escorts() -> None:
    """Neither heads nor money."""
    rnd = tiny(*LEARNERS, flow(learners_per_escort=1), policy=Policy(rules={"escorts": False}))
    placed = Placements(rnd, allocation(*FOUR))
    assert [(party.escorts, party.cost_eur) for party in placed.parties] == [(0, 0)]
    assert audit(rnd, allocation(*FOUR)).escorts == ()


def test_placements_alone_cannot_break_it() -> None:
    """Placements do not state escorts: the audit works out those that they ask for."""
    assert breaches(tiny(*LEARNERS, flow(learners_per_escort=1)), "escorts", *FOUR) == []


def test_it_asks_for_the_escort_columns() -> None:
    """So that they exist, and count up, even where no other rule counts heads or money."""
    rnd = tiny(*LEARNERS, flow(learners_per_escort=3))
    columns = Columns(rnd, find_options(rnd, ())[0])
    list(rule("escorts").rows(rnd, columns))
    (family,) = columns.families
    assert (family.name, family.upper.tolist(), family.definition.rule) == ("escorts", [2], "escorts")


def test_it_has_no_rows_of_its_own() -> None:
    """The rows that count escorts up define the escort columns."""
    assert labels(tiny(*LEARNERS, flow(learners_per_escort=1)), "escorts") == []
