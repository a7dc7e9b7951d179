"""What a sending partner's learners and escorts cost stays within its budget, and all within the round's
(contract, rule 11).
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from matcher.columns import Columns, Keys, shared_at_most
from matcher.placements import Placements
from matcher.rules.base import Rule
from matcher.spending import spending
from models.outcome import Breach
from models.problem import Block, Shared
from models.round import IntArray, Round


class Budget(Rule):
    """A partner without a budget is bound by the round's only."""

    name = "budget"
    number = 11

    def rows(self, rnd: Round, columns: Columns) -> Iterable[Block]:
        """One row per partner with a budget, one for the round."""
        yield self._of_partners(rnd, columns)
        if rnd.budget_eur is not None:
            everybody = np.zeros(len(rnd.sending_partners), np.int64)
            limit = np.array([rnd.budget_eur])
            yield self._limits(
                rnd, columns, everybody, limit, "budget of the round: {budget} EUR", {"budget": limit}
            )

    def _of_partners(self, rnd: Round, columns: Columns) -> Block:
        budget = rnd.sending_partners["budget_eur"]
        limited = np.flatnonzero(~np.isnan(budget))
        row_of = np.full(len(budget), -1)
        row_of[limited] = np.arange(len(limited))
        upper = budget[limited].astype(np.int64)
        keys = {"partner": rnd.sending_partners["id"][limited], "budget": upper}
        return self._limits(rnd, columns, row_of, upper, "budget of {partner}: {budget} EUR", keys)

    def _limits(
        self, rnd: Round, columns: Columns, row_of: IntArray, upper: IntArray, text: str, keys: Keys
    ) -> Block:
        """Rows of what sending partners spend; ``row_of`` says in which row each partner's money counts (−1: none)."""
        spent, clusters, escorts = spending(rnd, columns), columns.clusters, columns.escorts
        cluster = np.flatnonzero(row_of[clusters.partner] >= 0)
        escort = np.flatnonzero(row_of[escorts.partner] >= 0)
        ones = np.ones(len(cluster), np.int64)
        row = row_of[clusters.partner[cluster]]
        own = (row_of[escorts.partner[escort]], escorts.column[escort], spent.of_escorts[escort])
        shared = Shared(clusters.of_option, row, cluster, ones, spent.of_options)
        return shared_at_most(self.name, shared, upper, text, keys, own)

    def audit(self, rnd: Round, placed: Placements) -> Iterable[Breach]:
        """A breach per sending partner that spends more than its budget, and one for the round's."""
        over = placed.spent_by > rnd.sending_partners["budget_eur"]
        for partner in placed.suspect_rows("sending_partners", over):
            spent = placed.spent.get(partner.id, 0)
            if partner.budget_eur is not None and spent > partner.budget_eur:
                own = placed.seated.partner == rnd.sending_partners.position[partner.id]
                who = tuple(rnd.learners["id"][placed.seated.learner[own]])
                message = f"budget of partner {partner.id}: {partner.budget_eur} EUR, spent {spent} EUR"
                yield Breach(self.name, message, who)
        total = int(placed.spent_by.sum())
        if rnd.budget_eur is not None and total > rnd.budget_eur:
            message = f"budget of the round: {rnd.budget_eur} EUR, spent {total} EUR"
            yield Breach(self.name, message, tuple(placed.by_learner))
