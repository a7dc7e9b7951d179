"""The rows of the contract's tables that come out, as pandas DataFrames.

Contract: section "What comes out". A round without an allocation has the same columns and no rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

if TYPE_CHECKING:
    from matcher.result import Result

PLACEMENTS: Final = (
    "learner_id",
    "host_id",
    "company_id",
    "offer_id",
    "flow_id",
    "start",
    "end",
    "fit",
    "cost_eur",
)
ESCORTS: Final = ("partner_id", "flow_id", "learners", "escorts", "cost_eur")
UNPLACED: Final = ("learner_id", "reason", "detail", "nearest_fix")


def placements(result: Result) -> pd.DataFrame:
    """Return every placement with the audit's fit points and cost, sorted by learner; dates are ``date``."""
    if result.audit is None:
        return pd.DataFrame([], columns=PLACEMENTS)
    placed = result.audit.placed
    rows = [
        (
            row.learner.id,
            row.host.id,
            row.company.id,
            row.offer.id,
            row.flow.id,
            row.flow.start,
            row.flow.end,
            placed.fit(row),
            placed.cost_eur(row),
        )
        for row in placed
    ]
    return pd.DataFrame(rows, columns=PLACEMENTS)


def escorts(result: Result) -> pd.DataFrame:
    """Return the parties that escorts accompany, sorted by sending partner and flow."""
    parties = result.audit.escorts if result.audit else ()
    rows = [
        (party.partner.id, party.flow.id, len(party.learners), party.escorts, party.cost_eur)
        for party in parties
    ]
    return pd.DataFrame(rows, columns=ESCORTS)


def unplaced(result: Result) -> pd.DataFrame:
    """Return who is left out of the allocation and why; nobody is left out of an allocation that is not."""
    if result.audit is None:
        return pd.DataFrame([], columns=UNPLACED)
    return result.unplaced.loc[:, list(UNPLACED)]
