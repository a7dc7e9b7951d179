"""What a result looks like outside: the contract's five files, for other programs and for people."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from matcher.disk import writing
from matcher.reporting.page import page
from matcher.reporting.saving import needed, write_all

if TYPE_CHECKING:
    from matcher.reporting.studies import Studies
    from matcher.result import Result

__all__ = ["save"]


def save(result: Result, folder: Path, studies: Studies | None = None) -> None:
    """Write the contract's five files into a folder, whole or not at all; the page takes in ``studies``.

    The folder is made if it is missing; files of other names in it stay. A result without an allocation writes
    the CSV files with their headers only. Raises ``OSError`` with the folder as it was, and says what to do.
    """
    report = (json.dumps(result.report, indent=1, ensure_ascii=False) + "\n").encode("utf-8")
    html = page(result, studies).encode("utf-8")
    files = {**result.files, "report.html": html, "report.json": report}
    with writing(folder, "the results", needed(folder, files)):
        write_all(folder, files)
