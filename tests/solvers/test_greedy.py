"""First come, first served: who comes when, what minima and groups do, and what is undone."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np
import pytest

from models.outcome import Status
from models.problem import FREE_ABOVE, Goal, IntArray, Problem
from solvers.greedy import Coordinator
from solvers.interface import Limits, never, silent
from solvers.ledger import Ledger
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
    random_problem,
)


def chosen(solve: Solve, given: Problem, **limits: float) -> list[int] | None:
    """What first come first served chooses."""
    outcome = solve("greedy", given, **limits)
    assert outcome.chosen is None or given.allows(outcome.chosen)
    return None if outcome.chosen is None else outcome.chosen.tolist()


def placed(options: int) -> list[Goal]:
    """The goal ``placed``, each learner worth 1."""
    return [goal("placed", 1, [1] * options)]


def one_seat(bundle: Sequence[int] | None = None, rank: Sequence[int] | None = None) -> Problem:
    """Three agents want the one seat (options 0, 2, 3); agent 0 has a second wish (option 1)."""
    return problem(
        [0, 0, 1, 2], [block("seats", [at_most([0, 2, 3], 1)])], placed(4), bundle=bundle, rank=rank
    )


def test_who_comes_first_takes_what_ranks_best(solve: Solve) -> None:
    """Agent 0 takes the seat, though its second wish would have left it to another."""
    assert chosen(solve, one_seat()) == [0]


def test_rank_decides_and_not_the_column(solve: Solve) -> None:
    """With its ranks turned round agent 0 takes option 1, and agent 1 the seat."""
    assert chosen(solve, one_seat(rank=[1, 0, 0, 0])) == [1, 2]


def test_bundles_come_in_the_order_of_their_numbers(solve: Solve) -> None:
    """Agent 2's bundle is number 0: the seat is gone when the others come."""
    assert chosen(solve, one_seat(bundle=[2, 1, 0])) == [1, 3]


def test_seeds_shuffle_the_order(solve: Solve) -> None:
    """Ten agents for one seat: not always the first of them, and always the same one for a seed."""
    ten = problem(list(range(10)), [block("seats", [at_most(range(10), 1)])], placed(10))
    winners = [chosen(solve, ten, seed=seed) for seed in range(6)]
    assert winners[0] == [0]
    assert len({str(winner) for winner in winners}) > 1
    assert winners == [chosen(solve, ten, seed=seed) for seed in range(6)]


def test_locked_come_first(solve: Solve) -> None:
    """Agent 2 is pinned to the seat that agent 0 would have taken."""
    pin = block("locks", [(1, [(3, 1)], 1)])
    given = problem([0, 0, 1, 2], [block("seats", [at_most([0, 2, 3], 1)]), pin], placed(4))
    assert chosen(solve, given) == [1, 3]


def test_those_whom_a_minimum_needs_come_before_the_others(solve: Solve) -> None:
    """One of agents 1 and 2 must have the seat: agent 1, the first of them."""
    need = block("quotas", [at_least([2, 3], 1)])
    given = problem([0, 0, 1, 2], [block("seats", [at_most([0, 2, 3], 1)]), need], placed(4))
    assert chosen(solve, given) == [1, 2]


def minimum_group(cluster: list[int], opened: int, size: int) -> Row:
    """None of the cluster, or at least ``size``."""
    return (0, [*((option, 1) for option in cluster), (opened, -size)], FREE_ABOVE)


def test_a_group_below_its_minimum_is_dissolved_and_looks_again(solve: Solve) -> None:
    """Agents 0 and 1 prefer flow F (options 0, 2), which needs three; both end in G (options 1, 3)."""
    opened = ceiling("opened", 4, [[0, 2]], 2)
    given = problem(
        [0, 0, 1, 1], [block("min_group", [minimum_group([0, 2], 4, 3)])], placed(4), auxiliaries=[opened]
    )
    assert chosen(solve, given) == [1, 3]


def test_a_group_at_its_minimum_stays(solve: Solve) -> None:
    """Where two are enough they stay."""
    opened = ceiling("opened", 4, [[0, 2]], 2)
    given = problem(
        [0, 0, 1, 1], [block("min_group", [minimum_group([0, 2], 4, 2)])], placed(4), auxiliaries=[opened]
    )
    assert chosen(solve, given) == [0, 2]


def test_a_pinned_agent_brings_a_companion(solve: Solve) -> None:
    """Agent 0 is pinned to flow F (options 0, 2, 4), which needs two: agent 1 is asked along, agent 2 goes to G."""
    opened = ceiling("opened", 5, [[0, 2, 4]], 3)
    group = block("min_group", [minimum_group([0, 2, 4], 5, 2)])
    pin = block("locks", [at_least([0], 1)])
    given = problem([0, 1, 1, 2, 2], [group, pin], placed(5), auxiliaries=[opened])
    assert chosen(solve, given) == [0, 2, 3]


def test_pair_goes_where_both_fit(solve: Solve) -> None:
    """Agents 0 and 1 stay together: the first place (options 0, 2) has one seat, the second (1, 3) two."""
    together = block("pairs", [(0, [(0, 1), (2, -1)], 0), (0, [(1, 1), (3, -1)], 0)])
    seats = block("seats", [at_most([0, 2], 1), at_most([1, 3], 2)])
    given = problem([0, 0, 1, 1], [seats, together], placed(4), bundle=[0, 0])
    assert chosen(solve, given) == [1, 3]


def test_pair_without_a_common_place_stays_out(solve: Solve) -> None:
    """One seat in either place: nobody of the pair is placed."""
    together = block("pairs", [(0, [(0, 1), (2, -1)], 0), (0, [(1, 1), (3, -1)], 0)])
    seats = block("seats", [at_most([0, 2], 1), at_most([1, 3], 1)])
    given = problem([0, 0, 1, 1], [seats, together], placed(4), bundle=[0, 0])
    assert chosen(solve, given) == []


def test_group_in_one_flow_leaves_out_who_does_not_fit(solve: Solve) -> None:
    """All placed members are in one flow; the flow takes two of three, the third stays out."""
    flows = ceiling("flows", 6, [[0, 2, 4], [1, 3, 5]], 3)
    one_flow = block("groups", [at_most([6, 7], 1)])
    heads = block("flow_heads", [at_most([0, 2, 4], 2)])
    given = problem([0, 0, 1, 1, 2, 2], [heads, one_flow], placed(6), auxiliaries=[flows], bundle=[0, 0, 0])
    assert chosen(solve, given) == [0, 2]


def test_a_share_is_kept_by_taking_out_the_last(solve: Solve) -> None:
    """Half of those placed must be of one kind, and only agent 0 is: one other stays, the first who came."""
    share = block("inclusion", [(0, [(0, 1), (1, -1), (2, -1), (3, -1)], FREE_ABOVE)])
    given = problem([0, 1, 2, 3], [share], placed(4))
    assert chosen(solve, given) == [0, 1]


def test_escorts_take_heads(solve: Solve) -> None:
    """Each two learners bring an escort; four heads hold two learners and one escort, and nobody else fits."""
    escorts = ceiling("escorts", 4, [[0, 1, 2, 3]], 2)
    given = problem([0, 1, 2, 3], [block("beds", [at_most(range(5), 4)])], placed(4), auxiliaries=[escorts])
    assert chosen(solve, given) == [0, 1]


def test_claims_no_bound_that_it_does_not_have(solve: Solve) -> None:
    """Its bound is what each agent could bring at best, and only a value that reaches it is proven."""
    outcome = solve("greedy", one_seat())
    assert (outcome.goals[0].value, outcome.goals[0].bound, outcome.goals[0].proven) == (1, 3, False)
    assert outcome.status is Status.FEASIBLE
    free = solve("greedy", problem([0, 1], [], placed(2)))
    assert free.status is Status.OPTIMAL


@pytest.mark.parametrize("seed", range(20))
def test_ledger_says_what_the_problem_says(seed: int) -> None:
    """After any options are taken and given back, sums are the rows' sums; looking ahead tells what taking
    does.
    """
    given = random_problem(seed)
    if not given.options:
        return
    ledger, rng = Ledger(given), np.random.default_rng(seed)
    kept: IntArray = np.zeros(given.options, np.int64)
    for position in rng.integers(0, given.options, 40).tolist():
        option = ledger.slots.option[position]
        if kept[option]:
            ledger.take(position, -1)
        else:
            look = ledger.look(position, position + 1)
            ledger.take(position)
            assert ledger.sums[look.row].tolist() == look.after.tolist()
        kept[option] = 1 - kept[option]
        broken = sum(
            len(rows)
            for block, rows in given.violated(given.complete(np.flatnonzero(kept)))
            if not block.redundant
        )
        assert len(ledger.violated()) == broken


def test_ten_thousand_agents_in_seconds() -> None:
    """10,000 agents with 30 options each."""
    given = random_network(1, agents=10_000, per_agent=30, offers=2_000, minima=False)
    begun = time.monotonic()
    from solvers.greedy import SOLVER  # noqa: PLC0415 - timed without the import

    outcome = SOLVER.solve(given, Limits(), silent, never)
    assert time.monotonic() - begun < 10
    assert outcome.chosen is not None
    assert len(outcome.chosen) > 4_000


def test_nothing_is_tried_for_a_minimum_once_time_is_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Places that a minimum needs come before everybody else's turn, and each may be long to mend: the clock counts
    there too.
    """

    def taken(*_: object) -> None:
        raise AssertionError("a place was tried")

    monkeypatch.setattr(Ledger, "take", taken)
    seats = [at_most([0, 1, 2], 1), at_most([3, 4, 5], 1)]
    given = problem(
        [0, 1, 2, 0, 1, 2], [block("seats", seats), block("need", [at_least([0, 1], 1)])], placed(6)
    )
    clock = Clock(silent, lambda: True)
    assert Coordinator(given, 0, clock).place() is None
