"""The flow lies within the learner's and within the offer's availability (contract, rule 3)."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from matcher.conditions import Condition
from matcher.options import Options
from matcher.placements import Placements
from matcher.rules.base import Mask, Rule
from models.outcome import Breach
from models.round import Round


class Dates(Rule):
    """Both ends of every range are included."""

    name = "dates"
    number = 3

    def conditions(self) -> tuple[Condition, ...]:
        """The flow begins too early or ends too late, for the learner or for the offer."""
        return (
            Condition(_before_learner, learners=("available_from",), flows=("start",)),
            Condition(_after_learner, learners=("available_to",), flows=("end",)),
            Condition(_outside_offer, offers=("available_from", "available_to"), flows=("start", "end")),
        )

    def why(self, rnd: Round, learner: int, offer: int, flow: int) -> str:
        """The three ranges."""
        stay = f"flow {rnd.flows['start'][flow]} to {rnd.flows['end'][flow]}"
        own = f"learner {rnd.learners['available_from'][learner]} to {rnd.learners['available_to'][learner]}"
        return f"{stay}; {own}; offer {rnd.offers['available_from'][offer]} to {rnd.offers['available_to'][offer]}"

    def audit(self, rnd: Round, placed: Placements) -> Iterable[Breach]:
        """A breach per learner and per offer that is not available from the flow's first day to its last."""
        seated = placed.seated
        pairs = ((rnd.learners, seated.learner), (rnd.offers, seated.offer))
        early = [seated.first < table["available_from"][rows] for table, rows in pairs]
        late = [seated.last > table["available_to"][rows] for table, rows in pairs]
        for place in placed.suspects(np.logical_or.reduce([*early, *late])):
            flow = place.flow
            for kind, row in (("learner", place.learner), ("offer", place.offer)):
                if flow.start < row.available_from or flow.end > row.available_to:
                    message = (
                        f"learner {place.learner.id} in flow {flow.id}, {flow.start} to {flow.end}: "
                        f"{kind} {row.id} is available {row.available_from} to {row.available_to}"
                    )
                    yield Breach(self.name, message, (place.learner.id,))


def _before_learner(rnd: Round, options: Options) -> Mask:
    early: Mask = rnd.flows["start"][options.flow] < rnd.learners["available_from"][options.learner]
    return early


def _after_learner(rnd: Round, options: Options) -> Mask:
    late: Mask = rnd.flows["end"][options.flow] > rnd.learners["available_to"][options.learner]
    return late


def _outside_offer(rnd: Round, options: Options) -> Mask:
    early = rnd.flows["start"][options.flow] < rnd.offers["available_from"][options.offer]
    late = rnd.flows["end"][options.flow] > rnd.offers["available_to"][options.offer]
    outside: Mask = early | late
    return outside
