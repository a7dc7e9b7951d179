"""The four people's story, and the service killed while people work: on real processes, on both databases."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from matcher.client import Client
from scripts.service import kills, story
from scripts.service.partners import papers
from scripts.service.processes import DATABASES, MATCHER, new_database, serving
from tests.test_docs import blocks

pytestmark = pytest.mark.slow


@pytest.fixture(params=DATABASES)
def nothing(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without a single table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'matcher.sqlite'}"
        return
    with new_database(request.getfixturevalue("postgresql")) as url:
        yield url


@pytest.fixture
def sample(nothing: str, root: Path, tmp_path: Path) -> Path:
    """The INTERVET sample for PostgreSQL; for SQLite a made-up round with the same tables, a seventh as large."""
    if not nothing.startswith("sqlite"):
        return root / "sample_data" / "intervet"
    made = tmp_path / "made-up"
    words = ("--shape", "every_rule", "--learners", "60", "--seed", "1", "--out", str(made), "--quiet")
    subprocess.run([*MATCHER, "generate", *words], check=True)
    return made


def of_the_command_line(sample: Path, out: Path) -> bytes:
    """A sample's placements as `matcher solve` writes them."""
    subprocess.run([*MATCHER, "solve", str(sample), "--out", str(out), "--quiet"], check=True)
    return (out / "placements.csv").read_bytes()


def test_the_story_is_told(nothing: str, sample: Path, tmp_path: Path) -> None:
    """From an empty database to a published round; the placements are the command line's, byte for byte."""
    with serving(nothing, tmp_path) as server:
        told, placements = story.tell(server.url, server.admin_key(), sample, say=lambda _said: None)
        server.command("audit", "verify")
    assert placements == of_the_command_line(sample, tmp_path / "solved")
    assert told.pinned.status == "optimal"


def test_the_documented_morning_works(
    nothing: str, tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first example of docs/client.md runs as it stands, on the small sample, save for names and addresses."""
    (example, *_) = blocks((root / "docs" / "client.md").read_text(encoding="utf-8"), "python")
    monkeypatch.chdir(tmp_path)
    with serving(nothing, tmp_path) as server, ExitStack() as stack:
        cast, tiny = story.Cast(server.url, stack), papers(root / "sample_data" / "tiny")
        with Client(server.url, server.admin_key()) as admin:
            story.people_arrive(admin, cast, tiny, lambda _said: None)
            cora = cast["cora"]
            round_id = story.a_round_is_opened(cora, tiny, lambda _said: None)
            for code, tables in {**tiny.hosts, **tiny.senders}.items():
                for table, rows in tables.items():
                    cast[code].tables.put(round_id, table, rows)
            sender = next(iter(tiny.senders))
            tiny.senders[sender]["learners"].to_csv("learners.csv", index=False)
            key = cora.people.create_key("the morning", days=1).secret
        for name, stand_in in {
            "https://matcher.example.org": server.url,
            "mk_your_key": key,
            "spring": round_id,
            "p1": sender,
        }.items():
            assert name in example
            example = example.replace(f'"{name}"', f'"{stand_in}"')
        exec(compile(example, "client.md", "exec"), {})  # noqa: S102 - the project's own page
    assert (tmp_path / "out" / "placements.csv").is_file()


def test_kills_lose_nothing(nothing: str, tmp_path: Path) -> None:
    """Killed with -9 once while it uploads, freezes, runs and publishes: nothing lost, nothing double."""
    tally = kills.maltreat(nothing, 4, tmp_path, say=lambda _said: None)
    assert tally.kills.total() == 4
