"""Spend as little as possible (contract, goal `cost`)."""

from __future__ import annotations

from matcher.columns import Columns
from matcher.goals.base import Goal
from matcher.placements import Placements
from matcher.spending import spending
from models.problem import Goal as Vector
from models.round import Round


class Cost(Goal):
    """The cost of all placements and escorts, in whole euros."""

    name = "cost"
    sense = -1

    def terms(self, rnd: Round, columns: Columns) -> Vector:
        """Options and escorts count what they cost."""
        return Vector(self.name, self.sense, columns.priced, spending(rnd, columns).euros)

    def value(self, rnd: Round, placed: Placements) -> int:
        """What all sending partners pay, escorts included, in whole euros."""
        return int(placed.spent_by.sum())
