"""What a run gives back: an audited allocation with its proof, as tables, as a report, as answers to why not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from matcher.auditing import Audit
from matcher.barring import Barred
from matcher.options import Options
from models.outcome import GoalValue, Outcome, Status
from models.problem import Problem
from models.round import Round

if TYPE_CHECKING:
    from matcher.explaining.ways import Ways


@dataclass(frozen=True)
class Result:
    """A round's outcome.

    ``audit`` is None when there is no allocation. ``seconds`` are by phase, ``cpu_seconds`` those of the
    processor; solving's own phases are in ``outcome.seconds``.
    """

    round: Round
    options: Options
    barred: Barred
    problem: Problem
    outcome: Outcome
    audit: Audit | None
    seed: int = 0
    seconds: Mapping[str, float] = field(default_factory=dict)
    cpu_seconds: Mapping[str, float] = field(default_factory=dict)

    @property
    def status(self) -> Status:
        """What is known of the allocation."""
        return self.outcome.status

    @property
    def goals(self) -> tuple[GoalValue, ...]:
        """The goals in policy order: value, bound, proven."""
        return self.outcome.goals

    @cached_property
    def placements(self) -> pd.DataFrame:
        """The rows of ``placements.csv``."""
        from matcher.reporting.frames import placements

        return placements(self)

    @cached_property
    def escorts(self) -> pd.DataFrame:
        """The rows of ``escorts.csv``."""
        from matcher.reporting.frames import escorts

        return escorts(self)

    @cached_property
    def unplaced(self) -> pd.DataFrame:
        """The rows of ``unplaced.csv``: who is left out, why, and what would help."""
        from matcher.explaining import unplaced

        return unplaced(self)

    @cached_property
    def conflict(self) -> tuple[str, ...]:
        """For an infeasible round: a smallest set of rules that conflict, a sentence each with people and
        amounts.
        """
        from matcher.explaining import conflict

        return conflict(self)

    @cached_property
    def ways_out(self) -> Ways:
        """For an infeasible round: the cheapest sets of changes with which it has an allocation, priced and proven."""
        from matcher.explaining.ways import ways_out

        return ways_out(self)

    @cached_property
    def report(self) -> dict[str, Any]:
        """The content of ``report.json``."""
        from matcher.reporting.summary import summary

        return summary(self)

    @cached_property
    def files(self) -> Mapping[str, bytes]:
        """The contract's CSV files, name to content."""
        from matcher.reporting.exports import csv_files

        return csv_files(self)

    def why_not(self, learner: str, company: str | None = None) -> str:
        """Why a learner is not placed (at a company): by which rules, with the datum, or what it would cost
        others.
        """
        from matcher.explaining import why_not

        return why_not(self, learner, company)

    def save(self, folder: str | Path) -> None:
        """Write the contract's files into a folder, whole or not at all. The page takes in what studies of this very
        allocation lie there.
        """
        from matcher.folders import studies_in
        from matcher.reporting import save

        save(self, Path(folder), studies_in(Path(folder), self))
