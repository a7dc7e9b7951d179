"""Networks recognised from rows over groups of options, and from rows that name options one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from models.outcome import Status
from models.problem import FREE_ABOVE, FREE_BELOW, Block, Grouped, IntArray, Problem, Shared
from solvers import counting
from solvers.families import two_colours
from solvers.network import Network, is_network
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


def grouped(rule: str, options: int, rows: Sequence[Row], weight: IntArray | None = None) -> Block:
    """The same rows over groups: options that are in the same rows with the same values are one group."""
    values = [dict(terms) for _, terms, _ in rows]
    kinds = [
        tuple((row, of[option]) for row, of in enumerate(values) if option in of) for option in range(options)
    ]
    number = {kind: at for at, kind in enumerate(sorted(set(kinds) - {()}))}
    group = np.array([number.get(kind, -1) for kind in kinds], np.int32)
    entries = [(row, at, value) for kind, at in number.items() for row, value in kind]
    row, column, value = np.array(entries, np.int64).reshape(-1, 3).T
    lower, upper = np.array([low for low, _, _ in rows]), np.array([high for _, _, high in rows])
    return Grouped(rule, Shared(group, row, column, value, weight), lower, upper)


def random_rows(rng: np.random.Generator, agent: IntArray) -> list[Row]:
    """Rows of every sort: unions of agents' options, parts of one agent's, slots, and sets by chance."""
    agents, count = int(agent.max(initial=0)) + 1, len(agent)
    slot = rng.integers(0, 3, count)
    rows: list[Row] = []
    for _ in range(rng.integers(1, 4)):
        members = [
            np.isin(agent, np.flatnonzero(rng.random(agents) < 0.5)),
            (agent == rng.integers(agents)) & (rng.random(count) < 0.7),
            slot == rng.integers(3),
            rng.random(count) < 0.3,
        ][rng.integers(4)]
        value = int(rng.choice([1, 1, 2]))
        low = int(rng.integers(0, 2)) if rng.random() < 0.3 else FREE_BELOW
        high = value * int(rng.integers(0, 4)) + value - 1 if rng.random() < 0.8 else FREE_ABOVE
        rows.append((low, [(int(option), value) for option in np.flatnonzero(members)], high))
    return rows


@pytest.mark.parametrize("seed", range(150))
def test_rows_over_groups_say_what_spelled_out_rows_say(seed: int, solve: Solve) -> None:
    """The answer is the same for both, and where it is yes, flow finds what trying everything finds."""
    rng = np.random.default_rng(seed)
    agent = np.repeat(np.arange(5), rng.integers(0, 4, 5))
    blocks = [random_rows(rng, agent) for _ in range(rng.integers(1, 4))]
    goals = [
        goal("placed", 1, rng.integers(0, 3, len(agent))),
        goal("cost", -1, rng.integers(-5, 6, len(agent))),
    ]
    plain = problem(agent, [block(f"rule{b}", rows) for b, rows in enumerate(blocks)], goals, agents=5)
    over = [grouped(f"rule{b}", len(agent), rows) for b, rows in enumerate(blocks)]
    given = problem(agent, over, goals, agents=5)
    network, other = is_network(given), is_network(plain)
    assert isinstance(network, Network) == isinstance(other, Network)
    if isinstance(network, Network):
        found, best = solve("flow", given), solve("enumerate", plain)
        assert found.status is best.status
        assert found.goals == best.goals


def test_an_agent_counts_once_however_the_options_are_cut_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Six agents counted two options at a time come to the same network as all at once."""
    given = random_network(4, agents=6)
    whole = is_network(given)
    monkeypatch.setattr(counting, "AT_ONCE", 2)
    parts = is_network(random_network(4, agents=6))
    assert isinstance(whole, Network)
    assert isinstance(parts, Network)
    assert parts.tail.tolist() == whole.tail.tolist()
    assert parts.head.tolist() == whole.head.tolist()


def two_each(*rows: Row, weight: IntArray | None = None) -> Problem:
    """Four agents with two options each, rows over groups of them."""
    rule = grouped("budget", 8, rows, weight)
    return problem(np.repeat(np.arange(4), 2), [rule], [goal("placed", 1, [1] * 8)])


def test_weights_that_are_all_the_same_count() -> None:
    """Every option costs 5, and 12 buys two of them: a count of at most 2."""
    found = is_network(two_each(at_most(range(8), 12), weight=np.full(8, 5)))
    assert isinstance(found, Network)
    assert 2 in found.upper.tolist()


def test_weights_that_cannot_bind_do_not_matter_and_those_that_can_are_named() -> None:
    """Agents' dearest options cost 2 + 4 + 6 + 8 = 20 (all eight together 36): 20 is enough, 19 is not."""
    weight = np.arange(1, 9)
    assert isinstance(is_network(two_each(at_most(range(8), 20), weight=weight)), Network)
    assert is_network(two_each(at_most(range(8), 19), weight=weight)) == "budget weighs options differently"


def test_an_agent_within_a_limit_needs_none_of_its_own() -> None:
    """Agent 0's options {0, 1} are all in a row of at most 1: the agent needs no node."""
    with_row = is_network(two_each(at_most([0, 1, 2], 1)))
    without = is_network(two_each())
    assert isinstance(with_row, Network)
    assert isinstance(without, Network)
    assert with_row.nodes == without.nodes  # one row more, one agent less


def test_agents_on_both_sides_are_a_network_too(solve: Solve) -> None:
    """A chain of odd length from agent 0 to agent 1: rows {0, 4} and {3, 4} cross each other and one agent each.

    Agent 2 has one option (4). Agents 0 and 1 must be in different families. Best: 0 → 1, 1 → 2 and 2 → 4.
    """
    rows = block("seats", [at_most([0, 4], 1)]), block("beds", [at_most([3, 4], 1)])
    given = problem([0, 0, 1, 1, 2], rows, [goal("placed", 1, [1] * 5)])
    assert isinstance(is_network(given), Network)
    outcome = solve("flow", given)
    assert outcome.status is Status.OPTIMAL
    assert outcome.chosen is not None
    assert outcome.chosen.tolist() == [1, 2, 4]


def test_colours_of_an_odd_ring() -> None:
    """A ring of four nodes has two colours, a ring of three has none; who has no neighbour has no colour."""
    colour, clash = two_colours(5, np.array([0, 1, 2, 3]), np.array([1, 2, 3, 0]))
    assert colour.tolist() == [0, 1, 0, 1, -1]
    assert not len(clash)
    _, clash = two_colours(3, np.array([0, 1, 2]), np.array([1, 2, 0]))
    assert len(clash) == 3


def test_a_minimum_and_a_repeated_entry_over_groups() -> None:
    """A group that a row names twice counts double: at least 4 means two agents."""
    shared = Shared(np.array([0, 0, 0, -1]), np.array([0, 0]), np.array([0, 0]), np.array([1, 1]))
    rule = Grouped("quotas", shared, np.array([4]), np.array([FREE_ABOVE]))
    found = is_network(problem([0, 0, 1, 2], [rule], [goal("placed", 1, [1] * 4)]))
    assert isinstance(found, Network)
    assert 2 in found.lower.tolist()


def test_auxiliaries_over_groups_are_named() -> None:
    """Heads counted with an escort can bind, so it is no network."""
    shared = Shared(np.array([0, 0]), np.array([0]), np.array([0]), np.array([1]))
    own = np.array([0]), np.array([2]), np.array([1])
    escorts = ceiling("escorts", 2, [[0, 1]], 2)
    for limit, expected in ((2, False), (3, True)):
        heads = Grouped("heads", shared, np.array([FREE_BELOW]), np.array([limit]), own=own)
        found = is_network(problem([0, 1], [heads], [goal("placed", 1, [1, 1])], auxiliaries=[escorts]))
        assert isinstance(found, Network) == expected
        assert expected or found == "heads counts more than options"


def test_a_pinned_agent_has_a_minimum(solve: Solve) -> None:
    """Agent 1 must be placed though agent 0 is worth more: option 1 it is, at the one seat."""
    pin = grouped("locks", 2, [at_least([1], 1)])
    seat = grouped("seats", 2, [at_most([0, 1], 1)])
    outcome = solve("flow", problem([0, 1], [pin, seat], [goal("placed", 1, [5, 1])]))
    assert outcome.chosen is not None
    assert outcome.chosen.tolist() == [1]


def test_rows_over_the_agents_themselves() -> None:
    """One placement each, stated over the agents' own numbers, says nothing new; none for agent 0 does."""
    given = two_each()
    for upper, rows in (([1, 1, 1, 1], 0), ([0, 1, 1, 1], 1)):
        every = np.arange(4)
        once = Grouped(
            "one_placement",
            Shared(given.agent, every, every, np.ones(4, np.int64)),
            np.full(4, FREE_BELOW),
            np.array(upper),
        )
        found = is_network(replace(given, blocks=(once,)))
        assert isinstance(found, Network)
        assert found.upper[8:-1].tolist() == [1 - rows, 1, 1, 1]
