"""What is solved beside one another: one task for workers, whatever is asked."""

from __future__ import annotations

from collections.abc import Sequence

from matcher.shortages.resolving import Solved, with_unit
from matcher.shortages.units import Unit
from matcher.shortages.winning import Won, best_set, checked_seats, one_by_one
from models.outcome import Placement
from models.round import Round

UNIT, SET, ONE_BY_ONE, SEATS = "unit", "set", "one by one", "seats"

Given = Unit | int | tuple[tuple[str, int], ...]


def errand(
    what: str, rnd: Round, given: Given, start: Sequence[Placement], seed: int, seconds: float | None
) -> Solved | Won | None:
    """Do what is asked: a round with a unit, the best set of so many places, places one by one, given seats.

    ``start`` keeps the rules of the round as it is.
    """
    match what, given:
        case "unit", Unit():
            return with_unit(rnd, [given], start, seed, seconds)
        case "set", int():
            return best_set(rnd, start, given, seed, seconds)
        case "one by one", int():
            return one_by_one(rnd, start, given, seed, seconds)
        case _:
            assert isinstance(given, tuple)
            return checked_seats(rnd, start, dict(given), seed, seconds)  # type: ignore[arg-type]  # seats by offer
