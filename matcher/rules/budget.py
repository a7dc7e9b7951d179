"""What a sending partner's learners and escorts cost stays within its budget, and all within the round's
(contract, rule 11).
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from matcher.columns import Columns, at_most
from matcher.placements import Placements
from matcher.rules.base import Rule
from matcher.spending import Spending, spending
from models.outcome import Breach
from models.problem import Block
from models.round import Round


class Budget(Rule):
    """A partner without a budget is bound by the round's only."""

    name = "budget"
    number = 11

    def rows(self, rnd: Round, columns: Columns) -> Iterable[Block]:
        """One row per partner with a budget, one for the round."""
        spent = spending(rnd, columns)
        yield self._of_partners(rnd, spent)
        if rnd.budget_eur is not None:
            yield at_most(
                self.name,
                np.zeros(len(spent.column), np.int64),
                spent.column,
                np.array([rnd.budget_eur]),
                "budget of the round: {budget} EUR",
                {"budget": np.array([rnd.budget_eur])},
                spent.cost,
            )

    def _of_partners(self, rnd: Round, spent: Spending) -> Block:
        budget = rnd.sending_partners["budget_eur"]
        limited = np.flatnonzero(~np.isnan(budget))
        row_of = np.full(len(budget), -1)
        row_of[limited] = np.arange(len(limited))
        row = row_of[spent.partner]
        inside = row >= 0
        upper = budget[limited].astype(np.int64)
        return at_most(
            self.name,
            row[inside],
            spent.column[inside],
            upper,
            "budget of {partner}: {budget} EUR",
            {"partner": rnd.sending_partners["id"][limited], "budget": upper},
            spent.cost[inside],
        )

    def audit(self, rnd: Round, placed: Placements) -> Iterable[Breach]:
        """A breach per sending partner that spends more than its budget, and one for the round's."""
        for partner in rnd.sending_partners.records:
            spent = placed.spent.get(partner.id, 0)
            if partner.budget_eur is not None and spent > partner.budget_eur:
                who = tuple(place.learner.id for place in placed if place.partner.id == partner.id)
                message = f"budget of partner {partner.id}: {partner.budget_eur} EUR, spent {spent} EUR"
                yield Breach(self.name, message, who)
        total = sum(placed.spent.values())
        if rnd.budget_eur is not None and total > rnd.budget_eur:
            message = f"budget of the round: {rnd.budget_eur} EUR, spent {total} EUR"
            yield Breach(self.name, message, tuple(placed.by_learner))
