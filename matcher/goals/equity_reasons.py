"""Let nobody fall behind for a reason of fewer opportunities (docs/fairness.md, goal `equity_reasons`)."""

from __future__ import annotations

from collections.abc import Iterable

from matcher.worst import WorstShare
from models.round import Round


class EquityReasons(WorstShare):
    """``equity`` by fewer-opportunities reason.

    A learner with several reasons counts for each; those without one are no group.
    """

    name = "equity_reasons"
    attribute = "fewer_opportunities"

    def groups(self, rnd: Round) -> Iterable[tuple[str, ...]]:
        """Each learner's reasons."""
        reasons: list[tuple[str, ...]] = rnd.learners["fewer_opportunities"].tolist()
        return reasons
