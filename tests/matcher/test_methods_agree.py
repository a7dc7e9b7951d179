"""Whole random rounds with every rule in play: the proving methods and plain enumeration say the same."""

from __future__ import annotations

from itertools import count

import pytest

from matcher import match
from matcher.result import Result
from models.errors import UnsuitableMethod
from models.outcome import Status
from models.round import Round
from tests.strategies import random_round

BLOCKS = 20
ROUNDS = 25
"""Rounds that enumeration takes, in each block: 500 in all."""
COMBINATIONS = 10_000
"""The few rounds with more combinations are held to each other by the two other methods and do not count."""


def claim(rnd: Round, method: str) -> tuple[object, ...]:
    """What a method claims: the status, every goal's value in order, the weighted objective."""
    result: Result = match(rnd, method=method)
    objective = result.outcome.objective
    return result.status, [goal.value for goal in result.goals], objective and objective.value


def enumerated(rnd: Round) -> tuple[object, ...] | None:
    """What enumeration claims (None: too large for it)."""
    try:
        return claim(rnd, "enumerate")
    except UnsuitableMethod:
        return None


@pytest.mark.slow
@pytest.mark.parametrize("block", range(BLOCKS))
def test_exact_cpsat_and_enumeration_agree(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """500 random rounds of up to 8 learners: exact = cpsat = enumerate, proven or infeasible, never in between."""
    monkeypatch.setattr("solvers.enumerate.COMBINATIONS", COMBINATIONS)
    if (
        block % 2
    ):  # small rounds end with an integer program; here the search over auxiliaries must prove them
        for name in ("LITTLE_LEFT", "TINY_LEFT", "SMALL"):
            monkeypatch.setattr(f"solvers.proving.{name}", -1)
    compared = 0
    for seed in count(1000 * block):
        rnd = random_round(seed)
        exact, reference = claim(rnd, "exact"), enumerated(rnd)
        assert exact == claim(rnd, "cpsat"), seed
        assert reference is None or exact == reference, seed
        assert exact[0] in (Status.OPTIMAL, Status.INFEASIBLE), seed
        compared += reference is not None
        if compared == ROUNDS:
            break
    assert compared == ROUNDS
