"""Many who read at once, out of one process that costs the machine as little as it can: plain connections that stay
open, and answers that are read, not looked into. What is measured is the service, not a Python client.
"""

from __future__ import annotations

import http.client
import random
import statistics
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Final
from urllib.parse import urlsplit

PAUSE: Final = 0.5
"""Seconds between an answer and the next question of a reader, on average."""


@dataclass(frozen=True)
class Question:
    """Something that is asked: a path, and the key of who asks."""

    path: str
    key: str


@dataclass(frozen=True)
class Reading:
    """How long answers took, in milliseconds, and what went wrong."""

    milliseconds: Sequence[float]
    errors: Sequence[str]
    seconds: float

    def __str__(self) -> str:
        cuts = statistics.quantiles(self.milliseconds, n=100)
        return (
            f"{len(self.milliseconds)} answers in {self.seconds:.0f} s, {len(self.errors)} errors: "
            f"median {cuts[49]:.1f} ms, p95 {cuts[94]:.1f} ms, p99 {cuts[98]:.1f} ms, "
            f"slowest {max(self.milliseconds):.1f} ms"
        )


def read_all(url: str, asked: Sequence[Question], count: int, seconds: float) -> Reading:
    """Ask questions for so many seconds with so many readers, each with a pause between an answer and its next
    question, in a process of their own.
    """
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_read_all, url, tuple(asked), count, seconds).result()


def _read_all(url: str, asked: Sequence[Question], count: int, seconds: float) -> Reading:
    took: list[float] = []
    errors: list[str] = []
    ends = time.monotonic() + seconds

    def read(number: int) -> None:
        address = urlsplit(url)
        chance = random.Random(number)  # noqa: S311 - a seed for repeating, no secret
        connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=60)
        while time.monotonic() < ends:
            time.sleep(chance.uniform(0, 2 * PAUSE))
            question = chance.choice(asked)
            began = time.perf_counter()
            try:
                connection.request("GET", question.path, headers={"Authorization": f"Bearer {question.key}"})
                answer = connection.getresponse()
                answer.read()
                if answer.status != http.client.OK:
                    errors.append(f"{question.path}: {answer.status}")
            except (OSError, http.client.HTTPException) as wrong:
                errors.append(f"{question.path}: {type(wrong).__name__}")
                connection.close()
            took.append(1_000 * (time.perf_counter() - began))
        connection.close()

    with ThreadPoolExecutor(count) as pool:
        list(pool.map(read, range(count)))
    return Reading(took, errors, seconds)
