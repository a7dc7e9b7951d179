"""`matcher serve` as it runs: the web and the workers, killed, started again, asked to leave."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

from api.access.roles import Role
from tests.api.conftest import Service
from tests.api.rounds import ended, frozen, member, until
from tests.api.test_workers import children, insist_on_one_result, is_alive

SERVE = "import typer; from api.commands.serving import serve; typer.run(serve)"


@dataclass
class Served:
    """A running service."""

    process: subprocess.Popen[bytes]
    http: httpx2.Client

    def is_ready(self) -> bool:
        """Whether it answers."""
        assert self.process.poll() is None, "the service has ended"
        try:
            return self.http.get("/readyz").status_code == 200
        except httpx2.TransportError:
            return False


@contextmanager
def served(database_url: str, *options: str, solvers: int = 1) -> Iterator[Served]:
    """A service of its own, killed at the end."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        "MATCHER_DATABASE_URL": database_url,
        "MATCHER_LEASE_SECONDS": "2",
        "MATCHER_SOLVERS": str(solvers),
    }
    command = [sys.executable, "-c", SERVE, "--port", str(port), *options]
    process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    try:
        with httpx2.Client(base_url=f"http://127.0.0.1:{port}", verify=False, timeout=120) as http:
            found = Served(process, http)
            until(found.is_ready, every=0.3)
            yield found
    finally:
        process.kill()
        process.wait()


def test_a_service_that_is_killed_finishes_its_run_when_it_is_back(
    service: Service, database_url: str
) -> None:
    """Killed with -9 while it solves (behind whoever asks something): the child goes too, the next service ends the run
    once, and leaves when asked, though somebody listens.
    """
    round_id = frozen(service.store)
    cora = member(service, "cora", Role.COORDINATOR, round_id)
    headers = {"Authorization": f"Bearer {service.secrets['cora']}"}
    with served(database_url) as first:
        asked = first.http.post(f"/v1/rounds/{round_id}/runs", json={}, headers=headers)
        run_id = asked.json()["id"]
        (child,) = until(lambda: children(first.process.pid))
        until(lambda: os.getpriority(os.PRIO_PROCESS, child) > os.getpriority(os.PRIO_PROCESS, 0))
        first.process.send_signal(signal.SIGKILL)
        until(lambda: not is_alive(child))
    with served(database_url) as second:
        with second.http.stream("GET", f"/v1/runs/{run_id}/events", headers=headers) as live:
            kinds = [line.removeprefix("event: ") for line in live.iter_lines() if line.startswith("event: ")]
        assert kinds.count("started") == 2
        assert kinds[-1] == "done"
        assert ended(cora, run_id)["attempts"] == 2
        insist_on_one_result(service.store, run_id)
        second.process.terminate()
        assert second.process.wait(30) == 0


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_several_processes_answer_and_go_together(service: Service, database_url: str) -> None:
    """With --processes the port is shared; when the first process is killed nothing goes on listening."""
    with served(database_url, "--processes", "2", solvers=0) as several:
        several.process.kill()
        several.process.wait()

        def is_deaf() -> bool:
            try:
                several.http.get("/livez")
            except httpx2.TransportError:
                return True
            return False

        until(is_deaf)


SETTLED = (
    "import gc; from api.commands.serving import application; application(); print(gc.get_freeze_count())"
)


def test_what_is_there_for_good_is_not_searched_for_garbage(tmp_path: Path) -> None:
    """A search through all that a started service holds stopped every answer on its way for 100 to 400 ms."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    environment["MATCHER_DATABASE_URL"] = f"sqlite:///{tmp_path / 'never-opened.sqlite'}"
    done = subprocess.run(
        [sys.executable, "-c", SETTLED], env=environment, check=True, capture_output=True, text=True
    )
    assert int(done.stdout) > 100_000
