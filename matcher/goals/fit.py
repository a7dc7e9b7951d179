"""Give learners places that suit them (contract, goal `fit`)."""

from __future__ import annotations

from matcher.columns import Columns
from matcher.fitting import fit_points
from matcher.goals.base import Goal
from matcher.placements import Placements
from models.bulk import narrow
from models.problem import Goal as Vector
from models.round import Round


class Fit(Goal):
    """The sum of the placements' fit points."""

    name = "fit"
    sense = 1

    def terms(self, rnd: Round, columns: Columns) -> Vector:
        """Each option counts its fit points."""
        options = columns.options
        return Vector(self.name, self.sense, columns.every, narrow(fit_points(rnd, options)))

    def value(self, rnd: Round, placed: Placements) -> int:
        """The fit points of all placements, added up."""
        return int(placed.fits.sum())
