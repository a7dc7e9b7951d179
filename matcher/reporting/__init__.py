"""What a result looks like outside: the contract's five files, for other programs and for people."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from matcher.reporting.page import page
from matcher.reporting.saving import write_all

if TYPE_CHECKING:
    from matcher.result import Result

__all__ = ["save"]


def save(result: Result, folder: Path) -> None:
    """Write the contract's five files into a folder, whole or not at all.

    The folder is made if it is missing; files of other names in it stay. A result without an allocation writes
    the CSV files with their headers only. Raises ``OSError`` with the folder as it was.
    """
    report = (json.dumps(result.report, indent=1, ensure_ascii=False) + "\n").encode("utf-8")
    html = page(result).encode("utf-8")
    write_all(folder, {**result.files, "report.html": html, "report.json": report})
