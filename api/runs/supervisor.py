"""Workers: each a thread that takes runs from the queue one by one, and has them solved in child processes."""

from __future__ import annotations

import os
import random
import socket
import threading
from typing import Final, Self

import structlog

from api.runs import leases
from api.runs.watch import UNREACHABLE, Watch
from api.settings import Settings
from api.store.engine import Store
from api.traces import write_fault

log = structlog.get_logger()

POLL: Final = 0.4
"""Seconds between two looks at an empty queue, more or less: workers do not look all at once."""

BREATH: Final = 2.0
"""Seconds of rest after something that should not have happened."""


class Supervisor(threading.Thread):
    """One worker. Its children end when it ends, however it ends."""

    def __init__(self, store: Store, settings: Settings, number: int) -> None:
        super().__init__(name=f"supervisor-{number}", daemon=True)
        self.store, self.settings = store, settings
        self.worker = f"{socket.gethostname()}:{os.getpid()}:{number}"[:255]
        self.leaving = threading.Event()

    def run(self) -> None:
        """Take and carry out runs until asked to leave."""
        while not self.leaving.is_set():
            rest = POLL * random.uniform(0.5, 1.5)  # noqa: S311 - no secret
            try:
                if self._one():
                    continue
            except UNREACHABLE as wrong:
                log.warning("store.away", kind=type(wrong).__name__)
                rest = BREATH
            except Exception as wrong:  # noqa: BLE001 - a worker outlives whatever goes wrong around one run
                write_fault("supervisor.fault", wrong)
                rest = BREATH
            self.leaving.wait(rest)

    def _one(self) -> bool:
        """Carry out the next run, if there is one."""
        lease = leases.claim(self.store, self.worker, self.settings.lease_seconds)
        if lease is None:
            return False
        Watch(self.store, self.settings, lease, self.leaving).carry_out()
        return True


class Supervisors:
    """So many workers; a context manager, at the end of which they have put back what they had, and are gone."""

    def __init__(self, store: Store, settings: Settings, count: int) -> None:
        self._workers = [Supervisor(store, settings, number) for number in range(count)]

    def __enter__(self) -> Self:
        for worker in self._workers:
            worker.start()
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers:
            worker.leaving.set()
        for worker in self._workers:
            worker.join()
