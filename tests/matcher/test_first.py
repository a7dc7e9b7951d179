"""Proposals: who is let in when several want the same."""

from __future__ import annotations

import numpy as np
import pytest

from models.problem import FREE_BELOW, Areas, Block, Goal, Problem
from solvers.scaling.matrix import matrix_of
from tests.begun import SHAPES, begun, proposed


def one_seat_each(wishes: list[dict[int, int]], places: int) -> Problem:
    """Agents who gain so much at each place that they can go to; every place has one seat and is an area."""
    agent, place, gain = np.array(
        [(who, where, worth) for who, mine in enumerate(wishes) for where, worth in mine.items()]
    ).T
    every, ones = np.arange(len(agent)), np.ones(len(agent), np.int64)
    seats = Block("seats", place, every, ones, np.full(places, FREE_BELOW), np.ones(places, np.int64))
    zero = np.zeros(places, np.int64)
    return Problem(
        len(agent),
        len(wishes),
        agent,
        np.zeros(len(agent), np.int64),
        np.arange(len(wishes)),
        (seats,),
        (),
        (Goal("placed", 1, every, gain),),
        areas=Areas(place, np.arange(places), zero),
    )


def test_who_has_nowhere_else_to_go_comes_before_who_gains_most() -> None:
    """0 gains 10 at place 0 and 9 at place 1; 1 gains 8 at place 0 and nothing elsewhere."""
    problem = one_seat_each([{0: 10, 1: 9}, {0: 8}], 2)
    gain = problem.goals[0].dense(problem.columns).astype(np.float64)
    standing = proposed(matrix_of(problem), gain, gain.copy())
    assert standing.chosen.tolist() == [1, 2]
    assert standing.value == 17


@pytest.mark.parametrize("shape", SHAPES)
def test_whoever_is_let_in_breaks_nothing(shape: str) -> None:
    """Upper sides hold, and a third of the agents at least have a place (those whom equalities tie to others wait)."""
    there = begun(shape)
    standing, matrix = there.standing, there.matrix
    over = standing.activity > matrix.upper + 1e-6
    assert not over.any()
    assert len(standing.chosen) > len(np.unique(matrix.problem.agent)) / 3
