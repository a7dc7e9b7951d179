"""Place as many learners as possible, by priority (contract, goal `placed`)."""

from __future__ import annotations

import numpy as np

from matcher.columns import Columns
from matcher.goals.base import Goal
from models.problem import Goal as Vector
from models.round import Round


class Placed(Goal):
    """The sum of ``priority`` over the placed learners."""

    name = "placed"
    sense = 1

    def terms(self, rnd: Round, columns: Columns) -> Vector:
        """Each option counts its learner's priority."""
        priority = rnd.learners["priority"][columns.options.learner]
        return Vector(self.name, self.sense, np.arange(len(columns.options)), priority)
