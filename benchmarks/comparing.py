"""Two books side by side: where the new one is worse, in quality or in its ratio to the peers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks.results import Book
from benchmarks.scoring import Row, rows


@dataclass(frozen=True)
class Tolerance:
    """What counts as worse: a gap to the best known that grew by more than ``quality`` (a share), a ratio to the peers
    that fell below 1 / ``ratio`` of the old one. Runs that take under ``least`` seconds have no ratio.
    """

    quality: float = 0.0002
    ratio: float = 1.3
    least: float = 0.5


@dataclass(frozen=True)
class Regression:
    """What became worse, in a sentence."""

    instance: str
    contestant: str
    text: str

    def __str__(self) -> str:
        return f"{self.instance}, {self.contestant}: {self.text}"


def regressions(old: Book, new: Book, tolerance: Tolerance | None = None) -> list[Regression]:
    """Every contestant of ours on every instance that both books have."""
    allowed = tolerance or Tolerance()
    before = {(row.instance, row.contestant): row for row in rows(old)}
    after = {(row.instance, row.contestant): row for row in rows(new)}
    found = []
    for key in before.keys() & after.keys():
        if not before[key].peer:
            told = [*quality(before[key], after[key], allowed), *speed(key, before, after, allowed)]
            found += [Regression(*key, text) for text in told]
    return sorted(found, key=lambda each: (each.instance, each.contestant, each.text))


def quality(old: Row, new: Row, allowed: Tolerance) -> Iterator[str]:
    """Proofs that are gone, allocations that are gone, values that are worse."""
    if old.settled and not new.settled:
        yield f"had a proof, now {new.status}"
    if old.valid and not new.valid:
        yield f"had a valid allocation, now {new.status}"
    elif old.valid and new.valid:
        yield from _worse(old, new, allowed)


def _worse(old: Row, new: Row, allowed: Tolerance) -> Iterator[str]:
    """The first goal whose value differs, if it is worse; a later goal is no comfort for an earlier one."""
    for before, after in zip(old.scores, new.scores, strict=False):
        if before.value is None or after.value is None or before.value == after.value:
            continue
        loss = before.sense * (before.value - after.value) / max(1.0, abs(before.value))
        if loss > allowed.quality:
            yield f"{before.name} {before.value:g} → {after.value:g}, {100 * loss:.3g} % worse"
        return


def speed(
    key: tuple[str, str],
    before: dict[tuple[str, str], Row],
    after: dict[tuple[str, str], Row],
    allowed: Tolerance,
) -> Iterator[str]:
    """The ratio to the peers that both books have, by the median of how it changed."""
    old, new = before[key], after[key]
    if old.solve is None or new.solve is None or max(old.solve, new.solve) < allowed.least:
        return
    changes = list(_changes(key[0], before, after))
    if changes and (slower := (new.solve / max(old.solve, 1e-3)) / median(changes)) > allowed.ratio:
        yield (
            f"{slower:.2f} times as slow against its peers "
            f"({old.solve:.2f} s → {new.solve:.2f} s; the peers' own change {median(changes):.2f})"
        )


def _changes(
    instance: str, before: dict[tuple[str, str], Row], after: dict[tuple[str, str], Row]
) -> Iterator[float]:
    """New over old seconds of every peer that finished its work in both: one at its time limit measures nothing."""
    for key, row in after.items():
        old = before.get(key)
        if key[0] == instance and row.peer and old is not None and old.status == row.status:
            measured = row.settled or (row.status == "feasible" and bool(row.breaches))
            if measured and old.solve and row.solve and min(old.solve, row.solve) > 0.05:
                yield row.solve / old.solve


def summary(found: Sequence[Regression]) -> str:
    """All of them, a line each."""
    return "\n".join(map(str, found)) or "nothing became worse"
