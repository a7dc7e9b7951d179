"""Workers: each run ends once, in a clear state, whatever is killed at whatever moment."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from random import SystemRandom
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from api import scratch
from api.access.roles import Role
from api.clock import now
from api.runs import leases, watch
from api.runs.leases import Ending
from api.runs.supervisor import Supervisors
from api.store import chain
from api.store.engine import Store
from api.store.schema import AuditEntry, ResultFile, Run, RunEvent
from tests.api.conftest import Service
from tests.api.rounds import ended, frozen, member, until

WORKER = "import typer; from api.commands.working import worker; typer.run(worker)"


@pytest.fixture
def cora(service: Service) -> TestClient:
    """The coordinator of a frozen round."""
    return member(service, "cora", Role.COORDINATOR, frozen(service.store))


def asked(cora: TestClient) -> str:
    """The id of a new run."""
    made = cora.post("/v1/rounds/tiny/runs", json={})
    assert made.status_code == 202, made.text
    run_id: str = made.json()["id"]
    return run_id


@contextmanager
def worker(database_url: str, lease: float = 1.0) -> Iterator[subprocess.Popen[bytes]]:
    """A worker process of its own, killed at the end."""
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        "MATCHER_DATABASE_URL": database_url,
        "MATCHER_LEASE_SECONDS": str(lease),
    }
    process = subprocess.Popen([sys.executable, "-c", WORKER], env=environment, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def children(parent: int) -> list[int]:
    """The processes that a process has started and that solve."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
            command = (stat.parent / "cmdline").read_bytes()
        except OSError:
            continue
        if int(fields[1]) == parent and fields[0] != "Z" and b"api.runs.child" in command:
            found.append(int(stat.parent.name))
    return found


def is_alive(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def insist_on_one_result(store: Store, run_id: str) -> None:
    """The run ended once: one entry in the audit log, one last event, its files once."""
    with store.reading() as session:
        actions = Counter(session.scalars(select(AuditEntry.action).where(AuditEntry.subject == run_id)))
        kinds = Counter(session.scalars(select(RunEvent.kind).where(RunEvent.run_id == run_id)))
        assert actions["run.done"] == kinds["done"] == 1
        assert not actions["run.failed"]
        assert len(session.scalars(select(ResultFile.name).where(ResultFile.run_id == run_id)).all()) == 5
        assert not list(chain.verify(session))


def test_of_two_workers_one_gets_the_run(service: Service, cora: TestClient) -> None:
    """A run that is taken is not given to another while its lease lasts."""
    run_id = asked(cora)
    first, second = (leases.claim(service.store, name, 30) for name in ("a", "b"))
    assert first is not None
    assert (first.run_id, second) == (run_id, None)


def test_what_comes_after_the_lease_was_lost_is_thrown_away(service: Service, cora: TestClient) -> None:
    """A worker that was taken for dead brings its result, and so does who took over: the second one's counts."""
    asked(cora)
    slow = leases.claim(service.store, "slow", 0.0)
    quick = until(lambda: leases.claim(service.store, "quick", 30), 5)
    assert slow is not None
    assert not leases.beat(service.store, slow, 30)
    assert not leases.conclude(
        service.store, slow, Ending({"status": "feasible"}, {"placements.csv": b"slow"})
    )
    assert leases.conclude(service.store, quick, Ending({"status": "optimal"}, {"placements.csv": b"quick"}))
    assert not leases.conclude(service.store, quick, Ending({}, {}))
    with service.store.reading() as session:
        assert session.scalars(select(ResultFile.content)).all() == [b"quick"]


def test_a_run_over_which_three_workers_died_is_given_up(service: Service, cora: TestClient) -> None:
    """The run fails as lost, and the one behind it is served."""
    first, second = asked(cora), asked(cora)
    for attempt in range(leases.ATTEMPTS):
        lease = until(lambda: leases.claim(service.store, "w", 30), 5)
        assert (lease.run_id, lease.attempt) == (first, attempt + 1)
        with service.store.writing() as session:
            session.get_one(Run, first).lease_until = now() - timedelta(seconds=5)
    following = leases.claim(service.store, "w", 30)
    assert following is not None
    assert following.run_id == second
    run = cora.get(f"/v1/runs/{first}").json()
    assert (run["state"], run["failure"]["kind"]) == ("failed", "lost")


def test_a_killed_child_ends_its_run_and_nothing_else(service: Service, cora: TestClient) -> None:
    """The run fails as crashed, it is not tried again, and the same worker does the next one."""
    with Supervisors(service.store, service.settings, 1):
        first, second = asked(cora), asked(cora)
        (child,) = until(lambda: children(os.getpid()))
        os.kill(child, signal.SIGKILL)
        run = ended(cora, first)
        assert (run["state"], run["failure"]["kind"], run["attempts"]) == ("failed", "crashed", 1)
        assert "SIGKILL" in run["failure"]["detail"]
        assert ended(cora, second)["state"] == "done"
    insist_on_one_result(service.store, second)


def test_a_run_that_needs_too_much_memory_says_so(service: Service, cora: TestClient) -> None:
    """Refused memory ends the run as out of memory, whether Python or native code was refused."""
    small = service.settings.model_copy(update={"run_memory_mb": 16})
    with Supervisors(service.store, small, 1):
        run = ended(cora, asked(cora))
    assert (run["state"], run["failure"]["kind"]) == ("failed", "out_of_memory")


def test_a_run_is_cancelled_within_two_seconds(service: Service, cora: TestClient) -> None:
    """The state changes at once, and the child is gone soon after."""
    with Supervisors(service.store, service.settings, 1):
        run_id = asked(cora)
        (child,) = until(lambda: children(os.getpid()))
        began = time.monotonic()
        assert cora.delete(f"/v1/runs/{run_id}").json()["state"] == "cancelled"
        until(lambda: not is_alive(child), 2.0, 0.01)
        assert time.monotonic() - began < 2.0
    assert cora.get(f"/v1/runs/{run_id}").json()["state"] == "cancelled"


def test_a_run_that_does_not_keep_its_time_limit_is_ended(
    service: Service, cora: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Long after its limit the child is ended, and the run fails as our fault: the next one need not wait."""
    monkeypatch.setattr(watch, "OVERTIME", -1e6)
    with Supervisors(service.store, service.settings, 1):
        run = ended(cora, asked(cora))
    assert (run["state"], run["failure"]["kind"]) == ("failed", "our_fault")
    assert "time limit" in run["failure"]["detail"]


def test_a_database_that_is_away_for_a_while_costs_no_result(
    service: Service, cora: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot be written is written when the database is back: leases, progress, and the end."""
    away = Counter[str]()

    def flaky(name: str) -> Callable[..., bool]:
        real: Callable[..., bool] = getattr(leases, name)

        def call(*given: Any) -> bool:
            away[name] += 1
            if away[name] <= 2:
                raise OperationalError("away", {}, Exception("away"))
            return real(*given)

        return call

    for name in ("beat", "is_held", "conclude"):
        monkeypatch.setattr(leases, name, flaky(name))
    with Supervisors(service.store, service.settings, 1):
        run_id = asked(cora)
        assert ended(cora, run_id)["state"] == "done"
    assert away["conclude"] == 3
    insist_on_one_result(service.store, run_id)


def test_a_worker_that_is_killed_takes_its_child_along_and_another_finishes(
    service: Service, cora: TestClient, database_url: str
) -> None:
    """Two workers, one killed with -9 in mid-run: nothing of it goes on, the other one finishes; one result."""
    run_id = asked(cora)
    with worker(database_url) as first:
        (child,) = until(lambda: children(first.pid))
        with worker(database_url):
            first.kill()
            until(lambda: not is_alive(child))
            assert ended(cora, run_id)["attempts"] == 2
    insist_on_one_result(service.store, run_id)


def test_killed_at_any_moment_a_run_has_one_result(
    service: Service, cora: TestClient, database_url: str
) -> None:
    """A worker is killed with -9 at any moment of a run, before or after its end; whoever comes next ends it once."""
    run_id = asked(cora)
    with worker(database_url) as process:
        until(lambda: children(process.pid))
        time.sleep(SystemRandom().uniform(0.3, 4.0))
    with Supervisors(service.store, service.settings, 1):
        assert ended(cora, run_id)["state"] == "done"
    insist_on_one_result(service.store, run_id)


def test_a_worker_that_is_asked_to_stop_puts_its_run_back(
    service: Service, cora: TestClient, database_url: str
) -> None:
    """SIGTERM: the run waits again at once, as if it had not been taken; the worker leaves with exit code 0."""
    run_id = asked(cora)
    with worker(database_url) as process:
        until(lambda: children(process.pid))
        process.terminate()
        assert process.wait(10) == 0
    run = cora.get(f"/v1/runs/{run_id}").json()
    assert (run["state"], run["attempts"], run["position"]) == ("queued", 0, 1)


def test_what_a_killed_worker_left_is_removed(tmp_path: Path) -> None:
    """Folders whose makers are gone are removed by the next worker; one in use stays."""
    left = tmp_path / f"{scratch.PREFIX}left"
    left.mkdir()
    (left / "learners.csv").write_text("x", encoding="utf-8")
    os.utime(left, (0, 0))
    with scratch.folder(tmp_path) as used:
        os.utime(used, (0, 0))
        with scratch.folder(tmp_path):
            assert used.exists()
            assert not left.exists()
