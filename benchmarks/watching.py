"""A process with its offspring under watch: what it costs, and its end when time is over."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

GLANCE = 0.05
"""Seconds between two looks at a process and its memory."""
WORDS = 2000
"""How much of what a process said last is kept."""


@dataclass(frozen=True)
class Watched:
    """What a process came to: its exit code (None: it was killed when time was over), wall and CPU seconds, peak
    memory of all its processes together in MB (2^20 bytes), and what it said last on stderr.
    """

    code: int | None
    wall: float
    cpu: float
    peak_mb: float
    said: str

    @property
    def last_words(self) -> str:
        """The last line that it said, or how it ended."""
        return self.said.splitlines()[-1] if self.said else f"exit code {self.code}"


def watch(module: str, arguments: Sequence[str], seconds: float, errors: Path) -> Watched:
    """Run ``python -m module`` in a session of its own for at most so many seconds, then kill the whole session."""
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        "MATCHER_PARENT": str(os.getpid()),
    }
    began = time.monotonic()
    with errors.open("wb") as stderr:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and modules
            [sys.executable, "-m", module, *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=stderr,
            stderr=stderr,
            start_new_session=True,
        )
        try:
            peak, cpu, over = _until_over(process, began + seconds)
        except BaseException:
            end_session(process.pid)
            process.wait()
            raise
    wall = time.monotonic() - began
    said = errors.read_text(encoding="utf-8", errors="replace")[-WORDS:].strip()
    return Watched(None if over else process.returncode, wall, cpu, peak, said)


def _until_over(process: subprocess.Popen[bytes], deadline: float) -> tuple[float, float, bool]:
    """Wait, looking at the memory: the peak in MB, the CPU seconds (with children that were waited for), and whether
    it had to be killed.
    """
    peak = 0.0
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            process.returncode = os.waitstatus_to_exitcode(status)
            end_session(process.pid)
            return peak, usage.ru_utime + usage.ru_stime, False
        peak = max(peak, session_memory(process.pid))
        if time.monotonic() > deadline:
            end_session(process.pid)
            _, _, usage = os.wait4(process.pid, 0)
            process.returncode = -signal.SIGKILL
            return peak, usage.ru_utime + usage.ru_stime, True
        time.sleep(GLANCE)


def end_session(pid: int) -> None:
    """Kill the process group that a process leads, with everything that it started there."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def session_memory(session: int) -> float:
    """Resident memory of a session's processes together, in MB; what the leader has shared out counts once per user.

    Only Linux tells (``/proc``); elsewhere 0.
    """
    page = os.sysconf("SC_PAGE_SIZE")
    total = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:  # it has ended meanwhile
            continue
        if int(fields[3]) == session:
            total += int(fields[21]) * page
    return total / 2**20
