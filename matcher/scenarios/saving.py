"""Writes a comparison or a frontier into a folder: JSON, CSV and a page, all of them or none."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from matcher.disk import writing
from matcher.reporting.exports import as_csv
from matcher.reporting.saving import needed, write_all
from matcher.scenarios import plot, sheet
from matcher.scenarios.lines import Comparison
from matcher.scenarios.points import Frontier


def save_comparison(comparison: Comparison, folder: Path) -> None:
    """Write ``scenarios.json``, ``scenarios.csv`` and ``scenarios.html``."""
    files = {
        "scenarios.json": _json(comparison.as_dict()),
        "scenarios.csv": as_csv(comparison.as_frame()),
        "scenarios.html": sheet.page(comparison).encode("utf-8"),
    }
    _write(folder, files)


def save_frontier(found: Frontier, folder: Path, *, keep: bool = False) -> None:
    """Write ``frontier.json``, ``frontier.csv``, ``frontier.html``; with ``keep`` the placements of each point too."""
    files = {
        "frontier.json": _json(found.as_dict()),
        "frontier.csv": as_csv(found.as_frame()),
        "frontier.html": plot.page(found).encode("utf-8"),
    }
    for point in found.points if keep else ():
        frame = pd.DataFrame(list(point.places), columns=["learner_id", "offer_id", "flow_id"])
        files[f"placements-{point.number:02}.csv"] = as_csv(frame)
    _write(folder, files)


def _json(content: Mapping[str, Any]) -> bytes:
    return (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode("utf-8")


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    with writing(folder, "the results", needed(folder, files)):
        write_all(folder, files)
