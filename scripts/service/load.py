"""The service under load: many who read while it solves, many who upload at once, one who uploads very much.

    python -m scripts.service.load readers      50 clients read while a run is solved: how long answers take
    python -m scripts.service.load uploaders    20 senders upload to one round at once: all whole, none lost
    python -m scripts.service.load upload       100,000 learners in one CSV file: seconds, and memory

Each on a server and an empty database of its own; ``--database postgresql`` for PostgreSQL.
"""

from __future__ import annotations

import argparse
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd

from matcher.client import Client
from matcher.client.bodies import csv_of
from scripts.service import story
from scripts.service.partners import papers
from scripts.service.processes import DATABASES, Server, empty, serving
from scripts.service.reading import Question, Reading, read_all
from scripts.service.watching import memory

LONG_RUN: Final = {"goals": ["placed", "cost", "fit"]}
"""A policy under which the INTERVET sample is solved for most of a minute."""


@dataclass(frozen=True)
class Scene:
    """A service with people, and an admin who can make more."""

    server: Server
    admin: Client
    cast: story.Cast


@contextmanager
def scene(kind: str, folder: Path) -> Iterator[Scene]:
    """An empty service on a database of a kind."""
    with ExitStack() as stack:
        database = stack.enter_context(empty(kind, folder))
        server = stack.enter_context(serving(database, folder, MATCHER_REQUESTS_PER_MINUTE="1000000"))
        admin = stack.enter_context(Client(server.url, server.admin_key()))
        yield Scene(server, admin, story.Cast(server.url, stack))


# --- many who read -------------------------------------------------------------------------------------------------


def readers(kind: str, folder: Path, count: int = 50, seconds: float = 60.0) -> Reading:
    """So many clients read all kinds of things of a round while it is solved."""
    with scene(kind, folder) as there:
        sample = papers(story.SAMPLE)
        story.people_arrive(there.admin, there.cast, sample, print)
        cora = there.cast["cora"]
        round_id = story.a_round_is_opened(cora, sample, print)
        for code, tables in {**sample.hosts, **sample.senders}.items():
            for table, rows in tables.items():
                there.cast[code].tables.put(round_id, table, rows)
        cora.rounds.freeze(round_id)
        run = cora.runs.create(round_id, "load", policy=LONG_RUN)
        while cora.runs.get(run).state == "queued":
            time.sleep(0.1)
        found = read_all(there.server.url, questions(there.cast, round_id, run.id), count, seconds)
        print(f"the run meanwhile: {cora.runs.get(run)}")
        if not cora.runs.get(run).has_ended:
            cora.runs.cancel(run)
        return found


def questions(cast: story.Cast, round_id: str, run_id: str) -> list[Question]:
    """What people ask while they wait for a run: the coordinator, and every partner."""
    paths = (
        f"/v1/runs/{run_id}",
        f"/v1/rounds/{round_id}/runs?limit=10",
        f"/v1/rounds/{round_id}",
        f"/v1/rounds/{round_id}/tables",
        f"/v1/rounds/{round_id}/log?limit=50",
    )
    asked = [Question(path, cast.keys["cora"]) for path in paths]
    for key in cast.keys.values():
        asked += [Question("/v1/me", key), Question(f"/v1/rounds/{round_id}", key)]
    return asked


# --- many who upload -----------------------------------------------------------------------------------------------


def uploaders(kind: str, folder: Path, count: int = 20, learners: int = 1_000, times: int = 5) -> float:
    """So many senders upload lists to one round at once, some times each; seconds. Asserts that all are there."""
    with scene(kind, folder) as there:
        codes = [f"s{number:02}" for number in range(count)]
        for code in codes:
            there.admin.people.create_organisation(code, "sender", code)
            there.cast.enter(there.admin, code, "sender", code)
        there.cast.enter(there.admin, "cora", "coordinator")
        round_id = an_empty_round(there.cast["cora"], codes)
        together = threading.Barrier(count)

        def upload(code: str) -> list[str]:
            digests = []
            together.wait()
            for number in range(times):
                rows = many_learners(learners, code).assign(priority=str(number + 1))
                digests.append(there.cast[code].tables.put(round_id, "learners", rows).digest)
            return digests

        began = time.monotonic()
        with ThreadPoolExecutor(count) as pool:
            acknowledged = dict(zip(codes, pool.map(upload, codes), strict=True))
        took = time.monotonic() - began
        for code in codes:
            client = there.cast[code]
            there_now = [one.digest for one in client.tables.uploads(round_id, "learners")]
            assert there_now == acknowledged[code][::-1], f"{code}: other uploads than were acknowledged"
            assert len(client.tables.get(round_id, "learners")) == learners
        return took


def an_empty_round(cora: Client, codes: Sequence[str]) -> str:
    """A round that is being loaded, with these partners."""
    settings = {"id": "load", "name": "Load", "call_year": 2022, "policy": {}}
    round_id = cora.rounds.create(settings).id
    for code in codes:
        cora.rounds.add_participant(round_id, code)
    return cora.rounds.open(round_id).id


def many_learners(count: int, code: str) -> pd.DataFrame:
    """Learners of one sending partner, as the sample's are, over and over again."""
    sample = pd.read_csv(story.SAMPLE / "learners.csv", dtype="str", keep_default_na=False)
    rows = sample.iloc[[number % len(sample) for number in range(count)]].reset_index(drop=True)
    ids = [f"{code}-{number:06}" for number in range(count)]
    return rows.assign(id=ids, partner_id=code, school_id="", group_id="")


# --- one who uploads very much -------------------------------------------------------------------------------------


def upload(kind: str, folder: Path, learners: int = 100_000) -> str:
    """One sender uploads very many learners as one CSV file, with a bar; seconds and memory in a sentence."""
    with scene(kind, folder) as there:
        there.admin.people.create_organisation("big", "sender", "Big")
        there.cast.enter(there.admin, "big", "sender", "big")
        there.cast.enter(there.admin, "cora", "coordinator")
        round_id = an_empty_round(there.cast["cora"], ["big"])
        path = folder / "learners.csv"
        path.write_bytes(csv_of(many_learners(learners, "big")))
        assert there.server.process is not None
        with memory(there.server.process.pid) as taken:
            began = time.monotonic()
            report = there.cast["big"].tables.put(round_id, "learners", path, progress=True)
            took = time.monotonic() - began
        assert report.rows == learners
        return (
            f"{learners:,} learners ({path.stat().st_size / 1e6:.1f} MB) in {took:.1f} s; "
            f"memory {taken.own_mb:.0f} MB, with child processes {taken.all_mb:.0f} MB"
        )


LOADS: Final[dict[str, Callable[[str, Path], object]]] = {
    "readers": readers,
    "uploaders": lambda kind, folder: (
        f"20 senders, 5 lists of 1,000 each: all there after {uploaders(kind, folder):.1f} s"
    ),
    "upload": upload,
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Load on the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("load", choices=LOADS)
    parser.add_argument("--database", choices=DATABASES, default="sqlite")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        print(f"{given.load} on {given.database}: {LOADS[given.load](given.database, Path(folder))}")


if __name__ == "__main__":
    main()
