"""Reads a workbook in a process of its own, with little memory and time, and prints its tables as lines of
JSON.

Run as a script, by its path, so that nothing of the project is imported: ``workbook_child.py FILE`` with
the limits and the wanted sheets as JSON on standard input. Prints ``{"error": …}``, or ``{"sheets": […]}``
and then for each wanted sheet ``{"sheet": name, "merged": …, "formulas": …, "spoilt": …}`` followed by one
array of texts per row.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import resource
import sys
import xml.etree.ElementTree as ET
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from typing import Any

from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

_CELL = re.compile(rb"<(?:\w+:)?c\b([^>]*?)(?:/>|>(.*?)</(?:\w+:)?c>)", re.DOTALL)
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s>/]")
_STORED = re.compile(rb"<(?:\w+:)?(?:v|t)(?:\s[^>]*)?>[^<]")
_REFERENCE = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')
_ERROR_TYPE = re.compile(rb'\bt="e"')
_ERROR_VALUE = re.compile(rb"<(?:\w+:)?v>([^<]{1,20})<")
_LONG_COLUMN = re.compile(rb'r="[A-Z]{3}')
_LONG_ROW = re.compile(rb'r="[A-Z]{1,3}[0-9]{8}')
_FAR_RIGHT = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="[A-Z]{3,}\d+"[^>]*[^/>]>')
_FAR_DOWN = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="[A-Z]+\d{8,}"[^>]*[^/>]>')
_CHUNK = 1 << 20
_LOCAL_HEADER = 30


class Refused(Exception):
    """Why the workbook is not read, in words for the person who made it."""


def main() -> int:
    """Read the workbook named on the command line."""
    order = json.load(sys.stdin)
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]  # a text file, as always in a script
    for what, limit in ((resource.RLIMIT_AS, order["memory"]), (resource.RLIMIT_CPU, order["seconds"])):
        resource.setrlimit(what, (limit, limit))
    try:
        for line in read(sys.argv[1], order):
            sys.stdout.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")
    except Refused as refusal:
        sys.stdout.write("\n" + json.dumps({"error": str(refusal)}) + "\n")
    sys.stdout.flush()
    return 0


def read(path: str, order: dict[str, Any]) -> Iterator[object]:
    """The lines to print."""
    check_package(path, order)
    book = CalamineWorkbook.from_path(path)
    sheets = [sheet for sheet in book.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
    hidden = [sheet.visible != SheetVisibleEnum.Visible for sheet in sheets]
    yield {"sheets": [[sheet.name, hide] for sheet, hide in zip(sheets, hidden, strict=True)]}
    parts = sheet_parts(path)
    budget = order["text"]
    for sheet in sheets:
        if plain(sheet.name) in order["wanted"]:
            yield {"sheet": sheet.name, **remarks(path, parts.get(sheet.name), order)}
            cells = order["cells"]
            for row in table(book, sheet.name, order):
                budget -= sum(map(len, row))
                cells -= len(row)
                if cells < 0:
                    found = f"sheet {sheet.name} has more than {order['cells']:,} cells"
                    raise Refused(f"{found}, which is the limit")
                if budget < 0:
                    raise Refused(
                        f"the tables hold more than {order['text']:,} characters, which is the limit"
                    )
                yield row


def plain(name: str) -> str:
    """A sheet's name without case, blanks and signs."""
    return "".join(char for char in name.casefold() if char.isalnum())


def table(book: CalamineWorkbook, name: str, order: dict[str, Any]) -> Iterator[list[str]]:
    """The rows of a sheet from spreadsheet row 1 on; each ends with its last value."""
    sheet = book.get_sheet_by_name(name)
    last_row, last_column = sheet.end or (-1, -1)
    if last_column >= order["columns"]:
        raise Refused(f"sheet {name} has {last_column + 1:,} columns; the limit is {order['columns']}")
    if last_row >= order["rows"]:
        raise Refused(f"sheet {name} has {last_row + 1:,} rows; the limit is {order['rows']:,}")
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        row = [text_of(cell) for cell in cells]
        while row and not row[-1]:
            row.pop()
        longest = max(map(len, row), default=0)
        if longest > order["characters"]:
            found = f"sheet {name}, row {number}: a cell of {longest:,} characters"
            raise Refused(f"{found}; the limit is {order['characters']:,}")
        yield row


def text_of(cell: object) -> str:
    """A cell as it would be written in a CSV file: dates as ISO dates, whole numbers without a decimal
    point.
    """
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat() if cell.time() == dt.time() else cell.isoformat(" ", "seconds")
    return str(cell)


def check_package(path: str, order: dict[str, Any]) -> None:
    """Refuse a package whose parts unpack to more than the limit, whatever its directory says."""
    try:
        with zipfile.ZipFile(path) as package:
            parts = package.infolist()
    except zipfile.BadZipFile as error:
        raise Refused("the workbook is damaged: its packing cannot be read") from error
    if len(parts) > order["parts"]:
        raise Refused(f"{len(parts):,} parts are packed in the workbook; the limit is {order['parts']:,}")
    if "xl/workbook.xml" not in {part.filename for part in parts}:
        raise Refused("this is a packed file but not an Excel workbook (.xlsx)")
    if any(part.flag_bits & 1 for part in parts):
        raise Refused("the workbook is protected by a password")
    limit = order["unpacked"]
    if sum(part.file_size for part in parts) > limit or measure(path, parts, limit) > limit:
        raise Refused(f"the workbook unpacks to more than {limit:,} bytes, which is the limit (a zip bomb?)")


def measure(path: str, parts: Iterable[zipfile.ZipInfo], limit: int) -> int:
    """The bytes that the parts really unpack to; counting stops above the limit."""
    total = 0
    with open(path, "rb") as stream:  # noqa: PTH123 - a path from the command line, used once
        for part in parts:
            for size in unpacked_sizes(stream, part):
                total += size
                if total > limit:
                    return total
    return total


def unpacked_sizes(stream: Any, part: zipfile.ZipInfo) -> Iterator[int]:
    """The sizes of a part's unpacked pieces, at most a megabyte each."""
    if part.compress_type == zipfile.ZIP_STORED:
        yield part.compress_size
        return
    if part.compress_type != zipfile.ZIP_DEFLATED:
        raise Refused("the workbook is packed in a way that Excel does not use")
    stream.seek(part.header_offset)
    header = stream.read(_LOCAL_HEADER)
    if len(header) < _LOCAL_HEADER:
        raise Refused("the workbook is damaged: its packing cannot be read")
    skip = int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little")
    stream.seek(part.header_offset + _LOCAL_HEADER + skip)
    yield from inflated_sizes(stream)


def inflated_sizes(stream: Any) -> Iterator[int]:
    """The sizes of the pieces of one deflated stream, up to its end."""
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        while not inflater.eof:
            packed = inflater.unconsumed_tail or stream.read(_CHUNK)
            if not packed:
                raise Refused("the workbook is damaged: a part ends too early")
            yield len(inflater.decompress(packed, _CHUNK))
    except zlib.error as error:
        raise Refused("the workbook is damaged: a part cannot be unpacked") from error


def sheet_parts(path: str) -> dict[str, str]:
    """The part of the package that holds each sheet, by the sheet's name."""
    with zipfile.ZipFile(path) as package:
        names = set(package.namelist())
        relations = "xl/_rels/workbook.xml.rels"
        book = parsed(package.read("xl/workbook.xml"))
        targets = {
            entry.get("Id"): entry.get("Target", "")
            for entry in (parsed(package.read(relations)) if relations in names else ())
        }
    parts = {}
    for sheet in book.iter():
        if sheet.tag.endswith("}sheet"):
            key = next((value for name, value in sheet.items() if name.endswith("}id")), None)
            parts[sheet.get("name", "")] = part_name(targets.get(key, ""))
    return {name: part for name, part in parts.items() if part in names}


def parsed(xml: bytes) -> ET.Element:
    """A small XML part; no workbook declares entities, so one that does is refused."""
    if b"<!" in xml.replace(b"<!--", b""):
        raise Refused("the workbook declares its own XML entities, which Excel never does")
    try:
        return ET.fromstring(xml)  # noqa: S314 - no declarations, and this process has little memory and time
    except ET.ParseError as error:
        raise Refused("the workbook is damaged: its list of sheets cannot be read") from error


def part_name(target: str) -> str:
    """A relation's target as a part's name: relative to ``xl/`` unless it begins with a slash."""
    return target[1:] if target.startswith("/") else f"xl/{target}"


def remarks(path: str, part: str | None, order: dict[str, Any]) -> dict[str, object]:
    """Merged ranges, formulas and cells without a value, by row and column counted from 0."""
    if part is None:
        return {"formulas": [], "spoilt": [], "merged": []}
    with zipfile.ZipFile(path) as package:
        xml = package.read(part)
    if b"<!" in xml:
        raise Refused("a sheet holds XML comments or declarations, which no spreadsheet program writes")
    if _LONG_COLUMN.search(xml) and _FAR_RIGHT.search(xml):
        raise Refused(f"a sheet has values beyond column ZZ; the limit is {order['columns']} columns")
    if _LONG_ROW.search(xml) and _FAR_DOWN.search(xml):
        raise Refused(f"a sheet has values beyond row 9,999,999; the limit is {order['rows']:,} rows")
    odd = b"<f" in xml or b":f" in xml or b't="e"' in xml
    formulas, spoilt = marked_cells(xml) if odd else ([], [])
    return {"formulas": formulas, "spoilt": spoilt, "merged": merged_ranges(xml)}


def marked_cells(xml: bytes) -> tuple[list[list[int]], list[list[object]]]:
    """Where formulas stand, and which cells have no value: a formula never calculated, or an error."""
    formulas: list[list[int]] = []
    spoilt: list[list[object]] = []
    for found in _CELL.finditer(xml):
        attributes, inner = found.group(1), found.group(2) or b""
        at = _REFERENCE.search(attributes)
        if at is None:
            continue
        cell = position(at)
        if _ERROR_TYPE.search(attributes):
            value = _ERROR_VALUE.search(inner)
            spoilt.append([*cell, value.group(1).decode("ascii", "replace") if value else "error"])
        elif _FORMULA.search(inner):
            formulas.append(cell)
            if not _STORED.search(inner):
                spoilt.append([*cell, ""])
    return formulas, spoilt


def merged_ranges(xml: bytes) -> list[list[int]]:
    """First and last row, first and last column of every merged range."""
    if b"mergeCell" not in xml:
        return []
    found = re.finditer(
        rb'<(?:\w+:)?mergeCell\b[^>]*\bref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"', xml
    )
    return [[int(one[2]) - 1, int(one[4]) - 1, column_number(one[1]), column_number(one[3])] for one in found]


def position(at: re.Match[bytes]) -> list[int]:
    """Row and column, counted from 0, of a reference like ``B3``."""
    return [int(at[2]) - 1, column_number(at[1])]


def column_number(name: bytes) -> int:
    """``A`` → 0, ``AA`` → 26."""
    number = 0
    for letter in name:
        number = number * 26 + letter - ord("A") + 1
    return number - 1


if __name__ == "__main__":
    sys.exit(main())
