"""Goals of fairness on whole random rounds: against every allocation, tried one by one, and between methods."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterator

import numpy as np
import pytest

from matcher import match
from matcher.compiling import compile_problem, options_of
from matcher.engine import placements_of
from matcher.goals.owed import Owed
from models.errors import InputErrors, UnsuitableMethod
from models.ladder import levels_of
from models.outcome import Placement, Status
from models.policy import Policy
from models.problem import Problem
from models.round import Round
from models.tables import PreviousRound, School
from solvers.enumerate import combinations
from tests import tiny
from tests.strategies import random_round, with_debt

ROUNDS = 30
MOST = 5_000
"""Combinations of a round that are tried one by one."""


def asked(rnd: Round, *goals: str) -> Round:
    """The round with other goals in order."""
    return rnd.replace(policy=rnd.policy.model_copy(update={"goals": goals, "weights": None}))


def allocations(rnd: Round) -> Iterator[list[Placement]]:
    """Every allocation that satisfies the rows of the rules."""
    options, _ = options_of(rnd)
    problem: Problem = compile_problem(asked(rnd, "placed"), options)
    for chosen in combinations(problem):
        if problem.allows(chosen):
            yield placements_of(options, chosen)


def few(rnd: Round) -> bool:
    """Whether there are few enough combinations to try them all."""
    options, _ = options_of(rnd)
    return bool(np.prod(1.0 + np.bincount(options.learner, minlength=len(rnd.learners))) <= MOST)


def shares(rnd: Round, placements: list[Placement]) -> tuple[int, ...]:
    """The thousandths placed of each sending partner with learners, the worst first, from the tables."""
    partner = {row.id: row.partner_id for row in rnd.learners.records}
    everyone, served = Counter(partner.values()), Counter(partner[one.learner_id] for one in placements)
    return tuple(sorted(1000 * served[name] // size for name, size in everyone.items()))


def test_leximin_is_the_best_vector_of_all_allocations() -> None:
    """First and after `placed`, by the exact method; what it states is proven and is what brute force finds."""
    tried = with_several = 0
    for seed in range(ROUNDS):
        rnd = random_round(seed)
        if not few(rnd):
            continue
        every = list(allocations(rnd))
        best = max((shares(rnd, one) for one in every), default=None)
        result = match(asked(rnd, "leximin"))
        if best is None:
            assert result.status is Status.INFEASIBLE
            continue
        (goal,) = result.goals
        assert goal.value is not None
        assert (result.status, levels_of(goal.value), goal.bound) == (Status.OPTIMAL, best, goal.value), seed
        priority = {row.id: row.priority for row in rnd.learners.records}
        most = max(sum(priority[one.learner_id] for one in each) for each in every)
        among = [each for each in every if sum(priority[one.learner_id] for one in each) == most]
        then = match(asked(rnd, "placed", "leximin")).goals[1].value
        assert then is not None
        assert levels_of(then) == max(shares(rnd, one) for one in among), seed
        tried += 1
        with_several += len(best) > 1 and best[0] < best[-1]
    assert tried >= 12
    assert with_several >= 5


@pytest.mark.slow
def test_methods_agree_on_goals_of_fairness(monkeypatch: pytest.MonkeyPatch) -> None:
    """Exact, CP-SAT and enumeration: the same values, bounds and proofs, in steps or not."""
    monkeypatch.setattr("solvers.enumerate.COMBINATIONS", 3000)
    compared = 0
    for seed in range(100, 112):
        rnd = asked(
            with_debt(random_round(seed, most_learners=6), seed),
            *("equity_schools", "equity_reasons", "owed", "equity_fields", "leximin", "equity_countries"),
        )
        try:
            reference = match(rnd, method="enumerate")
        except UnsuitableMethod:
            continue
        for method in ("exact", "cpsat"):
            found = match(rnd, method=method)
            assert (found.status, found.goals) == (reference.status, reference.goals), (seed, method)
        compared += reference.status is Status.OPTIMAL
    assert compared >= 4


def test_what_is_not_proven_is_bounded() -> None:
    """First come first served gives L1 of a its wish, the one seat at o1, where o2 would do, and L2 of b could be
    nowhere else: (0, 1000), where (1000, 1000) is possible. The bound says no less.
    """
    rnd = tiny.tiny(
        tiny.partner("a"),
        tiny.partner("b"),
        tiny.company(),
        tiny.company("c2", working_languages=(("it", 2),)),
        tiny.offer(seats=1),
        tiny.offer("o2", company_id="c2"),
        tiny.learner("L1", partner_id="a", preferences=("c1",), languages=(("en", 3), ("it", 3))),
        tiny.learner("L2", partner_id="b"),
    )
    (first,), (best,) = (
        match(asked(rnd, "leximin"), method="greedy").goals,
        match(asked(rnd, "leximin")).goals,
    )
    assert (first.value, first.bound, first.proven) == (1_0000_1000, 1_1000_1000, False)
    assert (best.value, best.bound, best.proven) == (1_1000_1000, 1_1000_1000, True)


def test_two_partners_of_whom_both_cannot_gain_are_not_both_settled() -> None:
    """Three seats for two partners of two learners each: one has both, the other one, whichever it is: 500, 1000."""
    people = [tiny.learner(f"L{number}", partner_id=name) for number, name in enumerate(("a", "a", "b", "b"))]
    rnd = tiny.tiny(tiny.partner("a"), tiny.partner("b"), *people, tiny.offer(seats=3))
    result = match(asked(rnd, "leximin"))
    assert result.status is Status.OPTIMAL
    assert levels_of(result.goals[0].value or 1) == (500, 1000)


def test_leximin_cannot_be_weighed() -> None:
    """Its number is a vector, no amount."""
    rnd = tiny.tiny(policy=Policy(weights={"leximin": 1}))
    with pytest.raises(InputErrors, match="cannot be weighed"):
        match(rnd)


def test_leximin_of_nobody_is_an_empty_vector() -> None:
    """A round without learners is solved."""
    result = match(asked(tiny.tiny().replace(rows={"learners": []}), "leximin", "equity_schools", "owed"))
    assert [goal.value for goal in result.goals] == [1, 1000, 0]


def debt(round_id: str, partner: str, asked: int, placed: int, school: str | None = None) -> PreviousRound:
    """A row of an earlier round."""
    return PreviousRound(round_id=round_id, partner_id=partner, school_id=school, asked=asked, placed=placed)


def test_owed_by_hand() -> None:
    """Of 30 who asked 15 were placed: a half. Partner a, 4 of 10, lacks 1 of 10: 100 thousandths; b, 11 of 20, nothing.

    In another round a lacks (10 · 13/20 − 5) = 1.5, together 2.5 of 20: 125. School s2 of b lacks of its own
    (4 · 4/8 − 0) = 2 of 4: 500, more than its partner; s1 had more.
    """
    rows = [
        tiny.partner("a"),
        tiny.partner("b"),
        School(id="s1", partner_id="b", name="-"),
        School(id="s2", partner_id="b", name="-"),
        tiny.learner("L1", partner_id="a"),
        tiny.learner("L2", partner_id="b", school_id="s1"),
        tiny.learner("L3", partner_id="b", school_id="s2"),
        tiny.offer(seats=1),
        debt("r1", "a", 10, 4),
        debt("r1", "b", 20, 11),
    ]
    once = tiny.tiny(*rows)
    assert Owed().owed_to(once) == {("a", None): 100, ("b", None): 0}
    rows += [debt("r2", "a", 10, 5), debt("r2", "b", 10, 8)]
    rows += [debt("r2", "b", 4, 4, "s1"), debt("r2", "b", 4, 0, "s2")]
    rnd = tiny.tiny(*rows)
    assert Owed().owed_to(rnd) == {("a", None): 125, ("b", None): 0, ("b", "s1"): 0, ("b", "s2"): 500}
    result = match(asked(rnd, "placed", "owed"))
    assert [goal.value for goal in result.goals] == [1, 500]
    assert result.placements["learner_id"].tolist() == ["L3"]


def test_without_earlier_rounds_a_rounds_digest_is_what_it_was() -> None:
    """The table came later: only its rows count."""
    rnd = tiny.tiny()
    assert rnd.replace(rows={"previous_rounds": []}).digest == rnd.digest
    before = {name: table for name, table in rnd.tables.items() if not table.row.later}
    assert dataclasses.replace(rnd, tables=before).digest == rnd.digest
    assert rnd.replace(rows={"previous_rounds": [debt("r", "ccis", 2, 1)]}).digest != rnd.digest
