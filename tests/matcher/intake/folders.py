"""Folders of small rounds for the intake's tests: a valid one, and the same with changed files."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

from openpyxl import Workbook

from matcher.intake import Examination, examine
from models.tables import TABLES, columns_of
from tests.matcher.intake.broken import BASE


def folder(path: Path, changes: Mapping[str, str | bytes | None] | None = None) -> Path:
    """Write the valid round into ``path`` with some files changed (``None``: left out)."""
    path.mkdir(parents=True, exist_ok=True)
    for name, content in (BASE | dict(changes or {})).items():
        if content is not None:
            (path / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def with_cell(table: str, row: int, column: str, value: str) -> str:
    """The text of a table's file with one cell changed; ``row`` is the spreadsheet's row."""
    rows = list(csv.reader(io.StringIO(BASE[f"{table}.csv"])))
    rows[row - 1][rows[0].index(column)] = value
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows(rows)
    return stream.getvalue()


def with_column(table: str, column: str, heading: str) -> str:
    """The text of a table's file with one heading changed."""
    text = BASE[f"{table}.csv"]
    head, rest = text.split("\n", 1)
    return ",".join(heading if name == column else name for name in head.split(",")) + "\n" + rest


def cells(table: str) -> list[list[str]]:
    """The rows of a table's file, headings first."""
    return list(csv.reader(io.StringIO(BASE[f"{table}.csv"])))


def workbook(path: Path, sheets: Mapping[str, Sequence[Sequence[str]]] | None = None) -> Path:
    """Write the valid round as a workbook of text cells, some sheets changed; ``round.toml`` beside it."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for table in TABLES:
        if f"{table}.csv" in BASE:
            sheet = book.create_sheet(table)
            for row in (sheets or {}).get(table, cells(table)):
                sheet.append([cell if cell != "" else None for cell in row])
    book.save(path)
    path.with_name("round.toml").write_text(BASE["round.toml"], encoding="utf-8")
    return path


def errors(path: Path) -> list[str]:
    """The error lines of a round."""
    return [str(problem) for problem in examine(path).errors]


def warnings(path: Path) -> list[str]:
    """The warning lines of a round that has no errors."""
    found = examine(path)
    assert not found.errors, found.errors
    return [str(problem) for problem in found.warnings]


def digest(found: Examination) -> str:
    """The digest of a round that has no errors."""
    assert found.round is not None, found.errors
    return found.round.digest


def column_names(table: str) -> list[str]:
    """The contract's names of a table's columns."""
    return list(columns_of(TABLES[table]))
