"""The four people's story, and the service killed while people work: on real processes, on both databases."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.service import kills, story
from scripts.service.processes import DATABASES, MATCHER, new_database, serving

pytestmark = pytest.mark.slow


@pytest.fixture(params=DATABASES)
def nothing(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without a single table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'matcher.sqlite'}"
        return
    with new_database(request.getfixturevalue("postgresql")) as url:
        yield url


@pytest.fixture(scope="session")
def of_the_command_line(root: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The placements of the INTERVET sample as `matcher solve` writes them."""
    out = tmp_path_factory.mktemp("solved")
    sample = root / "sample_data" / "intervet"
    subprocess.run([*MATCHER, "solve", str(sample), "--out", str(out), "--quiet"], check=True)
    return (out / "placements.csv").read_bytes()


def test_the_story_is_told(nothing: str, tmp_path: Path, of_the_command_line: bytes) -> None:
    """From an empty database to a published round; the placements are the command line's, byte for byte."""
    with serving(nothing, tmp_path) as server:
        told, placements = story.tell(server.url, server.admin_key(), say=lambda _said: None)
        server.command("audit", "verify")
    assert placements == of_the_command_line
    assert told.pinned.status == "optimal"


def test_kills_lose_nothing(nothing: str, tmp_path: Path) -> None:
    """Killed with -9 once while it uploads, freezes, runs and publishes: nothing lost, nothing double."""
    tally = kills.maltreat(nothing, 4, tmp_path, say=lambda _said: None)
    assert tally.kills.total() == 4
