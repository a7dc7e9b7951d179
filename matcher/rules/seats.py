"""On every day at most ``seats`` placed learners are present at the offer (contract, rule 5)."""

from __future__ import annotations

from collections.abc import Iterable

from matcher.calendar import meetings
from matcher.columns import Columns, at_most, unique_rows
from matcher.placements import Placements, learners_on, listed, rising
from matcher.rules.base import Rule
from models.outcome import Breach
from models.problem import Block
from models.round import Round


class Seats(Rule):
    """Present is who is in a flow that covers the day."""

    name = "seats"
    number = 5

    def rows(self, rnd: Round, columns: Columns) -> Iterable[Block]:
        """One row per offer and largest set of flows that share a day."""
        options, meeting = columns.options, meetings(rnd)
        option, when = meeting.of_options(options.flow)
        (offer, day), row = unique_rows(options.offer[option], when)
        seats = rnd.offers["seats"][offer]
        yield at_most(
            self.name,
            row,
            option,
            seats,
            "seats at offer {offer} on {day}: {seats}",
            {"offer": rnd.offers["id"][offer], "day": meeting.day[day], "seats": seats},
        )

    def audit(self, rnd: Round, placed: Placements) -> Iterable[Breach]:
        """A breach per offer and day on which arrivals take it above its seats."""
        for offer, places in placed.by_offer.items():
            seats = places[0].offer.seats
            for day, present in rising((place.stay for place in places), seats):
                who = learners_on(day, places)
                message = f"seats at offer {offer}: {seats}, placed {present} on {day}: {listed(who)}"
                yield Breach(self.name, message, who)
