"""The contract's examples, solved: what comes out is what is known to be best, by both methods that prove."""

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from matcher import load, match
from models.outcome import Status
from models.round import Round
from solvers.interface import Progress
from tests.conftest import EXAMPLES

NAMES = sorted(path.name for path in EXAMPLES.iterdir() if path.is_dir())
SECONDS = 600.0
"""Far above what any example takes: a search that hangs is a failure and not a wait."""
SMALL = 1_000
"""Options up to which a method also chooses among equally good allocations. In the largest example that takes as long
as all proofs, and what is asked here stands before it begins.
"""


@cache
def loaded(folder: Path) -> Round:
    """An example, read once."""
    return load(folder)


class Proven:
    """Whether the last goal has been proven, heard from the progress that a run tells."""

    def __init__(self, goals: Iterable[str]) -> None:
        self.last = list(goals)[-1]
        self.heard = False

    def hear(self, told: Progress) -> None:
        self.heard |= told.goal == self.last and told.value is not None and told.value == told.bound

    def __call__(self) -> bool:
        return self.heard


@pytest.mark.slow
@pytest.mark.parametrize("method", ["exact", "cpsat"])
@pytest.mark.parametrize("name", NAMES)
def test_the_best_is_found_and_proven(name: str, method: str, expected: dict[str, Any]) -> None:
    """Status, every goal value in the round's own order, and the number of options equal the contract's."""
    known = expected[name]
    proven = Proven(known.get("goals", ["none"]))
    large = known.get("options", 0) > SMALL
    result = match(
        loaded(EXAMPLES / name),
        method=method,
        time_limit=SECONDS,
        progress=proven.hear,
        cancel=proven if large else None,
    )
    assert result.status == known["status"]
    if result.status == Status.INFEASIBLE:
        assert result.audit is None
        return
    assert [(goal.name, goal.value) for goal in result.goals] == list(known["goals"].items())
    assert all(goal.proven and goal.bound == goal.value for goal in result.goals)
    assert len(result.options) == known["options"]


def test_every_example_is_known(expected: dict[str, Any]) -> None:
    """There is a folder for every entry of expected.json and an entry for every folder."""
    assert sorted(expected) == NAMES
