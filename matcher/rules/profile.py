"""The learner's studies fit the offer, and the EQF level lies within its bounds (contract, rule 2)."""

from __future__ import annotations

from collections.abc import Iterable

from matcher.conditions import Condition
from matcher.fitting import credential_fields, profile_fit
from matcher.options import Options
from matcher.placements import Placements
from matcher.rules.base import Mask, Rule
from models.outcome import Breach
from models.round import Round


class Profile(Rule):
    """Profile fit of at least ``min_profile_fit``; ``min_eqf`` ≤ EQF level ≤ ``max_eqf`` where given."""

    name = "profile"
    number = 2

    def conditions(self) -> tuple[Condition, ...]:
        """Too little fit, or a level outside the bounds."""
        return (
            Condition(_unfit, learners=("field", credential_fields), offers=("fields",)),
            Condition(_outside_bounds, learners=("eqf_level",), offers=("min_eqf", "max_eqf")),
        )

    def why(self, rnd: Round, learner: int, offer: int, flow: int) -> str:
        """The learner's field and level against the offer's."""
        asked = ";".join(rnd.offers["fields"][offer])
        bounds = f"{_bound(rnd.offers['min_eqf'][offer])}–{_bound(rnd.offers['max_eqf'][offer])}"
        own = f"field {rnd.learners['field'][learner]}, EQF {rnd.learners['eqf_level'][learner]}"
        return f"{own}; asked {asked}, EQF {bounds}, fit at least {rnd.policy.min_profile_fit}"

    def audit(self, rnd: Round, placed: Placements) -> Iterable[Breach]:
        """A breach per placement with too little fit, and per placement outside the EQF bounds."""
        least, seated = rnd.policy.min_profile_fit, placed.seated
        level_of = rnd.learners["eqf_level"][seated.learner]
        low = level_of < rnd.offers["min_eqf"][seated.offer]
        high = level_of > rnd.offers["max_eqf"][seated.offer]
        for place in placed.suspects((placed.profile_fits < least) | low | high):
            who, level = f"learner {place.learner.id} at offer {place.offer.id}", place.learner.eqf_level
            fit = placed.profile_fit(place)
            if fit < least:
                message = f"{who}: profile fit {fit}, at least {least} asked"
                yield Breach(self.name, message, (place.learner.id,))
            if place.offer.min_eqf is not None and level < place.offer.min_eqf:
                message = f"{who}: EQF level {level}, at least {place.offer.min_eqf} asked"
                yield Breach(self.name, message, (place.learner.id,))
            if place.offer.max_eqf is not None and level > place.offer.max_eqf:
                message = f"{who}: EQF level {level}, at most {place.offer.max_eqf} asked"
                yield Breach(self.name, message, (place.learner.id,))


def _unfit(rnd: Round, options: Options) -> Mask:
    unfit: Mask = profile_fit(rnd, options) < rnd.policy.min_profile_fit
    return unfit


def _outside_bounds(rnd: Round, options: Options) -> Mask:
    level = rnd.learners["eqf_level"][options.learner]
    below = level < rnd.offers["min_eqf"][options.offer]
    outside: Mask = below | (level > rnd.offers["max_eqf"][options.offer])
    return outside


def _bound(level: float) -> str:
    return "any" if level != level else str(int(level))
