"""The fix report: the tables as they came, every faulty cell marked with what would be right."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from matcher.intake import examine, fix_report, limits
from matcher.intake.fixing import FIRST_SHEET
from models.errors import InputProblem
from tests.matcher.intake.broken import BASE, KINDS, write
from tests.matcher.intake.folders import cells, errors, folder, with_cell, workbook

ERROR = "00FFC7CE"
WARNING = "00FFEB9C"


def report(path: Path, out: Path) -> Any:
    """The workbook of a round's fix report."""
    fix_report(path, out)
    return load_workbook(out)


def colour(cell: Any) -> str:
    """The fill of a cell."""
    return str(cell.fill.fgColor.rgb)


def test_a_faulty_cell_is_filled_and_commented(tmp_path: Path) -> None:
    """Row 3, column E of learners: the level 9, with the nearest valid one; nothing else is marked."""
    made = folder(tmp_path / "round", {"learners.csv": with_cell("learners", 3, "eqf_level", "9")})
    sheet = report(made, tmp_path / "fix.xlsx")["learners"]
    assert sheet["E3"].value == "9"
    assert colour(sheet["E3"]) == ERROR
    assert sheet["E3"].comment.text == "out of bounds: 1 to 8 (nearest: 8)"
    assert [cell.coordinate for row in sheet for cell in row if cell.comment] == ["E3"]


def test_the_first_sheet_lists_every_problem(tmp_path: Path) -> None:
    """One line each, errors first, in the words of the error lines."""
    text = with_cell("learners", 3, "eqf_level", "9").replace("2022-12-31", "31.12.2022")
    made = folder(tmp_path / "round", {"learners.csv": text})
    book = report(made, tmp_path / "fix.xlsx")
    assert book.sheetnames[0] == FIRST_SHEET
    rows = [list(row) for row in book[FIRST_SHEET].iter_rows(min_row=2, values_only=True)]
    assert [row[0] for row in rows] == ["error", "warning"]
    found = examine(made)
    assert [InputProblem(*row[1:]) for row in rows] == [*found.errors, *found.warnings]
    assert colour(book["learners"]["H2"]) == WARNING


def test_all_tables_are_there_with_their_texts(tmp_path: Path) -> None:
    """Every table is a sheet under its own name, cell for cell as in the file."""
    book = report(folder(tmp_path / "round"), tmp_path / "fix.xlsx")
    tables = [name.removesuffix(".csv") for name in BASE if name.endswith(".csv")]
    assert set(book.sheetnames) == {FIRST_SHEET, *tables}
    for table in tables:
        found = [[cell or "" for cell in row] for row in book[table].iter_rows(values_only=True)]
        assert found == cells(table)


def test_the_report_can_be_corrected_and_read(tmp_path: Path) -> None:
    """Beside the settings the report is itself a round: with the same errors, and none once they are corrected."""
    made = folder(tmp_path / "round", {"learners.csv": with_cell("learners", 3, "eqf_level", "9")})
    book = report(made, tmp_path / "fix.xlsx")
    (tmp_path / "round.toml").write_text(BASE["round.toml"], encoding="utf-8")
    assert [line.split("learners")[1] for line in errors(tmp_path / "fix.xlsx")] == [
        ", row 3, column eqf_level: '9': out of bounds: 1 to 8 (nearest: 8)"
    ]
    book["learners"]["E3"] = 4
    book.save(tmp_path / "fix.xlsx")
    again, original = examine(tmp_path / "fix.xlsx").round, examine(folder(tmp_path / "base")).round
    assert again is not None
    assert original is not None
    assert again.digest == original.digest


def test_a_workbook_gets_a_report_too(tmp_path: Path) -> None:
    """Marks stand where the cells stand in the sheet, below a title row too."""
    rows = [["Beds"], *cells("beds")]
    rows[2][3] = "many"
    book = report(workbook(tmp_path / "round.xlsx", {"beds": rows}), tmp_path / "fix.xlsx")
    assert [cell.coordinate for row in book["beds"] for cell in row if colour(cell) == ERROR] == ["D3"]


def test_rows_and_headings_are_marked(tmp_path: Path) -> None:
    """A row with too few cells is marked in its first cell, a missing column in the first heading."""
    text = BASE["beds.csv"].replace("2022-12-31,4", "2022-12-31").replace("beds\n", "bads\n", 1)
    book = report(folder(tmp_path / "round", {"beds.csv": text}), tmp_path / "fix.xlsx")
    marked = {cell.coordinate: cell.comment.text for row in book["beds"] for cell in row if cell.comment}
    assert list(marked) == ["A1", "D1", "A3"]
    assert "required column is missing (nearest: bads)" in marked["A1"]
    assert "too few cells" in marked["A3"]


def test_formulas_are_neutralised_and_numbers_are_not(tmp_path: Path) -> None:
    """A name that begins like a formula gets an apostrophe; a negative longitude does not."""
    text = BASE["schools.csv"].replace("First school", "=cmd|' /C calc'!A0").replace("Second school", "-5.98")
    sheet = report(folder(tmp_path / "round", {"schools.csv": text}), tmp_path / "fix.xlsx")["schools"]
    assert sheet["C2"].value == "'=cmd|' /C calc'!A0"
    assert sheet["C3"].value == "-5.98"
    assert {cell.data_type for row in sheet for cell in row} <= {"s", "n"}


def test_health_data_and_persons_are_not_copied(tmp_path: Path) -> None:
    """The heading is there with the reason; the values are not."""
    lines = [f"{line},secret,secret" for line in BASE["learners.csv"].splitlines()]
    text = "\n".join(lines).replace(",secret,secret", ",Allergies,Surname", 1)
    sheet = report(folder(tmp_path / "round", {"learners.csv": text}), tmp_path / "fix.xlsx")["learners"]
    values = [cell.value for row in sheet for cell in row]
    assert "Allergies" in values
    assert "secret" not in values
    assert "health data" in sheet["Q1"].comment.text


def test_past_the_limit_cells_are_filled_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Comments cost time; the first sheet lists all problems in any case."""
    monkeypatch.setattr(limits, "COMMENTS", 1)
    text = BASE["beds.csv"].replace(",8\n", ",x\n").replace(",4\n", ",y\n")
    sheet = report(folder(tmp_path / "round", {"beds.csv": text}), tmp_path / "fix.xlsx")["beds"]
    assert [(bool(cell.comment), colour(cell)) for cell in (sheet["D2"], sheet["D3"])] == [
        (True, ERROR),
        (False, ERROR),
    ]


def test_control_characters_do_not_stop_the_report(tmp_path: Path) -> None:
    """What XML cannot hold is replaced by the sign for it."""
    made = folder(tmp_path / "round", {"beds.csv": BASE["beds.csv"].replace("zni", "z\x07ni", 1)})
    assert report(made, tmp_path / "fix.xlsx")["beds"]["A2"].value == "z\ufffdni"


def test_broken_samples_get_a_report(tmp_path: Path) -> None:
    """Whatever is wrong, there is a workbook that lists it."""
    for kind in KINDS[::5]:
        write(kind, tmp_path / kind.name)
        found = fix_report(tmp_path / kind.name, tmp_path / "fix.xlsx")
        rows = list(load_workbook(tmp_path / "fix.xlsx")[FIRST_SHEET].iter_rows(min_row=2, values_only=True))
        assert len([row for row in rows if row[0] == "error"]) == len(found.errors) > 0, kind.name
