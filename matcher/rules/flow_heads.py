"""Heads in a flow, learners and escorts, stay within ``max_heads`` (contract, rule 7)."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from matcher.columns import Columns, shared_at_most
from matcher.placements import Placements, gather, listed
from matcher.rules.base import Rule
from models.outcome import Breach
from models.problem import Block
from models.round import Round


class FlowHeads(Rule):
    """A flow without ``max_heads`` has no limit."""

    name = "flow_heads"
    number = 7

    def rows(self, rnd: Round, columns: Columns) -> Iterable[Block]:
        """One row per flow with a limit."""
        limit, escorts = rnd.flows["max_heads"], columns.escorts
        limited = np.flatnonzero(~np.isnan(limit))
        row_of = np.full(len(rnd.flows), -1)
        row_of[limited] = np.arange(len(limited))
        place = np.flatnonzero(row_of[columns.places.flow] >= 0)
        escort = np.flatnonzero(row_of[escorts.flow] >= 0)
        upper = limit[limited].astype(np.int64)
        yield shared_at_most(
            self.name,
            columns.places.shared(row_of[columns.places.flow[place]], place),
            upper,
            "heads in flow {flow}: {limit} at most",
            {"flow": rnd.flows["id"][limited], "limit": upper},
            (row_of[escorts.flow[escort]], escorts.column[escort], np.ones(len(escort), np.int64)),
        )

    def audit(self, rnd: Round, placed: Placements) -> Iterable[Breach]:
        """A breach per flow with more heads than its ``max_heads``."""
        over = placed.heads_in > rnd.flows["max_heads"]
        suspects = placed.suspects(over[placed.seated.flow])
        for flow, places in gather(suspects, lambda place: place.flow.id).items():
            most, heads = places[0].flow.max_heads, placed.heads[flow]
            if most is not None and heads > most:
                who = tuple(place.learner.id for place in places)
                message = (
                    f"heads in flow {flow}: at most {most}, there are {heads}: "
                    f"{heads - len(who)} escort(s) and {listed(who)}"
                )
                yield Breach(self.name, message, who)
