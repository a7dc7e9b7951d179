"""Round → Problem: every rule states its rows and every goal its terms over the options that remain."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import partial

import numpy as np

from matcher import goals as goal_files
from matcher import rules as rule_files
from matcher.barring import Barred
from matcher.columns import Columns
from matcher.fitting import fit_points, preference_position
from matcher.goals.base import UNWEIGHABLE, Goal
from matcher.joining import find_options
from matcher.options import Options
from matcher.rules.base import Rule
from matcher.tying import areas_of, ties_of
from models.errors import InputErrors, InputProblem, UnknownName
from models.problem import Problem, Weighted
from models.round import IntArray, Round

FULL_FIT = 100
"""The most fit points that an option can have."""


def rules_of(rnd: Round) -> tuple[Rule, ...]:
    """The rules that the round's policy holds."""
    return tuple(rule for rule in rule_files.discover() if rnd.policy.holds(rule.name))


def goals_of(rnd: Round) -> tuple[Goal, ...]:
    """The round's goals in policy order. Raises ``UnknownName``."""
    known = {goal.name: goal for goal in goal_files.discover()}
    missing = [name for name in rnd.policy.reported_goals if name not in known]
    if missing:
        raise UnknownName(f"unknown goal {missing[0]!r}; there are {', '.join(known)}")
    return tuple(known[name] for name in rnd.policy.reported_goals)


def options_of(rnd: Round) -> tuple[Options, Barred]:
    """The options that no rule in force bars, and the counts of what was barred."""
    return find_options(rnd, rules_of(rnd))


def compile_problem(rnd: Round, options: Options) -> Problem:
    """The round as numbers."""
    _insist_on_weighable(rnd)
    columns = Columns(rnd, options)
    blocks = [block for rule in rules_of(rnd) for block in rule.rows(rnd, columns)]
    goals = tuple(goal.terms(rnd, columns) for goal in goals_of(rnd))
    definitions = [family.definition for family in columns.families]
    every = (*blocks, *definitions, *columns.cuts)
    problem = Problem(
        options=len(options),
        agents=len(rnd.learners),
        agent=options.learner,
        rank=partial(_ranks, rnd, options),
        bundle=_bundles(rnd),
        blocks=tuple(block for block in every if block.redundant or len(block)),
        auxiliaries=columns.families,
        goals=goals,
        areas=areas_of(rnd, options),
        ties=ties_of(rnd, options),
        weighted=_weighted([rnd.policy.weights[goal.name] for goal in goals] if rnd.policy.weights else None),
    )
    options.forget()
    return problem


def _insist_on_weighable(rnd: Round) -> None:
    """Raise ``InputErrors`` for a weight on a goal whose values are no amounts."""
    wrong = (
        [goal.name for goal in goals_of(rnd) if not goal.weighable] if rnd.policy.weights is not None else []
    )
    if wrong:
        raise InputErrors(
            [InputProblem("round.toml", None, "policy.weights", name, UNWEIGHABLE) for name in wrong]
        )


def _weighted(weights: Sequence[Decimal] | None) -> Weighted | None:
    """Whole weights: the policy's, times the smallest power of ten that makes them whole."""
    if weights is None:
        return None
    scale = 10 ** max(0, *(-int(weight.normalize().as_tuple().exponent) for weight in weights))
    return Weighted(tuple(int(weight * scale) for weight in weights), scale)


def _ranks(rnd: Round, options: Options) -> IntArray:
    """Each option's place in its learner's own wishes: by stated preference, then by fit, then in order; 0 is
    best.
    """
    position = preference_position(rnd, options)
    last = np.int64(position.max(initial=-1)) + 1
    key = options.learner * (last + 1) + np.where(position < 0, last, position)
    order = np.argsort(key * (FULL_FIT + 1) + (FULL_FIT - fit_points(rnd, options)), kind="stable")
    first = np.searchsorted(options.learner, options.learner, "left")
    ranks = np.empty(len(options), np.int64)
    ranks[order] = np.arange(len(options)) - first[order]
    return ranks


def _bundles(rnd: Round) -> IntArray:
    """A number per learner, in order of ids; members of a group and learners of a ``together`` pair share
    one.
    """
    bundle = np.arange(len(rnd.learners))
    group = rnd.ref("learners", "group_id")
    order = np.argsort(group, kind="stable")
    edges = np.searchsorted(group[order], np.arange(len(rnd.groups) + 1))
    tied = [part for part in np.split(order, edges)[1:-1] if len(part)]
    together = rnd.pairs["kind"] == "together"
    sides = (rnd.ref("pairs", "learner_a")[together], rnd.ref("pairs", "learner_b")[together])
    tied += [np.array(pair) for pair in zip(*sides, strict=True)]
    changed = True
    while changed:
        before = bundle.copy()
        for members in tied:
            bundle[members] = bundle[members].min()
        changed = bool((bundle != before).any())
    return bundle
