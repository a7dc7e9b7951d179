"""Slots are every (offer, flow) at one host whose stays agree, and each pair's number is looked up."""

from itertools import product

import numpy as np

from matcher.joining import find_options
from matcher.options import Options
from matcher.slots import Slots, ranges
from models.round import Round
from tests.strategies import random_round
from tests.tiny import company, flow, host, offer, tiny


def pairs(rnd: Round) -> list[tuple[int, int]]:
    """The slots, asked pair by pair."""
    host_of = {row.id: row.host_id for row in rnd.companies.records}
    return [
        (one, other)
        for (one, offer), (other, flow) in product(
            enumerate(rnd.offers.records), enumerate(rnd.flows.records)
        )
        if host_of[offer.company_id] == flow.host_id and offer.stay in {None, flow.stay}
    ]


def test_slots_by_hand() -> None:
    """o1 takes both flows of its host, o2 the long one only, o3 is at another host."""
    rnd = tiny(
        host("zni"),
        host("fit"),
        flow("f1"),
        flow("f2", stay="long"),
        flow("f3", host_id="fit"),
        company("c1"),
        company("c2", host_id="fit"),
        offer("o1"),
        offer("o2", stay="long"),
        offer("o3", company_id="c2"),
    )
    slots = Slots.of(rnd)
    assert (slots.offer.tolist(), slots.flow.tolist()) == ([0, 0, 1, 2], [0, 1, 1, 2])
    assert slots.stay.tolist() == [1, 2, 2, 1]
    assert slots.number(np.array([1, 1, 2, 0]), np.array([1, 0, 2, 2])).tolist() == [2, -1, 3, -1]


def test_slots_are_the_pairs_that_agree() -> None:
    """On random rounds, in the order of offers, then flows; every pair's number is its place among them."""
    for seed in range(60):
        rnd = random_round(seed)
        slots, expected = Slots.of(rnd), pairs(rnd)
        assert list(zip(slots.offer.tolist(), slots.flow.tolist(), strict=True)) == expected
        every = np.array(list(product(range(len(rnd.offers)), range(len(rnd.flows)))), np.int64)
        known = {pair: number for number, pair in enumerate(expected)}
        numbers = slots.number(every[:, 0], every[:, 1]).tolist()
        assert numbers == [known.get((one, other), -1) for one, other in every.tolist()]


def test_the_slot_of_an_option_names_its_offer_and_flow() -> None:
    """By the tables from slot to offer and to flow."""
    for seed in range(20):
        options, _ = find_options(random_round(seed), ())
        assert (options.slot_offer[options.slot] == options.offer).all()
        assert (options.slot_flow[options.slot] == options.flow).all()


def test_a_pair_that_is_no_slot_has_a_number_after_the_others() -> None:
    """Placements by hand may name a flow at another host: equal pairs share a number, no other pair has it."""
    rnd = tiny(host("zni"), host("fit"), flow("f1"), flow("f2", host_id="fit"))
    rows = [np.zeros(3, np.int64), np.zeros(3, np.int64), np.array([1, 0, 1])]
    options = Options(rnd, *rows)
    assert options.slot.tolist() == [1, 0, 1]
    assert (options.slot_offer.tolist(), options.slot_flow.tolist()) == ([0, 0], [0, 1])


def test_a_round_without_flows_has_no_slots() -> None:
    """And no option has a number."""
    rnd = tiny().replace(rows={"flows": []})
    assert len(Slots.of(rnd)) == 0
    assert len(find_options(rnd, ())[0].slot) == 0


def test_ranges_are_concatenated() -> None:
    """5, 6; nothing; 2."""
    assert ranges(np.array([5, 9, 2]), np.array([2, 0, 1])).tolist() == [5, 6, 2]
