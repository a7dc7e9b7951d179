"""The learner is old enough on the flow's first day (contract, rule 13)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from matcher import arithmetic
from matcher.conditions import Condition
from matcher.options import Options
from matcher.placements import Placements
from matcher.rules.base import Mask, Rule
from models.outcome import Breach
from models.round import Array, IntArray, Round

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
    born, start = rnd.once(_births).take(options.learner), rnd.once(_first_days).take(options.flow)
    young: Mask = ~np.isnan(least) & ~(_years(born, start) >= least)
    return young


class Days(NamedTuple):
    """Days as years (NaN where a day is not given) and as numbers that order the days within a year."""

    year: npt.NDArray[np.float64]
    day: IntArray

    @classmethod
    def of(cls, days: Array) -> Days:
        """From a column of days."""
        year = np.where(np.isnat(days), np.nan, days.astype("datetime64[Y]").astype(np.float64))
        month = days.astype("datetime64[M]")
        day = (days - month.astype("datetime64[D]")).astype(np.int64)
        return cls(year, month.astype(np.int64) % 12 * 100 + day)

    def take(self, rows: IntArray) -> Days:
        """The days of some rows."""
        return Days(self.year[rows], self.day[rows])


def _births(rnd: Round) -> Days:
    return Days.of(rnd.learners["birth_date"])


def _first_days(rnd: Round) -> Days:
    return Days.of(rnd.flows["start"])


def _years(born: Days, day: Days) -> npt.NDArray[np.float64]:
    years: npt.NDArray[np.float64] = day.year - born.year - (day.day < born.day)
    return years


def completed_years(born: Array, day: Array) -> Array:
    """Whole years between two dates (NaN where the birth date is not given).

    Who is born on 29 February completes a year on 1 March of a common year: the birthday's (month, day) is
    compared.
    """
    return _years(Days.of(born), Days.of(day))
