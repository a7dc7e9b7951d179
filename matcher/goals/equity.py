"""Let no sending partner fall behind (contract, goal `equity`)."""

from __future__ import annotations

from collections import Counter

import numpy as np

from matcher.columns import Columns, shared_at_least
from matcher.goals.base import Goal
from matcher.placements import Placements
from models.problem import Auxiliary, Shared
from models.problem import Goal as Vector
from models.round import Round

PER_MILLE = 1000


class Equity(Goal):
    """The largest whole t with 1000 · (learners placed of p) ≥ t · (learners of p) for every partner p that
    has learners.
    """

    name = "equity"
    sense = 1

    def terms(self, rnd: Round, columns: Columns) -> Vector:
        """One auxiliary column, t."""
        family = columns.family("equity", lambda first: self._share(rnd, columns, first))
        return Vector(self.name, self.sense, np.array([family.first]), np.ones(1, np.int64))

    def _share(self, rnd: Round, columns: Columns, first: int) -> Auxiliary:
        size = np.bincount(rnd.ref("learners", "partner_id"), minlength=len(rnd.sending_partners))
        partners = np.flatnonzero(size)
        row_of = np.full(len(size), -1)
        row_of[partners] = np.arange(len(partners))
        clusters = columns.clusters
        every = np.arange(len(clusters))
        definition = shared_at_least(
            self.name,
            Shared(clusters.of_option, row_of[clusters.partner], every, np.full(len(every), PER_MILLE)),
            np.zeros(len(partners), np.int64),
            "share of {partner} placed",
            {"partner": rnd.sending_partners["id"][partners]},
            (np.arange(len(partners)), np.full(len(partners), first), -size[partners]),
        )
        return Auxiliary("equity", first, np.array([PER_MILLE]), 1, definition)

    def value(self, rnd: Round, placed: Placements) -> int:
        """The thousandths of its learners that the worst served partner has placed (no learners: 1000)."""
        partner = rnd.learners["partner_id"]
        learners, served = Counter(partner), Counter(partner[placed.seated.times > 0])
        return min(
            (1000 * served[partner] // everyone for partner, everyone in learners.items()), default=1000
        )
