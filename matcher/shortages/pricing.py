"""What one more unit is worth on each goal in policy order: from prices for all, by re-solving for the first.

Prices give an estimate, and for the first goal a bound that no re-solve exceeds: the prices of the unit's rows, or what
the options that it opens gain beyond their prices. Where the bounds leave no goal anything, it is proven that the unit
is worth nothing, without a re-solve.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np
import numpy.typing as npt

from matcher.columns import unique_rows
from matcher.compiling import compile_problem
from matcher.options import Options
from matcher.result import Result
from matcher.shortages import words
from matcher.shortages.binding import Opened, binding, opening
from matcher.shortages.resolving import Solved
from matcher.shortages.units import EUROS, LOWERS, Unit, rows_of
from models.problem import IntArray, Problem
from models.round import Round
from solvers.interface import Cancel, Limits, never
from solvers.shadows import REACH, Shadow, shadows
from solvers.stage import targets_of

FloatArray = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

MOST_RESOLVED = 60_000
"""Options up to which changed rounds are solved again: a re-solve then takes seconds to minutes."""

SURE = 1e-6
"""How far a bound may err."""


@dataclass(frozen=True)
class Price:
    """What a unit is worth.

    ``estimate`` has what the prices give, per goal in the goal's own direction (None: this goal has no prices), and
    ``at_most`` what the first goal can gain at most (None: not known). ``of_sum`` is what prices give
    the weighted sum (None: the policy is an order of goals). ``exact`` has the differences of the goals'
    proven values with and without the unit (None: not re-solved), ``objective`` that of the weighted sum. ``how`` says
    where ``exact`` comes from.
    """

    unit: Unit
    estimate: tuple[float | None, ...]
    at_most: int | None
    of_sum: float | None = None
    exact: tuple[int, ...] | None = None
    objective: float | None = None
    how: str = "from prices"


RESOLVED, PROVEN, UNPROVEN = "re-solved", "proven from prices", "not proven in time"


@dataclass(frozen=True)
class Base:
    """The round at its best: what units are compared with. ``senses`` are +1 for goals that are maximised, −1 for
    others; ``scale`` is what a weighted sum's whole weights were multiplied by (None: the policy is an order of goals).
    """

    rnd: Round
    best: Solved
    senses: tuple[int, ...]
    scale: int | None


@dataclass(frozen=True)
class Estimates:
    """Every unit with its estimates, in gain (more is better), the most valuable first; ``note`` what was left out."""

    units: tuple[Unit, ...]
    gains: FloatArray
    slack: tuple[float, ...]
    note: str = ""


def estimates(
    result: Result,
    reached: Sequence[int],
    euros: int = EUROS,
    cancel: Cancel = never,
    seconds: float | None = None,
) -> Estimates:
    """What prices say of every unit. ``reached`` are the best values of the goals, as far as they are proven.

    ``gains`` has shape (units, goals with prices); ``slack`` says by how much each goal's bound lies above what is
    reached, in gain.
    """
    limits, problem = binding(result, euros), result.problem
    if problem.options > REACH:
        opened, note = _nothing(result), words.NO_BARS
    else:
        opened = opening(result)
        note = opened.note
    problem, closed, column = _with_opened(result, opened)
    prices = shadows(problem, closed, reached, Limits(seconds=seconds), cancel)
    units = (*limits, *opened.units)
    gains = np.zeros((len(units), len(prices)))
    for number, shadow in enumerate(prices):
        gains[: len(limits), number] = [_of_limit(problem, shadow, unit) for unit in limits]
        gains[len(limits) :, number] = _of_bars(problem, shadow, opened, column)
    slack = tuple(
        shadow.bound - shadow.goal.sense * value for shadow, value in zip(prices, reached, strict=False)
    )
    order = _order(units, gains, slack)
    return Estimates(tuple(units[each] for each in order), gains[order], slack, note)


def _nothing(result: Result) -> Opened:
    none = np.zeros(0, np.int64)
    return Opened((), result.options.take(none), none, none)


def _with_opened(result: Result, opened: Opened) -> tuple[Problem, Mask, IntArray]:
    """The problem with what bars would open as columns that are closed, and the column of each of these options."""
    options = result.options
    if not len(opened.options):
        return result.problem, np.zeros(len(options), bool), np.zeros(0, np.int64)
    parts = [
        np.concatenate([getattr(options, name), getattr(opened.options, name)])
        for name in ("learner", "offer", "flow")
    ]
    (learner, offer, flow), _ = unique_rows(*parts)
    every = Options(options.rnd, learner, offer, flow)
    closed = ~np.isin(every.keys, options.keys)
    return compile_problem(options.rnd, every), closed, np.searchsorted(every.keys, opened.options.keys)


def _of_limit(problem: Problem, shadow: Shadow, unit: Unit) -> float:
    """The prices of the rows in which the unit makes room."""
    sign = -1.0 if unit.kind in LOWERS else 1.0
    total = 0.0
    for block, rows in rows_of(problem, unit):
        total += float(np.maximum(sign * shadow.of_row[block][rows], 0.0).sum())
    return unit.amount * total


def _of_bars(problem: Problem, shadow: Shadow, opened: Opened, column: IntArray) -> FloatArray:
    """What the options that each unit opens gain beyond their prices and their learners' next best."""
    at = column[opened.option]
    agent = problem.agent[at]
    gain = np.maximum(shadow.reduced[at] - shadow.worth[agent], 0.0)
    best = np.zeros((len(opened.units), problem.agents)) if len(at) else np.zeros((len(opened.units), 1))
    np.maximum.at(best, (opened.unit, agent), gain)
    total: FloatArray = best.sum(axis=1)
    return total


def _order(units: Sequence[Unit], gains: FloatArray, slack: Sequence[float]) -> list[int]:
    """The most valuable first, goal by goal; no goal counts more than its bound allows in whole numbers."""

    def key(number: int) -> tuple[object, ...]:
        worth = []
        for goal, gain in enumerate(gains[number].tolist()):
            ceiling = np.floor(slack[goal] + gain + SURE) if goal < len(slack) else np.inf
            worth.append(-round(min(gain, max(0.0, ceiling)), 6))
        return (*worth, units[number])

    return sorted(range(len(units)), key=key)


def priced(base: Base, found: Estimates) -> list[Price]:
    """The price of every unit from prices alone, exact where they prove that it is worth nothing."""
    told = [_estimated(base, found, number) for number in range(len(found.units))]
    return [_proven_nothing(base, found, number, price) for number, price in enumerate(told)]


def ranked(base: Base, told: Sequence[Price]) -> list[Price]:
    """The most valuable first, by what is exact where it is, else by what prices give within their bound."""

    def key(price: Price) -> tuple[object, ...]:
        if price.objective is not None:
            return (-price.objective, price.unit)
        if price.exact is not None:
            return (
                *(-sense * gain for sense, gain in zip(base.senses, price.exact, strict=True)),
                price.unit,
            )
        if price.of_sum is not None:
            return (-price.of_sum, price.unit)
        gains = [sense * (gain or 0.0) for sense, gain in zip(base.senses, price.estimate, strict=True)]
        if gains and price.at_most is not None:
            gains[0] = min(gains[0], price.at_most)
        return (*(-round(gain, 6) for gain in gains), price.unit)

    return sorted(told, key=key)


def worth_of(base: Base, price: Price, answer: Solved) -> Price:
    """The price with the differences that a re-solve shows."""
    exact = tuple(new - old for new, old in zip(answer.values, base.best.values, strict=True))
    return replace(price, exact=exact, objective=of_sum(base, exact), how=RESOLVED)


def of_sum(base: Base, differences: Sequence[int]) -> float | None:
    """What differences of the goals are in the weighted sum, exact until it is stated (None: an order of goals)."""
    weights = base.rnd.policy.weights
    if weights is None:
        return None
    terms = zip(weights.values(), base.senses, differences, strict=True)
    return float(sum((weight * sense * change for weight, sense, change in terms), Decimal(0)))


def _estimated(base: Base, found: Estimates, number: int) -> Price:
    gains = found.gains[number].tolist()
    if base.scale is not None:
        of_sum = gains[0] / base.scale if gains else None
        return Price(found.units[number], (None,) * len(base.senses), None, of_sum)
    padded = [*gains, *[None] * (len(base.senses) - len(gains))]
    estimate = tuple(
        None if gain is None else sense * gain for gain, sense in zip(padded, base.senses, strict=True)
    )
    at_most = None
    if gains and found.slack and _bounded(base, found.units[number], 0):
        at_most = int(max(0.0, np.floor(found.slack[0] + gains[0] + SURE)))
    return Price(found.units[number], estimate, at_most)


def _bounded(base: Base, unit: Unit, goal: int) -> bool:
    """Whether prices bound what the unit gives a goal: not where the unit changes what options are worth for it."""
    return unit.kind != "language" or base.rnd.policy.reported_goals[goal] != "fit"


def _proven_nothing(base: Base, found: Estimates, number: int, price: Price) -> Price:
    """The price, exact where every goal's bound leaves nothing, one after the other."""
    goals = range(len(base.senses))
    unit, gains = found.units[number], found.gains[number]
    if (
        not base.best.proven
        or len(gains) < len(goals)
        or len(found.slack) < len(goals)
        or base.scale is not None
    ):
        return price
    for goal in goals:
        if not _bounded(base, unit, goal) or np.floor(found.slack[goal] + gains[goal] + SURE) >= 1.0:
            return price
    return replace(price, exact=(0,) * len(base.senses), how=PROVEN)


def base_of(result: Result, best: Solved) -> Base:
    """What units of a result's round are compared with."""
    senses = tuple(goal.sense for goal in result.problem.goals)
    weighted = result.problem.weighted
    return Base(result.round, best, senses, None if weighted is None else weighted.scale)


def reached_of(problem: Problem, chosen: IntArray) -> list[int]:
    """The values of what is solved for, in order, in an allocation."""
    values = problem.complete(chosen)
    return [goal.of(values) for goal in targets_of(problem)]
