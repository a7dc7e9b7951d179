"""A repair from beginning to end: what happened → the round now → alternatives → one of them as an audited result."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import pandas as pd

from matcher.disk import writing
from matcher.folders import studies_in
from matcher.repairing import writing as parts
from matcher.repairing.alternatives import Frontier, Search
from matcher.repairing.dropping import Assumptions, Forecast, forecast
from matcher.repairing.happening import Happened
from matcher.repairing.keeping import Upset
from matcher.repairing.reserves import Reserves, reserves
from matcher.repairing.telling import Change, changes
from matcher.reporting.page import page
from matcher.reporting.saving import needed, write_all
from matcher.reporting.summary import report
from matcher.result import Result
from models.outcome import Outcome, Placement, Status
from models.round import Round
from solvers.interface import Cancel, Limits, never

MOST_CHANGES = 2
"""Alternatives are asked for up to so many changes: each takes a solve of the whole round."""


@dataclass(frozen=True)
class Repair:
    """What can be done after something happened, and the alternative that is taken.

    ``seconds`` are by the clock: ``round`` up to the question, ``recommended`` for its alternative, audited.
    """

    search: Search
    frontier: Frontier
    number: int
    assumptions: Assumptions | None
    seed: int = 0
    seconds: Mapping[str, float] = field(default_factory=dict)

    @property
    def upset(self) -> Upset:
        """The round now, and who can stay."""
        return self.frontier.upset

    @cached_property
    def result(self) -> Result:
        """The chosen alternative as a result; without any alternative one that says so."""
        upset, frontier = self.upset, self.frontier
        if not frontier.alternatives:
            status = Status.INFEASIBLE if frontier.impossible else Status.NO_SOLUTION
            nothing = Outcome(status, None, (), "exact")
            return Result(upset.rnd, upset.options, upset.barred, upset.problem, nothing, None, self.seed)
        one = frontier.alternatives[self.number]
        outcome = frontier.outcome(self.number)
        return Result(
            upset.rnd, upset.options, upset.barred, upset.problem, outcome, one.audit, self.seed, self.seconds
        )

    @cached_property
    def changes(self) -> tuple[Change, ...]:
        """Everybody whose place the chosen alternative changes, and why."""
        frontier = self.frontier
        return changes(self.search, frontier.alternatives[self.number]) if frontier.alternatives else ()

    @cached_property
    def reserves(self) -> Reserves | None:
        """Who could step in for whom; None: not asked for, or there is no allocation."""
        if self.assumptions is None or not self.frontier.alternatives:
            return None
        return reserves(self.upset, self.frontier.alternatives[self.number].chosen)

    @cached_property
    def forecast(self) -> Forecast | None:
        """What drop-outs are to be expected; None: not asked for, or there is no allocation."""
        if self.assumptions is None or self.result.audit is None:
            return None
        return forecast(self.upset.rnd, self.result.audit.placed, self.assumptions)

    @cached_property
    def report(self) -> Mapping[str, object]:
        """The content of ``report.json``: of any result, and the key ``repair``."""
        found = report(self.result)
        files = {**found.files, **parts.digests(self.files)}
        return found.model_copy(update={"repair": parts.lines(self), "files": files}).model_dump(mode="json")

    @cached_property
    def files(self) -> Mapping[str, bytes]:
        """The CSV files that a repair has beside those of its result, name to content."""
        return parts.csv_files(self)

    def save(self, folder: str | Path) -> None:
        """Write the contract's files of the chosen alternative and those of the repair, whole or not at all."""
        place = Path(folder)
        text = (json.dumps(self.report, indent=1, ensure_ascii=False) + "\n").encode("utf-8")
        html = page(self.result, studies_in(place, self.result), self.report).encode("utf-8")
        files = {**self.result.files, **self.files, "report.html": html, "report.json": text}
        with writing(place, "the results", needed(place, files)):
            write_all(place, files)


def repair(  # noqa: PLR0913 - options, by keyword
    rnd: Round,
    placements: Iterable[Placement] | pd.DataFrame,
    happened: Happened,
    *,
    changes: int = 0,
    most_changes: int = MOST_CHANGES,
    ideal: bool = False,
    assumptions: Assumptions | None = Assumptions(),  # noqa: B008 - frozen
    time_limit: float | None = None,
    seed: int = 0,
    cancel: Cancel | None = None,
) -> Repair:
    """Repair an allocation of a round after something happened: fewest changed places first, then the policy's goals.

    Parameters
    ----------
    placements
        The allocation as it was; a frame has the columns ``learner_id``, ``offer_id`` and ``flow_id``.
    changes, most_changes, ideal
        Which alternative to take: the best with up to so many changes. Alternatives are asked for up to
        ``most_changes``, and with ``ideal`` for any number (which proves whether more changes buy anything).
    assumptions
        Of drop-outs still to come (None: nothing is simulated, no reserves are sought).
    time_limit
        Seconds for each alternative (None: until proven).
    cancel
        Asked whether to stop: then what is known so far is handed out.

    Raises
    ------
    UnknownName, InputErrors
        For what happened to somebody who is not there, and for placements that cannot be read as such.
    AuditFailed
        When a solver's answer breaks a rule: our fault, and never handed out.
    """
    began = time.monotonic()
    if isinstance(placements, pd.DataFrame):
        columns = (placements[name].tolist() for name in ("learner_id", "offer_id", "flow_id"))
        placements = list(map(Placement, *columns))
    upset = Upset.of(rnd, placements, happened)
    search = Search(upset, Limits(seconds=time_limit, seed=seed), cancel or never)
    ready = time.monotonic() - began
    frontier = search.frontier(max(changes, most_changes), ideal=ideal)
    number = max((n for n, one in enumerate(frontier.alternatives) if one.changes <= changes), default=0)
    seconds = {"round": ready, **frontier.seconds}
    return Repair(search, frontier, number, assumptions, seed, seconds)
