"""Why a learner is where they are and nowhere else: every place by what decided it, and what would help."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

import solvers
from matcher import match
from matcher.compiling import compile_problem, options_of
from matcher.explaining.probing import candidates
from matcher.explaining.why import telling, why_learner
from matcher.explaining.why.learner import Possible
from matcher.explaining.why.weighing import EXACT, IMPOSSIBLE
from models.errors import UnknownName
from models.outcome import Status
from models.round import Round
from models.tables import Group, Lock
from solvers.interface import Limits, never, silent
from tests.matcher.explaining.small import company, flow, learner, offer, partner, solved
from tests.strategies import random_round

A, B = learner("A", priority=9), learner("B")


def test_barred_with_the_datum() -> None:
    """Two offers ask more Italian than B has, a third another field."""
    rows = [company(working_languages=(("it", 3),)), offer("o2"), offer("o3", fields=("0999",))]
    why = why_learner(solved(learner("B", languages=(("it", 2),)), *rows), "B")
    profile, language = why.bars
    assert (why.places, why.barred, why.full, why.free) == (3, 3, 0, 0)
    assert (language.rule, language.places, language.alone) == ("language", 3, 2)
    assert [(datum.text, datum.places) for datum in language.data] == [("it A2 < B1", 3)]
    assert (profile.rule, profile.places, profile.alone) == ("profile", 1, 0)
    assert "    it A2 < B1 (3 places, such as offer o in flow f)" in list(telling.of_learner(why))


def test_full_with_whom_as_counts() -> None:
    """The two seats are with A of the same partner and Q of another."""
    rows = [A, learner("Q", partner_id="q", priority=9), B, partner("q"), offer(seats=2)]
    why = why_learner(solved(*rows), "B")
    (full,) = why.filled
    (limit,) = full.limits
    assert (limit.rule, limit.limit, limit.own, limit.others) == ("seats", "o", 1, 1)
    assert "    the seats of offer o are taken: by 1 of p and 1 of other partners" in telling.of_learner(why)


def test_possible_but_worse_exact() -> None:
    """B in the one seat instead of A, of priority 9: placed 1 instead of 9, solved again."""
    why = why_learner(solved(A, B), "B")
    (place,) = why.possible
    assert not place.free
    told = place.weighed
    assert (told.check, told.goal, told.now, told.there, told.worse) == (EXACT, "placed", 9, 1, 8)


def test_impossible_beside_a_pin() -> None:
    """A is pinned to the only seat; no allocation has B there."""
    why = why_learner(solved(A, B, Lock(learner_id="A", kind="pin", offer_id="o")), "B")
    assert [place.weighed.check for place in why.possible] == [IMPOSSIBLE]


def test_equally_good() -> None:
    """Two offers alike: the other one is as good."""
    why = why_learner(solved(B, offer("o2")), "B")
    assert [(place.free, place.weighed.check, place.weighed.goal) for place in why.possible] == [
        (True, EXACT, None)
    ]
    assert any("no goal is worse" in line for line in telling.of_learner(why))


def test_only_so_many_are_solved_again() -> None:
    """Of three open places one, the others are marked."""
    why = why_learner(solved(B, offer("o2"), offer("o3")), "B", resolved=1)
    assert [place.weighed.check for place in why.possible] == [EXACT, "not re-solved"]


def test_a_better_wish_for_who_is_placed() -> None:
    """B wishes for c first, whose one seat is A's, and is at c2, wished for last."""
    both = (("en", 3), ("fr", 3))
    french = company("c2", working_languages=(("fr", 3),))
    rows = [A, learner("B", preferences=("c", "c2"), languages=both), french, offer("o2", company_id="c2")]
    why = why_learner(solved(*rows), "B")
    assert why.wish == 2
    assert why.smallest is not None
    told = (why.smallest.aim, why.smallest.change, why.smallest.wish, why.smallest.moved)
    assert told == ("improve", "offer o has 2 seats (now 1)", 1, 0)


def test_who_travels_in_a_group_takes_it_along() -> None:
    """Two of a group for one company: bringing one to the first wish brings both, and needs two seats more there."""
    rows = [
        *(learner(key, group_id="g", preferences=("c2", "c")) for key in ("A", "B")),
        Group(id="g", partner_id="p", mode="same_company"),
        *(company("c2"), offer("o2", company_id="c2", seats=0), offer(seats=2)),
    ]
    why = why_learner(solved(*rows), "A")
    assert why.smallest is not None
    assert why.smallest.change == "offer o2 has 2 seats (now 0)"
    assert {row.offer_id for row in why.smallest.fix.placements} == {"o2"}


def test_the_best_place_already() -> None:
    """Nothing is better, and that is said."""
    why = why_learner(solved(learner("A", preferences=("c",))), "A")
    assert why.smallest is None
    assert why.tried.startswith("the learner has the best place")


def test_at_one_company() -> None:
    """Only the places there, and no search for changes."""
    rows = [B, company("c2", working_languages=(("fr", 3),)), offer("o2", company_id="c2")]
    why = why_learner(solved(*rows), "B", "c2")
    assert (why.places, why.barred, why.smallest) == (1, 1, None)
    assert why.placed is not None
    assert why.placed.company_id == "c"


@pytest.mark.parametrize(("who", "where"), [("Z", None), ("B", "zz")])
def test_unknown_ids(who: str, where: str | None) -> None:
    """Named."""
    with pytest.raises(UnknownName):
        why_learner(solved(B), who, where)


def test_without_an_allocation() -> None:
    """What rules bar is known all the same; nothing is claimed of goals."""
    why = why_learner(solved(A, B, flow(max_heads=0), Lock(learner_id="A", kind="pin", offer_id="o")), "B")
    assert why.placed is None
    assert why.smallest is None
    assert why.tried == "the round has no allocation"
    assert {place.weighed.check for place in why.possible} <= {"not re-solved"}


@pytest.mark.parametrize("seed", range(12))
def test_groups_add_up_and_prices_equal_the_re_solve(seed: int) -> None:
    """Every candidate is in one group; a price marked exact equals the best allocation of the round with the learner
    pinned there, by another method.
    """
    result = match(random_round(seed), method="exact")
    if result.audit is None:
        return
    rnd = result.round
    for row, key in enumerate(rnd.learners["id"].tolist()):
        why = why_learner(result, key, resolved=2, helped=False)
        here = int(why.placed is not None)
        assert why.places == len(candidates(rnd, np.array([row]))) == why.barred + why.full + why.free + here
        assert Counter(place.free for place in why.possible) == Counter({True: why.free, False: why.full})
        assert sum(full.places for full in why.filled) == why.full
        for place in why.possible[:2]:
            _check(result.round, key, place)


def _check(rnd: Round, key: str, place: Possible) -> None:
    """The pinned round, by another method."""
    if not rnd.policy.holds("locks"):
        return
    pin = Lock(learner_id=key, kind="pin", offer_id=place.where.offer_id, flow_id=place.where.flow_id)
    own = [lock for lock in rnd.locks.records if lock.learner_id != key]
    pinned = rnd.replace(rows={"locks": [*own, pin]})
    outcome = solvers.get("cpsat").solve(
        compile_problem(pinned, options_of(pinned)[0]), Limits(), silent, never
    )
    told = place.weighed
    assert (told.check == IMPOSSIBLE) == (outcome.status is Status.INFEASIBLE)
    if told.check == EXACT and outcome.objective is None and told.goal is not None:
        assert {goal.name: goal.value for goal in outcome.goals}[told.goal] == told.there
