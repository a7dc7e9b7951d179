"""A learner has at most one placement (contract, rule 1)."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from matcher.columns import Columns, at_most, unique_rows
from matcher.rules.base import Rule
from models.problem import Block
from models.round import Round


class OnePlacement(Rule):
    """The one rule that cannot be switched off."""

    name = "one_placement"
    number = 1

    def rows(self, rnd: Round, columns: Columns) -> Iterable[Block]:
        """One row per learner with options."""
        (learner,), row = unique_rows(columns.options.learner)
        yield at_most(
            self.name,
            row,
            np.arange(len(columns.options)),
            np.ones(len(learner), np.int64),
            "learner {learner} has one placement at most",
            {"learner": rnd.learners["id"][learner]},
        )
