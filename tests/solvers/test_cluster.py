"""A Dask cluster answers as one process does, and its deaths cost time only: with a real scheduler and real workers."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from models.errors import NoCluster, SolverFault
from models.version import VERSION
from solvers import cluster as clusters
from solvers.crew import crew
from solvers.holdings import tidy
from solvers.interface import Limits, never, silent
from solvers.serving import Call, Shelf, Stranger, serve
from solvers.stage import Clock
from tests.solvers import tasks
from tests.solvers.sites import IMPATIENT, Site
from tests.solvers.test_crew import pid_in, prices_of_shards, until


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[int], Site]]:
    """Gives the one site of this module, with so many workers; a new one when a test has killed its scheduler."""
    made: list[Site] = []

    def site(workers: int) -> Site:
        if not made or made[-1].scheduler.poll() is not None:
            made.append(Site(tmp_path_factory.mktemp("site"), IMPATIENT))
        made[-1].staff(workers)
        return made[-1]

    yield site
    for one in made:
        one.close()


@pytest.fixture
def site(sites: Callable[[int], Site]) -> Site:
    """A scheduler with two workers."""
    return sites(2)


def test_a_cluster_without_workers_is_named(
    sites: Callable[[int], Site], monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is nothing to wait for: the message says how to start one."""
    site = sites(0)
    monkeypatch.setattr(clusters, "HIRING", 0.5)
    with pytest.raises(NoCluster, match=f"{site.address} has no workers; start one: dask worker"):
        crew(Limits(cluster=site.address))


def test_a_cluster_answers_as_one_process_does(site: Site) -> None:
    """The same bytes in the same order."""
    assert prices_of_shards(Limits(cluster=site.address)) == prices_of_shards(Limits())


def test_holdings_travel_to_a_worker_once(site: Site) -> None:
    """In a second run nothing is sent any more: it succeeds after the sender has thrown the arrays away. A third, on a
    holding that a worker does not have, sends it again.
    """
    with clusters.Cluster(site.address) as hands:
        items = [(hands.hold(part, {"value": np.arange(part)}),) for part in range(6)]
        first = hands.run(tasks.describe, items)
        kept, hands.held = hands.held, {}
        assert hands.run(tasks.describe, items) == first
        hands.run(tasks.forget_everything, [(number,) for number in range(8)])
        hands.held = kept
        assert hands.run(tasks.describe, items) == first


def test_cancelling_comes_back_at_once_and_reaches_the_workers(site: Site, tmp_path: Path) -> None:
    """None comes back, and a task that asks hears that nobody waits any more."""
    clock = Clock.of(Limits(), silent, (tmp_path / "begun").exists)
    with crew(Limits(cluster=site.address)) as hands:
        assert hands.run(tasks.wait_until_stopped, [(str(tmp_path),)], clock=clock) is None
        until((tmp_path / "heard").exists)
        assert hands.run(tasks.double, [(4,)]) == [8]


def test_workers_know_the_deadline(site: Site, tmp_path: Path) -> None:
    """A task that asks hears of it from its own clock; whoever notices first, the answer is None."""
    clock = Clock.of(Limits(seconds=0.5), silent, never)
    with crew(Limits(cluster=site.address)) as hands:
        assert hands.run(tasks.wait_until_stopped, [(str(tmp_path),)], clock=clock) is None


def test_a_failure_comes_back_with_its_traceback(site: Site) -> None:
    """The first item's, with the line in which it failed; the crew goes on."""
    with crew(Limits(cluster=site.address)) as hands:
        with pytest.raises(ZeroDivisionError, match="item 3") as caught:
            hands.run(tasks.fail, [(number,) for number in range(7)])
        assert 'raise ZeroDivisionError(f"item {number}")' in "".join(
            traceback.format_exception(caught.value)
        )
        assert hands.run(tasks.double, [(4,)]) == [8]


def test_a_worker_of_another_version_refuses(site: Site) -> None:
    """It says which it has, and the run ends with both."""
    assert serve(Call("0.0.0", b"")) == Stranger(VERSION)
    with clusters.Cluster(site.address) as hands:
        errands = clusters._Errands(hands, tasks.double, [(4,)], None)
        with pytest.raises(NoCluster, match=f"has version 9.9 of this package, here is {VERSION}"):
            errands.taken(0, Stranger("9.9"))


def test_a_worker_killed_in_mid_task_does_not_change_the_result(site: Site, tmp_path: Path) -> None:
    """By kill -9, while item 1 is at work: the other worker does not have its data, and gets them with the item."""
    killer = threading.Thread(target=lambda: os.kill(pid_in(tmp_path / "1.pid"), signal.SIGKILL))
    killer.start()
    with crew(Limits(cluster=site.address)) as hands:
        shards = [hands.hold(part, {"number": np.array(part)}) for part in range(8)]
        assert hands.run(tasks.describe, [(shard,) for shard in shards]) is not None
        squares = hands.run(tasks.sleep_once_with, [(str(tmp_path), shard) for shard in shards])
    killer.join()
    assert squares == [number * number for number in range(8)]
    assert len(site.living()) == 1


@pytest.fixture
def heard() -> Iterator[list[logging.LogRecord]]:
    """What Dask's client writes to its log meanwhile."""
    records: list[logging.LogRecord] = []

    def listen(record: logging.LogRecord) -> bool:
        records.append(record)
        return True

    clusters.LOG.addFilter(listen)
    yield records
    clusters.LOG.removeFilter(listen)


def test_a_scheduler_that_disappears_is_named(
    sites: Callable[[int], Site], tmp_path: Path, heard: list[logging.LogRecord]
) -> None:
    """Killed in mid-task, it ends the run with what has happened; Dask has nothing to add."""
    site = sites(1)
    killer = threading.Thread(target=lambda: os.kill(pid_in(tmp_path / "0.pid") and site.scheduler.pid, 9))
    killer.start()
    with (
        crew(Limits(cluster=site.address)) as hands,
        pytest.raises(SolverFault, match=f"connection to the Dask scheduler at {site.address} was lost"),
    ):
        hands.run(tasks.sleep, [(str(tmp_path), 0)])
    killer.join()
    assert heard == []
    assert clusters.LOG.getEffectiveLevel() < logging.CRITICAL


def test_an_address_is_shown_without_its_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nobody answers, the message names the place and not the password; nor does the limits' own text."""
    monkeypatch.setattr(clusters, "CONNECTING", 0.2)
    with pytest.raises(NoCluster) as caught:
        crew(Limits(cluster="tcp://127.0.0.1:1"))
    assert "no Dask scheduler answers at tcp://127.0.0.1:1" in str(caught.value)
    for address in ("tcp://me:pa55word@127.0.0.1:1", "other://me:pa55word@host:1?key=pa55word"):
        with pytest.raises(NoCluster) as caught:
            crew(Limits(cluster=address))
        assert "pa55word" not in "".join(traceback.format_exception(caught.value))
        assert "pa55word" not in repr(Limits(cluster=address))


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who asks for a cluster without Dask hears what to install."""
    for module in ("solvers.cluster", "solvers.serving"):
        monkeypatch.delitem(sys.modules, module, raising=False)
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(NoCluster, match=r"pip install 'placement-matcher\[cluster\]'"):
        crew(Limits(cluster="tcp://127.0.0.1:1"))


def test_a_worker_keeps_what_fits() -> None:
    """Three arrays of 800 bytes where 2,000 may be kept: the least recently used goes; one too large is not kept."""
    shelf, arrays = Shelf(), tidy({"value": np.zeros(100)})
    shelf.put("a", arrays, 2000)
    shelf.put("b", arrays, 2000)
    assert shelf.get("a") is arrays
    shelf.put("c", arrays, 2000)
    assert shelf.keys() == ["a", "c"]
    shelf.put("d", tidy({"value": np.zeros(1000)}), 2000)
    assert shelf.keys() == []


def test_a_worker_forgets_what_nobody_uses() -> None:
    """After a while, without being told: the owner may have been killed."""
    shelf = Shelf(kept=0.05)
    shelf.put("a", {}, 0)
    until(lambda: shelf.keys() == [])
    assert shelf.get("a") is None
