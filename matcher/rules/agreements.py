"""A sending partner with agreements sends only to the hosting partners that they name (contract, rule 19)."""

from __future__ import annotations

import numpy as np

from matcher.options import Options
from matcher.rules.base import Mask, Rule
from models.round import Round


class Agreements(Rule):
    """A partner without a row may send to all."""

    name = "agreements"
    number = 19

    def bars(self, rnd: Round, options: Options) -> Mask:
        """The partner has rows and none of them names the host."""
        agreed = np.zeros((len(rnd.sending_partners), len(rnd.hosting_partners)), bool)
        agreed[rnd.ref("agreements", "partner_id"), rnd.ref("agreements", "host_id")] = True
        bound = agreed.any(axis=1)
        return bound[options.partner] & ~agreed[options.partner, options.host]

    def why(self, rnd: Round, learner: int, offer: int, flow: int) -> str:
        """The partner and the host between which there is no agreement."""
        partner = rnd.learners["partner_id"][learner]
        return f"{partner} has agreements, none with {rnd.flows['host_id'][flow]}"
