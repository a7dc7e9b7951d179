"""The answer's files: for programs, for spreadsheets, for people."""

from __future__ import annotations

import json
from pathlib import Path

from matcher.disk import writing
from matcher.reporting.exports import as_csv
from matcher.reporting.saving import needed, write_all
from matcher.shortages.answer import Answer
from matcher.shortages.page import page


def files(answer: Answer) -> dict[str, bytes]:
    """``shortages.json``, the two tables and the page, name to content."""
    text = json.dumps(answer.as_dict(), indent=1, ensure_ascii=False) + "\n"
    return {
        "shortages.csv": as_csv(answer.shortages_frame()),
        "prices.csv": as_csv(answer.prices_frame()),
        "shortages.html": page(answer).encode("utf-8"),
        "shortages.json": text.encode("utf-8"),
    }


def save(answer: Answer, folder: Path) -> None:
    """Write the files into a folder, whole or not at all. Raises ``OSError`` with the folder as it was."""
    content = files(answer)
    with writing(folder, "the shortages", needed(folder, content)):
        write_all(folder, content)
