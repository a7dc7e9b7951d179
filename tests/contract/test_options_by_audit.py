"""The contract's counts of options, by the audit alone: no join, no mask, every combination asked one by one."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from matcher import load
from matcher.auditing import OPTION, breaches
from matcher.placements import Placements
from models.outcome import Placement
from models.round import Round

EXAMPLES = Path(__file__).parent / "examples"
EXPECTED = json.loads((EXAMPLES / "expected.json").read_text(encoding="utf-8"))
BARRING = {OPTION, "profile", "dates", "language", "age", "needs", "locks", "agreements"}
"""The rules that bar single options."""


def combinations(rnd: Round) -> Iterator[Placement]:
    """Every learner with every offer at the host of every flow of the learner's stay."""
    host_of = {row.id: row.host_id for row in rnd.companies.records}
    for learner in rnd.learners.records:
        for flow in rnd.flows.records:
            for offer in rnd.offers.records:
                if flow.stay == learner.stay and host_of[offer.company_id] == flow.host_id:
                    yield Placement(learner.id, offer.id, flow.id)


def is_option(rnd: Round, placement: Placement) -> bool:
    """Whether nothing bars the placement (a pin of another learner does not)."""
    found = breaches(rnd, Placements(rnd, [placement]))
    return not any(breach.rule in BARRING and breach.learners == (placement.learner_id,) for breach in found)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name, expected in EXPECTED.items() if "options" in expected])
def test_the_audit_counts_the_contracts_options(name: str) -> None:
    """As many combinations pass as ``expected.json`` says."""
    rnd = load(EXAMPLES / name)
    counted = sum(is_option(rnd, placement) for placement in combinations(rnd))
    assert counted == EXPECTED[name]["options"]
