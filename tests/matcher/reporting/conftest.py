"""What the tests of reports share."""

import pytest

from matcher import Result
from scripts import tools
from tests.matcher.reporting import rounds


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what needs a browser where there is none; an unattended run fails instead."""
    if tools.CHROMIUM.found() or tools.unattended():
        return
    config.hook.pytest_deselected(items=[item for item in items if item.get_closest_marker("browser")])
    items[:] = [item for item in items if not item.get_closest_marker("browser")]


@pytest.fixture
def hand() -> Result:
    """The result of the round worked by hand."""
    return rounds.with_reasons(rounds.solved(rounds.hand_round()), rounds.reasons(["L4"]))


@pytest.fixture
def infeasible() -> Result:
    """A round that no allocation satisfies."""
    result = rounds.solved(rounds.infeasible_round())
    vars(result)["conflict"] = ("the quota p1→h2 needs 1 learner, but nobody of p1 has an option at h2",)
    return result
