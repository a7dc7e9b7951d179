"""Generated rounds as the method for large ones has them once everybody has proposed."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from matcher.compiling import compile_problem, options_of
from matcher.generating import Spec, generate
from models.problem import IntArray, Weighted
from models.round import Round
from solvers.interface import never
from solvers.scaling.beginning import Beginning
from solvers.scaling.first import asking_minima
from solvers.scaling.matrix import FloatArray, Matrix, matrix_of
from solvers.scaling.meeting import meeting
from solvers.scaling.parts import Parts
from solvers.scaling.prices import Descent, Market
from solvers.scaling.standing import Standing
from solvers.scaling.together import Together
from solvers.scaling.view import Tied
from solvers.stage import targets_of

SHAPES = ("national", "national_plain", "groups_heavy", "every_rule", "intervet")


@dataclass(frozen=True)
class Begun:
    """A round, its rows, what options gain and are worth after a few steps of prices, and who is let in at these."""

    rnd: Round
    matrix: Matrix
    gain: FloatArray
    worth: FloatArray
    standing: Standing


def proposed(matrix: Matrix, gain: FloatArray, worth: FloatArray) -> Standing:
    """The first allocation where options are worth so much."""
    market = Market(matrix, gain)
    return Beginning(matrix, gain, market.every, Parts(matrix.problem).areas.of_option).at(worth)


def placed_together(matrix: Matrix, worth: FloatArray) -> IntArray:
    """The options of those who choose together, with nobody placed before."""
    ties, nobody = matrix.problem.ties, np.zeros(0, np.int64)
    if ties is None or not len(ties.option):
        return nobody
    return Together(matrix, Tied.of(ties, matrix.problem.agent), worth, asking_minima(matrix), nobody).place()


def begun(shape: str, learners: int = 150) -> Begun:
    """A round of that shape, with one weighted objective."""
    rnd = generate(Spec.of_shape(shape, learners), 4)
    problem = compile_problem(rnd, options_of(rnd)[0])
    problem = replace(problem, weighted=Weighted((100_000, 100, 1)[: len(problem.goals)], 1))
    matrix, goal = meeting(matrix_of(problem)), targets_of(problem)[0]
    gain = (goal.sense * goal.dense(problem.columns)).astype(np.float64)
    market = Market(matrix, gain)
    worth = Descent(market, market.begin()).go(40, 0.0, np.zeros(0, np.int64), never).worth
    return Begun(rnd, matrix, gain, worth, proposed(matrix, gain, worth))
