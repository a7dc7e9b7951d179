"""Runs: asked for, followed, waited for; what came out, as data frames and files."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from matcher.client.answers import RunEvent, RunInfo
from matcher.client.events import follow
from matcher.client.paging import Listing
from matcher.client.progress import waiting
from matcher.client.refusals import RunFailed
from matcher.client.resource import Resource

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


def _glances() -> Iterator[float]:
    """Seconds between two looks at a run: a short run is not waited for, a long one is not asked after all the time."""
    glance = 0.05
    while True:
        yield glance
        glance = min(GLANCE, glance * 1.5)
