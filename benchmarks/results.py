"""The JSON of a benchmark: written after every run, so that an interrupted one keeps what is done.

``format`` is 1. ``machine`` and ``versions`` say where, ``command`` and ``started`` (UTC) how and when (of several
benchmarks put together: a command a line, and when the first began); ``families``
and ``contestants`` say in words who took part; ``instances`` hold family, name, series (name without size and seed),
size, seed and what is ``known``; ``runs`` are ``benchmarks.jobs.Run``, one each.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.instances import Instance
from benchmarks.jobs import Run
from benchmarks.machine import machine, versions
from models.errors import InputErrors, InputProblem

FORMAT = 1


@dataclass
class Book:
    """Everything that is known of a benchmark."""

    head: dict[str, Any]
    instances: dict[str, dict[str, Any]] = field(default_factory=dict)
    contestants: dict[str, dict[str, Any]] = field(default_factory=dict)
    families: dict[str, str] = field(default_factory=dict)
    runs: list[Run] = field(default_factory=list)

    @staticmethod
    def begin(command: str) -> Book:
        """An empty one, here and now."""
        started = datetime.now(UTC).isoformat(timespec="seconds")
        return Book({"command": command, "started": started, "machine": machine(), "versions": versions()})

    def enter(self, instance: Instance, about: str) -> None:
        """Take note of an instance and its family."""
        self.families[instance.family] = about
        self.instances[instance.name] = {
            "family": instance.family,
            "series": instance.name.removesuffix(f"-{instance.size}-{instance.seed}"),
            "size": instance.size,
            "seed": instance.seed,
            "known": {
                "status": instance.known.status and str(instance.known.status),
                "goals": dict(instance.known.goals),
                "source": instance.known.source,
            },
        }

    def plain(self) -> dict[str, Any]:
        """As it stands in the file."""
        return {
            "format": FORMAT,
            **self.head,
            "families": self.families,
            "contestants": self.contestants,
            "instances": self.instances,
            "runs": [run.plain() for run in self.runs],
        }

    def write(self, path: Path) -> None:
        """Write the file, whole or not at all."""
        unfinished = path.with_suffix(".part")
        unfinished.write_text(json.dumps(self.plain(), indent=1) + "\n", encoding="utf-8")
        unfinished.replace(path)


def read(path: Path) -> Book:
    """A book from a file. Raises ``InputErrors`` where it is none."""
    try:
        data: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as wrong:
        raise _no_book(path, str(wrong)) from wrong
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise _no_book(path, f"not a benchmark's JSON of format {FORMAT}")
    head = {name: data[name] for name in ("command", "started", "machine", "versions")}
    runs = [Run(**run) for run in data["runs"]]
    return Book(head, data["instances"], data["contestants"], data["families"], runs)


def together(books: Sequence[tuple[Path, Book]]) -> Book:
    """One book of several from one machine with the same versions: a long benchmark may be taken in parts.

    Where two have an instance, all its runs are the later book's: ratios stay those of one run of the benchmark.
    Raises ``InputErrors`` naming each book from elsewhere.
    """
    first = books[0][1]
    problems = [
        InputProblem(
            path.name, None, None, None, f"{what} not those of {books[0][0].name}: {book.head[what]}"
        )
        for path, book in books[1:]
        for what in ("machine", "versions")
        if book.head[what] != first.head[what]
    ]
    if problems:
        raise InputErrors(problems)
    commands = dict.fromkeys(book.head["command"] for _, book in books)
    started = min(book.head["started"] for _, book in books)
    whole = Book({**first.head, "command": "\n".join(commands), "started": started})
    for _, book in books:
        whole.instances |= book.instances
        whole.contestants |= book.contestants
        whole.families |= book.families
        whole.runs = [run for run in whole.runs if run.instance not in book.instances] + book.runs
    return whole


def _no_book(path: Path, why: str) -> InputErrors:
    return InputErrors([InputProblem(path.name, None, None, None, why)])
