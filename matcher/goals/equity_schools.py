"""Let no school fall behind (docs/fairness.md, goal `equity_schools`)."""

from __future__ import annotations

from collections.abc import Iterable

from matcher.worst import WorstShare
from models.round import Round


class EquitySchools(WorstShare):
    """``equity`` by school; learners without a school are of none."""

    name = "equity_schools"
    attribute = "school"

    def groups(self, rnd: Round) -> Iterable[tuple[str, ...]]:
        """Each learner's school."""
        return (() if school is None else (school,) for school in rnd.learners["school_id"].tolist())
