"""A crew of child processes on this machine.

Only names of files pass through the pool's pipes, never what a task is given or answers: a worker killed in the middle
of a long message would leave its reader waiting for the rest.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
import threading
import time
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Self, TypeVar

import numpy.typing as npt

from models.errors import SolverFault
from solvers.giving import NOTHING, give_out
from solvers.holdings import Folder, Holding, Mapped, tidy, write
from solvers.orphans import die_with_parent
from solvers.stage import Clock

R = TypeVar("R")

GRACE = 0.25
"""Seconds that abandoned tasks get to end by themselves, which spares the start of new workers."""

FAREWELL = 2.0
"""Seconds that idle workers get to end by themselves."""

SINGLE_THREADED = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
"""As many workers as cores leave no core for BLAS threads of their own."""


class Pool:
    """See ``Crew``. Runs may come from several threads."""

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self.folder = Folder()
        self._processes = Processes(workers)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._processes.close()
        finally:
            self.folder.close()

    def hold(self, part: int, arrays: Mapping[str, npt.NDArray[Any]]) -> Holding:
        """Write the arrays to a file, which workers map."""
        path = self.folder.new()
        write(path, tidy(arrays))
        return Holding(str(path), part)

    def drop(self, holding: Holding) -> None:
        """Remove the file; a worker that has it mapped lets go when it next maps another."""
        Path(holding.key).unlink(missing_ok=True)

    def run(
        self,
        task: Callable[..., R],
        items: Sequence[tuple[Any, ...]],
        *,
        clock: Clock | None = None,
        meanwhile: Iterator[object] = NOTHING,
    ) -> list[R] | None:
        """Give the items to the workers."""
        return give_out(_Errands(self._processes, self.folder, task, items), len(items), clock, meanwhile)


class _Errands:
    """One run's items as files; see ``Hands``."""

    deaths = (BrokenProcessPool,)

    def __init__(
        self, processes: Processes, folder: Folder, task: Callable[..., Any], items: Sequence[tuple[Any, ...]]
    ) -> None:
        self._processes, self._folder, self._task, self._items = processes, folder, task, items
        self._files: dict[int, Path] = {}

    def room(self) -> int:
        """One for every worker, and one that waits for it."""
        return 2 * self._processes.workers

    def give(self, number: int) -> Future[Any]:
        if number not in self._files:
            path = self._folder.new()
            put(path, pickle.dumps((self._task, self._items[number]), protocol=5))
            self._files[number] = path
        return self._processes.submit(carry_out, str(self._files[number]))

    def taken(self, number: int, answer: str) -> Any:
        errand = self._files.pop(number)
        errand.unlink()
        _mark(errand).unlink()
        path = Path(answer)
        content = path.read_bytes()
        path.unlink()
        return pickle.loads(content)  # noqa: S301 - our own worker wrote it, in a folder that only we can read

    def begun(self, number: int) -> bool:
        mark = _mark(self._files[number])
        begun = mark.exists()
        mark.unlink(missing_ok=True)
        return begun

    def lost(self) -> SolverFault:
        return SolverFault("a process pool cancelled a task by itself")

    def abandon(self, out: Sequence[Future[Any]]) -> None:
        if wait(out, timeout=GRACE).not_done:
            self._processes.kill()


def _mark(errand: str | Path) -> Path:
    """The file that says that a worker has begun."""
    return Path(f"{errand}.begun")


def carry_out(errand: str) -> str:
    """What a worker does: read a task and its arguments, carry it out, and say where the answer lies."""
    _mark(errand).touch()
    task, arguments = pickle.loads(Path(errand).read_bytes())  # noqa: S301 - see `_Errands.taken`
    mapped = _mapped()
    answer = task(*(mapped.get(one.key) if isinstance(one, Holding) else one for one in arguments))
    path = Path(f"{errand}.{os.getpid()}")
    put(path, pickle.dumps(answer, protocol=5))
    return str(path)


def put(path: Path, content: bytes) -> None:
    """Write a file. Raises ``OSError`` that names it: of a full disk, Python tells only that there is one."""
    try:
        path.write_bytes(content)
    except OSError as failed:
        raise OSError(failed.errno, failed.strerror, str(path)) from failed


@cache
def _mapped() -> Mapped:
    return Mapped()


class Processes:
    """A process pool that is made when it is needed, and made anew after a worker has died."""

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self._pool: ProcessPoolExecutor | None = None
        # Linux ends the workers with the thread that started them, so that one must live as long as they shall.
        self._foreman = ThreadPoolExecutor(1, thread_name_prefix="crew", initializer=_keep_interrupts_away)

    def submit(self, function: Callable[..., Any], *arguments: object) -> Future[Any]:
        """As an executor does; a broken pool is replaced."""
        return self._foreman.submit(self._submit, function, *arguments).result()

    def kill(self) -> None:
        """End the workers at once, whatever they are doing; what they were doing counts as lost."""
        self._foreman.submit(self._end, 0.0).result()

    def close(self) -> None:
        """End the workers and the thread that started them."""
        self._foreman.submit(self._end, FAREWELL).result()
        self._foreman.shutdown()

    def _submit(self, function: Callable[..., Any], *arguments: object) -> Future[Any]:
        try:
            return self._spawning(function, *arguments)
        except BrokenProcessPool:
            self._end(0.0)
            return self._spawning(function, *arguments)

    def _spawning(self, function: Callable[..., Any], *arguments: object) -> Future[Any]:
        """Submit to the pool, which may start a worker for it."""
        if self._pool is None:
            context = get_context("spawn")
            self._pool = ProcessPoolExecutor(self.workers, context, prepare, (os.getpid(),))
        with _birth():
            return self._pool.submit(function, *arguments)

    def _end(self, patience: float) -> None:
        if self._pool is None:
            return
        pool, self._pool = self._pool, None
        children = list((pool._processes or {}).values())  # noqa: SLF001 - public (kill_workers) only from 3.14 on
        pool.shutdown(wait=False)
        until = time.monotonic() + patience
        for child in children:
            child.join(max(0.0, until - time.monotonic()))
            child.kill()
        for child in children:
            child.join()


def prepare(parent: int) -> None:
    """What a worker does first: die with its parent, and leave Ctrl-C to it (a terminal sends that to both)."""
    die_with_parent(parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _keep_interrupts_away() -> None:
    """Block Ctrl-C in this thread: the processes that it starts inherit that, and are not hit before ``prepare``."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})


_BIRTH = threading.Lock()


@contextmanager
def _birth() -> Iterator[None]:
    """How the world looks to a worker that is born now: one BLAS thread (they are counted when numpy is loaded), and no
    main module. Workers would import that again, and with it run a caller's script that has no ``if __name__`` guard.
    """
    with _BIRTH:
        environment = {name: os.environ.get(name) for name in SINGLE_THREADED}
        main = sys.modules["__main__"]
        os.environ.update(dict.fromkeys(SINGLE_THREADED, "1"))
        sys.modules["__main__"] = types.ModuleType("__main__")
        try:
            yield
        finally:
            sys.modules["__main__"] = main
            for name, value in environment.items():
                os.environ.pop(name) if value is None else os.environ.update({name: value})
