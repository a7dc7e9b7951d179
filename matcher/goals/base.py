"""What a goal is: one thing to improve with two faces, in one file: ``terms`` for the solver, ``value`` for
the audit.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

from matcher.columns import Columns
from matcher.placements import Placements
from models.problem import Goal as Vector
from models.round import Round

UNWEIGHABLE = "this goal compares shares one by one and cannot be weighed: name it in goals"
"""What is said of a weight on a goal that is not ``weighable``."""


class Goal(ABC):
    """A goal. ``name`` is the contract's; ``sense`` is +1 where more is better and −1 where less is."""

    name: str
    sense: int
    weighable: bool = True
    """Whether its values may be added up with others'."""

    @abstractmethod
    def terms(self, rnd: Round, columns: Columns) -> Vector:
        """The goal as a vector over the columns; may ask ``columns`` for auxiliaries."""

    @abstractmethod
    def value(self, rnd: Round, placed: Placements) -> int:
        """The goal's value in an allocation, from tables and placements alone, in plain Python."""
