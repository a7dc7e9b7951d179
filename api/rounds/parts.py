"""The parts of a round: one organisation's rows of one table each, and the tables that they make together."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Final

from api.rounds.packing import empty, unpack_text
from models.errors import InputProblem

LISTED: Final = 1_000
"""Most problems of one kind in an answer; further ones are counted."""


@dataclass(frozen=True)
class Part:
    """Rows of a table, as the store keeps them; ``owner`` is '' for rows that no partner owns."""

    table: str
    owner: str
    rows: int
    content: bytes

    @property
    def label(self) -> str:
        """What problems call it."""
        return f"{self.owner}/{self.table}.csv" if self.owner else f"{self.table}.csv"


@dataclass(frozen=True)
class Loaded:
    """Everything that has been loaded of a round: its settings and the parts that count, by table and owner."""

    settings: str
    rates: str | None
    parts: tuple[Part, ...]

    def of(self, owner: str) -> tuple[Part, ...]:
        """One owner's parts."""
        return tuple(part for part in self.parts if part.owner == owner)

    @property
    def owners(self) -> tuple[str, ...]:
        """Whoever has loaded anything, by code."""
        return tuple(sorted({part.owner for part in self.parts}))


def write_parts(folder: Path, parts: Iterable[Part]) -> dict[str, Path]:
    """Write the tables that the parts make together as CSV files; the files by table."""
    files = {}
    for table, own in groupby(sorted(parts, key=lambda part: (part.table, part.owner)), lambda p: p.table):
        files[table] = folder / f"{table}.csv"
        with files[table].open("w", encoding="utf-8", newline="") as stream:
            for text in _joined([unpack_text(part.content) for part in own]):
                stream.write(text)
    return files


def joined_text(table: str, parts: Sequence[Part]) -> str:
    """The CSV of the table that parts make together."""
    if not parts:
        return unpack_text(empty(table).content)
    return "".join(_joined([unpack_text(part.content) for part in parts]))


def _joined(texts: Sequence[str]) -> Iterator[str]:
    """The texts of CSV files as one, under the headings of all: versions differ in the columns that they know."""
    heads = dict.fromkeys(text.partition("\n")[0] for text in texts)
    names = list(
        dict.fromkeys(name for head in heads for name in head.split(","))
    )  # plain words, never quoted
    yield ",".join(names) + "\n"
    for text in texts:
        own, _, rows = text.partition("\n")
        yield rows if own.split(",") == names else _under(names, text)


def _under(names: Sequence[str], text: str) -> str:
    """The rows of a file that another version wrote, under these headings; what it did not know is blank."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, names, restval="", lineterminator="\n")
    writer.writerows(csv.DictReader(io.StringIO(text, newline="")))
    return stream.getvalue()


class Places:
    """Where the rows of joined tables come from."""

    def __init__(self, parts: Iterable[Part]) -> None:
        self._parts: dict[str, list[Part]] = {}
        for part in sorted(parts, key=lambda part: (part.table, part.owner)):
            self._parts.setdefault(f"{part.table}.csv", []).append(part)

    def traced(self, problem: InputProblem) -> InputProblem:
        """A problem of a joined table as one of the part that the row is from, with the row's number there."""
        if problem.row is None:
            return problem
        before = 0
        for part in self._parts.get(problem.file, ()):
            row = problem.row - before
            if row <= part.rows + 1:
                return replace(problem, file=part.label, row=row)
            before += part.rows
        return problem


def listed(problems: Sequence[InputProblem]) -> tuple[InputProblem, ...]:
    """The first problems, and how many more there are."""
    if len(problems) <= LISTED:
        return tuple(problems)
    more = f"{len(problems) - LISTED:,} more are not listed"
    return (*problems[:LISTED], InputProblem("", None, None, None, more))
