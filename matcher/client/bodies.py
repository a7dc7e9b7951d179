"""What is sent: data frames, files and bytes as bodies that can be sent again and tell how far they are."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from os import PathLike
from pathlib import Path
from typing import Any, BinaryIO, Final

import pandas as pd

from matcher.client.progress import Advance
from matcher.spreadsheets import write_csv

CSV: Final = "text/csv"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
JSON: Final = "application/json"
TYPES: Final = {".csv": CSV, ".tsv": CSV, ".txt": CSV, ".xlsx": XLSX, ".xlsm": XLSX, ".json": JSON}
"""Content types by the end of a file's name."""

CHUNK: Final = 1 << 18
"""Bytes that are sent between two words about progress."""

Sendable = pd.DataFrame | str | PathLike[str] | bytes
"""A table to send: a data frame, the path of a CSV, XLSX or JSON file, or bytes (CSV, or an XLSX workbook)."""


@dataclass(frozen=True)
class Body:
    """Bytes to send: where they come from (opened again for each try), how many, and of which type."""

    opened: Callable[[], BinaryIO]
    size: int
    media_type: str

    def chunks(self, advance: Advance) -> Iterator[bytes]:
        """The bytes, piece by piece; ``advance`` is told how many have gone out of how many."""
        sent = 0
        advance(sent, self.size)
        with self.opened() as stream:
            while piece := stream.read(CHUNK):
                yield piece
                sent += len(piece)
                advance(sent, self.size)


def body_of(table: Sendable) -> Body:
    """The body of a table. Raises ``ValueError`` for a file whose name does not say CSV, XLSX or JSON."""
    if isinstance(table, pd.DataFrame):
        return of_bytes(csv_of(table), CSV)
    if isinstance(table, bytes):
        return of_bytes(table, XLSX if table.startswith(b"PK\x03\x04") else CSV)
    path = Path(table)
    media_type = TYPES.get(path.suffix.lower())
    if media_type is None:
        raise ValueError(f"{path.name}: a table is a .csv, .xlsx or .json file, a data frame, or bytes")
    return Body(lambda: path.open("rb"), path.stat().st_size, media_type)


def of_bytes(content: bytes, media_type: str) -> Body:
    """A body of bytes."""
    return Body(lambda: io.BytesIO(content), len(content), media_type)


def csv_of(frame: pd.DataFrame) -> bytes:
    """A data frame as the contract's CSV: lists joined by ``;``, yes and no spelt out, blanks for what is absent."""
    stream = io.StringIO(newline="")
    columns = [_cells(frame.iloc[:, place]) for place in range(frame.shape[1])]
    write_csv(stream, map(str, frame.columns), zip(*columns, strict=True))
    return stream.getvalue().encode()


def _cells(column: pd.Series[Any]) -> list[object]:
    """The cells of a column as the contract spells them.

    Whole numbers with gaps are plain floats to pandas; they are whole again here, where every one of them is.
    """
    cells: list[Any] = column.tolist()
    if column.dtype == "float64" and all(cell.is_integer() for cell in cells if cell == cell):
        return [int(cell) if cell == cell else None for cell in cells]
    return [_cell(cell) for cell in cells]


def _cell(value: object) -> object:
    """A cell as the contract spells it; None where pandas has one of its words for absent."""
    match value:
        case bool():
            return "yes" if value else "no"
        case str():
            return value
        case list() | tuple() | set() | frozenset():
            return ";".join(map(str, sorted(value) if isinstance(value, set | frozenset) else value))
        case _ if pd.isna(value):  # type: ignore[call-overload]  # a cell is a scalar here
            return None
        case datetime():
            return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat()
        case _:
            return value
