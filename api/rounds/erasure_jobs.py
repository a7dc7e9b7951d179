"""What child processes do for erasure: take a learner out of uploads, snapshots and results, and verify figures."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from api.rounds import attesting
from api.rounds.attesting import SPEAKING, Facts, RunFacts
from api.rounds.packing import Packed, pack_text, unpack_text
from api.rounds.snapshots import pack, unpack

NAMED_IN: Final = {"learners": ("id",), **SPEAKING}
"""Tables whose rows name learners, with the columns that do."""


@dataclass(frozen=True)
class SnapshotOrder:
    """A snapshot, the learner to be erased, the runs on it, and what is attested of those erased before, by run."""

    content: bytes
    learner_id: str
    runs: Mapping[str, RunFacts]
    earlier: Mapping[str, Mapping[str, Facts]]


@dataclass(frozen=True)
class ErasedSnapshot:
    """The snapshot without the learner's data, whose learner it was, and what is attested by run."""

    content: bytes
    partner_id: str
    runs: dict[str, Facts]


@dataclass(frozen=True)
class FiguresOrder:
    """A run on a snapshot, what it reported, and what is attested of the erased."""

    content: bytes
    run: RunFacts
    report: bytes
    erased: Mapping[str, Facts]


@dataclass(frozen=True)
class Verified:
    """A run's figures as reported and as recomputed; ``breaches`` are rules that do not hold."""

    reported: dict[str, int | None]
    recomputed: dict[str, int]
    reported_objective: float | None
    objective: float | None
    reported_placed: int | None
    placed: int
    breaches: list[str]

    @property
    def is_equal(self) -> bool:
        """Whether every figure that was reported is the one that was recomputed, and every rule holds."""
        return (
            self.reported == self.recomputed
            and self.reported_objective == self.objective
            and self.reported_placed == self.placed
            and not self.breaches
        )


def without_rows(_folder: Path, order: tuple[str, bytes, str]) -> tuple[Packed, Sequence[str]] | None:
    """A table's packed rows without those that name a learner, and the columns erased (None: none names them)."""
    table, content, learner_id = order
    text = unpack_text(content)
    stream, kept, found = io.StringIO(), 0, 0
    writer = csv.writer(stream, lineterminator="\n")
    lines = csv.reader(io.StringIO(text, newline=""))
    headings = next(lines)
    writer.writerow(headings)
    named = [headings.index(column) for column in NAMED_IN[table]]
    for cells in lines:
        if any(cells[at] == learner_id for at in named):
            found += 1
        else:
            writer.writerow(cells)
            kept += 1
    return (pack_text(stream.getvalue(), kept), headings) if found else None


def from_snapshot(_folder: Path, order: SnapshotOrder) -> ErasedSnapshot | None:
    """Attest what is to be remembered of a learner, and take the rest out (None: the learner is not in it)."""
    rnd = unpack(order.content)
    if order.learner_id not in rnd.learners.position:
        return None
    facts = {
        key: attesting.attest(rnd, run, order.learner_id, order.earlier.get(key, {}))
        for key, run in order.runs.items()
    }
    partner = str(rnd.learners.record(rnd.learners.position[order.learner_id]).partner_id)
    return ErasedSnapshot(pack(attesting.without(rnd, order.learner_id)), partner, facts)


def verify(_folder: Path, order: FiguresOrder) -> Verified:
    """Recompute a run's figures and hold them against its report."""
    found = attesting.figures(unpack(order.content), order.run, order.erased)
    report: dict[str, Any] = json.loads(order.report)
    objective = report.get("objective") or {}
    return Verified(
        reported={one["name"]: one["value"] for one in report["goals"]},
        recomputed=dict(found.goals),
        reported_objective=objective.get("value"),
        objective=found.objective,
        reported_placed=report["counts"]["placed"],
        placed=found.placed,
        breaches=list(found.breaches),
    )


def without_reasons(content: bytes, learner_id: str) -> bytes:
    """``unplaced.csv`` in which nothing is said of why a learner has no place."""
    lines = list(csv.reader(io.StringIO(content.decode(), newline="")))
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    for number, cells in enumerate(lines):
        if number and cells[0] == learner_id:
            cells = [learner_id, "erased", *[""] * (len(cells) - 2)]  # noqa: PLW2901 - the line as it is to be
        writer.writerow(cells)
    return stream.getvalue().encode()
