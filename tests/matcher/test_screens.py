"""The audit's screens miss nobody: what it finds among the suspects is what it finds looking closely at everybody.

``Unscreened`` hands every placement, party and row to the close look. Tests of single rules make the same comparison
on rounds by hand (``tests.tiny.breaches``).
"""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher import arithmetic
from matcher.auditing import breaches
from matcher.joining import find_options
from matcher.placements import Placements, Stay, rising
from matcher.rules import discover
from matcher.seated import crowded, spread
from models.outcome import Placement
from models.round import Round
from tests.strategies import RULES, random_round, rounds
from tests.unscreened import Unscreened


def anywhere(rnd: Round, seed: int) -> list[Placement]:
    """An allocation that keeps no law: any learner at any offer in any flow, some of them twice."""
    random = np.random.default_rng(seed)
    count = int(random.integers(0, 2 * len(rnd.learners) + 1))
    columns = [random.choice(rnd.tables[name]["id"], count) for name in ("learners", "offers", "flows")]
    return [Placement(*ids) for ids in zip(*columns, strict=True)]


def nearly(rnd: Round, seed: int) -> list[Placement]:
    """An allocation of one place each that is a candidate: some of its rules are kept."""
    random = np.random.default_rng(seed)
    every, _ = find_options(rnd, ())
    order = random.permutation(len(every))
    _, first = np.unique(every.learner[order], return_index=True)
    some = order[first][random.random(len(first)) < random.random()]
    ids = (rnd.learners["id"][every.learner[some]], rnd.offers["id"][every.offer[some]])
    return [Placement(*row) for row in zip(*ids, rnd.flows["id"][every.flow[some]], strict=True)]


def compare(rnd: Round, placements: list[Placement]) -> int:
    """Hold the screened audit to the close look; how many breaches both found."""
    found = list(breaches(rnd, Placements(rnd, placements)))
    assert found == list(breaches(rnd, Unscreened(rnd, placements)))
    return len(found)


@pytest.mark.parametrize("rule", RULES)
def test_a_rules_screen_misses_nobody(rule: str) -> None:
    """One rule at a time, with escorts: 60 rounds, an allocation of either kind each."""
    (face,) = [found for found in discover() if found.name == rule]
    total = 0
    for seed in range(60):
        rnd = random_round(seed, rules={rule, "escorts"})
        for chosen in (anywhere(rnd, seed), nearly(rnd, seed)):
            found = list(face.audit(rnd, Placements(rnd, chosen)))
            assert found == list(face.audit(rnd, Unscreened(rnd, chosen)))
            total += len(found)
    assert total >= 5 or rule == "escorts"


@given(rounds(), st.integers(0, 1000))
@settings(max_examples=80, deadline=None)
def test_the_screens_of_all_rules_together_miss_nobody(rnd: Round, seed: int) -> None:
    """The same order of breaches too; Hypothesis shrinks what it finds."""
    compare(rnd, anywhere(rnd, seed))
    compare(rnd, nearly(rnd, seed))


def test_the_columns_are_the_rows() -> None:
    """Fit, cost and heads of all placements at once are those of each placement's rows by itself."""
    for seed in range(40):
        rnd = random_round(seed)
        placed = Placements(rnd, nearly(rnd, seed))
        rates = rnd.rates
        for number, place in enumerate(placed):
            rows = (place.learner, place.school, place.partner, place.host, place.flow)
            assert placed.costs_eur[number] == arithmetic.placement_eur(rates, *rows)
            spoken, asked = place.learner.languages, place.company.working_languages
            assert placed.language_fits[number] == arithmetic.language_fit(spoken, asked)
        for party in placed.parties:
            host = next(place.host for place in placed if place.flow.id == party.flow.id)
            each = arithmetic.escort_eur(rates, party.partner, host, party.flow)
            assert party.cost_eur == party.escorts * each


@given(
    st.lists(
        st.tuples(st.integers(0, 2), st.integers(0, 9), st.integers(0, 6), st.integers(-2, 3)), max_size=14
    ),
    st.lists(st.integers(0, 3), min_size=3, max_size=3),
)
def test_crowded_is_the_sweep_of_each_owner(
    stays: list[tuple[int, int, int, int]], limits: list[int]
) -> None:
    """Owner by owner, the plain sweep of days says the same; room (negative heads) included."""
    start = date(2022, 9, 1)
    days = [(start + timedelta(first), start + timedelta(first + more)) for _, first, more, _ in stays]
    columns = [np.array(column, np.int64) for column in zip(*stays, strict=True)] or [
        np.empty(0, np.int64)
    ] * 4
    first, last = (np.array([pair[end] for pair in days], "datetime64[D]") for end in (0, 1))
    found = crowded(columns[0], first, last, columns[3], np.array(limits)).tolist()
    for owner, limit in enumerate(limits):
        own = [
            Stay(*day, stay[3]) for day, stay in zip(days, stays, strict=True) if stay[0] == owner and stay[3]
        ]
        assert (owner in found) == any(True for _ in rising(own, limit))


def test_spread_is_more_than_one_place() -> None:
    """Owner 0 at two places, owner 1 twice at one, owner 2 nowhere."""
    owner, where = np.array([0, 1, 0, 1]), np.array([4, 4, 0, 4])
    assert spread(owner, where, 3).tolist() == [True, False, False]
