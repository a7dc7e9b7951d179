"""The rows of the contract's tables that come out, as pandas DataFrames.

Contract: section "What comes out". A round without an allocation has the same columns and no rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from matcher.reporting.facts import Told

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


def placements(result: Told) -> pd.DataFrame:
    """Return every placement with the audit's fit points and cost, sorted by learner; dates are ``date``."""
    if result.audit is None:
        return pd.DataFrame([], columns=PLACEMENTS)
    placed, rnd = result.audit.placed, result.round
    seated = placed.seated
    columns = (
        rnd.learners["id"][seated.learner],
        rnd.hosting_partners["id"][seated.host],
        rnd.companies["id"][seated.company],
        rnd.offers["id"][seated.offer],
        rnd.flows["id"][seated.flow],
        seated.first.astype(object),
        seated.last.astype(object),
        placed.fits,
        placed.costs_eur,
    )
    return pd.DataFrame(dict(zip(PLACEMENTS, columns, strict=True)))


def escorts(result: Told) -> pd.DataFrame:
    """Return the parties that escorts accompany, sorted by sending partner and flow."""
    if result.audit is None:
        return pd.DataFrame([], columns=ESCORTS)
    rnd, parties = result.round, result.audit.placed.parties_of
    some = np.flatnonzero(parties.escorts)
    columns = (
        rnd.sending_partners["id"][parties.partner[some]],
        rnd.flows["id"][parties.flow[some]],
        parties.learners[some],
        parties.escorts[some],
        parties.cost_eur[some],
    )
    return pd.DataFrame(dict(zip(ESCORTS, columns, strict=True)))


def unplaced(result: Told) -> pd.DataFrame:
    """Return who is left out of the allocation and why; nobody is left out of an allocation that is not."""
    if result.audit is None:
        return pd.DataFrame([], columns=UNPLACED)
    return result.unplaced.loc[:, list(UNPLACED)]
