"""On every day at most ``max_same_school`` learners of one school are present at the company (contract, rule
16).
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from matcher.calendar import meetings
from matcher.columns import Columns, shared_at_most, unique_rows
from matcher.placements import Placed, Placements, gather, learners_on, listed, rising
from matcher.rules.base import Mask, Rule
from matcher.seated import crowded
from models.bulk import narrow
from models.outcome import Breach
from models.problem import Block, Shared
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
        (of_company, of_school, flow), party = unique_rows(
            options.company[counted], options.school[counted], options.flow[counted]
        )
        group = np.full(len(options), -1, np.int32)
        group[counted] = party
        at, when = meeting.of_options(flow)
        (company, school, day), row = unique_rows(of_company[at], of_school[at], when)
        upper = limit[company].astype(np.int64)
        yield shared_at_most(
            self.name,
            Shared(group, narrow(row), narrow(at), np.ones(len(at), np.int32)),
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
        full = _crowded_schools(rnd, placed)
        for (company, school), places in gather(placed.suspects(full), _company_and_school).items():
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


def _crowded_schools(rnd: Round, placed: Placements) -> Mask:
    """The placements of learners of a school of which too many are at their company on some day."""
    seated, most = placed.seated, rnd.companies["max_same_school"]
    found = np.zeros(len(placed), bool)
    counted = np.flatnonzero((seated.school >= 0) & ~np.isnan(most[seated.company]))
    company, school = seated.company[counted], seated.school[counted]
    class_of = np.unique(company * len(rnd.schools) + school, return_inverse=True)[1]
    limit = np.zeros(len(counted), np.int64)
    limit[class_of] = most[company]
    full = crowded(class_of, seated.first[counted], seated.last[counted], np.ones_like(class_of), limit)
    found[counted] = np.isin(class_of, full)
    return found


def _company_and_school(place: Placed) -> tuple[str, str | None]:
    return place.company.id, place.learner.school_id
