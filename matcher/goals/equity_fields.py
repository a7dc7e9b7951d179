"""Let no trade fall behind (docs/fairness.md, goal `equity_fields`)."""

from __future__ import annotations

from collections.abc import Iterable

from matcher.worst import WorstShare
from models.round import Round


class EquityFields(WorstShare):
    """``equity`` by trade: the field of study as given, an ISCED-F code."""

    name = "equity_fields"
    attribute = "field"

    def groups(self, rnd: Round) -> Iterable[tuple[str, ...]]:
        """Each learner's field of study."""
        return ((field,) for field in rnd.learners["field"].tolist())
