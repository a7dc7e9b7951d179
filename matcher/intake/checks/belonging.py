"""Checks that what belongs together belongs to the same sending partner, and the same hosting partner."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from matcher.intake.drafts import DraftRound, Mask, masked, picked, present, where
from matcher.intake.findings import Bad, Findings
from models.round import Array

OF_ONE_PARTNER = (
    ("learners", "group_id", "group", "learner"),
    ("learners", "school_id", "school", "learner"),
    ("previous_rounds", "school_id", "school", "row"),
)
"""What a row names that is of a sending partner, by table and column: what it is called, and the row."""


def one_partner(rnd: DraftRound, findings: Findings) -> None:
    """A learner's group and school are of the learner's sending partner, and so is a school in an earlier round."""
    partners = rnd.position("sending_partners")
    for table, column, what, who in OF_ONE_PARTNER:
        draft, known = rnd[table], rnd.ref(table, "partner_id") >= 0
        theirs, own = rnd.through(table, column, "partner_id"), draft.values["partner_id"]
        for position in where(_differ(theirs, own) & known):
            if theirs[position] in partners:
                text = f"this {what} is of sending partner {theirs[position]}, the {who} of {own[position]}"
                draft.fault(findings, column, position, Bad(text))


def one_host(rnd: DraftRound, findings: Findings) -> None:
    """Warns of locks and previous placements that name places at different hosting partners: none agrees
    with them.
    """
    for table in ("locks", "previous"):
        draft = rnd[table]
        hosts = list(_hosts(rnd, table))
        for (_, one), (column, other) in pairwise(hosts):
            for position in where(_differ(one, other)):
                text = f"this is at hosting partner {other[position]}, another column names {one[position]}"
                draft.caution(findings, column, position, f"{text}: no placement agrees with both")


def _hosts(rnd: DraftRound, table: str) -> Iterator[tuple[str, Array]]:
    """The hosting partner that each column of places points to; where it is blank, that of the column
    before.
    """
    held: Array | None = None
    for column in ("host_id", "company_id", "offer_id", "flow_id"):
        if column in rnd[table].values:
            found = _host_of(rnd, table, column)
            held = found if held is None else np.where(present(found), found, held)
            yield column, held


def _host_of(rnd: DraftRound, table: str, column: str) -> Array:
    if column == "host_id":
        return masked(rnd[table].values[column], rnd.ref(table, column) >= 0)
    if column == "offer_id":
        return picked(rnd.through("offers", "company_id", "host_id"), rnd.ref(table, column))
    return rnd.through(table, column, "host_id")


def _differ(one: Array, other: Array) -> Mask:
    """Where both are known and not equal."""
    return np.asarray(present(one) & present(other) & (one != other), bool)
