"""Place as many learners as possible, by priority (contract, goal `placed`)."""

from __future__ import annotations

from matcher.columns import Columns
from matcher.goals.base import Goal
from matcher.placements import Placements
from models.bulk import narrow
from models.problem import Goal as Vector
from models.round import Round


class Placed(Goal):
    """The sum of ``priority`` over the placed learners."""

    name = "placed"
    sense = 1

    def terms(self, rnd: Round, columns: Columns) -> Vector:
        """Each option counts its learner's priority."""
        priority = narrow(rnd.learners["priority"])[columns.options.learner]
        return Vector(self.name, self.sense, columns.every, priority)

    def value(self, rnd: Round, placed: Placements) -> int:
        """The priorities of the learners who have a placement, added up."""
        return int(rnd.learners["priority"][placed.seated.times > 0].sum())
