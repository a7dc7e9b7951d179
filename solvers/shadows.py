"""What rows and options are worth where a problem is best: shadow prices, for whoever asks what one more would bring.

One set of prices per goal, with the goals before it held at what they have reached. Prices prove a bound whatever they
are (``pricing``), and the bound of a problem with more room follows from them: where a row's side is wider by a, no
allocation gains more than ``bound`` + a · price. Up to ``REACH`` options they are the duals of the linear relaxation;
beyond that, those to which steps lead (``scaling.prices``), for the first goal alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.problem import Goal, IntArray, Problem
from solvers.highs import FloatArray, Infeasible
from solvers.interface import Cancel, Limits, never, silent
from solvers.pricing import Priced
from solvers.relaxing import Relaxation, Working
from solvers.rows import Rows, kept_rows, stack
from solvers.scaling.matrix import labelled
from solvers.scaling.prices import Descent, Market
from solvers.stage import Clock, targets_of

Mask = npt.NDArray[np.bool_]

REACH = 120_000
"""Options up to which a linear relaxation is solved: tens of seconds for one goal at this size."""

STEPS = 200
"""Steps of prices in a problem beyond that."""

AIM = 0.97
"""Where steps aim, of the bound that they begin with, when no allocation's value is known."""


@dataclass(frozen=True)
class Shadow:
    """The prices of one goal, in units of its gain (the value of a goal that is maximised, minus that of another).

    ``bound`` holds for every allocation in which the goals before are as good as they were held. ``of_row`` has an
    array per block of the problem with a price per row: 0 or more for an upper side, 0 or less for a lower one.
    ``reduced`` says what each option gains beyond its prices, ``worth`` each agent's best of them (0: none).
    ``settled``: the prices are an optimum's, and no step leads to better ones.
    """

    goal: Goal
    bound: float
    of_row: tuple[FloatArray, ...]
    reduced: FloatArray
    worth: FloatArray
    settled: bool


def shadows(
    problem: Problem, closed: Mask, reached: Sequence[int], limits: Limits, cancel: Cancel = never
) -> tuple[Shadow, ...]:
    """The prices of each goal in order (of the weighted objective alone), as far as time and size allow.

    ``closed`` are options that count as not there, though they have prices and reduced gains; ``reached`` the values
    at which goals are held while the prices of later ones are found. Empty where nothing satisfies the rows.
    """
    clock = Clock.of(limits, silent, cancel)
    if problem.options > REACH:
        return _stepped(problem, reached, clock)
    try:
        return tuple(_relaxed(problem, closed, reached, clock))
    except Infeasible:
        return ()


def _relaxed(problem: Problem, closed: Mask, reached: Sequence[int], clock: Clock) -> list[Shadow]:
    """Duals of the relaxation, goal by goal."""
    rows = stack(problem)
    rows = rows.keep(rows.can_bind)
    marks = np.array([block.redundant for block in rows.blocks], bool)
    redundant = marks[rows.block]
    upper = problem.upper.copy()
    upper[: problem.options][closed] = 0
    targets = targets_of(problem)
    relaxation, found = None, list[Shadow]()
    for number, goal in enumerate(targets[: len(reached) + 1]):
        gain = (goal.sense * goal.dense(problem.columns)).astype(np.float64)
        if relaxation is None:
            relaxation = Relaxation(problem, rows, upper, gain, Working.of(problem, rows, redundant))
            relaxation.needed = ~redundant
        else:
            relaxation.aim(gain)
            before = targets[number - 1], reached[number - 1]
            relaxation.add(kept_rows(problem, [before]), needed=True)
        optimum = relaxation.solve(clock)
        if optimum is None:
            break
        priced = relaxation.priced(optimum[1], gain)
        found.append(_shadow(problem, goal, relaxation.rows, optimum[1], priced, closed))
    return found


def _shadow(
    problem: Problem, goal: Goal, rows: Rows, prices: FloatArray, priced: Priced, closed: Mask
) -> Shadow:
    of_row = []
    for number, block in enumerate(problem.blocks):
        own = np.flatnonzero(rows.block == number)
        of_block = np.zeros(len(block))
        of_block[rows.index[own]] = prices[own]
        of_row.append(of_block)
    reduced = priced.reduced[: problem.options]
    worth = _worth(problem, np.where(closed, 0.0, reduced))
    return Shadow(goal, priced.bound, tuple(of_row), reduced, worth, settled=True)


def _worth(problem: Problem, reduced: FloatArray) -> FloatArray:
    best = np.zeros(problem.agents)
    np.maximum.at(best, problem.agent, reduced)
    return best


def _stepped(problem: Problem, reached: Sequence[int], clock: Clock) -> tuple[Shadow, ...]:
    """Prices of the first goal by subgradient steps; nothing is left out of the bound."""
    goal = targets_of(problem)[0]
    matrix, block, index = labelled(problem)
    gain = np.zeros(problem.columns)
    goal.add_to(gain, goal.sense)
    descent = Descent(market := Market(matrix, gain), market.begin())
    value = goal.sense * reached[0] if reached else AIM * descent.best.bound
    nobody: IntArray = np.zeros(0, np.int64)
    best = descent.go(STEPS, value, nobody, lambda: clock.stop() is not None)
    of_row = [np.zeros(len(each)) for each in problem.blocks]
    for number, prices in enumerate(of_row):
        own = np.flatnonzero(block == number)
        prices[index[own]] = best.of_row[own]
    worth = _worth(problem, best.worth)
    return (Shadow(goal, best.bound, tuple(of_row), best.worth, worth, settled=False),)
