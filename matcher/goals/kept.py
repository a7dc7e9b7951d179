"""Leave placements as they were (contract, goal `kept`)."""

from __future__ import annotations

import numpy as np

from matcher.columns import Columns
from matcher.goals.base import Goal
from matcher.placements import Placements
from models.problem import Goal as Vector
from models.round import Round


class Kept(Goal):
    """The number of learners whose placement equals their row in ``previous``."""

    name = "kept"
    sense = 1

    def terms(self, rnd: Round, columns: Columns) -> Vector:
        """An option counts 1 when it is the learner's previous placement."""
        offer, flow = np.full((2, len(rnd.learners)), -1)
        learner = rnd.ref("previous", "learner_id")
        offer[learner], flow[learner] = rnd.ref("previous", "offer_id"), rnd.ref("previous", "flow_id")
        options = columns.options
        kept = np.flatnonzero(
            (offer[options.learner] == options.offer) & (flow[options.learner] == options.flow)
        )
        return Vector(self.name, self.sense, kept, np.ones(len(kept), np.int64))

    def value(self, rnd: Round, placed: Placements) -> int:
        """The learners who have the very offer and flow that they had before."""
        had = (rnd.ref("previous", f"{what}_id").tolist() for what in ("learner", "offer", "flow"))
        seated = placed.seated
        has = (rows.tolist() for rows in (seated.learner, seated.offer, seated.flow))
        return len(set(zip(*had, strict=True)) & set(zip(*has, strict=True)))
