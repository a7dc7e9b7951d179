"""On random rounds, whatever happens: a repair keeps every rule, changes what it says, and nothing is better.

Everything is confirmed by somebody else: the audit from the tables, and another method on the whole problem.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

import solvers
from matcher import match
from matcher.auditing import audit
from matcher.columns import at_least
from matcher.engine import placements_of
from matcher.repairing import Happened, Moved, Repair, repair
from matcher.repairing.keeping import KEPT, Upset
from matcher.repairing.reserves import MOST_RESERVES
from models.outcome import Placement, Status
from models.problem import Block, Goal
from models.round import IntArray, Round
from solvers.interface import Limits, never, silent
from tests.strategies import random_round

ROUNDS = 80
CHANGES = 2


def what_happened(rnd: Round, seed: int) -> Happened:
    """Up to two drop-outs, and one thing more in most rounds."""
    random = np.random.default_rng(seed)

    def pick(table: str) -> str:
        return str(random.choice(rnd.tables[table]["id"]))

    dropped = tuple({pick("learners") for _ in range(random.integers(0, 3))})
    late = rnd.learners.record(int(random.integers(0, len(rnd.learners))))
    flow = rnd.flows.record(int(random.integers(0, len(rnd.flows))))
    days = timedelta(int(random.choice([-7, 1, 14])))
    more = (
        Happened(),
        Happened(late=(late.model_copy(update={"id": "late"}),)),
        Happened(companies=(pick("companies"),)),
        Happened(offers=(pick("offers"),)),
        Happened(moved=(Moved(flow.id, flow.start + days, flow.end + days),)),
    )
    return Happened(dropped=dropped) + more[int(random.integers(0, len(more)))]


def cases(count: int) -> Iterator[tuple[Round, list[Placement], Happened]]:
    """Random rounds that have an allocation with somebody placed, that allocation, and what happens to it."""
    for seed in range(count):
        rnd = random_round(seed, most_learners=7)
        result = match(rnd)
        if result.outcome.chosen is not None and len(result.outcome.chosen):
            yield rnd, placements_of(result.options, result.outcome.chosen), what_happened(rnd, seed)


def best(upset: Upset, rows: list[Block], goals: tuple[Goal, ...], *, weighs: bool) -> list[int] | None:
    """Each goal's best in order, or the best of the weighted sum, by another method on the whole problem."""
    weighted = upset.problem.weighted if weighs else None
    problem = replace(upset.problem, blocks=(*upset.problem.blocks, *rows), goals=goals, weighted=weighted)
    outcome = solvers.get("cpsat").solve(problem, Limits(), silent, never)
    assert outcome.status in {Status.OPTIMAL, Status.INFEASIBLE}
    if outcome.chosen is None:
        return None
    values = problem.complete(outcome.chosen)
    scores = [goal.sense * goal.of(values) for goal in goals]
    if weighted is not None:
        scores = [sum(weight * score for weight, score in zip(weighted.weights, scores, strict=True))]
    return scores


def confirm(found: Repair) -> Counter[str]:
    """Every alternative against the audit, what is said of it, and the best that another method finds."""
    upset, frontier = found.upset, found.frontier
    kept = np.flatnonzero(upset.current)
    staying = Goal(KEPT, 1, kept, np.ones(len(kept), np.int64))
    goals = tuple(goal for goal in upset.problem.goals if goal.name != KEPT or upset.problem.weighted)
    most = best(upset, [], (staying,), weighs=False)
    if most is None:
        assert frontier.impossible
        return Counter(infeasible=1)
    assert frontier.most_kept == most[0]
    assert frontier.most_proven
    had = dict(zip(upset.options.learner[kept].tolist(), kept.tolist(), strict=True))
    (first, *_) = frontier.alternatives
    stayed = upset.options.learner[np.intersect1d(first.chosen, kept)]
    for number, one in enumerate(frontier.alternatives):
        assert audit(upset.rnd, upset.placements(one.chosen)).valid
        where = dict(zip(upset.options.learner[one.chosen].tolist(), one.chosen.tolist(), strict=True))
        given_up = [learner for learner, place in had.items() if where.get(learner) != place]
        assert len(given_up) == len(kept) - most[0] + one.changes
        assert set(stayed.tolist()) <= where.keys()
        assert number == 0 or one.worth > frontier.alternatives[number - 1].worth
    for changes in range(min(CHANGES, most[0]) + 1):
        taken = [one for one in frontier.alternatives if one.changes <= changes][-1]
        row = at_least(KEPT, np.zeros(len(kept), np.int64), kept, np.array([most[0] - changes]), "", {})
        rows = [row, *([] if changes == 0 else [placed(upset, stayed)])]
        assert taken.best
        assert score(upset, taken.chosen, goals) == best(upset, rows, goals, weighs=True)
    return Counter(feasible=1, forced=len(kept) > most[0], better=len(frontier.alternatives) > 1)


def placed(upset: Upset, learners: IntArray) -> Block:
    """Each of the learners has a place."""
    row_of = np.full(upset.problem.agents, -1)
    row_of[learners] = np.arange(len(learners))
    column = np.flatnonzero(row_of[upset.problem.agent] >= 0)
    ones = np.ones(len(learners), np.int64)
    return at_least("placed", row_of[upset.problem.agent[column]], column, ones, "", {})


def score(upset: Upset, chosen: IntArray, goals: tuple[Goal, ...]) -> list[int]:
    """What ``best`` states of an allocation."""
    values = upset.problem.complete(chosen)
    scores = [goal.sense * goal.of(values) for goal in goals]
    weighted = upset.problem.weighted
    if weighted is None:
        return scores
    return [sum(weight * score for weight, score in zip(weighted.weights, scores, strict=True))]


@pytest.mark.slow
def test_alternatives_are_valid_honest_and_best() -> None:
    """Each alternative keeps every rule and gives up as many places as it says; with 0 changes as many stay as can;
    each is better than the one before, and nothing with so many changes is better than it.
    """
    seen: Counter[str] = Counter()
    for rnd, before, happened in cases(ROUNDS):
        seen += confirm(repair(rnd, before, happened, most_changes=CHANGES, assumptions=None))
    assert seen["feasible"] > ROUNDS // 3, seen
    assert seen["forced"], seen
    assert seen["better"], seen


@pytest.mark.slow
def test_any_number_of_changes_ends_the_alternatives() -> None:
    """Where the best with any number of changes is reached, the alternatives end, and it is said to be proven."""
    ended = 0
    for rnd, before, happened in cases(ROUNDS // 3):
        found = repair(rnd, before, happened, most_changes=8, ideal=True, assumptions=None).frontier
        if found.alternatives:
            assert found.ideal is not None
            assert found.ideal.worth >= found.alternatives[-1].worth
            assert found.complete
            ended += 1
    assert ended


@pytest.mark.slow
def test_reserves_and_fragile_placements_are_all_there_are() -> None:
    """Tried out one by one against the audit of the round without the learner who leaves: who is named can step in and
    nobody else can; whose leaving breaks a rule is fragile and nobody else is.
    """
    named = fragile = 0
    for rnd, before, happened in cases(ROUNDS):
        found = repair(rnd, before, happened, most_changes=0)
        if found.reserves is None:
            continue
        upset, chosen = found.upset, found.frontier.alternatives[0].chosen
        now = upset.placements(chosen)
        assert found.reserves.searched == len(now)
        for leaving in now:
            left = Happened(dropped=(leaving.learner_id,)).apply(upset.rnd)
            rest = [row for row in now if row != leaving]
            weak = [one.learner_id for one in found.reserves.fragile]
            assert (leaving.learner_id in weak) == (not audit(left, rest).valid)
            fragile += leaving.learner_id in weak
            able = {
                row.learner_id for row in stand_ins(upset, chosen, leaving) if audit(left, [*rest, row]).valid
            }
            said = [row for row in found.reserves.reserves if row.drops_out == leaving.learner_id]
            assert {row.steps_in for row in said} <= able
            assert len(said) == min(len(able), MOST_RESERVES)
            named += len(said)
    assert named
    assert fragile


def stand_ins(upset: Upset, chosen: IntArray, leaving: Placement) -> list[Placement]:
    """The options in the flow of those who have no place."""
    learner = upset.options.learner
    waiting = np.flatnonzero(~np.isin(learner, learner[chosen]))
    return [row for row in upset.placements(waiting) if row.flow_id == leaving.flow_id]
