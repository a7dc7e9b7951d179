"""Parts of those who travel together: who belongs to a family, and what only all of one find."""

from __future__ import annotations

import numpy as np
import pytest

from models.problem import FREE_ABOVE, Areas, Auxiliary, Goal, Grouped, Problem, Shared
from solvers.crew import Alone, Crew, crew
from solvers.interface import Limits, never, silent
from solvers.scaling.efforts import Effort
from solvers.scaling.improving import Improver
from solvers.scaling.kindred import Kindred
from solvers.scaling.matrix import FloatArray, Matrix, matrix_of
from solvers.scaling.parts import Parts
from solvers.scaling.sharing import Shares
from solvers.scaling.standing import Standing
from solvers.stage import Clock
from tests.begun import SHAPES, begun

TIED = tuple(shape for shape in SHAPES if shape != "national_plain")
ALL = 10**6


def families(matrix: Matrix, gain: FloatArray) -> Kindred:
    """Who belongs together."""
    problem = matrix.problem
    return Kindred.of(Shares.of(matrix, gain[problem.options :]), problem.agent, problem.agents)


def improver(matrix: Matrix, gain: FloatArray, hands: Crew | None = None) -> Improver:
    """What improves allocations, in this process if nothing else is said."""
    return Improver(matrix, gain, Parts(matrix.problem), hands or Alone(), Clock(silent, never))


def apart() -> tuple[Matrix, FloatArray, Standing]:
    """Two of one sender, each in a flow with an escort who costs what a place is worth (10). In a third flow, which
    both like a little less (9), one escort would do for both.
    """
    agent, flow = np.array([0, 0, 1, 1]), np.array([0, 2, 1, 2])
    options, flows = 4, 3
    every = np.arange(flows)
    counting = Grouped(
        "escorts",
        Shared(flow, every, every, np.full(flows, -1)),
        np.zeros(flows, np.int64),
        np.full(flows, FREE_ABOVE),
        own=(every, options + every, np.full(flows, 2)),
    )
    problem = Problem(
        options,
        2,
        agent,
        np.zeros(options, np.int64),
        np.arange(2),
        (counting,),
        (Auxiliary("escorts", options, np.ones(flows, np.int64), -1, counting),),
        (Goal("placed", 1, np.arange(options + flows), np.array([10, 9, 10, 9, -10, -10, -10])),),
        areas=Areas(flow, every, np.zeros(flows, np.int64)),
    )
    matrix, gain = matrix_of(problem), np.array([10.0, 9, 10, 9, -10, -10, -10])
    return matrix, gain, Standing.of(matrix, gain, np.array([0, 2]))


def test_two_who_are_apart_come_together_for_one_escort() -> None:
    """No part over two of the three flows finds it: the first to move would need an escort there, too."""
    matrix, gain, before = apart()
    worth = gain[: matrix.problem.options].copy()
    assert before.value == 0
    for turn in range(1, 13):
        for after in improver(matrix, gain).sweep(before, worth, Effort(2, 2, 10, 1e-4), turn):
            assert after.value == before.value
    *_, after = improver(matrix, gain).gather(
        families(matrix, gain), before, worth, Effort(2, 2, 10, 1e-4), 1
    )
    assert after.chosen.tolist() == [1, 3]
    assert after.value == 2 * 9 - 10


def test_a_family_is_joined_by_chains_of_common_counts() -> None:
    """0 and 1 count together somewhere, 1 and 2 elsewhere; 3 counts alone, 4 for nothing."""
    agent, count = np.array([0, 1, 1, 2, 3]), np.array([0, 0, 1, 1, 2])
    shares = Shares(np.array([0, 1, 2, 3, 4, 5]), count, np.arange(3), np.full(3, 10.0), np.full(3, 9))
    kindred = Kindred.of(shares, np.append(agent, 4), 5)
    assert kindred.of_agent.tolist() == [0, 0, 0, 3, -1]


@pytest.mark.parametrize("shape", TIED)
def test_a_family_is_of_one_sending_partner(shape: str) -> None:
    """And a sweep has everybody of a family once, whole, as long as it is small enough."""
    there = begun(shape)
    matrix, gain = there.matrix, there.gain
    kindred, partner = families(matrix, gain), there.rnd.ref("learners", "partner_id")
    known = np.flatnonzero(kindred.of_agent >= 0)
    assert len(known) > 100
    pairs = np.unique(np.stack([kindred.of_agent[known], partner[known]]), axis=1)
    assert len(np.unique(pairs[0])) == pairs.shape[1]
    for turn in (1, 2):
        parts = list(kindred.sweep(40, ALL, turn))
        assert np.sort(np.concatenate(parts)).tolist() == known.tolist()
        for part in parts:
            assert np.isin(kindred.of_agent, kindred.of_agent[part]).sum() == len(part)
    sizes = np.bincount(kindred.of_agent[known])
    largest = int(np.sort(sizes[sizes > 0])[-2])
    left = np.concatenate(list(kindred.sweep(40, largest, 1)))
    assert len(known) - len(left) == sizes[sizes > largest].sum()


@pytest.mark.parametrize("shape", TIED)
def test_every_wave_is_an_allocation_and_no_worse(shape: str) -> None:
    """Nothing breaks, nothing is lost, the same on one worker and on two."""
    there = begun(shape)
    matrix, gain, worth, before = there.matrix, there.gain, there.worth, there.standing
    effort, kindred = Effort(40, 4, 10, 1e-5), families(matrix, gain)
    alone = list(improver(matrix, gain).gather(kindred, before, worth, effort, 1))
    standing = before
    for after in alone:
        assert after is standing or after.better_than(standing, matrix)
        assert not after.broken(matrix).any()
        standing = after
    assert standing.value > before.value
    with crew(Limits(60, 2)) as hands:
        both = list(improver(matrix, gain, hands).gather(kindred, before, worth, effort, 1))
    assert [each.choice.tolist() for each in both] == [each.choice.tolist() for each in alone]


@pytest.mark.parametrize("shape", TIED)
def test_who_moves_is_counted_as_if_all_were(shape: str) -> None:
    """Some go home, some come, some go elsewhere: the same sums, counts and gain as from the beginning."""
    there = begun(shape)
    matrix, gain, before = there.matrix, there.gain, there.standing
    problem, rng = matrix.problem, np.random.default_rng(7)
    for _ in range(20):
        choice = before.choice.copy()
        some = rng.choice(problem.agents, 30, replace=False)
        choice[some] = -1
        options = rng.permutation(np.flatnonzero(np.isin(problem.agent, some[:20])))
        choice[problem.agent[options]] = options
        moved, afresh = before.moved(matrix, gain, choice), Standing.of(matrix, gain, choice[choice >= 0])
        assert moved.choice.tolist() == afresh.choice.tolist()
        assert moved.auxiliaries.tolist() == afresh.auxiliaries.tolist()
        assert moved.activity.tolist() == afresh.activity.tolist()
        assert moved.value == afresh.value
        before = moved
