"""What a child process does: ``python -m api.runs.child PIPE MEMORY_MB PARENT``, in the folder of its work.

``job.json`` says what: ``{"task": …, …}``, see ``api.runs.tasks``. It reports progress, and at the end its answer or
why there is none, on the pipe. Only the engine is loaded here: neither the web nor the database.
"""

from __future__ import annotations

import errno
import json
import os
import resource
import signal
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from api.runs.states import FailureKind

if TYPE_CHECKING:
    from solvers.interface import Progress

NO_MEMORY: Final = (
    b'{"failure": {"kind": "out_of_memory", "detail": "It needs more memory than a run may have here."}}\n'
)
"""Made beforehand: when it is needed there is no memory to make it."""

OFTEN: Final = 0.2
"""Seconds between two reports of the same goal."""

NICE: Final = 10
"""How far a solve, and what it starts, stands back behind those who answer requests on the same machine."""


class Pipe:
    """The way to the parent."""

    def __init__(self, handle: int) -> None:
        os.set_inheritable(handle, False)
        self._handle = handle
        self._last: tuple[str, str | None] | None = None
        self._at = 0.0

    def say(self, content: bytes) -> None:
        """Write a line, whole."""
        while content:
            content = content[os.write(self._handle, content) :]

    def tell(self, word: Mapping[str, Any]) -> None:
        """Say something as JSON."""
        self.say(json.dumps(word).encode() + b"\n")

    def report(self, step: Progress) -> None:
        """Pass progress on: at once where the phase or the goal changes, else now and then."""
        now, about = time.monotonic(), (step.phase, step.goal)
        if about != self._last or now - self._at >= OFTEN:
            self._last, self._at = about, now
            self.tell({"phase": step.phase, "goal": step.goal, "value": step.value, "bound": step.bound})


def main(pipe: str, memory_mb: str, parent: str) -> None:
    """Do the work of the folder that this process stands in."""
    from solvers.orphans import die_with_parent

    die_with_parent(int(parent))  # before anything that takes time is loaded
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C is for the parent, which ends us
    os.nice(NICE)
    from api.runs import tasks

    tasks.get_ready()
    _limit_memory(int(memory_mb))
    way = Pipe(int(pipe))
    try:
        job = json.loads(Path("job.json").read_text(encoding="utf-8"))
        way.tell({"answer": tasks.carry_out(Path(), job, way.report)})
    except Exception as wrong:  # noqa: BLE001 - the outermost frame: whatever it is, the parent is told
        if _is_scarcity(wrong):
            way.say(NO_MEMORY)
            return
        sys.excepthook(type(wrong), wrong, wrong.__traceback__)  # into the folder's `stderr`
        way.tell({"failure": {"kind": _kind(wrong).value, "detail": _detail(wrong)}})


def _limit_memory(memory_mb: int) -> None:
    """Refuse more memory than that to this process, and to each that it starts; the code that is loaded is not counted.

    Linux counts what is written to (``RLIMIT_DATA``). Elsewhere only addresses can be counted, which says little.
    """
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_DATA, (memory_mb << 20, memory_mb << 20))


def _is_scarcity(wrong: BaseException | None) -> bool:
    """Whether memory was refused, to this process or to one that it had started."""
    while wrong is not None:
        if isinstance(wrong, MemoryError) or (isinstance(wrong, OSError) and wrong.errno == errno.ENOMEM):
            return True
        if "bad_alloc" in str(wrong) or "can't start new thread" in str(wrong):
            return True
        wrong = wrong.__cause__ or wrong.__context__
    return False


def _kind(wrong: Exception) -> FailureKind:
    from models.errors import InputErrors, UnknownName, UnsuitableMethod

    theirs = isinstance(wrong, InputErrors | UnknownName | UnsuitableMethod)
    return FailureKind.INPUT if theirs else FailureKind.OUR_FAULT


def _detail(wrong: Exception) -> str:
    """What may be said of it: the engine's messages carry ids, never names; others are not ours to show."""
    from models.errors import InputErrors, MatcherError

    if isinstance(wrong, InputErrors):
        return "; ".join(str(one) for one in wrong.problems[:10])
    if isinstance(wrong, MatcherError):
        return str(wrong)
    return f"{type(wrong).__name__} in the engine; the worker's log has more."


if __name__ == "__main__":
    main(*sys.argv[1:])
