"""Checks that the rows of a partner's tables are its own: which column says so, and what is said of one that is not."""

from __future__ import annotations

from collections.abc import Iterable
from types import MappingProxyType
from typing import Final

import numpy as np

from matcher.intake.drafts import Draft, where
from matcher.intake.findings import Bad, Findings

OWN_COLUMN: Final = MappingProxyType(
    {
        "hosting_partners": "id",
        "beds": "host_id",
        "flows": "host_id",
        "companies": "host_id",
        "schools": "partner_id",
        "learners": "partner_id",
        "groups": "partner_id",
    }
)
"""The column that names a row's owner. Rows of other tables belong to whoever owns the row that they refer to."""


def rows_of(owner: str, drafts: Iterable[Draft], findings: Findings) -> None:
    """Every row names its owner; the message is the same whoever else, or nobody, bears the id that stands there."""
    for draft in drafts:
        column = OWN_COLUMN.get(draft.row.table)
        if column is not None and len(draft):
            strange = draft.good[column] & np.asarray(draft.values[column] != owner, bool)
            for position in where(strange):
                bad = Bad(f"not one of your own rows: they have {owner} here", owner)
                draft.fault(findings, column, position, bad)
            draft.good[column][strange] = False


def not_again(erased: frozenset[str], learners: Draft, findings: Findings) -> None:
    """A learner whose personal data were erased is not loaded again."""
    if not erased or not len(learners):
        return
    for position in where([key in erased for key in learners.values["id"].tolist()]):
        bad = Bad("this learner's data were erased from the round: leave the row out")
        learners.fault(findings, "id", position, bad)
