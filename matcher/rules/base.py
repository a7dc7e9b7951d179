"""What a rule is: one law with three faces, in one file.

``bars`` says which options can never be chosen, ``rows`` states inequalities over the options that remain,
``audit`` finds the breaches of an allocation from the tables and the placements alone. ``audit`` shares no
code with the other two, so it cannot inherit their mistakes; a generic test holds the faces to each other for
every rule that is discovered.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from matcher.columns import Columns
from matcher.conditions import Condition, Named
from matcher.options import Options
from matcher.placements import Placements
from matcher.slots import Slots
from models.outcome import Breach
from models.problem import Block
from models.round import Round

Mask = npt.NDArray[np.bool_]


class Rule(ABC):
    """A hard rule. ``name`` is the contract's; ``number`` orders rules in reports (the contract's number, or
    the next free).
    """

    name: str
    number: int

    def conditions(self) -> tuple[Condition, ...]:
        """What the rule bars, by the columns that it reads: each condition bars by itself.

        The join asks conditions per pair of classes, which is what makes it fast. A rule that cannot state
        any overrides ``bars``.
        """
        return ()

    def bars(self, rnd: Round, options: Options) -> Mask:
        """Which of the options (one entry each, sorted by learner) can never be chosen. Vectorised."""
        barred = np.zeros(len(options), bool)
        for condition in self.conditions():
            barred |= condition.bars(rnd, options)
        return barred

    @property
    def asks_pairs(self) -> bool:
        """Whether the rule says by its own ``bars`` what it bars."""
        return type(self).bars is not Rule.bars

    def named(self, slots: Slots) -> Named | None:
        """For a rule of its own ``bars`` about single learners: the pairs that it names, so that what it bars
        can be counted without asking about every candidate.
        """
        return None

    def rows(self, rnd: Round, columns: Columns) -> Iterable[Block]:
        """Inequalities over the options that remain; a row with a lower limit is stated even when no option
        is left for it.
        """
        return ()

    def why(self, rnd: Round, learner: int, offer: int, flow: int) -> str:
        """The datum for which the rule bars an option (row numbers), as a short sentence by ids."""
        return self.name

    @abstractmethod
    def audit(self, rnd: Round, placed: Placements) -> Iterable[Breach]:
        """Every breach of the rule, from tables and placements alone, in plain Python."""
