"""What every test may ask for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings

from scripts import tools

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "tests" / "contract" / "examples"

# The same examples on every run and every machine: a red check is reproduced by running it again.
settings.register_profile(
    "default", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("default")


def pytest_addoption(parser: pytest.Parser) -> None:
    """How long the service's interface is tried with made-up requests, and shortages with random rounds."""
    parser.addoption(
        "--examples", type=int, default=2, help="made-up requests of each kind, for each operation and role"
    )
    parser.addoption(
        "--shortage-rounds", type=int, default=20, help="random rounds whose shortages and prices are checked"
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests come first: one that is begun last keeps everybody waiting for it alone."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's folder."""
    return ROOT


@pytest.fixture(scope="session")
def expected() -> dict[str, Any]:
    """The contract's examples by name: status, best goal values in order, number of options."""
    values: dict[str, Any] = json.loads((EXAMPLES / "expected.json").read_text(encoding="utf-8"))
    return values


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A browser without a network."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - few tests open a page, and it loads slowly

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=tools.CHROMIUM.found(), args=list(tools.CHROMIUM_FLAGS)
        )
        yield started
        started.close()


@pytest.fixture
def example(request: pytest.FixtureRequest) -> Path:
    """The folder of the contract example that a test is parametrised with (indirectly)."""
    folder: Path = EXAMPLES / request.param
    return folder
