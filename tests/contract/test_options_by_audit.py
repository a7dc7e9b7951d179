"""The contract's counts of options, by the audit alone: no join, no mask, every combination asked."""

import json
from itertools import zip_longest
from pathlib import Path

import pytest

from matcher import load
from matcher.auditing import OPTION, breaches
from matcher.placements import Placements
from matcher.rules import discover
from models.outcome import Placement
from models.policy import ALWAYS_ON
from models.round import Round

EXAMPLES = Path(__file__).parent / "examples"
EXPECTED = json.loads((EXAMPLES / "expected.json").read_text(encoding="utf-8"))
BARRING = {OPTION, "profile", "dates", "language", "age", "needs", "locks", "agreements"}
"""The rules that bar single options."""


def barring_alone(rnd: Round) -> Round:
    """The round without the rules that look at several placements together: what they find is not asked for here."""
    others = {rule.name: False for rule in discover() if rule.name not in {*BARRING, ALWAYS_ON}}
    return rnd.replace(policy=rnd.policy.model_copy(update={"rules": {**rnd.policy.rules, **others}}))


def combinations(rnd: Round) -> list[list[Placement]]:
    """Of every learner: every offer with every flow of its host and of the learner's stay."""
    host_of = {row.id: row.host_id for row in rnd.companies.records}
    places = [
        (offer, flow)
        for flow in rnd.flows.records
        for offer in rnd.offers.records
        if host_of[offer.company_id] == flow.host_id
    ]
    return [
        [Placement(learner.id, offer.id, flow.id) for offer, flow in places if flow.stay == learner.stay]
        for learner in rnd.learners.records
    ]


def options_in(rnd: Round, placements: list[Placement]) -> int:
    """How many of the placements, of a learner each, nothing bars (a pin of another learner does not)."""
    found = breaches(rnd, Placements(rnd, placements))
    barred = {breach.learners for breach in found if breach.rule in BARRING}
    return sum((placement.learner_id,) not in barred for placement in placements)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name, expected in EXPECTED.items() if "options" in expected])
def test_the_audit_counts_the_contracts_options(name: str) -> None:
    """As many combinations pass as ``expected.json`` says; each is audited beside one of every other learner."""
    rnd = barring_alone(load(EXAMPLES / name))
    together = (
        [placement for placement in some if placement is not None] for some in zip_longest(*combinations(rnd))
    )
    assert sum(options_in(rnd, placements) for placements in together) == EXPECTED[name]["options"]
