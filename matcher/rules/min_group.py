"""A sending partner has no learner in a flow or at least ``min_group`` (contract, rule 9)."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from matcher.columns import Columns, shared_at_least
from matcher.placements import Placements, listed
from matcher.rules.base import Rule
from models.outcome import Breach
from models.problem import Block
from models.round import Round


class MinGroup(Rule):
    """A cluster of learners is empty or large enough."""

    name = "min_group"
    number = 9

    def rows(self, rnd: Round, columns: Columns) -> Iterable[Block]:
        """Learners − minimum · present ≥ 0 for each cluster with a minimum above 1."""
        clusters = columns.clusters
        least = rnd.flows["min_group"][clusters.flow]
        asked = np.flatnonzero(least > 1)
        owner = clusters.owner(asked)
        present = columns.ceiling("present", self.name, owner, clusters.learners[asked])
        yield shared_at_least(
            self.name,
            owner.shared(np.ones(len(asked), np.int64)),
            np.zeros(len(asked), np.int64),
            "learners of {partner} in flow {flow}: none or at least {least}",
            {
                "partner": rnd.sending_partners["id"][clusters.partner[asked]],
                "flow": rnd.flows["id"][clusters.flow[asked]],
                "least": least[asked],
            },
            (np.arange(len(asked)), present.first + np.arange(len(asked)), -least[asked]),
        )

    def audit(self, rnd: Round, placed: Placements) -> Iterable[Breach]:
        """A breach per sending partner and flow with some learners, but fewer than ``min_group``."""
        few = placed.parties_of.learners < rnd.flows["min_group"][placed.parties_of.flow]
        for party in placed.suspect_parties(few):
            if len(party.learners) < party.flow.min_group:
                message = (
                    f"partner {party.partner.id} in flow {party.flow.id}: at least {party.flow.min_group} "
                    f"learners or none, placed {len(party.learners)}: {listed(party.learners)}"
                )
                yield Breach(self.name, message, party.learners)
