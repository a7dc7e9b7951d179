"""Parts around those who miss most: what they hold, and what they find that parts over areas do not."""

from __future__ import annotations

import numpy as np
import pytest

from models.problem import FREE_BELOW, Areas, Block, Goal, Problem, Ties
from solvers.crew import Alone, Crew, crew
from solvers.interface import Limits, never, silent
from solvers.scaling.efforts import Effort
from solvers.scaling.improving import Improver
from solvers.scaling.matrix import FloatArray, Matrix, matrix_of
from solvers.scaling.parts import Parts
from solvers.scaling.standing import Standing
from solvers.scaling.waiting import Waiting
from solvers.stage import Clock
from tests.begun import SHAPES, begun

HOPS = 3
"""Who has to move, one after the other, for each of the two seats that the group wants."""


def chains() -> tuple[Problem, Standing, Matrix, FloatArray]:
    """A group of two wants both seats at place 0. Whoever is there could go on to the next place, and so could who is
    there, ``HOPS`` times: the last places of both chains are empty. Everybody likes to be where they are (10) a little
    more than where they could go (9), so that nothing but all moves at once is better.
    """
    where = [(0, 0), (1, 0)]
    present = []
    agent, place = 2, 0
    for _ in range(2):
        here = 0
        for _ in range(HOPS):
            place += 1
            present.append(len(where))
            where += [(agent, here), (agent, place)]
            agent, here = agent + 1, place
    of, at = np.array(where).T
    options, places = len(where), place + 1
    gain = np.where(of < 2, 10, 9)
    gain[present] = 10
    seats = np.ones(places, np.int64)
    seats[0] = 2
    every, ones = np.arange(options), np.ones(options, np.int64)
    zero = np.zeros(1, np.int64)
    blocks = (
        Block("seats", at, every, ones, np.full(places, FREE_BELOW), seats),
        Block("groups", np.zeros(2, np.int64), np.arange(2), np.array([1, -1]), zero, zero),
    )
    problem = Problem(
        options,
        agent,
        of,
        np.zeros(options, np.int64),
        np.maximum(np.arange(agent) - 1, 0),
        blocks,
        (),
        (Goal("placed", 1, every, gain),),
        ties=Ties(
            np.where(np.arange(agent) < 2, 0, -1), np.ones(1, bool), np.arange(2), np.zeros(2, np.int64)
        ),
        areas=Areas(at, np.arange(places), np.zeros(places, np.int64)),
    )
    matrix, worth = matrix_of(problem), gain.astype(np.float64)
    return problem, Standing.of(matrix, worth, np.array(present)), matrix, worth


def improver(matrix: Matrix, gain: FloatArray, hands: Crew | None = None) -> Improver:
    """What improves allocations, in this process if nothing else is said."""
    return Improver(matrix, gain, Parts(matrix.problem), hands or Alone(), Clock(silent, never))


def test_a_group_is_placed_that_no_part_over_two_areas_can_place() -> None:
    """Sweeps over two areas at a time find nothing, however areas go together; a part around the group finds the six
    moves: 2 · 10 for the group, less 1 for each who moves.
    """
    problem, before, matrix, gain = chains()
    for turn in range(1, 13):
        for after in improver(matrix, gain).sweep(before, gain.copy(), Effort(2, 2, 10, 1e-4), turn):
            assert after.value == before.value
    *_, after = improver(matrix, gain).seat(before, gain.copy(), Effort(problem.agents, 1, 10, 1e-4))
    assert after.holds(matrix)
    assert after.value == before.value + 20 - 2 * HOPS
    assert (after.choice >= 0).all()


@pytest.mark.parametrize(("size", "agents"), [(2, 2), (4, 4), (6, 6), (50, 2 + 2 * HOPS)])
def test_chains_are_followed_as_far_as_there_is_room(size: int, agents: int) -> None:
    """The group, then those in its seats, then those in theirs, with no one else."""
    problem, standing, matrix, gain = chains()
    parts = Parts(problem)
    waiting = Waiting(matrix, parts, parts.wanted(gain.copy()))
    tried = np.zeros(waiting.bundles, bool)
    (part,) = waiting.around(standing, tried, 15.0, 8, size)
    chain = np.arange(problem.agents)
    steps = np.where(chain < 2, 0, (chain - 2) % HOPS + 1)
    assert part.agents.tolist() == sorted(np.lexsort((chain, steps))[:agents].tolist())
    assert np.flatnonzero(tried).tolist() == [0]
    assert not list(waiting.around(standing, tried, 15.0, 8, size))


def test_what_is_missed_is_the_best_less_what_there_is() -> None:
    """The group misses both seats, 20; those who are where they like to be miss nothing; one who had moved misses 1."""
    problem, standing, matrix, gain = chains()
    parts = Parts(problem)
    waiting = Waiting(matrix, parts, parts.wanted(gain.copy()))
    assert waiting.missed(standing)[:3].tolist() == [20.0, 0.0, 0.0]
    last = HOPS + 1
    moved = standing.chosen.copy()
    moved[problem.agent[moved] == last] += 1
    assert waiting.missed(Standing.of(matrix, gain, moved))[last - 1] == 1.0
    assert waiting.loses(standing)[2:].tolist() == [1.0] * (2 * HOPS)


@pytest.mark.parametrize("shape", SHAPES)
def test_parts_share_nobody_and_hold_whole_bundles(shape: str) -> None:
    """Side by side: every agent in one part at most, with all that it acts as one with, and with its present choice."""
    there = begun(shape)
    matrix, worth, standing = there.matrix, there.worth, there.standing
    problem, parts = matrix.problem, Parts(matrix.problem)
    waiting, before = Waiting(matrix, parts, parts.wanted(worth)), worth.copy()
    tried = np.zeros(waiting.bundles, bool)
    found = list(waiting.around(standing, tried, 1.0, 4, 10))
    later = list(waiting.around(standing, tried, 1.0, 4, 10, found))
    assert found
    assert later
    found += later
    agents = np.concatenate([part.agents for part in found])
    assert len(agents) == len(np.unique(agents))
    for part in found:
        assert np.isin(problem.bundle, problem.bundle[part.agents]).sum() == len(part.agents)
        assert np.isin(problem.agent[part.options], part.agents).all()
        present = standing.choice[part.agents]
        assert np.isin(present[present >= 0], part.options).all()
    assert worth.tolist() == before.tolist()


@pytest.mark.parametrize("shape", SHAPES)
def test_every_wave_is_an_allocation_and_no_worse(shape: str) -> None:
    """Nothing breaks, nothing is lost, the same on one worker and on two; somebody gains in one shape at least."""
    there = begun(shape)
    matrix, gain, worth, before = there.matrix, there.gain, there.worth, there.standing
    effort = Effort(30, 1, 20, 1e-4)
    alone = list(improver(matrix, gain).seat(before, worth, effort))
    standing = before
    for after in alone:
        assert after is standing or after.better_than(standing, matrix)
        assert not after.broken(matrix).any()
        standing = after
    with crew(Limits(60, 2)) as hands:
        both = list(improver(matrix, gain, hands).seat(before, worth, effort))
    assert [each.choice.tolist() for each in both] == [each.choice.tolist() for each in alone]
