"""On random rounds every claim is confirmed by somebody else: the rules' solver faces and another method."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

import solvers
from matcher import Result, match
from matcher.columns import at_least
from matcher.compiling import compile_problem, options_of
from matcher.engine import placements_of
from matcher.explaining.fixing import Search
from matcher.explaining.helping import Help
from matcher.explaining.probing import Probe
from matcher.explaining.reasons import NO_OPTION, OUTCOMPETED, blocked_alone, reason_of
from matcher.explaining.standing import Standing
from matcher.explaining.ties import Ties
from matcher.explaining.verifying import Fix
from matcher.rules import discover
from models.outcome import Placement, Status
from models.problem import Problem
from models.round import Round
from solvers.interface import Limits, never, silent
from tests.strategies import random_round

RULES = [rule.name for rule in discover()]
ROUNDS = 200


def feasible(problem: Problem) -> bool:
    """By another method than the explanations'."""
    bare = replace(problem, goals=(), weighted=None)
    return solvers.get("cpsat").solve(bare, Limits(), silent, never).status is Status.OPTIMAL


def placing(problem: Problem, learners: list[int]) -> Problem:
    """The problem with a row that asks a place for each of the learners."""
    own = [np.flatnonzero(problem.agent == learner) for learner in learners]
    row = np.repeat(np.arange(len(own)), [len(columns) for columns in own])
    column = np.concatenate([np.empty(0, np.int64), *own])
    asked = at_least("asked", row, column, np.ones(len(own), np.int64), "", {})
    return replace(problem, blocks=(*problem.blocks, *([asked] if own else [])))


def changed(standing: Standing, fix: Fix) -> Round:
    """The round that the fix makes."""
    return fix.change.apply(standing.rnd) if fix.change else standing.rnd


def confirm(standing: Standing, fix: Fix) -> None:
    """By the solver's faces, in the changed round: the learner and everybody who had a place can be placed."""
    rnd = changed(standing, fix)
    options, _ = options_of(rnd)
    problem = compile_problem(rnd, options)
    placed = {row.learner_id for row in standing.placements} | {fix.learner}
    assert feasible(placing(problem, sorted(rnd.learners.position[who] for who in placed)))
    number = {place: at for at, place in enumerate(placements_of(options, range(len(options))))}
    assert problem.allows(np.array([number[place] for place in fix.placements], np.int64))
    if fix.moved == 0:
        assert set(standing.placements) < set(fix.placements)


def standing_of(seed: int) -> tuple[Result, Standing]:
    """A random round, solved."""
    result = match(random_round(seed), method="exact")
    return result, Standing.of(result)


@pytest.mark.slow
def test_every_fix_is_confirmed() -> None:
    """In 200 rounds each change that is told opens a place, and nobody loses one."""
    told: Counter[str] = Counter()
    for seed in range(ROUNDS):
        result, standing = standing_of(seed)
        if result.audit is None:
            continue
        probe = Probe.of(standing, standing.unplaced)
        helper = Help(probe, most_solved=3)
        for learner in standing.by_priority.tolist():
            fix = helper.fix(learner)[0]
            told["none" if fix is None else "moved" if fix.moved else "in place"] += 1
            if fix is not None:
                confirm(standing, fix)
    assert told["in place"] > 200
    assert told["moved"] > 5
    assert told["none"] > 5


@pytest.mark.slow
def test_the_smallest_change_in_place_is_the_smallest() -> None:
    """No proposal of less effort passes the audit: everyone is tried."""
    for seed in range(40):
        result, standing = standing_of(seed)
        if result.audit is None:
            continue
        probe, ties = Probe.of(standing, standing.unplaced), Ties(standing.rnd)
        for learner in standing.unplaced.tolist():
            best = Search(probe, ties, learner).in_place()
            every = [
                fix.change.effort if fix.change else 0 for fix in Search(probe, ties, learner).all_in_place()
            ]
            assert (best is None) == (not every)
            if best is not None:
                assert (best.change.effort if best.change else 0) == min(every)


@pytest.mark.parametrize("seed", range(60))
def test_reasons_hold(seed: int) -> None:
    """A rule that is the reason bars every candidate, or leaves no allocation with the learner over its options."""
    result, standing = standing_of(seed)
    if result.audit is None:
        return
    probe = Probe.of(standing, standing.unplaced)
    for learner in standing.unplaced.tolist():
        reason, detail = reason_of(probe, learner)
        assert reason in (*RULES, NO_OPTION, OUTCOMPETED)
        assert "None" not in detail
        assert "nan" not in detail
        own = probe.own(learner)
        if reason in RULES and standing.option_counts[learner] == 0:
            assert probe.masks[reason][own].all()
        elif reason in RULES:
            only = [
                block for block in result.problem.blocks if block.rule in (reason, "one_placement", "escorts")
            ]
            assert not feasible(placing(replace(result.problem, blocks=tuple(only)), [learner]))
        elif reason == NO_OPTION and standing.option_counts[learner]:
            assert not feasible(placing(_without_floors(result.problem), [learner]))
        elif reason == NO_OPTION:
            assert probe.bars[own].all()
            assert not any(mask[own].all() for mask in probe.masks.values()) or not len(own)
        else:
            blocked = blocked_alone(probe, learner)
            assert set().union(*blocked.values()) < set(own[probe.bars[own] == 0].tolist())


def _without_floors(problem: Problem) -> Problem:
    """Quotas' minima and pins ask for others; they are not what keeps this learner out."""
    return replace(
        problem, blocks=tuple(block for block in problem.blocks if block.rule not in ("locks", "inclusion"))
    )


@pytest.mark.parametrize("seed", range(40))
def test_obstacles_are_what_the_rows_say(seed: int) -> None:
    """A candidate without bars has no obstacle exactly where the problem allows it beside the placements."""
    result, standing = standing_of(seed)
    if result.audit is None:
        return
    probe = Probe.of(standing, standing.unplaced)
    options = standing.options
    number = {place: at for at, place in enumerate(placements_of(options, range(len(options))))}
    now = [number[place] for place in standing.placements]
    for candidate in np.flatnonzero(probe.bars == 0).tolist():
        rnd, every = standing.rnd, probe.candidates
        place = Placement(
            rnd.learners["id"][every.learner[candidate]],
            rnd.offers["id"][every.offer[candidate]],
            rnd.flows["id"][every.flow[candidate]],
        )
        allowed = result.problem.allows(np.array(sorted([*now, number[place]]), np.int64))
        assert allowed == (not probe.obstacles(candidate))
