"""One spoilt file is told as such: not as hundreds of references to it that lead nowhere, and not behind them."""

from __future__ import annotations

from pathlib import Path

import pytest

from matcher.intake import examine, fix_report
from matcher.intake.grids import Grid
from matcher.intake.loading import inspect
from tests.matcher.intake.broken import BASE
from tests.matcher.intake.folders import errors, folder, with_cell, with_column, workbook

LEARNERS = BASE["learners.csv"]
STRANGE = "first,second,third\n" + LEARNERS.split("\n", 1)[1]
BINARY = b"\x7fELF\x02\x01\x01" + bytes(range(256))


@pytest.mark.parametrize(
    "content",
    [b"", BINARY, BINARY[:100], b"\xff\xfe" + bytes(range(255)), b"PK\x03\x04 packed", LEARNERS + '"open'],
    ids=["empty", "binary", "nul", "utf-16", "packed", "open quote"],
)
def test_a_table_that_cannot_be_read_is_one_error(tmp_path: Path, content: str | bytes) -> None:
    """Pairs, locks, scores, previous placements and micro-credentials all name learners: nothing is said of these."""
    (found,) = examine(folder(tmp_path / "round", {"learners.csv": content})).errors
    assert found.file == "learners.csv"


def test_strange_headings_are_told_without_the_rows(tmp_path: Path) -> None:
    """Eight required columns are missing; that every row has other cells than headings follows from it."""
    found = errors(folder(tmp_path / "round", {"learners.csv": STRANGE}))
    wanted = ["available_from", "available_to", "eqf_level", "field", "id", "languages", "partner_id", "stay"]
    assert found == [f"learners.csv, column {name}: this required column is missing" for name in wanted]


def test_a_table_without_ids_is_no_reason_for_others(tmp_path: Path) -> None:
    """The other columns of the table are still read and checked."""
    text = with_column("learners", "id", "colour").replace("0715,5", "0715,9")
    found = [
        (one.file, one.row, one.column)
        for one in examine(folder(tmp_path / "x", {"learners.csv": text})).errors
    ]
    assert found == [("learners.csv", None, "id"), ("learners.csv", 4, "eqf_level")]


def test_sheets_are_treated_alike(tmp_path: Path) -> None:
    """A sheet with strange headings in a workbook."""
    rows = [line.split(",") for line in STRANGE.splitlines()]
    found = errors(workbook(tmp_path / "round.xlsx", {"learners": rows}))
    assert len(found) == 8
    assert all("sheet learners" in one for one in found)


def test_whole_files_come_first(tmp_path: Path) -> None:
    """A mistake of affinity.csv stands behind an unreadable file, an open quotation mark and a missing column."""
    changes: dict[str, str | bytes | None] = {
        "affinity.csv": with_cell("affinity", 2, "score", "much"),
        "beds.csv": None,
        "companies.csv": BASE["companies.csv"].replace("Laboratory", '"Laboratory'),
        "learners.csv": BINARY,
        "offers.csv": with_column("offers", "seats", "places_of_it"),
        "flows.csv": None,
    }
    found = examine(folder(tmp_path / "round", changes)).errors
    assert [one.file for one in found] == [
        "companies.csv",
        "flows.csv",
        "learners.csv",
        "offers.csv",
        "affinity.csv",
    ]


def test_an_id_in_a_row_that_is_not_read_is_there(tmp_path: Path) -> None:
    """Learner L1 has a cell too many; the pair, the score and the credential that name it are not wrong for that."""
    text = LEARNERS.replace("zni;c1,\n", "zni;c1,,more\n")
    (found,) = errors(folder(tmp_path / "round", {"learners.csv": text}))
    assert found.startswith("learners.csv, row 2: too many cells")


def test_what_may_follow_from_an_unreadable_id_comes_last(tmp_path: Path) -> None:
    """L1 is spelt with a blank: references to L1 stay errors, behind the id and behind what is wrong besides."""
    changes: dict[str, str | bytes | None] = {
        "learners.csv": with_cell("learners", 2, "id", "L 1"),
        "quotas.csv": with_cell("quotas", 2, "max_learners", "-3"),
    }
    found = examine(folder(tmp_path / "round", changes)).errors
    assert [(one.file, one.row, one.column) for one in found[:2]] == [
        ("learners.csv", 2, "id"),
        ("quotas.csv", 2, "max_learners"),
    ]
    assert {one.file for one in found[2:]} == {"affinity.csv", "pairs.csv", "previous.csv"}
    assert all(one.message == "there is no such id in learners" for one in found[2:])


def test_what_must_not_be_kept_is_not_kept_of_a_strange_table_either(tmp_path: Path) -> None:
    """A table without a heading of ours that has a column of health data: its values are in no fix report."""
    text = "allergies,second\nnuts,1\n"
    path = folder(tmp_path / "round", {"learners.csv": text})
    grid: Grid = inspect(path).grids["learners"]
    assert "nuts" not in str(grid.rows)
    fix_report(path, tmp_path / "marked.xlsx")
