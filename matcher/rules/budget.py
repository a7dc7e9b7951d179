"""What a sending partner's learners and escorts cost stays within its budget, and all within the round's (contract, rule 11)."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from matcher.columns import Columns, at_most
from matcher.rules.base import Rule
from matcher.spending import Spending, spending
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
