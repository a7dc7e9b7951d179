"""A Dask cluster for tests: a scheduler and its workers, each a process of its own, as people start them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import distributed

from tests.conftest import ROOT
from tests.solvers.test_crew import until

COMMON = ("--host", "127.0.0.1", "--scheduler-file")
PATIENT: Mapping[str, str] = {}
"""Dask's own settings: it gives a dead worker's task to another by itself, three times."""
IMPATIENT: Mapping[str, str] = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0"}
"""Never, so that every death is ours to mend."""
SETTLED = 0.05
"""Seconds after which what a process had sent before it was frozen has arrived."""


class Site:
    """A scheduler and its workers, on ports that the system chose. ``environment`` holds settings of Dask's."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.file = folder / "scheduler.json"
        self.log = (folder / "log").open("w")
        self.environment = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
        self.scheduler = self.start("scheduler", "--port", "0", "--dashboard-address", "127.0.0.1:0")
        self.workers: list[subprocess.Popen[bytes]] = []
        until(self.file.exists)
        until(lambda: self.file.read_text().endswith("}"))
        (self.address,) = [word for word in self.file.read_text().split('"') if word.startswith("tcp://")]

    def start(self, what: str, *options: str) -> subprocess.Popen[bytes]:
        """Start `dask scheduler` or `dask worker`."""
        command = [sys.executable, "-m", "dask", what, *options, *COMMON, str(self.file)]
        return subprocess.Popen(command, env=self.environment, stdout=self.log, stderr=self.log)

    def staff(self, workers: int) -> None:
        """See to it that so many workers live, and that the scheduler knows of them and of no other."""
        while len(self.living()) < workers:
            self.workers.append(self.start("worker", "--nthreads", "1", "--no-nanny", "--no-dashboard"))
        for worker in self.living()[workers:]:
            worker.kill()
        with self.client() as client:
            until(lambda: len(client.nthreads()) == workers)

    def client(self) -> distributed.Client:
        """Somebody who looks on."""
        return distributed.Client(self.address, set_as_default=False)

    def living(self) -> list[subprocess.Popen[bytes]]:
        """The workers that nobody has killed."""
        return [worker for worker in self.workers if worker.poll() is None]

    def kill_at_work(self) -> None:
        """Kill a worker by kill -9 as soon as it has a task."""
        with self.client() as client:
            (pid, address), *_ = sorted((pid, address) for address, pid in client.run(os.getpid).items())
            until(lambda: self._killed(client, pid, address))
            until(lambda: address not in client.nthreads())

    def _killed(self, client: distributed.Client, pid: int, address: str) -> bool:
        """Whether it had one. It is frozen first, so that it cannot hand in its answer meanwhile."""
        os.kill(pid, signal.SIGSTOP)
        time.sleep(SETTLED)
        at_work = bool(client.processing([address])[address])
        os.kill(pid, signal.SIGKILL if at_work else signal.SIGCONT)
        return at_work

    def deaths_at_work(self) -> int:
        """How many workers have left the scheduler that had a task."""
        with self.client() as client:
            events = [event for _, event in client.get_events("all")]
        return sum(bool(each.get("processing-tasks")) for each in events if each["action"] == "remove-worker")

    def close(self) -> None:
        """End them all."""
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()
        self.log.close()
