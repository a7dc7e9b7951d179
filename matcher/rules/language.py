"""For at least one working language the learner's level is at least the level asked (contract, rule 4)."""

from __future__ import annotations

from collections.abc import Iterable

from matcher.conditions import Condition
from matcher.fitting import language_fit
from matcher.options import Options
from matcher.placements import Placements
from matcher.rules.base import Mask, Rule
from models.outcome import Breach
from models.round import Round
from models.vocabulary import Cefr


class Language(Rule):
    """Any one of the company's working languages is enough."""

    name = "language"
    number = 4

    def conditions(self) -> tuple[Condition, ...]:
        """No working language is satisfied."""
        return (Condition(_unmet, learners=("languages",), companies=("working_languages",)),)

    def why(self, rnd: Round, learner: int, offer: int, flow: int) -> str:
        """The learner's level in each working language: ``it A2 < B1 and en A2 < B1``."""
        levels = dict(rnd.learners["languages"][learner])
        asked = rnd.companies["working_languages"][rnd.ref("offers", "company_id")[offer]]
        return " and ".join(f"{code} {_name(levels.get(code, 0))} < {_name(level)}" for code, level in asked)

    def audit(self, rnd: Round, placed: Placements) -> Iterable[Breach]:
        """A breach per placement at a company none of whose working languages the learner has well enough."""
        for place in placed.suspects(placed.language_fits == 0):
            spoken = dict(place.learner.languages)
            asked = place.company.working_languages
            if not any(spoken.get(code, 0) >= level for code, level in asked):
                message = (
                    f"learner {place.learner.id} meets no working language of company {place.company.id}"
                )
                yield Breach(self.name, message, (place.learner.id,))


def _unmet(rnd: Round, options: Options) -> Mask:
    unmet: Mask = language_fit(rnd, options) == 0
    return unmet


def _name(level: int) -> str:
    return Cefr(level).name if level else "none"
