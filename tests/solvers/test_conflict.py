"""Smallest conflicting sets of rows, checked by trying every smaller one."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest

import solvers
from models.outcome import Status
from models.problem import FREE_ABOVE, FREE_BELOW, Block, Problem
from solvers.conflict import Conflict, find_conflict, smallest
from solvers.interface import Limits, never, silent
from tests.solvers.problems import (
    at_least,
    at_most,
    block,
    ceiling,
    goal,
    problem,
    random_network,
    random_problem,
)

Rows = tuple[tuple[int, int], ...]

INFEASIBLE = (2, 8, 25, 42, 58)
"""Seeds whose random problem has no solution, for reasons of one to six rows."""


def only(given: Problem, rows: Rows) -> Problem:
    """The problem with these rows alone (and that an agent chooses at most one option)."""
    blocks = [
        _only(each, [row for at, row in rows if at == number]) for number, each in enumerate(given.blocks)
    ]
    return replace(given, blocks=(given.blocks[0], *blocks[1:]), goals=(), weighted=None)


def _only(given: Block, rows: list[int]) -> Block:
    lower, upper = np.full(len(given), FREE_BELOW), np.full(len(given), FREE_ABOVE)
    lower[rows], upper[rows] = given.lower[rows], given.upper[rows]
    return replace(given, lower=lower, upper=upper)


def has_solution(given: Problem) -> bool:
    """By trying everything."""
    status = solvers.get("enumerate").solve(given, Limits(), silent, never).status
    assert status in {Status.OPTIMAL, Status.INFEASIBLE}
    return status is Status.OPTIMAL


def assert_irreducible(given: Problem, conflict: Conflict) -> None:
    """The rows have no common solution, and without any one of them they do."""
    assert conflict.irreducible
    assert not has_solution(only(given, conflict.rows))
    for row in conflict.rows:
        assert has_solution(only(given, tuple(other for other in conflict.rows if other != row)))


@pytest.mark.parametrize("seed", INFEASIBLE)
def test_no_row_can_be_spared(seed: int) -> None:
    """On random problems without a solution, whatever their rows."""
    given = random_problem(seed)
    assert not has_solution(given)
    assert_irreducible(given, find_conflict(given, Limits()))


def test_quota_against_heads_is_named() -> None:
    """Three of partner 0 must be in a flow with two places; seats elsewhere have nothing to do with it."""
    given = problem(
        [0, 1, 2, 3],
        [
            block("seats", [at_most([0, 1, 2, 3], 3), at_most([3], 1)]),
            block("flow_heads", [at_most([0, 1, 2], 2)]),
            block("quotas", [at_least([3], 1), at_least([0, 1, 2], 3)]),
        ],
        [goal("placed", 1, [1] * 4)],
    )
    conflict = find_conflict(given, Limits())
    assert conflict == Conflict(((2, 0), (3, 1)), irreducible=True)
    labels = [given.blocks[at].label(row) for at, row in conflict.rows]
    assert labels == ["flow_heads 0", "quotas 1"]


def test_whole_numbers_can_conflict_where_halves_would_not() -> None:
    """Of three agents each two exclude each other, and two must be placed: halves of all three would sum to
    1.5 ≥ 1.5.
    """
    given = problem(
        [0, 1, 2],
        [
            block("apart", [at_most([0, 1], 1), at_most([1, 2], 1), at_most([0, 2], 1)]),
            block("quotas", [(3, [(0, 2), (1, 2), (2, 2)], FREE_ABOVE)]),
        ],
        [],
    )
    conflict = find_conflict(given, Limits())
    assert len(conflict.rows) == 4
    assert_irreducible(given, conflict)


def test_escorts_are_part_of_the_reason_but_never_named() -> None:
    """Two learners and their escort need three beds of two; the escort's definition is not a row that one
    could give up.
    """
    escorts = ceiling("escorts", 2, [[0, 1]], 2)
    beds, quota = block("beds", [at_most([0, 1, 2], 2)]), block("quotas", [at_least([0, 1], 2)])
    given = problem([0, 1], [beds, quota], [goal("placed", 1, [1, 1])], auxiliaries=[escorts])
    assert find_conflict(given, Limits()).rows == ((1, 0), (2, 0))


def test_a_row_that_nothing_can_satisfy_stands_alone() -> None:
    """Two options of one agent can never both be chosen: the minimum of two is the whole reason."""
    given = problem(
        [0, 0, 1], [block("seats", [at_most([0, 2], 1)]), block("quotas", [at_least([0, 1], 2)])], []
    )
    assert find_conflict(given, Limits()).rows == ((2, 0),)


def test_out_of_time_it_says_so() -> None:
    """With no time to look, what is named conflicts, but it is not called smallest."""
    given = random_problem(58)
    conflict = find_conflict(given, Limits(seconds=0.0))
    assert not conflict.irreducible
    assert not has_solution(only(given, conflict.rows))


def test_cancel_is_heard() -> None:
    """A caller who does not want to wait gets what is there."""
    assert not find_conflict(random_problem(58), Limits(), lambda: True).irreducible


def test_two_rows_among_hundreds_are_found_soon() -> None:
    """400 learners: a flow of five heads from which one partner needs seven."""
    given = random_network(1, agents=400, per_agent=30, offers=80, minima=False)
    heads = given.blocks[2]
    upper = heads.upper.copy()
    upper[0] = 5
    mine = [int(option) for option in heads.column[heads.row == 0] if given.agent[option] % 3 == 0]
    blocks = (
        *given.blocks[:2],
        replace(heads, upper=upper),
        given.blocks[3],
        block("needs", [at_least(mine, 7)]),
    )
    begun = time.monotonic()
    conflict = find_conflict(replace(given, blocks=blocks), Limits(seconds=60))
    assert conflict == Conflict(((2, 0), (4, 0)), irreducible=True)
    assert time.monotonic() - begun < 20


@pytest.mark.parametrize("culprits", [(0,), (9,), (3, 4), (0, 5, 9), tuple(range(10))])
def test_search_finds_the_culprits(culprits: tuple[int, ...]) -> None:
    """Ten rows that conflict as soon as certain ones are together."""
    found = smallest(np.arange(10), lambda rows: set(culprits) <= set(rows.tolist()))
    assert found.tolist() == list(culprits)
