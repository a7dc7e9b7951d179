"""What is to be expected of drop-outs, with the arithmetic in the comments."""

from __future__ import annotations

from itertools import product

import pytest

from matcher.placements import Placements
from matcher.repairing.dropping import Assumptions, Forecast, forecast, overbooking
from models.round import Round
from tests.matcher.explaining.small import a_round, flow, learner, offer
from tests.tiny import allocation


def expected(rnd: Round, **assumptions: float) -> Forecast:
    """Of everybody at offer o in flow f."""
    placed = allocation(*(f"{one} o f" for one in rnd.learners["id"]))
    return forecast(rnd, Placements(rnd, placed), Assumptions(**assumptions))  # type: ignore[arg-type]


def test_seats_and_beds_by_hand() -> None:
    """Four learners at 25 %: one seat empty. No escorts travel: one bed, for the flow's 27 nights."""
    (only,) = expected(a_round(offer(seats=4), *map(learner, "ABCD")), short=0.25).flows
    assert (only.empty_seats, only.empty_beds, only.empty_nights) == (1.0, 1.0, 27.0)


def test_an_escort_stays_at_home_with_the_last_learner_who_needs_it() -> None:
    """Two learners, an escort for each: two heads less per drop-out, 2 · 2 · 0.5 = 2 beds on average."""
    rnd = a_round(flow(learners_per_escort=1), offer(seats=2), *map(learner, "AB"))
    (only,) = expected(rnd, short=0.5).flows
    assert only.empty_seats == 1.0
    assert only.empty_beds == pytest.approx(2.0, abs=0.1)
    (party,) = expected(rnd, short=0.5).parties
    assert party.last_escort_for == 1


def test_a_party_at_its_minimum() -> None:
    """Three of at least three at 10 %: some remain but too few with 1 − 0.9³ − 0.1³ = 0.27."""
    (party,) = expected(a_round(flow(min_group=3), offer(seats=3), *map(learner, "ABC")), short=0.1).parties
    assert (party.spare, party.chance) == (0, 0.27)


def test_overbooking_by_counting() -> None:
    """Against all combinations of who comes: the most with whom the chance of too many is within the risk."""
    for places, rate, risk in product((1, 2, 4), (0.1, 0.3, 0.5), (0.05, 0.3)):
        more = 0
        while too_many(places, places + more + 1, rate) <= risk:
            more += 1
        assert overbooking(places, rate, risk) == more


def too_many(places: int, invited: int, rate: float) -> float:
    """The chance that more come than there are places."""
    chance = 0.0
    for comes in product((0, 1), repeat=invited):
        if sum(comes) > places:
            chance += (1 - rate) ** sum(comes) * rate ** (invited - sum(comes))
    return chance


def test_the_rates_are_by_stay_and_the_seed_is_all_the_chance() -> None:
    """Without a rate nothing is empty and nothing may be overbooked; the same seed gives the same numbers."""
    rnd = a_round(flow(learners_per_escort=2), offer(seats=4), *map(learner, "ABCD"))
    assert expected(rnd, short=0.0, long=0.5).totals == {
        "empty_seats": 0,
        "empty_beds": 0,
        "empty_nights": 0,
        "overbook": 0,
    }
    assert expected(rnd, seed=3) == expected(rnd, seed=3)
    assert expected(rnd, short=0.3, seed=3) != expected(rnd, short=0.3, seed=4)


def test_shares_are_shares() -> None:
    """A rate or a risk of 1 and more is refused: nobody would come, or any number might be invited."""
    for wrong in ({"short": 1.0}, {"long": -0.1}, {"risk": 1.0}):
        with pytest.raises(ValueError, match="from 0 to below 1"):
            Assumptions(**wrong)  # type: ignore[arg-type]


def test_overbooking_of_many_places_takes_no_time() -> None:
    """1,000 places at 90 %: some thousands more may be invited, and the count is found by halving."""
    assert 7000 < overbooking(1000, 0.9, 0.05) < 9000
