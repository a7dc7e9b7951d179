"""A better allocation, part by part, where a round is too large for one integer program.

The relaxation's prices say what every option is worth, so that a part (everybody at a few places, and who would like to
be there) is a small integer program in which all others stay (``scaling.improving``). Parts grow from sweep to sweep:
small ones are soon done and gain most at first, larger ones find what takes several to move.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from models.problem import Goal, IntArray, Problem
from solvers.crew import Crew
from solvers.highs import FloatArray
from solvers.scaling.efforts import Effort
from solvers.scaling.improving import Improver
from solvers.scaling.matrix import Matrix, matrix_of
from solvers.scaling.parts import Parts
from solvers.scaling.standing import Standing, mended
from solvers.stage import Clock

EFFORTS = (
    Effort(150, 2, 20, 3e-4),
    Effort(200, 3, 20, 3e-4),
    Effort(300, 3, 20, 3e-4),
    Effort(300, 4, 20, 3e-4),
    Effort(600, 4, 20, 3e-4),
)
"""The sweeps, each of them ``EACH`` times, the last one for ever."""
EACH = 2
ENOUGH = 3e-4
"""The relative improvement of a sweep below which it counts as none."""
IDLE = 2
"""Sweeps without improvement in sequence, after which there is no other."""
NOISE = 0.05
"""The most that chance adds to what an option is worth, in units of the goal: it orders what is worth the same."""


@dataclass
class Sweeps:
    """Sweeps over a problem in which goals before keep their values. ``hands`` do the work; ``rough`` are options to
    begin with where there is no allocation yet (None: nothing).
    """

    problem: Problem
    hands: Crew
    clock: Clock
    seed: int
    rough: IntArray | None = None
    parts: Parts = field(init=False)
    turn: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self.parts = Parts(self.problem)

    def better(
        self,
        kept: Sequence[tuple[Goal, int]],
        gain: FloatArray,
        start: IntArray | None,
        worth: FloatArray,
        unit: float,
        enough: Callable[[], float] = float,
    ) -> Iterator[IntArray]:
        """Allocations with more and more ``gain`` (per column), from ``start`` on (None: there is none yet), that
        satisfy every row; ``worth`` is what prices leave of each option's gain. Ends after some sweeps in
        sequence that gain less than ``enough`` says (relative), or next to nothing.
        """
        matrix = matrix_of(self.problem, tuple(kept))
        chance = np.random.default_rng([self.seed, self.problem.options]).random(self.problem.options)
        worth = worth + chance * (NOISE * unit)
        improver = Improver(matrix, gain, self.parts, self.hands, self.clock)
        standing = self._standing(matrix, gain, start)
        idle = 0
        while idle < IDLE and self.clock.stop() is None:
            before = standing
            effort = EFFORTS[min(self.turn // EACH, len(EFFORTS) - 1)]
            self.turn += 1
            for found in improver.sweep(before, worth, effort, self.turn - 1):
                if found is not standing and found.holds(matrix):
                    yield found.chosen
                standing = found
            gained = standing.value - before.value > max(enough(), ENOUGH) * abs(before.value)
            fewer = standing.lacking(matrix) < before.lacking(matrix)
            idle = 0 if gained or fewer else idle + 1

    def _standing(self, matrix: Matrix, gain: FloatArray, start: IntArray | None) -> Standing:
        if start is not None:
            return Standing.of(matrix, gain, start)
        rough = np.zeros(0, np.int64) if self.rough is None else self.rough
        return mended(matrix, gain, Standing.of(matrix, gain, rough))
