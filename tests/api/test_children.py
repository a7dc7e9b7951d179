"""Children that read tables: what killed ones leave on the disk is gone with the next, and none works for ever."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from api import scratch
from api.errors import TooLarge, Unavailable
from api.rounds import children as module
from api.rounds.children import Children
from tests.api.rounds import until

WORK = """
import tempfile, time
from pathlib import Path
from api.rounds.children import Children

def job(folder, order):
    (Path(tempfile.mkdtemp()) / "learners.csv").write_text(order)
    time.sleep(600)
"""
ASK = "import killed; killed.Children(1).run(killed.job, 'Ana, born 2005')\n"


def test_nothing_is_left_of_a_job_whose_processes_were_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server dies by kill -9 while a child works: order and what the child wrote aside are removed by the next."""
    (tmp_path / "killed.py").write_text(WORK)
    place = tmp_path / "tmp"
    place.mkdir()
    paths = os.pathsep.join([str(tmp_path), *sys.path])
    environment = os.environ | {"TMPDIR": str(place), "PYTHONPATH": paths}
    process = subprocess.Popen([sys.executable, "-c", ASK], env=environment)
    try:
        until(lambda: list(place.rglob("learners.csv")))
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert list(place.rglob("order"))
    monkeypatch.setattr(scratch, "YOUNG", -1.0)

    def is_tidy() -> bool:
        scratch.tidy(place)
        return not list(place.rglob("order")) and not list(place.rglob("learners.csv"))

    until(is_tidy, 20)


def _busy(_folder: Path, _order: None) -> None:
    while True:
        pass


def _quick(_folder: Path, order: str) -> str:
    return order


def test_a_job_that_takes_too_long_is_given_up() -> None:
    """It is refused as too large, and the child does the next one."""
    children = Children(1, longest=0.5)
    try:
        with pytest.raises(TooLarge, match="time"):
            children.run(_busy, None)
        assert children.run(_quick, "next") == "next"
    finally:
        children.close()


def test_no_more_wait_than_leave_threads_for_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who comes when as many wait as may is sent away at once, and is let in when one of them has ended."""
    monkeypatch.setattr(module, "WAITING", 1)
    children = Children(1, longest=3)
    refused = threading.Event()

    def wait() -> None:
        with pytest.raises(TooLarge):
            children.run(_busy, None)

    first = threading.Thread(target=wait)
    first.start()
    try:
        while not refused.is_set():
            try:
                children.run(_quick, "before the first one had begun")
            except Unavailable:
                refused.set()
        first.join()
        assert children.run(_quick, "next") == "next"
    finally:
        children.close()
