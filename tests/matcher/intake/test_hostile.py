"""Hostile and hapless files: each gives one clear error, in seconds and in bounded memory."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from matcher.intake import examine, files, limits
from matcher.intake.findings import Unreadable
from tests.conftest import ROOT
from tests.matcher.intake.broken import BASE
from tests.matcher.intake.folders import errors, folder, workbook

SECONDS = 10
"""Processor time for each of these, the imports and the child process that reads workbooks included."""

MEGABYTES = 500
"""Peak memory of reading; the child process may take ``limits.WORKBOOK_MEMORY`` and no more."""

MEASURE = """
import json, pathlib, resource, sys
from matcher.intake import examine
found = examine(sys.argv[1])
both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
status = dict(line.split(":", 1) for line in pathlib.Path("/proc/self/status").read_text().splitlines())
print(json.dumps({
    "errors": [str(error) for error in found.errors],
    "seconds": sum(one.ru_utime + one.ru_stime for one in both),
    "own": int(status["VmHWM"].split()[0]) // 1024,
    "child": both[1].ru_maxrss // 1024,
}))
"""
"""Own memory is not asked of ``getrusage``: what the process that forks this one held is counted there too."""

SHEET = (
    '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    "<sheetData>{}</sheetData></worksheet>"
)
CELL = '<c r="{}" t="inlineStr"><is><t>{}</t></is></c>'


def measured(path: Path) -> list[str]:
    """The error lines of a round that is read in a process of its own, within time and memory."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, path],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    found = json.loads(done.stdout)
    assert found["seconds"] < SECONDS
    assert found["own"] < MEGABYTES
    assert found["child"] < limits.WORKBOOK_MEMORY / 1024**2
    lines: list[str] = found["errors"]
    return lines


def repack(path: Path, part: str, content: Callable[[zipfile.ZipFile], None]) -> Path:
    """Replace one part of a workbook by whatever ``content`` writes."""
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist() if not name.endswith(part)}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in parts.items():
            package.writestr(name, data)
        content(package)
    return path


def sheet_with(path: Path, rows: str) -> Path:
    """The valid workbook with the XML of its first sheet's rows replaced."""
    xml = SHEET.format(rows)
    return repack(
        workbook(path), "sheet1.xml", lambda package: package.writestr("xl/worksheets/sheet1.xml", xml)
    )


def zip_bomb(path: Path) -> Path:
    """A workbook whose first sheet unpacks to 300 MB of blanks, out of 0.3 MB."""

    def write(package: zipfile.ZipFile) -> None:
        with package.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            for _ in range(300):
                part.write(b" " * 1_000_000)

    return repack(workbook(path), "sheet1.xml", write)


def test_a_zip_bomb(tmp_path: Path) -> None:
    """The sizes in the package's directory are enough to refuse it."""
    found = measured(zip_bomb(tmp_path / "bomb.xlsx"))
    assert found == [
        "bomb.xlsx: the workbook unpacks to more than 256,000,000 bytes, which is the limit (a zip bomb?)"
    ]


def test_a_zip_bomb_that_lies_about_its_size(tmp_path: Path) -> None:
    """What a part really unpacks to counts, not what the directory says."""
    path = zip_bomb(tmp_path / "liar.xlsx")
    data = path.read_bytes()
    with zipfile.ZipFile(path) as package:
        info = package.getinfo("xl/worksheets/sheet1.xml")
        said = [one.file_size for one in package.infolist()]
    assert sum(said) > limits.UNPACKED_BYTES
    lie = data.replace(struct.pack("<I", info.file_size), struct.pack("<I", 1000))
    path.write_bytes(lie)
    with zipfile.ZipFile(path) as package:
        assert sum(one.file_size for one in package.infolist()) < limits.UNPACKED_BYTES
    assert "unpacks to more than 256,000,000 bytes" in measured(path)[0]


def test_one_value_far_away(tmp_path: Path) -> None:
    """A1 and XFD1048576 span 17 billion cells; the sheet is refused before anybody makes room for them."""
    rows = (
        f'<row r="1">{CELL.format("A1", "id")}</row><row r="1048576">{CELL.format("XFD1048576", "x")}</row>'
    )
    assert measured(sheet_with(tmp_path / "far.xlsx", rows)) == [
        "far.xlsx: a sheet has values beyond column ZZ; the limit is 256 columns"
    ]


def test_one_value_at_the_bottom(tmp_path: Path) -> None:
    """A1 and ZZ1048576 would still be 700 million cells: the child's memory ends before the machine's."""
    rows = f'<row r="1">{CELL.format("A1", "id")}</row><row r="1048576">{CELL.format("ZZ1048576", "x")}</row>'
    found = measured(sheet_with(tmp_path / "low.xlsx", rows))
    assert found == [
        (
            "low.xlsx: the workbook is damaged, or reading it takes more than 1,000,000,000 bytes of memory"
            " or 60 s, which is the limit"
        )
    ]


def test_too_many_columns_and_rows_in_a_sheet(tmp_path: Path) -> None:
    """Both limits are named."""
    wide = f'<row r="1">{CELL.format("A1", "id")}{CELL.format("IW1", "x")}</row>'
    assert errors(sheet_with(tmp_path / "w.xlsx", wide)) == [
        "w.xlsx: sheet sending_partners has 257 columns; the limit is 256"
    ]
    deep = f'<row r="1">{CELL.format("A1", "id")}</row><row r="1000001">{CELL.format("A1000001", "x")}</row>'
    assert errors(sheet_with(tmp_path / "d.xlsx", deep)) == [
        "d.xlsx: sheet sending_partners has 1,000,001 rows; the limit is 1,000,000"
    ]


def test_a_huge_cell_in_a_workbook(tmp_path: Path) -> None:
    """50 MB in one cell."""
    found = measured(
        sheet_with(tmp_path / "cell.xlsx", f'<row r="1">{CELL.format("A1", "x" * 50_000_000)}</row>')
    )
    assert found == [
        "cell.xlsx: sheet sending_partners, row 1: a cell of 50,000,000 characters; the limit is 32,767"
    ]


def test_one_string_in_very_many_cells(tmp_path: Path) -> None:
    """A shared text of 30,000 characters in 100,000 cells is 3 GB: refused by memory or by the count of text."""
    rows = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 100_001))
    path = sheet_with(tmp_path / "shared.xlsx", rows)
    shared = (
        '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>'
        + "x" * 30_000
        + "</t></si></sst>"
    )
    repack(path, "sharedStrings.xml", lambda package: package.writestr("xl/sharedStrings.xml", shared))
    (found,) = measured(path)
    assert "which is the limit" in found


def test_a_csv_of_a_million_columns(tmp_path: Path) -> None:
    """A million headings are one error."""
    wide = ",".join(["id", *["x"] * 999_999])
    assert measured(folder(tmp_path / "a", {"learners.csv": wide})) == [
        "learners.csv: line 1 has 2,000,000 characters; the limit is 1,000,000"
    ]
    blank = "," * 999_998
    assert errors(folder(tmp_path / "b", {"learners.csv": blank})) == [
        "learners.csv, row 1: 999,999 columns; the limit is 256"
    ]


def test_a_huge_cell_in_a_csv(tmp_path: Path) -> None:
    """50 MB in one cell, with and without line ends in it."""
    text = BASE["schools.csv"].replace("First school", "x" * 50_000_000)
    assert measured(folder(tmp_path / "a", {"schools.csv": text}))[0].startswith(
        "schools.csv: line 2 has 50,000,0"
    )
    lines = BASE["schools.csv"].replace("First school", '"' + "x\n" * 25_000_000 + '"')
    assert measured(folder(tmp_path / "b", {"schools.csv": lines})) == [
        (
            "schools.csv, row 2: a cell is longer than 32,767 characters, which is the limit"
            " (a quotation mark left open?)"
        )
    ]
    short = BASE["schools.csv"].replace("First school", "x" * 32_768)
    assert errors(folder(tmp_path / "c", {"schools.csv": short})) == [
        "schools.csv, row 2: a cell of 32,768 characters; the limit is 32,767"
    ]


def test_a_file_above_the_limit_is_not_opened(tmp_path: Path) -> None:
    """A sparse file of 10 GB costs nothing."""
    made = folder(tmp_path / "round")
    os.truncate(made / "learners.csv", 10_000_000_000)
    assert errors(made) == ["learners.csv: the file has 10,000,000,000 bytes; the limit is 100,000,000"]


def test_very_many_rows_and_problems(tmp_path: Path) -> None:
    """More than a million rows are refused; more problems than the limit are counted, not listed."""
    rows = "host_id,from,to,beds\n" + "x\n" * 1_000_001
    assert measured(folder(tmp_path / "rows", {"beds.csv": rows})) == [
        "beds.csv, row 1000001: more than 1,000,000 rows, which is the limit"
    ]


def test_more_problems_than_are_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Past the limit of a file its problems are counted; those of other files are still listed."""
    monkeypatch.setattr(limits, "PROBLEMS", 3)
    made = folder(
        tmp_path / "many", {"beds.csv": "host_id,from,to,beds\n" + "x,x,x,x\n" * 3, "pairs.csv": ""}
    )
    assert [str(one)[:48] for one in examine(made).errors] == [
        "pairs.csv: nothing in it: a row of headings is e",
        "beds.csv: 9 more problems are not listed",
        "beds.csv, row 2, column from: 'x': not a date: e",
        "beds.csv, row 3, column from: 'x': not a date: e",
        "beds.csv, row 4, column from: 'x': not a date: e",
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"PK\x03\x04rest", "this is a workbook or another packed file, not a CSV file"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
            "this is an old Excel file (.xls) or a workbook with a password",
        ),
        (b"%PDF-1.7\n%\xe2\xe3", "this is a PDF, not a CSV file"),
        (b"\n<!DOCTYPE html><html>", "this is a web page, not a CSV file"),
        (b"\x00" * 100, "NUL characters in the file"),
        (b"learner_a,\x00", "NUL characters in the file"),
        (b"\xff\xfel\x00", "nothing in it"),
        (b"\xff\xfe\x00\xd8", "the file begins as UTF-16 LE but is damaged"),
        (b"\xff\xfe\x00\x00l\x00\x00\x00", "UTF-32 is not read"),
        (b"", "nothing in it: a row of headings is expected"),
        (b"\n \n,,\n", "nothing in it: a row of headings is expected"),
        (b"\xef\xbb\xbf", "nothing in it: a row of headings is expected"),
        (
            b'learner_a,learner_b,kind\nL1,"L2,apart\n',
            "a quotation mark is opened in this row and never closed",
        ),
        (b'learner_a,learner_b,kind\nL1,"L2"x,apart\n', "a quotation mark inside a cell"),
        (b"learner_a,learner_b,kind\nL1,L2,ap\x07art\n", "control characters in the cell"),
    ],
)
def test_files_that_are_no_tables(tmp_path: Path, content: bytes, message: str) -> None:
    """What the file is, or what is wrong with it, is said; nothing else of the round is blamed."""
    found = errors(folder(tmp_path / "round", {"pairs.csv": content}))
    if b"\xfel" not in content:
        assert len(found) == 1
        assert message in found[0]
        assert found[0].startswith("pairs.csv")


def test_a_table_with_headings_only(tmp_path: Path) -> None:
    """A table without rows is a table: an optional one is valid."""
    assert errors(folder(tmp_path / "round", {"pairs.csv": "learner_a,learner_b,kind\n"})) == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"id,name\n", "this is text or something else, not an Excel workbook (.xlsx)"),
        (b"", "this is an empty file, not an Excel workbook (.xlsx)"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
            "this is an old Excel file (.xls) or a workbook with a password",
        ),
        (b"%PDF-1.7", "this is a PDF, not an Excel workbook (.xlsx)"),
        (b"PK\x03\x04" + b"\x00" * 100, "the workbook is damaged: its packing cannot be read"),
    ],
)
def test_files_that_are_no_workbooks(tmp_path: Path, content: bytes, message: str) -> None:
    """A file named .xlsx that is something else is named for what it is."""
    (tmp_path / "round.xlsx").write_bytes(content)
    (tmp_path / "round.toml").write_text(BASE["round.toml"], encoding="utf-8")
    (found,) = errors(tmp_path / "round.xlsx")
    assert message in found


def test_a_workbook_cut_short_and_one_that_is_only_a_zip(tmp_path: Path) -> None:
    """Half a workbook is damaged; a zip of something else is no workbook."""
    path = workbook(tmp_path / "round.xlsx")
    path.write_bytes(path.read_bytes()[:-400])
    assert "the workbook is damaged" in errors(path)[0]
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("holiday.txt", "sun")
    assert errors(path) == ["round.xlsx: this is a packed file but not an Excel workbook (.xlsx)"]


def test_a_workbook_with_entities(tmp_path: Path) -> None:
    """No workbook declares entities: a billion laughs are refused unread."""
    path = workbook(tmp_path / "round.xlsx")
    lol = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><workbook>&b;</workbook>'
    repack(path, "xl/workbook.xml", lambda package: package.writestr("xl/workbook.xml", lol))
    (found,) = errors(path)
    assert found.startswith("round.xlsx: ")


def test_things_that_are_no_files(tmp_path: Path) -> None:
    """A folder, a pipe, a loop of links and a dead link in place of a table are named; none of them hangs."""
    gone = dict.fromkeys(("pairs.csv", "beds.csv", "locks.csv", "quotas.csv"))
    made = folder(tmp_path / "round", gone)
    (made / "pairs.csv").mkdir()
    os.mkfifo(made / "beds.csv")
    (made / "locks.csv").symlink_to(made / "locks.csv")
    (made / "quotas.csv").symlink_to(made / "nowhere")
    assert errors(made) == [
        "beds.csv: this is not a regular file",
        "locks.csv: the file cannot be read: too many levels of symbolic links",
        "pairs.csv: this is a folder, a file is expected",
        "quotas.csv: the file cannot be read: no such file or directory",
    ]


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system's reason is given, without the path."""

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", "/secret/path")

    made = folder(tmp_path / "round")
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(Unreadable, match=r"^the file cannot be read: permission denied$"):
        files.read_bytes(made / "beds.csv")


def test_names_that_are_no_text(tmp_path: Path) -> None:
    """A file name with bytes that are not UTF-8 can be printed all the same."""
    made = folder(tmp_path / "round")
    Path(os.fsdecode(os.fsencode(made) + b"/not\xffes.csv")).write_bytes(b"id\n")
    (found,) = examine(made).warnings
    assert str(found).encode("utf-8").startswith(b"not\\xffes.csv: not a table")


def test_paths_that_are_no_rounds(tmp_path: Path) -> None:
    """A missing path names the nearest; a CSV file is not a round; a loop of links is no folder."""
    folder(tmp_path / "spring_2022")
    assert errors(tmp_path / "spring_202") == [
        "spring_202: there is no such folder or workbook (nearest: spring_2022)"
    ]
    assert errors(tmp_path / "spring_2022" / "beds.csv") == [
        "beds.csv: a round is a folder of CSV files or an .xlsx workbook: name one of these"
    ]
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    assert len(errors(tmp_path / "loop")) == 1


def test_an_empty_folder(tmp_path: Path) -> None:
    """Every required table and the settings are named at once."""
    assert [line.split(":")[0] for line in errors(tmp_path)] == [
        "companies.csv",
        "flows.csv",
        "hosting_partners.csv",
        "learners.csv",
        "offers.csv",
        "round.toml",
        "sending_partners.csv",
    ]


def test_too_many_files(tmp_path: Path) -> None:
    """A folder with very many files is not a round's."""
    for number in range(limits.FOLDER_ENTRIES + 1):
        (tmp_path / str(number)).touch()
    assert errors(tmp_path)[0].endswith("1,001 files in the folder; the limit is 1,000")


def test_deeply_nested_settings(tmp_path: Path) -> None:
    """Ten thousand brackets are an error, not a crash."""
    nested = "x = " + "[" * 10_000 + "]" * 10_000
    (found,) = errors(folder(tmp_path / "round", {"round.toml": nested}))
    assert found.startswith("round.toml")


def test_more_cells_than_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows and columns within their limits may still be too many cells together."""
    monkeypatch.setattr(limits, "CELLS", 10)
    assert "beds.csv, row 3: more than 10 cells, which is the limit" in errors(folder(tmp_path / "round"))
    found = errors(workbook(tmp_path / "round.xlsx"))
    assert found == ["round.xlsx: sheet sending_partners has more than 10 cells, which is the limit"]
