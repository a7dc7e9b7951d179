"""A child process that does one piece of work with the engine: started fresh, limited, listened to, ended.

Everything it needs lies in a private folder (``job.json``, the round's files, see ``api.runs.child``), everything it
makes is written there. What it says comes through a pipe, one JSON object a line. It knows neither the database nor any
key, and dies with the thread that started it.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from api.runs.leases import Ending
from api.runs.states import FailureKind

PATIENCE: Final = 10.0
"""Seconds that a child that has said its last word gets to end by itself."""

SCARCE: Final = (b"bad_alloc", b"MemoryError", b"Cannot allocate memory", b"out of memory")
"""What native code and Python say on stderr when memory is refused."""

MOST_WORDS: Final = 65_536
"""Bytes of stderr, from its end, that are looked through."""


class Child:
    """One child at work in ``folder`` with at most ``memory_mb`` of memory.

    ``said`` holds the words other than progress that it has said (its answer, or why it failed).
    """

    def __init__(self, folder: Path, memory_mb: int) -> None:
        self.folder = folder
        self.said: dict[str, Any] = {}
        self._kills = _oom_kills()
        self._rest = b""
        self._pipe, theirs = os.pipe()
        try:
            with self._errors.open("wb") as errors:
                self.process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                    [
                        sys.executable,
                        "-P",
                        "-m",
                        "api.runs.child",
                        str(theirs),
                        str(memory_mb),
                        str(os.getpid()),
                    ],
                    cwd=folder,
                    env=_environment(folder),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=errors,
                    pass_fds=(theirs,),
                    start_new_session=True,
                )
        except BaseException:
            os.close(self._pipe)
            raise
        finally:
            os.close(theirs)

    @property
    def _errors(self) -> Path:
        return self.folder / "stderr"

    def listen(self, seconds: float) -> list[Mapping[str, Any]] | None:
        """The progress that it reports within so many seconds; None once it has said everything."""
        ready, _, _ = select.select([self._pipe], [], [], seconds)
        if not ready:
            return []
        content = os.read(self._pipe, 1 << 20)
        if not content:
            return None
        return list(self._understood(content))

    def _understood(self, content: bytes) -> Iterator[Mapping[str, Any]]:
        *lines, self._rest = (self._rest + content).split(b"\n")
        for line in lines:
            word = json.loads(line)
            if "phase" in word:
                yield word
            else:
                self.said |= word

    def kill(self) -> None:
        """End it, with everything that it has started, whatever it is doing."""
        if self.process.returncode is None:
            _end_session(self.process.pid)
            self.process.wait()

    def close(self) -> None:
        """End it if it is still there, and let go of the pipe."""
        self.kill()
        os.close(self._pipe)

    def failure(self) -> Ending | None:
        """Why it failed; None when it has done its work. To be asked when everything was said: it waits for the end."""
        code = self._ended()
        if "failure" in self.said:
            told = self.said["failure"]
            return Ending.failed(FailureKind(told["kind"]), told["detail"])
        if "answer" in self.said:
            return None
        return _crashed(code, scarce=self._was_scarce())

    def _ended(self) -> int:
        """How it ended: the exit code, or minus the signal. Whatever it has started is ended too."""
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.kill()
        _end_session(self.process.pid)
        return int(self.process.returncode)

    def _was_scarce(self) -> bool:
        if _oom_kills() > self._kills:
            return True
        with self._errors.open("rb") as stream:
            stream.seek(max(0, self._errors.stat().st_size - MOST_WORDS))
            words = stream.read()
        return any(sign in words for sign in SCARCE)


def _crashed(code: int, *, scarce: bool) -> Ending:
    how = f"by signal {signal.Signals(-code).name}" if code < 0 else f"with exit code {code}"
    if scarce:
        return Ending.failed(FailureKind.OUT_OF_MEMORY, f"The process ran out of memory, and ended {how}.")
    return Ending.failed(FailureKind.CRASHED, f"The process ended {how} before the work was done.")


def _environment(folder: Path) -> dict[str, str]:
    """What a child is told: where the code is, and to keep its own files in its folder; nothing of the service."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MATCHER_")}
    code = os.pathsep.join(str(Path(place).absolute()) for place in sys.path if place)
    return kept | {"PYTHONPATH": code, "TMPDIR": str(folder)}


def _end_session(pid: int) -> None:
    """Kill the process group that a process led, with everything that is left in it."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):  # macOS says the latter of a group of dead processes
        return


def _oom_kills() -> int:
    """How many processes of our control group Linux has killed for want of memory; 0 where it does not tell."""
    try:
        text = Path("/sys/fs/cgroup/memory.events").read_text(encoding="ascii")
    except OSError:
        return 0
    counts = dict(line.split() for line in text.splitlines())
    return int(counts.get("oom_kill", 0))
