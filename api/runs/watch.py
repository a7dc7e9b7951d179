"""One run in a worker's hands: its child started, its lease kept, its progress told, its end written down."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path
from threading import Event
from typing import Any, Final

import structlog
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from api import scratch
from api.rounds.snapshots import unpack_into
from api.runs import leases
from api.runs.children import Child
from api.runs.leases import Ending, Lease
from api.runs.states import FailureKind
from api.settings import Settings
from api.store.engine import Store
from api.store.schema import ResultFile, Snapshot
from api.traces import frames_in, write_fault

log = structlog.get_logger()

LOOK: Final = 0.5
"""Seconds between two looks at whether the run is still the worker's."""

TELL: Final = 1.0
"""Seconds between two reports of progress."""

OVERTIME: Final = 7_200.0
"""Seconds beyond twice its time limit after which a run is given up: reading, reasons and the report take time too."""

ANEW: Final = 0.5
"""Seconds before the database is asked again after it did not answer."""

UNREACHABLE: Final = (OperationalError, InterfaceError)
"""What is raised when the database is away, or busy with somebody else for too long: later it will answer."""


class Watch:
    """Carries out one run. ``leaving`` is set when the worker has to stop."""

    def __init__(self, store: Store, settings: Settings, lease: Lease, leaving: Event) -> None:
        self.store, self.settings, self.lease, self.leaving = store, settings, lease, leaving
        self.progress: dict[str, Any] = {"phase": "starting", "goals": []}
        self._news = False
        self._looked = self._beaten = self._told = self._began = time.monotonic()
        self._longest = 2 * (lease.request.get("time_limit") or settings.run_seconds) + OVERTIME

    def carry_out(self) -> None:
        """Do it. Whatever happens to the child, or to what it brings, ends the run and nothing else."""
        with scratch.folder(self.settings.scratch) as folder:
            try:
                ending = self._in(folder)
            except DBAPIError:
                raise
            except Exception as wrong:  # noqa: BLE001 - a run ends in a clear state whatever is wrong
                write_fault("run.fault", wrong, run=self.lease.run_id)
                text = f"{type(wrong).__name__} around the run; the worker's log has more."
                ending = Ending.failed(FailureKind.OUR_FAULT, text)
            if ending is not None:
                self._conclude(ending)

    def _in(self, folder: Path) -> Ending | None:
        """How the run ended; None when it is not the worker's any more."""
        prepare(self.store, self.settings, self.lease, folder)
        child = Child(folder, self.settings.run_memory_mb)
        log.info("run.start", run=self.lease.run_id, attempt=self.lease.attempt, child=child.process.pid)
        try:
            while (steps := child.listen(0.2)) is not None:
                for step in steps:
                    self._note(step)
                if self.leaving.is_set():
                    child.kill()
                    leases.give_back(self.store, self.lease)
                    return None
                if time.monotonic() - self._began > self._longest:
                    child.kill()
                    text = f"It had not ended after {self._longest:.0f} s, long after its time limit."
                    return Ending.failed(FailureKind.OUR_FAULT, text)
                if not self._still_ours():
                    log.info("run.lost", run=self.lease.run_id, attempt=self.lease.attempt)
                    return None
            return self._brought(child, folder)
        finally:
            child.close()

    def _note(self, step: Mapping[str, Any]) -> None:
        """Take in what the child reports: the phase, and the goal at work beside those before it."""
        goals = list(self.progress["goals"])
        if step["goal"] is not None:
            goal = {"name": step["goal"], "value": step["value"], "bound": step["bound"]}
            names = [one["name"] for one in goals]
            if goal["name"] in names:
                goals[names.index(goal["name"])] = goal
            else:
                goals.append(goal)
        new = {"phase": step["phase"], "goals": goals}
        self._news |= new != self.progress
        self.progress = new

    def _still_ours(self) -> bool:
        """Look, keep the lease, tell the news, each when it is time. A database that is away is asked again later."""
        now = time.monotonic()
        try:
            if (
                self._news and now - self._told >= TELL
            ) or now - self._beaten >= self.settings.lease_seconds / 3:
                news = self.progress if self._news else None
                if not leases.beat(self.store, self.lease, self.settings.lease_seconds, news):
                    return False
                self._news, self._beaten, self._looked = False, now, now
                self._told = now if news else self._told
            elif now - self._looked >= LOOK:
                self._looked = now
                return leases.is_held(self.store, self.lease)
        except UNREACHABLE as wrong:
            log.warning("store.away", run=self.lease.run_id, kind=type(wrong).__name__)
            self.leaving.wait(ANEW)
        return True

    def _brought(self, child: Child, folder: Path) -> Ending:
        failure = child.failure()
        if failure is not None:
            log.warning(
                "run.failed",
                run=self.lease.run_id,
                failure=_kind(failure),
                frames=frames_in(folder / "stderr"),
            )
            return failure
        files = {path.name: path.read_bytes() for path in sorted((folder / "out").iterdir())}
        return Ending(child.said["answer"], files)

    def _conclude(self, ending: Ending) -> None:
        """Write the end down, however long the database is away."""
        while True:
            try:
                won = leases.conclude(self.store, self.lease, ending)
            except UNREACHABLE as wrong:
                log.warning("store.away", run=self.lease.run_id, kind=type(wrong).__name__)
                if self.leaving.wait(ANEW):
                    raise
            else:
                log.info("run.end", run=self.lease.run_id, kept=won, failure=_kind(ending))
                return


def _kind(ending: Ending) -> str | None:
    """Why a run failed, as the log says it: the sentence about it may speak of learners."""
    return None if ending.failure is None else ending.failure["kind"]


def prepare(store: Store, settings: Settings, lease: Lease, folder: Path) -> None:
    """Lay out what the child reads: the snapshot's files, the job, and the placements that it starts from."""
    request = dict(lease.request)
    cluster = settings.cluster.get_secret_value() if settings.cluster else None
    job = {"task": "solve", "workers": settings.run_workers, "cluster": cluster} | request
    lay_out(store, folder, lease.snapshot_id, lease.base_run_id, job)


def lay_out(
    store: Store, folder: Path, snapshot_id: str, base_run_id: str | None, job: Mapping[str, Any]
) -> None:
    """Write a snapshot's files, a base run's placements and a job into a folder."""
    (folder / "round").mkdir()
    with store.reading() as session:
        packed = session.execute(select(Snapshot.content).where(Snapshot.id == snapshot_id)).scalar_one()
        query = select(ResultFile.content).where(
            ResultFile.run_id == base_run_id, ResultFile.name == "placements.csv"
        )
        base = session.scalar(query)
    unpack_into(packed, folder / "round")
    if base is not None:
        (folder / "base.csv").write_bytes(base)
    (folder / "job.json").write_text(json.dumps(job), encoding="utf-8")
