"""What a repair promises, on the INTERVET sample: hardly anybody moves, proven, in a fraction of the first solve."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from matcher import Result, load, match
from matcher.engine import placements_of
from matcher.repairing import Happened, Repair, repair
from models.outcome import Placement
from models.round import Round

RATE = 0.05
FEWEST_UNCHANGED = 0.98
MOST_OF_FIRST = 0.20
SEEDS = (1, 2, 10)
"""Of these drop-outs the last leave a flow's quota unfilled: not everybody can stay, and the whole problem is asked."""


def cpu() -> float:
    """Seconds of the processor, child processes included."""
    return sum(os.times()[:4])


@pytest.fixture(scope="module")
def first(root: Path) -> tuple[Result, float]:
    """The sample solved, and the seconds of the processor that it took."""
    rnd, began = load(root / "sample_data" / "intervet"), cpu()
    return match(rnd), cpu() - began


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_five_in_a_hundred_drop_out(first: tuple[Result, float], seed: int) -> None:
    """Of the placements that remain 98 % are unchanged; a re-solve of the whole round with `kept` as its first goal is
    no better; and the repair takes at most a fifth of the first solve's seconds of the processor.
    """
    result, took = first
    assert result.outcome.chosen is not None
    before = placements_of(result.options, result.outcome.chosen)
    gone = drop_outs(before, seed)
    found, spent = timed(result.round, before, gone)
    again, more = timed(result.round, before, gone)
    assert again.changes == found.changes
    assert found.result.audit is not None
    assert found.result.audit.valid
    remaining = {row for row in before if row.learner_id not in gone}
    now = set(found.upset.placements(found.frontier.alternatives[0].chosen))
    assert len(remaining & now) >= FEWEST_UNCHANGED * len(remaining)
    assert found.frontier.alternatives[0].best
    whole = match(found.upset.rnd)
    assert [(goal.name, goal.value, goal.proven) for goal in whole.goals] == [
        (goal.name, goal.value, True) for goal in found.result.goals
    ]
    quicker = min(spent, more)  # other work on the machine only ever adds
    assert quicker <= MOST_OF_FIRST * took, f"{quicker:.2f} s of {took:.2f} s"


def timed(rnd: Round, before: list[Placement], gone: tuple[str, ...]) -> tuple[Repair, float]:
    """The recommended alternative, and the seconds of the processor up to its audited result."""
    began = cpu()
    found = repair(rnd, before, Happened(dropped=gone), most_changes=0, assumptions=None)
    assert found.result.audit is not None
    return found, cpu() - began


def drop_outs(before: list[Placement], seed: int) -> tuple[str, ...]:
    """Everybody with the same chance, from a seed."""
    drawn = np.random.default_rng(seed).random(len(before)) < RATE
    return tuple(row.learner_id for row, out in zip(before, drawn, strict=True) if out)
