"""Checks that no key stands twice: ids, and the columns that make a row unique in tables without an id."""

from __future__ import annotations

import numpy as np

from matcher.intake.drafts import Draft, DraftRound, where
from matcher.intake.findings import Bad, Findings


def unique_keys(rnd: DraftRound, findings: Findings) -> None:
    """Every row after the first with its key is an error that names the first."""
    for draft in rnd.tables.values():
        if draft.row.key:
            _check(draft, findings)


def _check(draft: Draft, findings: Findings) -> None:
    column, *others = draft.row.key
    also = f" with the same {' and '.join(others)}" if others else ""
    readable = np.logical_and.reduce([draft.good[name] for name in draft.row.key])
    keys = list(zip(*(draft.values[name].tolist() for name in draft.row.key), strict=True))
    first: dict[object, int] = {}
    for position in where(readable):
        seen = first.setdefault(str(keys[position]), position)
        if seen != position:
            row = int(draft.numbers[seen])
            draft.fault(findings, column, position, Bad(f"stands twice{also}: first in row {row}"))
