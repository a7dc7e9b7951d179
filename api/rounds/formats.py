"""The formats in which tables come and go."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

CSV: Final = "text/csv"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
JSON: Final = "application/json"

ENDINGS: Final = {CSV: ".csv", XLSX: ".xlsx", JSON: ".json"}
"""How files of each format end."""


class Format(StrEnum):
    """What a table is read as."""

    JSON = "json"
    """A page of rows."""
    CSV = "csv"
    """The whole table, as the engine writes it."""
    XLSX = "xlsx"
    """The whole table as a workbook."""
