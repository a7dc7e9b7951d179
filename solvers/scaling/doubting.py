"""Whether a small round has an allocation at all, asked of the exact method where none has been found.

Prices tell it late, if at all: they fall without end, by less and less. The exact method's relaxation, with what single
choices force and with weights of the rows that nothing can satisfy, mostly tells it in a second.
"""

from __future__ import annotations

from dataclasses import replace

from models.outcome import Outcome
from models.problem import Problem
from solvers import get
from solvers.interface import Limits, silent
from solvers.stage import Clock

ASKED = 20_000
"""Options up to which it is asked: a round with more takes long to relax, and is too large to be proven whole."""
SHARE = 0.25
"""The part of the time left that it may take ..."""
SECONDS = 60.0
"""... and the most: an emergency brake, as the question is mostly answered long before."""


def doubted(problem: Problem, clock: Clock, seed: int) -> Outcome | None:
    """The exact method's answer to a problem without its goals: infeasible, or an allocation, or neither in time.

    None: the round is too large to ask.
    """
    if problem.options > ASKED:
        return None
    left = clock.left()
    seconds = SECONDS if left is None else min(SECONDS, SHARE * left)
    limits = Limits(seconds, seed=seed, starts=False)
    return get("exact").solve(replace(problem, goals=(), weighted=None), limits, silent, clock.cancel)
