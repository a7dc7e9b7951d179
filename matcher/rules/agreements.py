"""A sending partner with agreements sends only to the hosting partners that they name (contract, rule 19)."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from matcher.conditions import Condition
from matcher.options import Options
from matcher.placements import Placements, gather, listed
from matcher.rules.base import Mask, Rule
from models.outcome import Breach
from models.round import Round


class Agreements(Rule):
    """A partner without a row may send to all."""

    name = "agreements"
    number = 19

    def conditions(self) -> tuple[Condition, ...]:
        """The partner has rows and none of them names the host."""
        return (Condition(_not_agreed, learners=("partner_id",), flows=("host_id",)),)

    def why(self, rnd: Round, learner: int, offer: int, flow: int) -> str:
        """The partner and the host between which there is no agreement."""
        partner = rnd.learners["partner_id"][learner]
        return f"{partner} has agreements, none with {rnd.flows['host_id'][flow]}"

    def audit(self, rnd: Round, placed: Placements) -> Iterable[Breach]:
        """A breach per placement at a host that the sending partner's agreements do not name."""
        agreed = gather(rnd.agreements.records, lambda row: row.partner_id)
        partners, width = rnd.ref("agreements", "partner_id"), len(rnd.hosting_partners)
        named = np.isin(
            placed.seated.partner * width + placed.seated.host,
            partners * width + rnd.ref("agreements", "host_id"),
        )
        for place in placed.suspects(np.isin(placed.seated.partner, partners) & ~named):
            hosts = [row.host_id for row in agreed.get(place.partner.id, ())]
            if hosts and place.host.id not in hosts:
                message = (
                    f"learner {place.learner.id} at host {place.host.id}: partner {place.partner.id} "
                    f"has agreements with {listed(hosts)}"
                )
                yield Breach(self.name, message, (place.learner.id,))


def _not_agreed(rnd: Round, options: Options) -> Mask:
    agreed = np.zeros((len(rnd.sending_partners), len(rnd.hosting_partners)), bool)
    agreed[rnd.ref("agreements", "partner_id"), rnd.ref("agreements", "host_id")] = True
    bound: Mask = np.logical_or.reduce(agreed, axis=1)
    return bound[options.partner] & ~agreed[options.partner, options.host]
