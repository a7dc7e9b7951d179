"""Finds what a round is made of: the tables' grids, ``round.toml`` and ``rates.toml``, in a folder or
around a workbook.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from matcher.intake import delimited, encodings, files, limits
from matcher.intake.findings import Findings, Unreadable
from matcher.intake.grids import Grid
from matcher.intake.headings import known_tables, plain, recognised
from matcher.intake.settings import RATES, SETTINGS
from matcher.intake.workbooks import Workbook, read_workbook
from models.tables import TABLES, Row
from models.vocabulary import nearest

TABLE_ENDINGS: Final = (".csv", ".tsv", ".txt")
WORKBOOK_ENDINGS: Final = (".xlsx", ".xlsm")

_ALWAYS_TABLES: Final = (".csv", ".tsv")
_WORKBOOKS: Final = (*WORKBOOK_ENDINGS, ".xls", ".xlsb", ".ods", ".numbers")


@dataclass
class Source:
    """The tables' grids by table name; ``lost`` are tables that are there but could not be read."""

    settings: Path
    rates: Path | None
    grids: dict[str, Grid] = field(default_factory=dict)
    lost: dict[str, str] = field(default_factory=dict)
    sheets: bool = False

    def missing_file(self, table: str, label: str) -> str:
        """What messages call the place where a table should be."""
        return f"{label}, sheet {table}" if self.sheets else f"{table}.csv"


def open_source(path: Path, findings: Findings) -> Source | None:
    """What ``path`` holds, a folder or a workbook; ``None`` where there is nothing to read, which is
    reported.
    """
    name = files.label(path)
    try:
        if path.is_dir():
            return _folder(path, findings)
        if not os.path.lexists(path):
            near = nearest(path.name, _names(path.parent)) if path.parent.is_dir() else None
            findings.error(name, "there is no such folder or workbook", nearest=near)
        elif path.suffix.lower() in WORKBOOK_ENDINGS:
            return _workbook(path, findings)
        else:
            findings.error(name, "a round is a folder of CSV files or an .xlsx workbook: name one of these")
    except OSError as error:
        findings.error(name, f"cannot be read: {files.reason(error)}")
    return None


def _names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in os.scandir(folder))[: limits.FOLDER_ENTRIES]


def _folder(folder: Path, findings: Findings) -> Source | None:
    entries = sorted(folder.iterdir(), key=lambda entry: os.fsencode(entry.name))
    if len(entries) > limits.FOLDER_ENTRIES:
        text = f"{len(entries):,} files in the folder; the limit is {limits.FOLDER_ENTRIES:,}"
        findings.error(files.label(folder), text)
        return None
    source = Source(folder / SETTINGS, folder / RATES if os.path.lexists(folder / RATES) else None)
    for entry in entries:
        table = known_tables().get(plain(entry.stem)) if entry.suffix.lower() in TABLE_ENDINGS else None
        if table is not None:
            _add_file(source, table, entry, findings)
        else:
            _report_extra(entry, findings)
    return source


def _add_file(source: Source, table: str, path: Path, findings: Findings) -> None:
    name = files.label(path)
    if table in source.grids or table in source.lost:
        findings.error(name, f"a second file for the table {table}: keep one", nearest=f"{table}.csv")
        return
    if path.name != f"{table}.csv":
        findings.warn(name, f"read as the table {table}", nearest=f"{table}.csv")
    try:
        source.grids[table] = read_csv(path, TABLES[table], findings)
    except Unreadable as error:
        source.lost[table] = name
        findings.unreadable(name, error)


def read_csv(path: Path, row: type[Row], findings: Findings) -> Grid:
    """The grid of a CSV file; encodings and separators other than the usual are reported; raises
    ``Unreadable``.
    """
    name, data = files.label(path), files.read_bytes(path)
    what = files.what_it_is(data)
    if what is not None:
        raise Unreadable(f"this is {what}, not a CSV file: save the table as CSV UTF-8")
    decoded = encodings.decode(data)
    if decoded.encoding != "utf-8":
        text = f"read as {encodings.NAMES[decoded.encoding]}; UTF-8 is expected"
        findings.warn(name, text)
    separator = delimited.separator_of(decoded.text, lambda cells: recognised(cells, row))
    if separator != ",":
        findings.warn(name, f"the separator is a {delimited.SEPARATORS[separator]}; a comma is expected")
    return Grid(name, delimited.rows_of(decoded.text, separator))


def _report_extra(path: Path, findings: Findings) -> None:
    """Report a file that looks like a table but is none; other files are none of our business."""
    if path.suffix.lower() in _ALWAYS_TABLES:
        near = nearest(path.stem, TABLES)
        findings.warn(
            files.label(path), "not a table of the round, ignored", nearest=f"{near}.csv" if near else None
        )
    elif path.suffix.lower() in _WORKBOOKS and not path.name.startswith("~$"):
        findings.warn(
            files.label(path), "a workbook inside a folder is ignored: name the workbook itself to read it"
        )


def _workbook(path: Path, findings: Findings) -> Source:
    settings, rates = _beside(path)
    source = Source(settings, rates, sheets=True)
    name = files.label(path)
    try:
        insist_on_workbook(path)
        book = read_workbook(path, name, set(known_tables()), findings)
    except Unreadable as error:
        source.lost = dict.fromkeys(TABLES, name)
        findings.unreadable(name, error)
        return source
    _take_sheets(source, book, name, findings)
    return source


def _beside(path: Path) -> tuple[Path, Path | None]:
    """The settings and the rates of a workbook: ``<stem>.toml`` or ``round.toml``, and ``rates.toml``."""
    own = path.with_suffix(".toml")
    rates = path.with_name(RATES)
    return own if os.path.lexists(own) else path.with_name(SETTINGS), rates if os.path.lexists(
        rates
    ) else None


def insist_on_workbook(path: Path) -> None:
    """Raise ``Unreadable`` for a file that is no packed workbook."""
    start = files.read_bytes(path)[:4096]
    if not start.startswith(files.ZIP):
        what = files.what_it_is(start) or ("an empty file" if not start else "text or something else")
        raise Unreadable(f"this is {what}, not an Excel workbook (.xlsx)")


def _take_sheets(source: Source, book: Workbook, name: str, findings: Findings) -> None:
    for sheet, hidden in book.sheets:
        table = known_tables().get(plain(sheet))
        place = f"{name}, sheet {sheet}"
        if table is None:
            near = nearest(sheet, TABLES)
            findings.warn(place, "not a table of the round, ignored", nearest=near)
        elif table in source.grids:
            findings.error(place, f"a second sheet for the table {table}: keep one")
        else:
            source.grids[table] = book.grids[sheet]
            _report_sheet(sheet, table, place, hidden, findings)


def _report_sheet(sheet: str, table: str, place: str, hidden: bool, findings: Findings) -> None:
    if sheet != table:
        findings.warn(place, f"read as the table {table}")
    if hidden:
        findings.warn(place, "the sheet is hidden, and read all the same")


def unread(source: Source, label: str) -> Iterator[tuple[str, str]]:
    """Required tables that are not there, with what messages call the place where they should be."""
    for table, row in TABLES.items():
        if row.needed and table not in source.grids and table not in source.lost:
            yield table, source.missing_file(table, label)
