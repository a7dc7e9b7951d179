"""On every day at most ``seats`` placed learners are present at the offer (contract, rule 5)."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from matcher.calendar import meetings
from matcher.columns import Columns, shared_at_most, unique_rows
from matcher.placements import Placements, gather, learners_on, listed, rising
from matcher.rules.base import Rule
from matcher.seated import crowded
from models.outcome import Breach
from models.problem import Block
from models.round import Round


class Seats(Rule):
    """Present is who is in a flow that covers the day."""

    name = "seats"
    number = 5

    def rows(self, rnd: Round, columns: Columns) -> Iterable[Block]:
        """One row per offer and largest set of flows that share a day."""
        places, meeting = columns.places, meetings(rnd)
        place, when = meeting.of_options(places.flow)
        (offer, day), row = unique_rows(places.offer[place], when)
        seats = rnd.offers["seats"][offer]
        yield shared_at_most(
            self.name,
            places.shared(row, place),
            seats,
            "seats at offer {offer} on {day}: {seats}",
            {"offer": rnd.offers["id"][offer], "day": meeting.day[day], "seats": seats},
        )

    def audit(self, rnd: Round, placed: Placements) -> Iterable[Breach]:
        """A breach per offer and day on which arrivals take it above its seats."""
        seated = placed.seated
        full = crowded(
            seated.offer, seated.first, seated.last, np.ones_like(seated.offer), rnd.offers["seats"]
        )
        suspects = placed.suspects(np.isin(seated.offer, full))
        for offer, places in gather(suspects, lambda place: place.offer.id).items():
            seats = places[0].offer.seats
            for day, present in rising((place.stay for place in places), seats):
                who = learners_on(day, places)
                message = f"seats at offer {offer}: {seats}, placed {present} on {day}: {listed(who)}"
                yield Breach(self.name, message, who)
