"""A learner has at most one placement (contract, rule 1)."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from matcher.columns import Columns, at_most, unique_rows
from matcher.placements import Placements
from matcher.rules.base import Rule
from models.outcome import Breach
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

    def audit(self, rnd: Round, placed: Placements) -> Iterable[Breach]:
        """A breach per learner with several placements."""
        for learner, places in placed.by_learner.items():
            if len(places) > 1:
                where = "; ".join(f"offer {place.offer.id} in flow {place.flow.id}" for place in places)
                message = f"learner {learner} has {len(places)} placements: {where}"
                yield Breach(self.name, message, (learner,))
