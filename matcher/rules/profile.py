"""The learner's studies fit the offer, and the EQF level lies within its bounds (contract, rule 2)."""

from __future__ import annotations

from matcher.fitting import profile_fit
from matcher.options import Options
from matcher.rules.base import Mask, Rule
from models.round import Round


class Profile(Rule):
    """Profile fit of at least ``min_profile_fit``; ``min_eqf`` ≤ EQF level ≤ ``max_eqf`` where given."""

    name = "profile"
    number = 2

    def bars(self, rnd: Round, options: Options) -> Mask:
        """Too little fit, or a level outside the bounds."""
        level = rnd.learners["eqf_level"][options.learner]
        below = level < rnd.offers["min_eqf"][options.offer]
        above = level > rnd.offers["max_eqf"][options.offer]
        return (profile_fit(rnd, options) < rnd.policy.min_profile_fit) | below | above

    def why(self, rnd: Round, learner: int, offer: int, flow: int) -> str:
        """The learner's field and level against the offer's."""
        asked = ";".join(rnd.offers["fields"][offer])
        bounds = f"{_bound(rnd.offers['min_eqf'][offer])}–{_bound(rnd.offers['max_eqf'][offer])}"
        own = f"field {rnd.learners['field'][learner]}, EQF {rnd.learners['eqf_level'][learner]}"
        return f"{own}; asked {asked}, EQF {bounds}, fit at least {rnd.policy.min_profile_fit}"


def _bound(level: float) -> str:
    return "any" if level != level else str(int(level))
