"""A share of the placed learners has a fewer-opportunities reason (contract, rule 18)."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from matcher.columns import Columns, shared_at_least
from matcher.placements import Placements
from matcher.rules.base import Rule
from models.outcome import Breach
from models.problem import Block, Shared
from models.round import Round


class Inclusion(Rule):
    """100 · learners with a reason ≥ share · learners placed; a share of 0 asks nothing."""

    name = "inclusion"
    number = 18

    def rows(self, rnd: Round, columns: Columns) -> Iterable[Block]:
        """One row, when a share is asked."""
        share = rnd.policy.min_fewer_opportunities_share
        if share:
            has_reason = np.array([bool(codes) for codes in rnd.learners["fewer_opportunities"]], bool)
            learners = np.arange(len(has_reason))
            value = np.where(has_reason, 100 - share, -share)
            yield shared_at_least(
                self.name,
                Shared(columns.options.learner, np.zeros_like(learners), learners, value),
                np.zeros(1, np.int64),
                "learners with fewer opportunities: at least {share} % of the placed",
                {"share": np.array([share])},
            )

    def audit(self, rnd: Round, placed: Placements) -> Iterable[Breach]:
        """A breach when too small a share of the learners placed has a reason for fewer opportunities."""
        share = rnd.policy.min_fewer_opportunities_share
        reasons = rnd.learners["fewer_opportunities"][placed.seated.times > 0]
        with_reason = sum(map(bool, reasons))
        if 100 * with_reason < share * len(reasons):
            message = (
                f"learners with fewer opportunities: at least {share} % of those placed, "
                f"placed {with_reason} of {len(reasons)}"
            )
            yield Breach(self.name, message)
