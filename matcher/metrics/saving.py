"""The files of a judgement: every table as CSV, everything as JSON, and a page for people."""

from __future__ import annotations

import json
from pathlib import Path

from matcher.disk import writing
from matcher.metrics.judging import Judgement
from matcher.metrics.page import Content, page
from matcher.reporting.saving import needed, write_all


def save(found: Judgement, folder: Path, name: str) -> None:
    """Write a CSV file per table, ``metrics.html`` and ``metrics.json``, whole or not at all; ``name`` is the round's.

    Raises ``OSError`` with the folder as it was.
    """
    content = json.dumps(found.as_dict(), indent=1, ensure_ascii=False) + "\n"
    files = {
        f"{table}.csv": frame.to_csv(index=False, lineterminator="\n").encode("utf-8")
        for table, frame in found.frames.items()
    }
    files["metrics.html"] = page(Content.model_validate_json(content), name).encode("utf-8")
    files["metrics.json"] = content.encode("utf-8")
    with writing(folder, "the tables", needed(folder, files)):
        write_all(folder, files)
