"""Stable placement, held to its definition by brute force that shares no code with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from benchmarks.families.preferences import hospital, plain
from benchmarks.peers import matching
from matcher.compiling import compile_problem, options_of
from models.outcome import Outcome, Status, Stop
from models.problem import Goal, IntArray, Problem
from solvers.blocking import Market, lottery, priorities
from solvers.interface import Limits, never, silent
from solvers.stable import SOLVER
from tests.solvers.problems import at_least, at_most, block, ceiling, goal, problem, random_problem
from tests.strategies import random_round

ROUNDS = 500


def solved(given: Problem, seed: int = 0, seconds: float | None = None) -> Outcome:
    """What the method makes of a problem."""
    return SOLVER.solve(given, Limits(seconds, seed=seed), silent, never)


def stronger(given: Problem, seed: int, one: int, other: int) -> bool:
    """The stated priority, by its words: more fit, else the earlier in the published lottery."""
    fit = {goal.name: goal.dense(given.columns) for goal in given.goals}.get("fit", np.zeros(given.columns))
    drawn = lottery(given.agents, seed).tolist()
    agents = given.agent.tolist()
    return bool((fit[one], -drawn.index(agents[one])) > (fit[other], -drawn.index(agents[other])))


def seat_rows(given: Problem) -> list[tuple[set[int], int]]:
    """The options and the seats of each seat row."""
    return [
        (set(each.column[each.row == row].tolist()), int(each.upper[row]))
        for each in given.blocks
        if each.rule == "seats" and not each.redundant
        for row in range(len(each))
    ]


def wanted(given: Problem, chosen: set[int]) -> Iterator[tuple[int, set[int]]]:
    """Every option that its agent prefers to what it has, with what it has."""
    agent, rank = given.agent.tolist(), given.ranks.tolist()
    for option in range(given.options):
        own = {other for other in chosen if agent[other] == agent[option]}
        if all(rank[option] < rank[other] for other in own):
            yield option, own


def feasible_pairs(given: Problem, chosen: IntArray, seed: int) -> list[int]:
    """The options of all feasible blocking pairs, by trying whoever may give way on the whole problem."""
    have, found = set(chosen.tolist()), []
    for option, own in wanted(given, have):
        weaker = [
            [None, *(other for other in (have - own) & options if stronger(given, seed, option, other))]
            for options, _ in seat_rows(given)
            if option in options
        ]
        after = (have - own - set(leaving) | {option} for leaving in product(*weaker))
        if any(given.allows(np.array(sorted(each), np.int64)) for each in after):
            found.append(option)
    return found


def seat_pairs(given: Problem, chosen: IntArray, seed: int) -> list[int]:
    """The options of all pairs that block by seats: in every seat row one is free or its holder is weaker."""
    have, found = set(chosen.tolist()), []
    for option, own in wanted(given, have):
        held = [((have - own) & options, seats) for options, seats in seat_rows(given) if option in options]
        if all(
            len(there) < seats or any(stronger(given, seed, option, other) for other in there)
            for there, seats in held
        ):
            found.append(option)
    return found


def random_plain(seed: int) -> Problem:
    """Up to 12 agents with up to 5 different wishes among up to 6 places of 0 to 3 seats; fit with many ties."""
    draws = np.random.default_rng(seed)
    agents, places = int(draws.integers(1, 13)), int(draws.integers(1, 7))
    wishes = [draws.permutation(places)[: draws.integers(0, min(5, places) + 1)] for _ in range(agents)]
    agent = np.repeat(np.arange(agents), [len(each) for each in wishes])
    rank = np.concatenate([np.zeros(0, np.int64), *(np.arange(len(each)) for each in wishes)])
    place = np.concatenate([np.zeros(0, np.int64), *wishes])
    game = hospital(agents, agent, place, rank, draws.integers(0, 4, places))
    fit = Goal("fit", 1, np.arange(len(agent)), draws.integers(0, 3, len(agent)))
    return replace(game, goals=(*game.goals, fit)) if seed % 2 else game


@pytest.mark.parametrize("part", range(5))
def test_plain_problems_have_no_blocking_pair(part: int) -> None:
    """500 random problems of wishes and seats, with fit and without, each with a lottery of its own."""
    for seed in range(part * ROUNDS // 5, (part + 1) * ROUNDS // 5):
        given = random_plain(seed)
        outcome = solved(given, seed)
        assert outcome.chosen is not None
        assert outcome.stability is not None
        assert given.allows(outcome.chosen)
        assert seat_pairs(given, outcome.chosen, seed) == [], seed
        assert (outcome.stability.blocking, outcome.stability.rounds) == (0, 0)


def test_a_check_that_can_fail() -> None:
    """The brute force finds pairs where there are some: in most random allocations of the same problems."""
    found = 0
    for seed in range(100):
        given = random_plain(seed)
        chosen = np.flatnonzero(given.ranks == 1)
        if given.allows(chosen):
            found += bool(seat_pairs(given, chosen, seed))
            assert Market.of(given, seed).blocking(chosen).tolist() == seat_pairs(given, chosen, seed)
    assert found > 20


@pytest.mark.parametrize("size", [50, 100, 200, 400, 600])
def test_it_is_the_residents_best_as_the_package_matching_says(size: int) -> None:
    """Hospital/residents instances of the peers' family, two seeds each: the same placements, not only as many."""
    for seed in (1, 2):
        given = plain(size, seed)
        theirs = matching.PEER.solve(given, Limits(), silent, never)
        mine = solved(given)
        assert mine.chosen is not None
        assert theirs.chosen is not None
        assert mine.chosen.tolist() == theirs.chosen.tolist()


def stands(given: Problem, seed: int) -> int | None:
    """Hold what is claimed of a problem's allocation to brute force; the feasible blocking pairs that are left."""
    outcome = solved(given, seed)
    if outcome.chosen is None:
        assert outcome.stability is None
        assert outcome.status is Status.INFEASIBLE, seed
        return None
    assert outcome.stability is not None
    assert given.allows(outcome.chosen)
    pairs = feasible_pairs(given, outcome.chosen, seed)
    assert outcome.stability.blocking == len(pairs), (seed, pairs)
    return len(pairs)


def test_coupled_problems_say_how_many_feasible_pairs_are_left() -> None:
    """300 problems with beds, escorts, minima, quotas, budgets, pairs and shares: the count is the definition's, and
    hardly ever above 0.
    """
    left = [stands(random_problem(seed), seed) for seed in range(300)]
    found = [each for each in left if each is not None]
    assert len(found) > 150
    assert sum(each > 0 for each in found) <= 4


@pytest.mark.slow
@pytest.mark.parametrize("part", range(5))
def test_whole_rounds_say_how_many_feasible_pairs_are_left(part: int) -> None:
    """500 random rounds with every rule in play: the count is the definition's, and here it is always 0."""
    left = []
    for seed in range(part * ROUNDS // 5, (part + 1) * ROUNDS // 5):
        rnd = random_round(seed)
        left.append(stands(compile_problem(rnd, options_of(rnd)[0]), seed))
    found = [each for each in left if each is not None]
    assert len(found) > 50
    assert not any(found)


def test_fit_goes_before_the_lottery() -> None:
    """One seat: agent 1 has the better fit, whatever the lottery says; without the goal the lottery decides."""
    seats = block("seats", [at_most([0, 1], 1)])
    fit = problem([0, 1], [seats], [goal("placed", 1, [1, 1]), goal("fit", 1, [3, 4])])
    assert {str(solved(fit, seed).chosen) for seed in range(8)} == {"[1]"}
    alike = problem([0, 1], [seats], [goal("placed", 1, [1, 1])])
    for seed in range(8):
        assert solved(alike, seed).chosen == lottery(2, seed)[:1]
    assert {int(lottery(2, seed)[0]) for seed in range(8)} == {0, 1}


def test_the_lottery_is_published_and_can_be_drawn_again() -> None:
    """Tickets are raw bits of PCG64, which numpy does not change: the first three of seed 7, and their order."""
    outcome = solved(problem([0, 1, 2], [], [goal("placed", 1, [1, 1, 1])]), 7)
    assert outcome.stability is not None
    tickets = np.random.PCG64(7).random_raw(3).tolist()
    assert outcome.stability.lottery.tolist() == sorted(range(3), key=tickets.__getitem__)
    assert outcome.stability.lottery.tolist() == [0, 2, 1]


def test_priorities_are_all_different() -> None:
    """Fit 5 before fit 4; of equal fit, the lottery's first agent; of one agent's options, the first."""
    given = problem([0, 0, 1, 1], [], [goal("fit", 1, [4, 4, 4, 5])])
    assert priorities(given, np.array([1, 0])).tolist() == [1, 0, 2, 3]
    assert priorities(given, np.array([0, 1])).tolist() == [2, 1, 0, 3]


def test_nested_seat_rows_are_decided_from_the_inside() -> None:
    """Two projects of a supervisor with two seats in all. Agent 2 (fit 9) drives agent 0 (fit 2) out of project A; the
    supervisor then has room again, and agent 1 (fit 1) keeps project B.
    """
    rows = [at_most([0, 1, 2], 2), at_most([0, 2], 1), at_most([1], 1)]
    given = problem(
        [0, 1, 2], [block("seats", rows)], [goal("placed", 1, [1] * 3), goal("fit", 1, [2, 1, 9])]
    )
    outcome = solved(given)
    assert outcome.chosen is not None
    assert outcome.chosen.tolist() == [1, 2]


def test_who_was_refused_in_vain_asks_again() -> None:
    """Flows like chain links: F and G meet, G and H meet. G's agent drives out F's, H's (stronger still) drives out
    G's, and nobody is in F's way any more.
    """
    rows = [at_most([0, 1], 1), at_most([1, 2], 1)]
    given = problem(
        [0, 1, 2], [block("seats", rows)], [goal("placed", 1, [1] * 3), goal("fit", 1, [1, 2, 3])]
    )
    outcome = solved(given)
    assert outcome.chosen is not None
    assert outcome.chosen.tolist() == [0, 2]
    assert outcome.stability is not None
    assert (outcome.stability.blocking, outcome.stability.rounds) == (0, 1)


def test_a_weaker_holder_gives_way_for_a_bed_too() -> None:
    """Two seats, one bed: agent 1 has the better fit, and takes agent 0's seat for the sake of the bed."""
    rows = [block("seats", [at_most([0, 1], 2)]), block("beds", [at_most([0, 1], 1)])]
    given = problem([0, 1], rows, [goal("placed", 1, [1, 1]), goal("fit", 1, [1, 2])])
    assert [solved(given, seed).chosen.tolist() for seed in range(4)] == [[1]] * 4  # type: ignore[union-attr]


def test_those_who_move_together_stay_where_they_are_needed() -> None:
    """A flow (options 0, 2) needs two; both agents would rather be in the other (1, 3), which has one seat. Nobody can
    leave alone, so there is no feasible blocking pair, though each wants the free seat.
    """
    opened = ceiling("opened", 4, [[0, 2]], 2)
    least = block("min_group", [(0, [(0, 1), (2, 1), (4, -2)], 2**62)])
    both = block("locks", [at_least([0, 1], 1), at_least([2, 3], 1)])
    seats = block("seats", [at_most([0, 2], 2), at_most([1, 3], 0)])
    given = problem(
        [0, 0, 1, 1],
        [seats, least, both],
        [goal("placed", 1, [1] * 4)],
        auxiliaries=[opened],
        rank=[1, 0, 1, 0],
    )
    outcome = solved(given)
    assert outcome.chosen is not None
    assert outcome.chosen.tolist() == [0, 2]
    assert outcome.stability is not None
    assert outcome.stability.blocking == 0


def test_where_nothing_is_stable_the_pairs_that_are_left_are_counted() -> None:
    """One seat; agent 0 may take it as option 0 (fit 2) or, rather, as option 1 (fit 0); agent 1 as option 2 (fit 0,
    earlier in the lottery). Option 2 gives way to 0, agent 0 then moves to 1, which gives way to 2, and so on.
    """
    goals = [goal("placed", 1, [1] * 3), goal("fit", 1, [2, 0, 0])]
    given = problem([0, 0, 1], [block("seats", [at_most([0, 1, 2], 1)])], goals, rank=[1, 0, 0])
    assert lottery(2, 0).tolist() == [1, 0]
    left = [feasible_pairs(given, np.array(chosen, np.int64), 0) for chosen in ([], [0], [1], [2])]
    assert left == [[0, 1, 2], [1], [2], [0]]
    assert stands(given, 0) == 1
    outcome = solved(given)
    assert outcome.stability is not None
    assert outcome.stability.rounds == 30


def test_time_up_before_the_pairs_are_counted_is_no_number() -> None:
    """Cancelled after the proposals: what stands is returned, and nothing is said of pairs."""
    rows = [at_most([0, 1], 1), at_most([1, 2], 1)]
    given = problem(
        [0, 1, 2], [block("seats", rows)], [goal("placed", 1, [1] * 3), goal("fit", 1, [1, 2, 3])]
    )
    outcome = SOLVER.solve(given, Limits(), silent, lambda: True)
    assert outcome.stopped_by is Stop.CANCELLED
    assert outcome.stability is not None
    assert outcome.stability.blocking is None
