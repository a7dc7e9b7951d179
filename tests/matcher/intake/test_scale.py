"""Size: ten thousand faulty rows, a hundred thousand good ones, in processor time and memory that people can spare."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from matcher.intake import Examination, examine
from tests.matcher.intake.broken import BASE
from tests.matcher.intake.folders import folder

HEAD = BASE["learners.csv"].splitlines()[0]


def learners(count: int, row: Callable[[int], str]) -> dict[str, str]:
    """A learners file of ``count`` rows; tables that name learners L1 to L3 are kept valid."""
    lines = [HEAD, *BASE["learners.csv"].splitlines()[1:], *map(row, range(count))]
    return {"learners.csv": "\n".join(lines) + "\n"}


def good(number: int) -> str:
    """A valid learner."""
    born = f"{2000 + number % 6}-{number % 12 + 1:02}-{number % 28 + 1:02}"
    return f"G{number},ccis,s1,0714,4,short,2022-09-01,2022-12-31,en:B1;it:A2,{born},,,,,zni;c1,"


def timed(path: Path) -> tuple[Examination, float]:
    """An examination and the processor seconds that it took."""
    examine(folder(path.with_name("warm")))
    started = time.process_time()
    found = examine(path)
    return found, time.process_time() - started


@pytest.mark.parametrize(
    ("faulty", "per_row"),
    [
        (lambda n: good(n).replace("0714,4", f"0714,{n + 9}"), 1),
        (lambda n: good(n).replace(",ccis", f",ccsi{n}"), 1),
        (lambda n: good(n).replace("zni;c1", f"zni;c{n + 9};x{n}"), 2),
        (lambda n: good(n).replace("en:B1;it:A2", f"xq{n}:B1"), 1),
        (lambda n: good(n).replace("2022-12-31", f"2022-12-{n + 32}"), 1),
        (lambda n: good(n).replace("0714", f"77{n:05}"), 1),
        (lambda n: good(n // 100_000), 1),
        (lambda n: good(n) + ",too,many", 1),
    ],
    ids=["level", "reference", "preferences", "language", "date", "field", "duplicate", "cells"],
)
def test_ten_thousand_faulty_rows(tmp_path: Path, faulty: Callable[[int], str], per_row: int) -> None:
    """All are reported, row by row, in under 5 seconds (about 0.5 each here)."""
    found, seconds = timed(folder(tmp_path / "round", learners(10_000, faulty)))
    first_good = 1 if faulty(0) == good(0) else 0
    assert len(found.errors) == (10_000 - first_good) * per_row
    assert [one.row for one in found.errors][::per_row] == list(range(5 + first_good, 10_005))
    assert seconds < 5


def test_ten_thousand_unknown_references_among_ten_thousand_ids(tmp_path: Path) -> None:
    """The nearest of 10,000 learners is found for each of 10,000 misspelt ones."""
    pairs = "learner_a,learner_b,kind\n" + "".join(f"G{n},G{n}x,apart\n" for n in range(10_000))
    made = folder(tmp_path / "round", {**learners(10_000, good), "pairs.csv": pairs})
    found, seconds = timed(made)
    assert len(found.errors) == 10_000
    assert found.errors[0].nearest == "G0"
    assert seconds < 10


@pytest.mark.slow
def test_a_hundred_thousand_learners(tmp_path: Path) -> None:
    """A large round is read in a few seconds."""
    found, seconds = timed(folder(tmp_path / "round", learners(100_000, good)))
    assert found.round is not None
    assert len(found.round.learners) == 100_003
    assert seconds < 12
