"""A learner has at most one placement (contract, rule 1)."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from matcher.columns import Columns, shared_at_most
from matcher.placements import Placements, gather
from matcher.rules.base import Rule
from models.outcome import Breach
from models.problem import Block, Shared
from models.round import Round


class OnePlacement(Rule):
    """The one rule that cannot be switched off."""

    name = "one_placement"
    number = 1

    def rows(self, rnd: Round, columns: Columns) -> Iterable[Block]:
        """One row per learner with options."""
        of_option = columns.options.learner
        learner = np.flatnonzero(np.bincount(of_option))
        one = np.ones(len(learner), np.int64)
        yield shared_at_most(
            self.name,
            Shared(of_option, np.arange(len(learner)), learner, one),
            one,
            "learner {learner} has one placement at most",
            {"learner": rnd.learners["id"][learner]},
        )

    def audit(self, rnd: Round, placed: Placements) -> Iterable[Breach]:
        """A breach per learner with several placements."""
        several = placed.seated.times[placed.seated.learner] > 1
        for learner, places in gather(placed.suspects(several), lambda place: place.learner.id).items():
            if len(places) > 1:
                where = "; ".join(f"offer {place.offer.id} in flow {place.flow.id}" for place in places)
                message = f"learner {learner} has {len(places)} placements: {where}"
                yield Breach(self.name, message, (learner,))
