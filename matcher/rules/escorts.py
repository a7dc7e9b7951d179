"""Where a flow asks for escorts, each sending partner sends one per so many learners (contract, rule 8)."""

from __future__ import annotations

from collections.abc import Iterable

from matcher.columns import Columns
from matcher.placements import Placements
from matcher.rules.base import Rule
from models.outcome import Breach
from models.problem import Block
from models.round import Round


class Escorts(Rule):
    """⌈n / k⌉ escorts for n learners of a partner in a flow; they are heads and cost money, but take no seat."""

    name = "escorts"
    number = 8

    def rows(self, rnd: Round, columns: Columns) -> Iterable[Block]:
        """No rows of its own: asking for the escort columns states ``k · escorts ≥ learners``."""
        _ = columns.escorts
        return ()

    def audit(self, rnd: Round, placed: Placements) -> Iterable[Breach]:
        """Nothing to breach: placements do not state escorts, ``placed.parties`` works out those that they
        ask for.

        Who sends too few finds it in the beds, the flow's heads and the money.
        """
        return ()
