"""The learner is old enough on the flow's first day (contract, rule 13)."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from matcher import arithmetic
from matcher.conditions import Condition
from matcher.options import Options
from matcher.placements import Placements
from matcher.rules.base import Mask, Rule
from models.outcome import Breach
from models.round import Array, Round

LONGEST_YEAR = 366
"""Days in which a year is complete, whatever the calendar."""


class Age(Rule):
    """Completed years ≥ the company's ``min_age``; an unknown birth date bars such a company."""

    name = "age"
    number = 13

    def conditions(self) -> tuple[Condition, ...]:
        """Too young, or not known to be old enough."""
        return (Condition(_too_young, learners=("birth_date",), companies=("min_age",), flows=("start",)),)

    def why(self, rnd: Round, learner: int, offer: int, flow: int) -> str:
        """The age on the first day against the age asked."""
        least = int(rnd.companies["min_age"][rnd.ref("offers", "company_id")[offer]])
        years = completed_years(rnd.learners["birth_date"][[learner]], rnd.flows["start"][[flow]])[0]
        return (
            f"birth date not given, company asks {least}"
            if np.isnan(years)
            else f"age {int(years)} < {least}"
        )

    def audit(self, rnd: Round, placed: Placements) -> Iterable[Breach]:
        """A breach per learner who is too young, or whose age is not known, where a company asks for an age."""
        least_of = rnd.companies["min_age"][placed.seated.company]
        lived = (placed.seated.first - rnd.learners["birth_date"][placed.seated.learner]).astype(float)
        sure = lived >= LONGEST_YEAR * least_of  # never where either is not known: NaT becomes NaN
        for place in placed.suspects(~np.isnan(least_of) & ~sure):
            least, born = place.company.min_age, place.learner.birth_date
            if least is None:
                continue
            age = None if born is None else arithmetic.completed_years(born, place.flow.start)
            if age is None or age < least:
                message = (
                    f"learner {place.learner.id} at company {place.company.id} on {place.flow.start}: "
                    f"age {'not known' if age is None else age}, at least {least} asked"
                )
                yield Breach(self.name, message, (place.learner.id,))


def _too_young(rnd: Round, options: Options) -> Mask:
    least = rnd.companies["min_age"][options.company]
    born, start = rnd.learners["birth_date"][options.learner], rnd.flows["start"][options.flow]
    young: Mask = ~np.isnan(least) & ~(completed_years(born, start) >= least)
    return young


def completed_years(born: Array, day: Array) -> Array:
    """Whole years between two dates (NaN where the birth date is not given).

    Who is born on 29 February completes a year on 1 March of a common year: the birthday's (month, day) is
    compared.
    """
    years = day.astype("datetime64[Y]").astype(np.int64) - born.astype("datetime64[Y]").astype(np.int64)
    early = _month_and_day(day) < _month_and_day(born)
    completed: Array = np.where(np.isnat(born), np.nan, (years - early).astype(np.float64))
    return completed


def _month_and_day(days: Array) -> Array:
    month = days.astype("datetime64[M]")
    number: Array = month.astype(np.int64) % 12 * 100 + (days - month.astype("datetime64[D]")).astype(
        np.int64
    )
    return number
