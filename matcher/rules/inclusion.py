"""A share of the placed learners has a fewer-opportunities reason (contract, rule 18)."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from matcher.columns import Columns, at_least
from matcher.placements import Placements
from matcher.rules.base import Rule
from models.outcome import Breach
from models.problem import Block
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
            options = columns.options
            yield at_least(
                self.name,
                np.zeros(len(options), np.int64),
                np.arange(len(options)),
                np.zeros(1, np.int64),
                "learners with fewer opportunities: at least {share} % of the placed",
                {"share": np.array([share])},
                np.where(has_reason[options.learner], 100 - share, -share),
            )

    def audit(self, rnd: Round, placed: Placements) -> Iterable[Breach]:
        """A breach when too small a share of the learners placed has a reason for fewer opportunities."""
        share = rnd.policy.min_fewer_opportunities_share
        places = [placed.by_learner[learner][0] for learner in placed.by_learner]
        with_reason = sum(bool(place.learner.fewer_opportunities) for place in places)
        if 100 * with_reason < share * len(places):
            message = (
                f"learners with fewer opportunities: at least {share} % of those placed, "
                f"placed {with_reason} of {len(places)}"
            )
            yield Breach(self.name, message)
