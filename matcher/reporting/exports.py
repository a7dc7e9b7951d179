"""The CSV files of a result as bytes: UTF-8, line ends as on Unix, text cells that no spreadsheet takes for formulas.

Equal results give equal bytes. A result without an allocation gives files that have a header and no rows, so that
an earlier run's rows are never taken for this one's.
"""

from __future__ import annotations

import csv
import hashlib
import io
from typing import TYPE_CHECKING

import pandas as pd

from matcher.reporting import frames
from matcher.spreadsheets import safe_cells

if TYPE_CHECKING:
    from matcher.result import Result


def csv_files(result: Result) -> dict[str, bytes]:
    """Return the contract's three CSV files, name to content; ``result.files`` keeps them."""
    return {
        "placements.csv": as_csv(result.placements),
        "escorts.csv": as_csv(result.escorts),
        "unplaced.csv": as_csv(frames.unplaced(result)),
    }


def digests(result: Result) -> dict[str, str]:
    """Return the SHA-256 of each of them."""
    return {name: hashlib.sha256(content).hexdigest() for name, content in result.files.items()}


def as_csv(frame: pd.DataFrame) -> bytes:
    """Return a frame as the bytes of a CSV file; dates in ISO form, what is missing as a blank."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(safe_cells(frame.columns))
    writer.writerows(zip(*(safe_cells(frame[name].tolist()) for name in frame), strict=True))
    return stream.getvalue().encode("utf-8")
