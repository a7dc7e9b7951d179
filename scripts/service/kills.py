"""The service killed with -9 again and again, while it uploads, freezes, runs and publishes: what is left is counted.

    python -m scripts.service.kills --kills 30 --database sqlite

Clients go on as if nothing had happened: they retry, with the key that makes retries safe. In the end everything that
was acknowledged has to be there, once; every run has to have ended, once, with the command line's placements; and the
audit log has to be whole.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pandas as pd

from matcher.client import Client, Retrying
from matcher.client.answers import RunInfo
from scripts.service.partners import papers
from scripts.service.processes import DATABASES, Server, empty, serving
from scripts.service.story import Cast, people_arrive

SAMPLE: Final = Path(__file__).resolve().parents[2] / "sample_data" / "tiny"
UPLOADS: Final = 12
"""Uploads of one sender while the service is killed."""
PATIENCE: Final = Retrying(times=600, seconds=600, longest=1.0)
"""Longer than any restart takes."""


@dataclass
class Tally:
    """What clients were told, to be held against what is there in the end."""

    uploads: dict[str, list[str]] = field(default_factory=dict)
    frozen: list[str] = field(default_factory=list)
    runs: dict[str, RunInfo] = field(default_factory=dict)
    published: list[str] = field(default_factory=list)
    kills: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)

    def __str__(self) -> str:
        count = sum(map(len, self.uploads.values()))
        slowest = max(self.seconds, default=0.0)
        return (
            f"{self.kills.total()} kills ({', '.join(f'{n} in {what}' for what, n in self.kills.items())}): "
            f"{count} uploads, {len(self.frozen)} freezes, {len(self.runs)} runs, {len(self.published)} publications; "
            f"back after at most {slowest:.1f} s"
        )


class Stage:
    """A service, its people, and the rounds of a small sample that they work on."""

    def __init__(self, server: Server, cast: Cast, sample: Path, seed: int) -> None:
        self.server, self.cast, self.papers = server, cast, papers(sample)
        self.tally, self.chance = Tally(), random.Random(seed)  # noqa: S311 - a seed for repeating, no secret
        self.sender, self.lists = next(iter(self.papers.senders.items()))

    @property
    def cora(self) -> Client:
        """The coordinator."""
        return self.cast["cora"]

    def round(self, number: int) -> str:
        """The round of the kills from ``number`` on, made when first asked for: loaded, and open."""
        name = f"round-{number // len(LONGEST)}"
        if name in self.tally.uploads:
            return name
        settings = self.papers.settings.replace(self.own_id, f'id = "{name}"')
        self.cora.rounds.create(settings, self.papers.rates)
        for code in [*self.papers.hosts, *self.papers.senders]:
            self.cora.rounds.add_participant(name, code)
        for table, rows in self.papers.common.items():
            self.cora.tables.put(name, table, rows)
        for code, tables in {**self.papers.hosts, **self.papers.senders}.items():
            for table, rows in tables.items():
                self.cast[code].tables.put(name, table, rows)
        self.cora.rounds.open(name)
        self.tally.uploads[name] = []
        return name

    @property
    def own_id(self) -> str:
        """The line of the sample's settings that has its id."""
        return next(line for line in self.papers.settings.splitlines() if line.startswith("id ="))

    # --- what is disturbed, one after the other on each round ------------------------------------------------------

    def upload(self, round_id: str) -> None:
        """A sender loads its list again and again, each time another one, and at last the right one."""
        told, rows = self.tally.uploads[round_id], self.lists["learners"]
        lists = [rows.assign(priority=str(2 + number)) for number in range(UPLOADS)]
        told += [self.put(round_id, one) for one in [*lists, rows]]

    def put(self, round_id: str, rows: pd.DataFrame) -> str:
        """One upload; the digest that is acknowledged."""
        return self.cast[self.sender].tables.put(round_id, "learners", rows).digest

    def freeze(self, round_id: str) -> None:
        """The coordinator freezes the round."""
        assert self.cora.rounds.freeze(round_id).state == "frozen"
        self.tally.frozen.append(round_id)

    def run(self, round_id: str) -> None:
        """The coordinator runs the round, and waits."""
        run = self.cora.runs.create(round_id, "the run")
        self.tally.runs[round_id] = self.cora.runs.wait(run, progress=False)

    def publish(self, round_id: str) -> None:
        """The coordinator publishes the run."""
        self.cora.runs.publish(self.tally.runs[round_id])
        self.tally.published.append(round_id)

    # --- the kill --------------------------------------------------------------------------------------------------

    def kill_during(self, number: int) -> str:
        """One kill at a random moment of an action, and a new start; the action has to come to its end."""
        what, round_id = list(LONGEST)[number % len(LONGEST)], self.round(number)
        with ThreadPoolExecutor(1) as pool:
            acting: Future[None] = pool.submit(getattr(self, what), round_id)
            time.sleep(self.chance.uniform(0.0, LONGEST[what]))
            self.server.kill()
            began = time.monotonic()
            self.server.start()
            self.tally.seconds.append(time.monotonic() - began)
            acting.result()
        self.tally.kills[what] += 1
        return what


LONGEST: Final = {"upload": 1.5, "freeze": 0.6, "run": 3.0, "publish": 0.2}
"""Seconds after the beginning of an action within which the kill comes: about as long as the action takes."""


def wrong_in(stage: Stage, expected: bytes) -> Iterator[str]:
    """Everything that is lost, double or broken, a sentence each."""
    cora, tally = stage.cora, stage.tally
    for round_id, digests in tally.uploads.items():
        there = [one.digest for one in cora.tables.uploads(round_id, "learners", owner=stage.sender)]
        first, *rest = reversed(there)
        if rest != digests:
            yield f"{round_id}: acknowledged {len(digests)} uploads, there are {len(rest)} beside the first {first[:8]}"
    for round_id in tally.frozen:
        count = sum(entry.action == "round.frozen" for entry in cora.rounds.log(round_id))
        if count != 1:
            yield f"{round_id}: frozen {count} times"
    for round_id, run in tally.runs.items():
        runs = list(cora.runs.list(round_id))
        ends = sum(event.kind == "done" for event in cora.runs.events(run))
        if [one.id for one in runs] != [run.id] or runs[0].state != "done" or ends != 1:
            yield f"{round_id}: {len(runs)} runs, {runs[0].state}, ended {ends} times"
        elif cora.runs.file(run, "placements.csv") != expected:
            yield f"{round_id}: other placements than the command line's"
    for round_id in tally.published:
        count = sum(entry.action == PUBLISH for entry in cora.rounds.log(round_id))
        if count != 1 or cora.rounds.get(round_id).state != "published":
            yield f"{round_id}: published {count} times"


PUBLISH: Final = "round.published"
"""What the log calls a publication."""


def maltreat(
    database: str,
    kills: int,
    folder: Path,
    sample: Path = SAMPLE,
    seed: int = 1,
    say: Callable[[str], object] = print,
) -> Tally:
    """Kill a service on an empty database so many times. Raises ``AssertionError`` where anything is wrong."""
    with ExitStack() as stack:
        server = stack.enter_context(serving(database, folder, MATCHER_LEASE_SECONDS="2"))
        expected = placements_of(server, sample)
        with Client(server.url, server.admin_key()) as admin:
            cast = Cast(server.url, stack, PATIENCE)
            people_arrive(admin, cast, papers(sample), say)
        stage = Stage(server, cast, sample, seed)
        for number in range(kills):
            say(f"kill {number + 1} of {kills}: in {stage.kill_during(number)}")
        wrong = list(wrong_in(stage, expected))
        assert not wrong, "\n".join(wrong)
        server.command("audit", "verify")
        return stage.tally


def placements_of(server: Server, sample: Path) -> bytes:
    """The command line's placements of a round."""
    server.command("solve", str(sample), "--out", "expected", "--quiet")
    return (server.folder / "expected" / "placements.csv").read_bytes()


def main(arguments: Sequence[str] | None = None) -> None:
    """Kill on the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--database", choices=DATABASES, default="sqlite")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder, empty(given.database, Path(folder)) as database:
        print(maltreat(database, given.kills, Path(folder), seed=given.seed))
    print("nothing lost, nothing double, the audit log is whole")


if __name__ == "__main__":
    main()
