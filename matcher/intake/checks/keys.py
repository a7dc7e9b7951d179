"""Checks that no key stands twice: ids, and the columns that make a row unique in tables without an id."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from matcher.intake.drafts import Draft, DraftRound, where
from matcher.intake.findings import Bad, Findings
from models.tables import Affinity


def unique_keys(rnd: DraftRound, findings: Findings) -> None:
    """Every row after the first with its key is an error that names the first."""
    for draft in rnd.tables.values():
        if draft.row.key:
            _check(draft, findings)


def _key_columns(draft: Draft) -> list[Sequence[object]]:
    """The columns of the key; a score for a company is the same whether or not it names the host too."""
    columns = {name: draft.values[name].tolist() for name in draft.row.key}
    if draft.row is Affinity:
        both = zip(columns["company_id"], columns["host_id"], strict=True)
        columns["host_id"] = [host if company is None else None for company, host in both]
    return list(columns.values())


def _check(draft: Draft, findings: Findings) -> None:
    column, *others = draft.row.key
    also = f" with the same {' and '.join(others)}" if others else ""
    readable = np.logical_and.reduce([draft.good[name] for name in draft.row.key])
    keys = list(zip(*_key_columns(draft), strict=True))
    first: dict[object, int] = {}
    for position in where(readable):
        seen = first.setdefault(str(keys[position]), position)
        if seen != position:
            row = int(draft.numbers[seen])
            draft.fault(findings, column, position, Bad(f"stands twice{also}: first in row {row}"))
