"""Runs: asked for, followed, waited for; what came out, as data frames and files."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pandas as pd
from pydantic import TypeAdapter

from matcher.client import frames
from matcher.client.answers import RunEvent, RunInfo
from matcher.client.events import follow
from matcher.client.paging import Listing
from matcher.client.progress import waiting
from matcher.client.refusals import RunFailed
from matcher.client.resource import Resource
from matcher.client.results import (
    ArrivalInfo,
    ChangeInfo,
    Comparison,
    Explanation,
    FileInfo,
    MadeChange,
    OutcomeInfo,
    PlacementInfo,
)

GLANCE: Final = 1.0
"""Longest time, in seconds, between two looks at a run."""

RunLike = str | RunInfo
"""A run, or its id."""


def id_of(run: RunLike) -> str:
    """The id of a run."""
    return run if isinstance(run, str) else run.id


class Runs(Resource):
    """Operations on runs. Coordinators make, change and publish them; analysts measure them."""

    def create(
        self,
        round_id: str,
        name: str = "",
        *,
        policy: Mapping[str, Any] | None = None,
        method: str = "auto",
        time_limit: float | None = None,
        gap: float | None = None,
        seed: int = 0,
    ) -> RunInfo:
        """Queue a run on a round as it was frozen.

        ``policy`` says what the run does differently from the round's own policy, in the words of ``round.toml``.
        ``time_limit`` is in seconds, ``gap`` relative (0.01: one percent). Raises ``Conflict`` for a round that is not
        frozen, ``Wrong`` for what the engine does not know.
        """
        given = {"policy": policy, "time_limit": time_limit, "gap": gap}
        wanted = {"name": name, "method": method, "seed": seed}
        wanted |= {key: value for key, value in given.items() if value is not None}
        return self._connection.read(RunInfo, "create_run", round_id, send=wanted)

    def list(self, round_id: str) -> Listing[RunInfo]:
        """The runs of a round, newest first."""
        return self._listing(RunInfo, "list_runs", round_id)

    def get(self, run: RunLike) -> RunInfo:
        """Where a run stands. Raises ``Missing``."""
        return self._connection.read(RunInfo, "get_run", id_of(run))

    def cancel(self, run: RunLike) -> RunInfo:
        """End a run without a result. Raises ``Conflict`` for one that has ended in another way."""
        return self._connection.read(RunInfo, "cancel_run", id_of(run))

    def study(self, run: RunLike, kind: str, **options: Any) -> RunInfo:
        """Queue a study of a run's allocation: a run of its own, whose files (``files``, ``file``) are the answer.

        ``kind`` and its options are the service's (docs/runs.md): ``study(run, "rematch", drop_outs=["L0042"])``.
        Raises ``Conflict`` for a run without an allocation, ``Wrong`` for options that there are not.
        """
        return self._connection.read(RunInfo, "create_study", id_of(run), send={"kind": kind, **options})

    # --- as it happens ---------------------------------------------------------------------------------------------

    def events(self, run: RunLike, after: int = 0) -> Iterator[RunEvent]:
        """What happens to a run after the event with a number, as it happens, until the run has ended.

        A connection that breaks is taken up where it broke: no event is left out, none comes twice.
        """
        run_id = id_of(run)
        while True:
            for event in follow(self._connection, "run_events", run_id, after=str(after) if after else None):
                after = int(event.id)
                yield RunEvent(number=after, kind=event.event, data=json.loads(event.data))
            if self.get(run_id).has_ended:
                return
            self._connection.patience.sleep(GLANCE)  # the service ended the stream, not the run: it restarts

    def wait(
        self,
        run: RunLike,
        progress: bool | Callable[[RunInfo], object] = True,
        *,
        seconds: float | None = None,
    ) -> RunInfo:
        """The run when it has ended by itself; how far it is goes to a line on stderr, to a function, or nowhere.

        Raises ``RunFailed`` for a run that failed or was cancelled. After ``seconds`` it raises ``TimeoutError``, and
        the run goes on.
        """
        run_id, began = id_of(run), time.monotonic()
        with waiting(progress, f"run {run_id}") as tell:
            found, glances = self.get(run_id), _glances()
            while not found.has_ended:
                tell(found)
                glance = next(glances)
                if seconds is not None and time.monotonic() - began + glance > seconds:
                    raise TimeoutError(f"{found} after {seconds:g} s")
                time.sleep(glance)
                found = self.get(run_id)
        if found.state != "done":
            why = f": {found.failure.kind}: {found.failure.detail}" if found.failure else ""
            raise RunFailed(f"run {run_id} {found.state}{why}", found)
        return found

    # --- what came out ---------------------------------------------------------------------------------------------

    def files(self, run: RunLike) -> Listing[FileInfo]:
        """The files of a run, the same that `matcher solve` writes."""
        return self._whole(FileInfo, "list_files", id_of(run))

    def file(self, run: RunLike, name: str) -> bytes:
        """A file, byte for byte as the engine wrote it: ``placements.csv``, ``report.html`` … Raises ``Missing``."""
        return self._connection.call("get_file", id_of(run), name).content

    def save(self, run: RunLike, folder: str | Path) -> None:
        """Write all files of a run into a folder, which is made where there is none."""
        target = Path(folder)
        target.mkdir(parents=True, exist_ok=True)
        for found in self.files(run):
            (target / found.name).write_bytes(self.file(run, found.name))

    def placements(self, run: RunLike) -> pd.DataFrame:
        """Who is placed where, by learner: ``placements.csv``."""
        return frames.of_csv(self.file(run, "placements.csv"))

    def escorts(self, run: RunLike) -> pd.DataFrame:
        """The parties that escorts accompany: ``escorts.csv``."""
        return frames.of_csv(self.file(run, "escorts.csv"))

    def unplaced(self, run: RunLike) -> pd.DataFrame:
        """Who is left out, why, and what would help: ``unplaced.csv``."""
        return frames.of_csv(self.file(run, "unplaced.csv"))

    def places(self, run: RunLike) -> Listing[PlacementInfo]:
        """Who is placed where, one by one, fetched page by page: for rounds that are too large for one answer."""
        return self._listing(PlacementInfo, "list_placements", id_of(run))

    def report(self, run: RunLike) -> dict[str, Any]:
        """The figures of a run, as in ``report.json``; sentences that name learners are for coordinators only."""
        return self._connection.read(_REPORT, "get_report", id_of(run))

    def workbook(self, run: RunLike) -> bytes:
        """Placements, escorts and who is left out as one XLSX workbook."""
        return self._connection.call("get_workbook", id_of(run)).content

    def explain(self, run: RunLike, learner: str, company: str | None = None) -> Explanation:
        """Where a learner is, or why they have no place and what would help; also why not at a company."""
        query = {"company": company}
        return self._connection.read(Explanation, "explain_learner", id_of(run), learner, query=query)

    def compare(self, a: RunLike, b: RunLike) -> Comparison:
        """Two runs of a round side by side. Raises ``Conflict`` unless both have ended."""
        return self._connection.read(Comparison, "compare_runs", id_of(a), id_of(b))

    # --- changes by hand -------------------------------------------------------------------------------------------

    def pin(self, run: RunLike, learner: str, reason: str, **place: str) -> MadeChange:
        """From now on the learner has a place that agrees with the ids that are given.

        ``place`` names one at least of ``host_id``, ``company_id``, ``offer_id`` and ``flow_id``. It is tried
        out on the run's allocation first. Raises ``Wrong`` with everything that it breaks.
        """
        return self._change(run, "pin", learner, reason, place)

    def forbid(self, run: RunLike, learner: str, reason: str, **place: str) -> MadeChange:
        """From now on the learner has no place that agrees with the ids."""
        return self._change(run, "forbid", learner, reason, place)

    def move(self, run: RunLike, learner: str, reason: str, *, offer_id: str, flow_id: str) -> MadeChange:
        """The learner goes to the offer in the flow, everybody else stays: ``new_run_id`` is the run that says so."""
        return self._change(run, "move", learner, reason, {"offer_id": offer_id, "flow_id": flow_id})

    def _change(
        self, run: RunLike, kind: str, learner: str, reason: str, place: Mapping[str, str]
    ) -> MadeChange:
        wanted = {"kind": kind, "learner_id": learner, "place": dict(place), "reason": reason}
        return self._connection.read(MadeChange, "create_change", id_of(run), send=wanted)

    def changes(self, round_id: str) -> Listing[ChangeInfo]:
        """The changes of a round, newest first; those that were revoked too."""
        return self._listing(ChangeInfo, "list_changes", round_id)

    def revoke_change(self, round_id: str, change: str | ChangeInfo) -> None:
        """Later runs need not keep a change any more. Raises ``Missing``."""
        change_id = change if isinstance(change, str) else change.id
        self._connection.call("revoke_change", round_id, change_id)

    # --- publication -----------------------------------------------------------------------------------------------

    def publish(self, run: RunInfo) -> None:
        """Show a run's result to those whom it concerns. Raises ``Wrong`` where it does not keep what was changed."""
        self._connection.call("publish", run.round_id, send={"run_id": run.id})

    def unpublish(self, round_id: str, reason: str) -> None:
        """Take a publication back; the log keeps the reason. Raises ``Conflict``."""
        self._connection.call("unpublish", round_id, query={"reason": reason})

    def arrivals(self, round_id: str) -> Listing[ArrivalInfo]:
        """For hosts: who comes, by pseudonym. Raises ``Conflict`` before the round is published."""
        return self._listing(ArrivalInfo, "list_arrivals", round_id)

    def outcomes(self, round_id: str) -> Listing[OutcomeInfo]:
        """For senders: what became of their learners, and why. Raises ``Conflict`` before the round is published."""
        return self._listing(OutcomeInfo, "list_outcomes", round_id)


_REPORT: Final = TypeAdapter(dict[str, Any])


def _glances() -> Iterator[float]:
    """Seconds between two looks at a run: a short run is not waited for, a long one is not asked after all the time."""
    glance = 0.05
    while True:
        yield glance
        glance = min(GLANCE, glance * 1.5)
