"""On every day at most ``max_same_school`` learners of one school are present at the company (contract, rule
16).
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from matcher.calendar import meetings
from matcher.columns import Columns, at_most, unique_rows
from matcher.placements import Placed, Placements, gather, learners_on, listed, rising
from matcher.rules.base import Rule
from models.outcome import Breach
from models.problem import Block
from models.round import Round


class SameSchool(Rule):
    """Learners without a school are not counted."""

    name = "same_school"
    number = 16

    def rows(self, rnd: Round, columns: Columns) -> Iterable[Block]:
        """One row per company, school and largest set of flows that share a day."""
        options, meeting = columns.options, meetings(rnd)
        limit = rnd.companies["max_same_school"]
        counted = np.flatnonzero(~np.isnan(limit[options.company]) & (options.school >= 0))
        place, when = meeting.of_options(options.flow[counted])
        option = counted[place]
        (company, school, day), row = unique_rows(options.company[option], options.school[option], when)
        upper = limit[company].astype(np.int64)
        yield at_most(
            self.name,
            row,
            option,
            upper,
            "learners of school {school} at company {company} on {day}: {limit} at most",
            {
                "school": rnd.schools["id"][school],
                "company": rnd.companies["id"][company],
                "day": meeting.day[day],
                "limit": upper,
            },
        )

    def audit(self, rnd: Round, placed: Placements) -> Iterable[Breach]:
        """A breach per company, school and day on which arrivals take it above the limit."""
        for (company, school), places in gather(placed, _company_and_school).items():
            most = places[0].company.max_same_school
            if most is None or school is None:
                continue
            for day, present in rising((place.stay for place in places), most):
                who = learners_on(day, places)
                message = (
                    f"learners of school {school} at company {company}: at most {most}, "
                    f"placed {present} on {day}: {listed(who)}"
                )
                yield Breach(self.name, message, who)


def _company_and_school(place: Placed) -> tuple[str, str | None]:
    return place.company.id, place.learner.school_id
