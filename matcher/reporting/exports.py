"""The CSV files of a result as bytes: UTF-8, line ends as on Unix, text cells that no spreadsheet takes for formulas.

Equal results give equal bytes. A result without an allocation gives files that have a header and no rows, so that
an earlier run's rows are never taken for this one's.
"""

from __future__ import annotations

import hashlib
import io
from typing import TYPE_CHECKING

import pandas as pd

from matcher.reporting import frames
from matcher.spreadsheets import write_csv

if TYPE_CHECKING:
    from matcher.result import Result


def csv_files(result: Result) -> dict[str, bytes]:
    """Return the contract's three CSV files, name to content."""
    return {
        "placements.csv": as_csv(result.placements),
        "escorts.csv": as_csv(result.escorts),
        "unplaced.csv": as_csv(frames.unplaced(result)),
    }


def digests(result: Result) -> dict[str, str]:
    """Return the SHA-256 of each of them."""
    return {name: hashlib.sha256(content).hexdigest() for name, content in csv_files(result).items()}


def as_csv(frame: pd.DataFrame) -> bytes:
    """Return a frame as the bytes of a CSV file; dates in ISO form, what is missing as a blank."""
    stream = io.StringIO(newline="")
    columns = [
        [None if cell is pd.NaT or cell != cell else cell for cell in frame[name].tolist()] for name in frame
    ]
    write_csv(stream, list(frame.columns), zip(*columns, strict=True))
    return stream.getvalue().encode("utf-8")
