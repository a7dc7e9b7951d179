"""A table's rows as the store keeps them: the CSV that the engine writes, compressed."""

from __future__ import annotations

import csv
import hashlib
import io
import zlib
from collections.abc import Iterator
from typing import Final, NamedTuple

from matcher.intake import write_table
from models.round import Table
from models.tables import TABLES

LEVEL: Final = 6
"""How hard to compress."""


class Packed(NamedTuple):
    """Rows to be stored: how many, the SHA-256 of their CSV, the CSV compressed."""

    rows: int
    digest: str
    content: bytes


def pack_table(table: Table) -> Packed:
    """A table's rows."""
    stream = io.StringIO()
    write_table(stream, table)
    return pack_text(stream.getvalue(), len(table))


def pack_text(text: str, rows: int) -> Packed:
    """The text of a CSV file that the engine has written."""
    data = text.encode()
    return Packed(rows, hashlib.sha256(data).hexdigest(), zlib.compress(data, LEVEL))


def unpack_text(content: bytes) -> str:
    """The CSV."""
    return zlib.decompress(content).decode()


def empty(table: str) -> Packed:
    """A table without rows."""
    return pack_table(Table.empty(TABLES[table]))


def records(content: bytes) -> Iterator[list[str]]:
    """The headings and then the cells of each row, as they stand in the CSV."""
    return csv.reader(io.StringIO(unpack_text(content), newline=""))
