"""Pure networks: what is one, what is not and why, and how they are solved."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st
from ortools.graph.python import min_cost_flow

from models.errors import UnsuitableMethod
from models.outcome import Status, Stop
from models.problem import FREE_ABOVE, FREE_BELOW, IntArray, Problem
from solvers import flow, get, mincost
from solvers.interface import Limits, never, silent
from solvers.mincost import circulate
from solvers.network import LARGEST, Network, is_network
from solvers.potentials import Residual, apart, prove, reduced_costs, shortest, together
from solvers.stage import Clock
from tests.solvers.problems import (
    Row,
    Solve,
    at_least,
    at_most,
    block,
    ceiling,
    goal,
    problem,
    random_network,
)


def with_rows(*rows: Row) -> Problem:
    """Four agents with two options each: agent a has options 2a and 2a + 1."""
    agent = [0, 0, 1, 1, 2, 2, 3, 3]
    return problem(agent, [block("extra", rows)], [goal("placed", 1, [1] * 8)])


def test_nested_sets_on_both_sides_are_a_network() -> None:
    """Seats {0, 2} within beds {0, 2, 4}; a quota over agents 0 and 1 is the union of their sets."""
    found = is_network(with_rows(at_most([0, 2], 1), at_most([0, 2, 4], 2), at_most([0, 1, 2, 3], 1)))
    assert isinstance(found, Network)
    assert found.options == 8


def test_sets_that_overlap_twice_over_are_no_network() -> None:
    """{0, 2} and {2, 4} overlap, and both overlap agent 1's {2, 3}: three that cross pairwise fit no two
    families.
    """
    found = is_network(with_rows(at_most([0, 2], 1), at_most([2, 4], 1)))
    assert isinstance(found, str)
    assert "do not nest" in found


@pytest.mark.parametrize(
    "harmless",
    [
        pytest.param(at_most([2, 4, 6], 3), id="cannot bind: three options in all"),
        pytest.param(at_most([2, 3, 4], 2), id="cannot bind: two agents in all"),
        pytest.param((FREE_BELOW, [(2, 1), (3, 5), (4, 5)], 10), id="weighs, but cannot bind"),
        pytest.param(at_most([0, 2], 1), id="repeats a row"),
        pytest.param((FREE_BELOW, [(0, 3), (2, 3)], 4), id="three times a row"),
        pytest.param((-1, [(0, -1), (2, -1)], FREE_ABOVE), id="minus a row"),
        pytest.param(at_least([0, 2], 0), id="asks for nothing"),
    ],
)
def test_rows_that_say_nothing_new_do_not_matter(harmless: Row) -> None:
    """What cannot bind, repeats, or follows from another row does not spoil a network."""
    assert isinstance(is_network(with_rows(at_most([0, 2], 1), harmless)), Network)


def test_rows_within_a_tighter_one_do_not_matter() -> None:
    """{2, 4} at most 1 would overlap {0, 2}, but it follows from {2, 4, 6} at most 1, which is disjoint from
    {0}.
    """
    rows = at_most([2, 4], 1), at_most([4, 2, 6], 1), at_most([4, 6], 1)
    assert isinstance(is_network(with_rows(*rows)), Network)


def test_coefficients_other_than_one_are_named() -> None:
    """A budget weighs options differently."""
    spend = block("budget", [(FREE_BELOW, [(0, 2), (2, 3), (4, 4)], 6)])
    found = is_network(problem([0, 0, 1, 1, 2], [spend], [goal("placed", 1, [1] * 5)]))
    assert found == "budget weighs options differently"


def test_auxiliaries_that_matter_are_named() -> None:
    """Escorts in a row or in a goal make it no network; escorts that nobody asks about do not."""
    escorts = ceiling("escorts", 2, [[0, 1]], 2)
    placed, cost = goal("placed", 1, [1, 1]), goal("cost", -1, [1, 1], [(2, 5)])
    beds = block("beds", [at_most([0, 1, 2], 2)])
    assert (
        is_network(problem([0, 1], [beds], [placed], auxiliaries=[escorts]))
        == "beds counts more than options"
    )
    assert (
        is_network(problem([0, 1], [], [cost], auxiliaries=[escorts])) == "goal cost counts more than options"
    )
    assert isinstance(is_network(problem([0, 1], [], [placed], auxiliaries=[escorts])), Network)
    short = replace(escorts, upper=np.array([0]))
    assert is_network(problem([0, 1], [], [placed], auxiliaries=[short])) == "escorts restricts the options"


def test_flow_refuses_what_is_no_network(solve: Solve) -> None:
    """Asked for by name on another problem, flow says why it cannot."""
    with pytest.raises(UnsuitableMethod, match="do not nest"):
        solve("flow", with_rows(at_most([0, 2], 1), at_most([2, 4], 1)))


@pytest.mark.parametrize("seed", range(12))
def test_goal_by_goal_gives_what_one_cost_gives(
    seed: int, solve: Solve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the goals do not fit into one cost, reduced costs hold the earlier goals: the same values come
    out.
    """
    given = random_network(seed, agents=40, per_agent=6, offers=8)
    assert len(flow.chunks_of(given, is_network(given))) == 1  # type: ignore[arg-type]  # it is a network
    together = solve("flow", given)
    monkeypatch.setattr(flow, "LARGEST", 0)
    assert len(flow.chunks_of(given, is_network(given))) == 3  # type: ignore[arg-type]  # it is a network
    apart = solve("flow", given)
    assert apart.goals == together.goals
    assert apart.status is together.status


def flow_of(network: Network, cost: IntArray) -> IntArray:
    """A cheapest circulation."""
    found = circulate(network, network.lower, network.upper, cost, Clock.of(Limits(), silent, never))
    assert found is not None
    return found


def test_prices_prove_a_cheapest_circulation() -> None:
    """Every arc with room has a reduced cost of 0 or more, every arc above its least one of 0 or less; worse
    flows have none.
    """
    given = random_network(3, agents=30, per_agent=5, offers=8, minima=False)
    network = is_network(given)
    assert isinstance(network, Network)
    cost = network.costs(-np.arange(given.options))
    found = flow_of(network, cost)
    residual = Residual.of(network, network.lower, network.upper, found)
    price = shortest(residual, residual.lengths(cost))
    assert price is not None
    reduced = reduced_costs(network, cost, price)
    assert np.all(reduced[found < network.upper] >= 0)
    assert np.all(reduced[found > network.lower] <= 0)
    empty = Residual.of(network, network.lower, network.upper, network.lower)
    assert shortest(empty, empty.lengths(cost)) is None


def swap() -> tuple[Network, list[IntArray]]:
    """Two parallel ways for one unit, and two goals: the first way brings 1 of the first, the second 5 of the
    second.
    """
    ones, none = np.ones(3, np.int64), np.zeros(3, np.int64)
    network = Network(2, 2, np.array([0, 0, 1]), np.array([1, 1, 0]), none, ones)
    return network, [np.array([-1, 0, 0]), np.array([0, -5, 0])]


def test_prices_of_each_goal_prove_its_value() -> None:
    """With a unit of the first worth 11 of the second, 1 and then 0 is best, and the prices' dual values say so."""
    network, costs = swap()
    found = flow_of(network, together(costs, (1, 11)))
    assert found.tolist() == [1, 0, 1]
    proof = prove(network, (network.lower, network.upper), found, costs, (1, 11))
    assert proof is not None
    assert proof.bounds(network, costs) == (-1, 0)
    assert proof.sign[0] == -1


def test_weights_that_are_too_light_are_found_out() -> None:
    """With a unit of the first worth only 3 of the second, the second way wins, and no prices prove that."""
    network, costs = swap()
    found = flow_of(network, together(costs, (1, 3)))
    assert found.tolist() == [0, 1, 1]
    assert prove(network, (network.lower, network.upper), found, costs, (1, 3)) is None


@pytest.mark.parametrize("heavy", [0, 1024])
@pytest.mark.parametrize("seed", range(6))
def test_light_weights_come_to_the_same(
    seed: int, heavy: int, solve: Solve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the one cost weighs the earlier goals too lightly, it is made heavier, or they are solved apart."""
    given = random_network(seed, agents=40, per_agent=6, offers=8)
    usual = solve("flow", given)
    monkeypatch.setattr(flow, "LIGHT", 0)
    monkeypatch.setattr(flow, "HEAVY", heavy)
    assert solve("flow", given).goals == usual.goals


@pytest.mark.parametrize("seed", range(6))
def test_prices_give_the_bound_of_every_goal(seed: int) -> None:
    """The dual value of each goal's prices is what trying all allocations finds best, goal by goal."""
    given = random_network(seed, agents=5, per_agent=3, minima=False)
    network = is_network(given)
    assert isinstance(network, Network)
    (chunk,) = flow.chunks_of(given, network)
    costs = [network.costs(cost) for cost in chunk.costs]
    found = flow_of(network, together(costs, chunk.factors(flow.CLEAR)))
    proof = prove(network, (network.lower, network.upper), found, costs, chunk.factors(flow.CLEAR))
    assert proof is not None
    best = get("enumerate").solve(given, Limits(), silent, never)
    signed = [-each.sense * value.value for each, value in zip(given.goals, best.goals, strict=True)]  # type: ignore[operator]  # it found one
    assert list(proof.bounds(network, costs)) == signed


@for_all(st.lists(st.tuples(*[st.integers(-50, 50)] * 3), min_size=1, max_size=8))
def test_digits_come_back(triples: list[tuple[int, int, int]]) -> None:
    """Numbers put together with factors above twice their size come apart again."""
    parts = [np.array(each) for each in zip(*triples, strict=True)]
    back = apart(together(parts, (1, 101, 101)), (1, 101, 101))
    assert [each.tolist() for each in back] == [each.tolist() for each in parts]


def test_costs_that_nearly_overflow_are_solved_apart(solve: Solve) -> None:
    """Two goals of 2^50 each do not fit into one cost of 64 bits; each alone does, and both are proven."""
    large = 2**50
    agent = [0, 0, 1, 1]
    seats = block("seats", [at_most([0, 2], 1), at_most([1, 3], 1)])
    goals = [goal("first", 1, [large, large, large, large]), goal("second", -1, [large, 1, 1, large])]
    given = problem(agent, [seats], goals)
    network = is_network(given)
    assert isinstance(network, Network)
    assert len(flow.chunks_of(given, network)) == 2
    outcome = solve("flow", given)
    assert outcome.status is Status.OPTIMAL
    assert outcome.chosen is not None
    assert outcome.chosen.tolist() == [1, 2]


def test_the_largest_cost_that_fits_is_solved_and_one_more_is_refused(solve: Solve) -> None:
    """Costs times (nodes + 1) stay below 2^61: at the edge the answer is right, above it no network is claimed."""

    def with_value(value: int) -> Problem:
        seats = block("seats", [at_most([0, 1], 1)])
        return problem([0, 1, 2, 2], [seats], [goal("worth", 1, [value - 1, value, 3, 4])])

    network = is_network(with_value(1))
    assert isinstance(network, Network)
    edge = (LARGEST - 1) // (network.nodes + 1)
    outcome = solve("flow", with_value(edge))
    assert outcome.status is Status.OPTIMAL
    assert outcome.goals[0].value == edge + 4
    assert is_network(with_value(edge + 1)) == "goal worth has values too large for 64 bits"


@pytest.mark.parametrize("seed", range(3))
def test_flow_and_the_integer_program_agree(seed: int, solve: Solve) -> None:
    """Sixty agents with minima and quotas: the method for any problem comes to the same values."""
    problem_ = random_network(seed, agents=60, per_agent=6, offers=16)
    assert solve("flow", problem_).goals == solve("exact", problem_).goals


@pytest.mark.parametrize("seed", range(6))
def test_bare_arrays_give_anybody_the_same_optimum(seed: int, solve: Solve) -> None:
    """OR-Tools' flow on the bare arrays chooses options with the values that the method proves."""
    problem_ = random_network(seed, agents=30, per_agent=5, offers=8)
    arrays = flow.bare(problem_)
    assert isinstance(arrays, flow.Bare)
    peer = min_cost_flow.SimpleMinCostFlow()
    arcs = peer.add_arcs_with_capacity_and_unit_cost(arrays.tail, arrays.head, arrays.capacity, arrays.cost)
    peer.set_nodes_supplies(np.arange(len(arrays.supply)), arrays.supply)
    best = solve("flow", problem_)
    if best.chosen is None:
        assert peer.solve() == peer.INFEASIBLE
        return
    assert peer.solve() == peer.OPTIMAL
    values = problem_.complete(np.flatnonzero(peer.flows(arcs)[: problem_.options]))
    assert [each.of(values) for each in problem_.goals] == [each.value for each in best.goals]
    assert arrays.goals == problem_.goals


def test_what_is_no_network_has_no_bare_arrays() -> None:
    """The reason is given instead."""
    found = flow.bare(with_rows(at_most([0, 2], 1), at_most([2, 4], 1)))
    assert isinstance(found, str)
    assert "do not nest" in found


def test_child_process_gives_the_same(solve: Solve, monkeypatch: pytest.MonkeyPatch) -> None:
    """A large flow runs in a process of its own and comes to the same, feasible or not."""
    feasible, broken = random_network(1, agents=30), random_network(0, agents=6)
    broken = replace(broken, blocks=(*broken.blocks, block("quotas", [at_least(range(24), 6)])))
    here = [solve("flow", given) for given in (feasible, broken)]
    monkeypatch.setattr(mincost, "IN_PROCESS", 0)
    there = [solve("flow", given) for given in (feasible, broken)]
    assert [each.goals for each in there] == [each.goals for each in here]
    assert [each.status for each in there] == [Status.OPTIMAL, Status.INFEASIBLE]
    assert there[0].chosen is not None
    assert here[0].chosen is not None
    assert there[0].chosen.tolist() == here[0].chosen.tolist()


def test_child_process_is_ended_when_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    """A cancel ends a large flow within moments, and what first come first served finds is returned."""
    monkeypatch.setattr(mincost, "IN_PROCESS", 0)
    given = random_network(2, agents=400, per_agent=10, offers=40, minima=False)
    begun = time.monotonic()
    outcome = flow.SOLVER.solve(given, Limits(), silent, lambda: time.monotonic() > begun + 0.05)
    assert time.monotonic() - begun < 2
    assert outcome.stopped_by is Stop.CANCELLED
    assert outcome.chosen is not None
    assert given.allows(outcome.chosen)


def test_out_of_time_returns_an_allocation(monkeypatch: pytest.MonkeyPatch) -> None:
    """So does a time limit, with the bounds that are plain to see."""
    monkeypatch.setattr(mincost, "IN_PROCESS", 0)
    given = random_network(2, agents=400, per_agent=10, offers=40, minima=False)
    outcome = flow.SOLVER.solve(given, Limits(seconds=0.01), silent, never)
    assert outcome.stopped_by is Stop.TIME
    assert outcome.chosen is not None
    assert given.allows(outcome.chosen)


@pytest.mark.skipif(sys.platform != "linux", reason="PR_SET_PDEATHSIG is Linux's")
def test_child_dies_with_its_parent() -> None:
    """A process that asks to die with its parent is gone when the parent is killed."""
    grandchild = (
        "import os, time; from solvers.orphans import die_with_parent; die_with_parent(os.getppid()); "
        "print(os.getpid(), flush=True); time.sleep(60)"
    )
    parent = f"import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', {grandchild!r}]); time.sleep(60)"
    process = subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    with process.stdout as out:
        number = int(out.readline())
        process.kill()
        process.wait()
        assert out.read() == ""  # the pipe closes when the last process that holds it has ended
    assert number != process.pid


@pytest.mark.slow
def test_flow_takes_a_tenth_of_exact_at_two_thousand(solve: Solve) -> None:
    """2,000 learners with 30 options each: the same values, in at most a tenth of the time, both in one run."""
    given = random_network(1, agents=2000, per_agent=30, offers=400)
    times, outcomes = [], []
    for name in ("flow", "exact"):
        begun = time.monotonic()
        outcomes.append(solve(name, given))
        times.append(time.monotonic() - begun)
    assert outcomes[0].goals == outcomes[1].goals
    assert times[0] <= times[1] / 10
