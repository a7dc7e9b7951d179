"""Studies that lie in a run's folder as sections of its report, in a fixed order, drawn from their own JSON files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, Final, NamedTuple

from matcher import allocations
from matcher.disk import writing
from matcher.folders import words
from matcher.folders.run import Run
from matcher.reporting.facts import Told
from matcher.reporting.page import page
from matcher.reporting.saving import needed, write_all
from matcher.reporting.studies import Section, Studies
from models.outcome import Placement


class Kind(NamedTuple):
    """A kind of study: the module that makes a section of its content (by ``section_from``), and what to say where the
    content is of another allocation (None: it is of the round, whatever the allocation).
    """

    module: str
    otherwise: str | None

    def section(self, content: Mapping[str, Any], report: Mapping[str, Any]) -> Section:
        """The section; the module is loaded now, as most folders hold no study."""
        goals = {goal["name"]: goal["value"] for goal in report["goals"]}
        found: Section = import_module(self.module).section_from(content, goals)
        return found


FILES: Final[Mapping[str, Kind]] = {
    "shortages.json": Kind("matcher.shortages.page", words.OTHER_ALLOCATION),
    "scenarios.json": Kind("matcher.scenarios.sheet", None),
    "frontier.json": Kind("matcher.scenarios.plot", None),
    "metrics.json": Kind("matcher.metrics.page", words.NO_ALLOCATION),
}
"""The files, in the order of their sections."""


def studies_in(folder: Path, told: Told) -> Studies:
    """What the folder holds of studies of this run, and of those that are not of it, why not."""
    sections, refused, allocation = [], [], ""
    for name, kind in FILES.items():
        if not (folder / name).is_file():
            continue
        try:
            content = json.loads((folder / name).read_text("utf-8"))
            allocation = allocation or _allocation(told)
            why = _refusal(content, kind, told.report["input_digest"], allocation)
            if why is None:
                sections.append(kind.section(content, told.report))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            why = words.UNREADABLE  # anybody may have written it, so that anything may be missing
        if why is not None:
            refused.append(words.refused(name, why))
    return Studies(tuple(sections), tuple(refused))


def rebuild(run: Run) -> tuple[str, ...]:
    """Write the folder's ``report.html`` anew. Returns why files were not taken in, a sentence for each.

    Raises ``OSError`` with the folder as it was.
    """
    studies = studies_in(run.folder, run)
    files = {"report.html": page(run, studies).encode("utf-8")}
    with writing(run.folder, "the report", needed(run.folder, files)):
        write_all(run.folder, files)
    return studies.refused


def _refusal(content: Mapping[str, Any], kind: Kind, digest: str, allocation: str) -> str | None:
    """Why a study cannot stand in the report; None: it can."""
    if not content.get("input_digest"):
        return words.NO_BASIS
    if content["input_digest"] != digest:
        return words.OTHER_ROUND
    other = kind.otherwise is not None and content.get("allocation_digest") != allocation
    return kind.otherwise if other else None


def _allocation(told: Told) -> str:
    frame = told.placements
    return allocations.digest_of(
        map(Placement, *(frame[name].tolist() for name in ("learner_id", "offer_id", "flow_id")))
    )
