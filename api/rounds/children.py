"""Child processes that read, check and write tables, so that the server answers others meanwhile and keeps its memory.

They end with this process, however it ends. A child that dies is replaced, and its job given out again; what is asked
and answered passes through files, as a child that is killed in the middle of a message would leave its reader waiting.
"""

from __future__ import annotations

import pickle
import resource
import signal
import tempfile
from collections.abc import Callable
from concurrent.futures.process import BrokenProcessPool
from functools import cache
from pathlib import Path
from threading import BoundedSemaphore
from typing import Final, TypeVar

from api import scratch
from api.errors import TooLarge, Unavailable
from solvers.pool import Processes

Order = TypeVar("Order")
Answer = TypeVar("Answer")

CHILDREN: Final = 2
"""How many children work at a time: one large upload does not keep a small one waiting."""

MEMORY: Final = 4_000_000_000
"""Address space of a child, in bytes."""

LONGEST: Final = 600.0
"""Seconds that a job may take: whoever asked has been told long before that there was no answer in time, and two files
that are wrong in every cell must not keep everybody else's waiting for hours.
"""

WAITING: Final = 24
"""Jobs that are worked on or wait for a child. Each keeps a thread of the server, which has 40: the others are for
those who only read.
"""

ATTEMPTS: Final = 3
"""How often a job is given out: a child also dies when its neighbour's job kills the pool."""


class Children:
    """The children of this process, started when they are first needed. Jobs may come from several threads."""

    def __init__(self, children: int = CHILDREN, longest: float = LONGEST) -> None:
        self._processes, self._longest = Processes(children), longest
        self._room = BoundedSemaphore(WAITING)

    def run(self, job: Callable[[Path, Order], Answer], order: Order, folder: Path | None = None) -> Answer:
        """Carry out ``job(folder, order)`` in a child, in a folder for its files (made for it where none is given).

        Raises what the job raises, ``TooLarge`` where it takes more memory or time than a child may have, and
        ``Unavailable`` where too many wait already.
        """
        if not self._room.acquire(blocking=False):
            raise Unavailable("Too many others have files read or rounds checked just now.")
        try:
            return self._run(job, order, folder)
        finally:
            self._room.release()

    def _run(self, job: Callable[[Path, Order], Answer], order: Order, folder: Path | None) -> Answer:
        with scratch.folder(None) as desk:
            own = str(desk)
            (desk / "order").write_bytes(pickle.dumps((job, folder or desk, order), protocol=5))
            for _attempt in range(ATTEMPTS):
                try:
                    self._processes.submit(carry_out, own, self._longest).result()
                    break
                except BrokenProcessPool:
                    continue
                except MemoryError as error:
                    raise TooLarge("Reading this takes more memory than there is for it.") from error
            else:
                raise TooLarge("Reading this ended the process that did it: it is too large, or damaged.")
            answer: Answer = pickle.loads((desk / "answer").read_bytes())  # noqa: S301 - our own child wrote it
            return answer

    def warm(self) -> None:
        """Start a child, so that the first upload does not wait for it."""
        self._processes.submit(idle)

    def close(self) -> None:
        """End the children."""
        self._processes.close()


@cache
def children() -> Children:
    """The children of this process."""
    return Children()


def stop_children() -> None:
    """End the children of this process, if there are any; who needs some later gets new ones."""
    if children.cache_info().currsize:
        children().close()
        children.cache_clear()


def carry_out(desk: str, longest: float = LONGEST) -> None:
    """What a child does: read a job, carry it out, leave the answer.

    Whatever the job writes on the side lies in the folder too: it is about learners, and this process may be killed.
    """
    tempfile.tempdir = desk
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, resource.getrlimit(resource.RLIMIT_AS)[1]))
    job, folder, order = pickle.loads((Path(desk) / "order").read_bytes())  # noqa: S301 - our own parent wrote it
    signal.signal(signal.SIGALRM, _give_up)
    signal.setitimer(signal.ITIMER_REAL, longest)
    try:
        answer = job(folder, order)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    (Path(desk) / "answer").write_bytes(pickle.dumps(answer, protocol=5))


def _give_up(_number: int, _frame: object) -> None:
    raise TooLarge("Reading this takes more time than there is for it.")


def idle() -> None:
    """Load what jobs need, and nothing else."""
    import api.rounds.jobs  # noqa: F401, PLC0415 - loading it is the job
