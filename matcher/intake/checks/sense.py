"""Checks that single rows make sense: locks with a place, pairs of two learners, scores for one thing."""

from __future__ import annotations

import numpy as np

from matcher.intake.drafts import Draft, DraftRound, Mask, where
from matcher.intake.findings import Bad, Findings

LOCK_PLACES = ("host_id", "company_id", "offer_id", "flow_id")
"""The columns of ``locks`` of which at least one is given."""


def locks_have_a_place(rnd: DraftRound, findings: Findings) -> None:
    """A lock names at least one of host, company, offer and flow."""
    locks = rnd["locks"]
    for position in where(_none_given(locks, LOCK_PLACES)):
        locks.fault(
            findings, "learner_id", position, Bad(f"a lock needs at least one of {', '.join(LOCK_PLACES)}")
        )


def pairs_of_two(rnd: DraftRound, findings: Findings) -> None:
    """A pair is made of two learners."""
    pairs = rnd["pairs"]
    both = pairs.given("learner_a") & pairs.given("learner_b")
    same = np.asarray(np.equal(pairs.values["learner_a"], pairs.values["learner_b"]), bool)
    for position in where(both & same):
        pairs.fault(findings, "learner_b", position, Bad("both learners of the pair are the same"))


def affinity_for_one(rnd: DraftRound, findings: Findings) -> None:
    """A score is for a company or for a host; with both it counts for the company, which is reported."""
    affinity = rnd["affinity"]
    for position in where(_none_given(affinity, ("company_id", "host_id"))):
        affinity.fault(findings, "learner_id", position, Bad("a score needs a company_id or a host_id"))
    for position in where(affinity.given("company_id") & affinity.given("host_id")):
        text = "company_id and host_id are both given: the score counts for the company"
        affinity.caution(findings, "host_id", position, text)


def quotas_bound_something(rnd: DraftRound, findings: Findings) -> None:
    """Warns of a quota without a minimum and a maximum."""
    quotas = rnd["quotas"]
    for position in where(_none_given(quotas, ("min_learners", "max_learners"))):
        row = int(quotas.numbers[position])
        findings.warn(quotas.file, "neither min_learners nor max_learners: the row says nothing", row=row)


def preferences_once(rnd: DraftRound, findings: Findings) -> None:
    """Warns of a preference that stands twice: the first counts, and later ones keep their position."""
    learners = rnd["learners"]
    lists = learners.values["preferences"]
    for position in where(learners.good["preferences"]):
        if len(set(lists[position])) < len(lists[position]):
            learners.caution(
                findings, "preferences", position, "an entry stands twice: its first position counts"
            )


def flows_hold_a_group(rnd: DraftRound, findings: Findings) -> None:
    """Warns of a flow that can never hold its smallest group."""
    flows = rnd["flows"]
    both = flows.given("min_group") & flows.given("max_heads")
    for position in where(both & (flows.values["min_group"] > flows.values["max_heads"])):
        text = (
            f"above max_heads ({flows.values['max_heads'][position]:.0f}): nobody can be placed in this flow"
        )
        flows.caution(findings, "min_group", position, text)


def _none_given(draft: Draft, columns: tuple[str, ...]) -> Mask:
    """Rows in which all of the columns are readable blanks."""
    readable = np.logical_and.reduce([draft.good[name] for name in columns])
    return np.asarray(readable & ~np.logical_or.reduce([draft.given(name) for name in columns]), bool)
