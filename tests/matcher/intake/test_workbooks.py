"""Workbooks: the same round as the CSV folder, whatever a spreadsheet program has done to its cells."""

from __future__ import annotations

import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from matcher.intake import examine
from tests.matcher.intake.broken import BASE
from tests.matcher.intake.folders import cells, digest, errors, folder, warnings, workbook


@pytest.fixture
def base(tmp_path: Path) -> str:
    """The digest of the valid round."""
    return digest(examine(folder(tmp_path / "base")))


def changed(path: Path, sheet: str, **new: Any) -> Path:
    """The valid round as a workbook with some cells of a sheet changed: ``changed(path, "flows", D2=...)``."""
    workbook(path)
    book = load_workbook(path)
    for place, value in new.items():
        book[sheet][place] = value
    book.save(path)
    return path


def test_a_workbook_is_the_same_round(tmp_path: Path, base: str) -> None:
    """All sheets as text give the folder's digest, without a warning."""
    found = examine(workbook(tmp_path / "round.xlsx"))
    assert digest(found) == base
    assert found.warnings == ()


def test_settings_may_bear_the_name_of_the_workbook(tmp_path: Path, base: str) -> None:
    """``spring.toml`` beside ``spring.xlsx`` goes before ``round.toml``."""
    path = workbook(tmp_path / "spring.xlsx")
    path.with_name("round.toml").rename(path.with_name("spring.toml"))
    path.with_name("round.toml").write_text("not = read", encoding="utf-8")
    assert digest(examine(path)) == base


def test_numbers_dates_and_lost_zeros(tmp_path: Path, base: str) -> None:
    """Date cells, day numbers, numbers for codes and whole numbers with a decimal point: one round."""
    path = changed(
        tmp_path / "round.xlsx",
        "learners",
        D2=714,
        E2=4.0,
        G2=date(2022, 9, 1),
        H2=datetime(2022, 12, 31),  # noqa: DTZ001 - spreadsheets know no time zone
        G3=44805,
        P3=True,
    )
    assert digest(examine(path)) == base
    place = "round.xlsx, sheet learners, row"
    assert warnings(path) == [
        f"{place} 2, column field: '714': read as 0714 (ISCED code with its zero restored)",
        f"{place} 3, column available_from: '44805': read as 2022-09-01 (spreadsheet's day number)",
    ]


def test_formulas_are_reported_and_need_a_stored_result(tmp_path: Path) -> None:
    """Openpyxl stores no results: the formula is reported, and the cell is an error, not a blank."""
    path = changed(tmp_path / "round.xlsx", "flows", F2="=10+2")
    assert errors(path) == [
        (
            "round.xlsx, sheet flows, row 2, column max_heads: a formula without a stored result:"
            " open and save the workbook in a spreadsheet program"
        )
    ]
    assert [one.message[:20] for one in examine(path).warnings] == ["formula in F2: the r"]


def test_a_stored_result_of_a_formula_is_used(tmp_path: Path, base: str) -> None:
    """A formula with its result counts as the result, and is reported."""
    path = changed(tmp_path / "round.xlsx", "flows", F2="=10+2")
    patch(path, "sheet8.xml", "<f>10+2</f><v />", "<f>10+2</f><v>12</v>")
    assert digest(examine(path)) == base
    assert warnings(path) == [
        "round.xlsx, sheet flows, row 2: formula in F2: the results stored in the workbook are used"
    ]


def test_an_error_value_is_an_error(tmp_path: Path) -> None:
    """#REF! is no value, and not a blank either."""
    path = changed(tmp_path / "round.xlsx", "flows", F2="#REF!")
    assert errors(path) == [
        "round.xlsx, sheet flows, row 2, column max_heads: the spreadsheet shows the error #REF!"
    ]


def test_cells_merged_downwards_count_for_each_row(tmp_path: Path, base: str) -> None:
    """One partner over three learners stands for all of them, and is reported."""
    path = workbook(tmp_path / "round.xlsx")
    book = load_workbook(path)
    book["learners"].merge_cells("B2:B3")
    book.save(path)
    assert digest(examine(path)) == base
    assert warnings(path) == [
        "round.xlsx, sheet learners, row 2: merged cells B2:B3: the value counts for each of these rows"
    ]


def test_cells_merged_sideways_are_errors(tmp_path: Path) -> None:
    """A value over two columns means nothing in a table."""
    path = workbook(tmp_path / "round.xlsx")
    book = load_workbook(path)
    book["learners"].merge_cells("G2:H2")
    book.save(path)
    text = "cells merged across columns (G2:H2): unmerge them"
    assert errors(path) == [
        f"round.xlsx, sheet learners, row 2, column {column}: {text}"
        for column in ("available_from", "available_to")
    ]


def test_a_merged_title_above_the_headings(tmp_path: Path, base: str) -> None:
    """A title over all columns is passed over and reported."""
    sheets = {"beds": [["Beds of all hosts"], [], *cells("beds")]}
    path = workbook(tmp_path / "round.xlsx", sheets)
    book = load_workbook(path)
    book["beds"].merge_cells("A1:D1")
    book.save(path)
    assert digest(examine(path)) == base
    assert warnings(path) == [
        "round.xlsx, sheet beds, row 3: the headings stand in row 3; what stands above them is ignored"
    ]


def test_rows_and_columns_that_are_blank(tmp_path: Path, base: str) -> None:
    """Blank rows and columns in front, between and behind are nothing."""
    rows = [["", *row, "", ""] for row in cells("beds")]
    path = workbook(tmp_path / "round.xlsx", {"beds": [[], *rows, [], []]})
    assert digest(examine(path)) == base


def test_a_value_without_a_heading(tmp_path: Path) -> None:
    """A value right of the last heading is an error that names the column's letter."""
    path = changed(tmp_path / "round.xlsx", "beds", G3="?")
    assert errors(path) == ["round.xlsx, sheet beds, row 3: a value in column G, which has no heading"]


def test_sheets_by_other_names_and_extra_sheets(tmp_path: Path, base: str) -> None:
    """``Sending Partners`` is the table; an unknown sheet is ignored with the nearest name; a hidden one is read."""
    path = workbook(tmp_path / "round.xlsx")
    book = load_workbook(path)
    book["sending_partners"].title = "Sending Partners"
    book["beds"].sheet_state = "hidden"
    book.create_sheet("learner_notes")["A1"] = "secret"
    book.save(path)
    found = examine(path)
    assert digest(found) == base
    assert "secret" not in repr(found)
    assert [str(one) for one in found.warnings] == [
        "round.xlsx, sheet Sending Partners: read as the table sending_partners",
        "round.xlsx, sheet beds: the sheet is hidden, and read all the same",
        "round.xlsx, sheet learner_notes: not a table of the round, ignored (nearest: learners)",
    ]


def test_two_sheets_for_one_table(tmp_path: Path) -> None:
    """Which of two would count cannot be known."""
    path = workbook(tmp_path / "round.xlsx")
    book = load_workbook(path)
    book.create_sheet("Beds ")["A1"] = "host_id"
    book.save(path)
    assert errors(path) == ["round.xlsx, sheet Beds : a second sheet for the table beds: keep one"]


def test_a_required_sheet_is_missing(tmp_path: Path) -> None:
    """The message names the sheet that should be there."""
    path = workbook(tmp_path / "round.xlsx")
    book = load_workbook(path)
    del book["offers"]
    book.save(path)
    assert errors(path) == ["round.xlsx, sheet offers: the required table offers is missing"]


def test_a_workbook_without_settings(tmp_path: Path) -> None:
    """Without ``round.toml`` there is no round."""
    path = workbook(tmp_path / "round.xlsx")
    path.with_name("round.toml").unlink()
    assert errors(path)[0].startswith("round.toml: this file is missing")


def test_an_empty_workbook(tmp_path: Path) -> None:
    """Every required table is missing, each is named."""
    Workbook().save(tmp_path / "round.xlsx")
    (tmp_path / "round.toml").write_text(BASE["round.toml"], encoding="utf-8")
    assert len(errors(tmp_path / "round.xlsx")) == 6


def patch(path: Path, part: str, old: str, new: str) -> None:
    """Change the XML of one part of a workbook, where it stands once."""
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    name = next(name for name in parts if name.endswith(part))
    assert parts[name].count(old.encode()) == 1, parts[name]
    parts[name] = parts[name].replace(old.encode(), new.encode())
    with zipfile.ZipFile(path, "w") as package:
        for name, content in parts.items():
            package.writestr(name, content)
