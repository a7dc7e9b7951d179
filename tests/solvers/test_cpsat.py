"""CP-SAT: the same allocation with any number of workers, and prompt ends."""

from __future__ import annotations

import time

import numpy as np
import pytest

import solvers
from models.errors import UnsuitableMethod
from models.outcome import Status, Stop
from models.problem import FREE_ABOVE, FREE_BELOW, Problem
from solvers.cpsat import Model
from solvers.interface import Limits, never, silent
from tests.solvers.problems import (
    Solve,
    at_least,
    at_most,
    block,
    goal,
    problem,
    random_network,
    random_problem,
)


@pytest.mark.parametrize("seed", range(12))
def test_workers_do_not_change_the_allocation(seed: int, solve: Solve) -> None:
    """One worker or two: the same options, to the last one."""
    given = random_problem(seed)
    one, two = (solve("cpsat", given, workers=workers, seed=5) for workers in (1, 2))
    assert (one.chosen is None) == (two.chosen is None)
    if one.chosen is not None and two.chosen is not None:
        assert one.chosen.tolist() == two.chosen.tolist()


def alike(agents: int) -> Problem:
    """So many agents, all alike, for half as many places: everything is a tie."""
    agent = np.repeat(np.arange(agents), 2)
    offers = [at_most(np.flatnonzero(np.arange(2 * agents) % 2 == o).tolist(), agents // 4) for o in range(2)]
    return problem(agent, [block("seats", offers)], [goal("placed", 1, np.ones(2 * agents, np.int64))])


def test_ties_are_broken_alike(solve: Solve) -> None:
    """Forty agents who are all alike for twenty places: workers do not matter, the seed does."""
    given = alike(40)
    one, two, other = (solve("cpsat", given, workers=w, seed=s) for w, s in ((1, 0), (2, 0), (1, 1)))
    assert one.chosen is not None
    assert two.chosen is not None
    assert other.chosen is not None
    assert one.chosen.tolist() == two.chosen.tolist()
    assert one.chosen.tolist() != other.chosen.tolist()


def test_agrees_with_flow_on_a_larger_network(solve: Solve) -> None:
    """100 agents with 8 options each."""
    given = random_network(4, agents=100, per_agent=8, offers=20, minima=False)
    assert solve("cpsat", given, workers=2).goals == solve("flow", given).goals


@pytest.mark.parametrize("cancelled", [True, False])
def test_ends_within_two_seconds_of_being_told(cancelled: bool) -> None:
    """Cancelled after a second, or with a second to spend: it returns an allocation and says why it ended."""
    given = random_network(5, agents=800, per_agent=30, offers=160, minima=False)
    solver, begun = solvers.get("cpsat"), time.monotonic()
    limits = Limits() if cancelled else Limits(seconds=1.0)
    outcome = solver.solve(given, limits, silent, lambda: cancelled and time.monotonic() > begun + 1.0)
    assert time.monotonic() - begun < 3.0
    assert outcome.status is Status.FEASIBLE
    assert outcome.stopped_by is (Stop.CANCELLED if cancelled else Stop.TIME)
    assert outcome.chosen is not None
    assert given.allows(outcome.chosen)


def test_gap_lets_it_stop_early(solve: Solve) -> None:
    """With a gap of 100 % the start will do; what is claimed still holds."""
    given = random_network(6, agents=100, per_agent=8, offers=20, minima=False)
    rough, best = solve("cpsat", given, gap=1.0), solve("flow", given)
    assert rough.stopped_by in {None, Stop.GAP}
    assert rough.goals[0].bound is not None
    assert best.goals[0].value is not None
    assert rough.goals[0].bound >= best.goals[0].value


def test_rows_become_clauses_where_they_are() -> None:
    """At most one and exactly one are told as such; a row that cannot bind is left out; the rest is linear."""
    rows = [at_most([0, 1], 1), (1, [(1, 1), (2, 1)], 1), at_most([0, 1, 2], 3), at_most([0, 1, 2], 2)]
    model = Model(problem([0, 1, 2], [block("rows", rows)], []), Limits())
    model.build()
    kinds = [
        next(kind for kind in ("at_most_one", "exactly_one", "linear") if getattr(each, f"has_{kind}")())
        for each in model.model.proto.constraints
    ]
    assert kinds == ["at_most_one", "exactly_one", "linear"]


def test_large_sides_stand_for_no_limit(solve: Solve) -> None:
    """A side of ±2^62 is none, and never enters a sum that could overflow."""
    free = (FREE_BELOW, [(0, 10**12), (1, -(10**12))], FREE_ABOVE)
    outcome = solve("cpsat", problem([0, 1], [block("rows", [free])], [goal("placed", 1, [1, 1])]))
    assert outcome.goals[0].value == 2


def test_enumerate_refuses_what_would_take_for_ever() -> None:
    """Twenty agents with three options each have 4^20 combinations."""
    given = random_network(0, agents=20, per_agent=3)
    with pytest.raises(UnsuitableMethod, match="1000000 combinations"):
        solvers.get("enumerate").solve(given, Limits(), silent, never)


def test_minimum_of_one_is_no_clause_of_at_most_one(solve: Solve) -> None:
    """A row that says "at least one" does not say "exactly one": both agents are placed."""
    outcome = solve(
        "cpsat", problem([0, 1], [block("rows", [at_least([0, 1], 1)])], [goal("placed", 1, [1, 1])])
    )
    assert outcome.goals[0].value == 2
