"""Give learners what they wish for most (an extension of the contract, goal `first_choices`)."""

from __future__ import annotations

import numpy as np

from matcher.columns import Columns
from matcher.fitting import preference_position
from matcher.goals.base import Goal
from matcher.placements import Placements
from models.problem import Goal as Vector
from models.round import Round


class FirstChoices(Goal):
    """The number of learners placed at the company or host that stands first in their list."""

    name = "first_choices"
    sense = 1

    def terms(self, rnd: Round, columns: Columns) -> Vector:
        """An option counts 1 when its company or its host is the learner's first wish."""
        first = np.flatnonzero(preference_position(rnd, columns.options) == 0)
        return Vector(self.name, self.sense, first, np.ones(len(first), np.int64))

    def value(self, rnd: Round, placed: Placements) -> int:
        """The learners who have a placement at what they named first; a learner without a list has no first choice."""
        seated, wishes = placed.seated, rnd.learners["preferences"]
        where = zip(rnd.companies["id"][seated.company], rnd.hosting_partners["id"][seated.host], strict=True)
        return len(
            {
                learner
                for learner, places in zip(seated.learner.tolist(), where, strict=True)
                if wishes[learner] and wishes[learner][0] in places
            }
        )
