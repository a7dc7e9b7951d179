"""The hands with which a method works in parallel: tasks go out, answers come back in order, wherever they were made.

    with crew(limits) as hands:
        shards = [hands.hold(part, arrays) for part, arrays in enumerate(pieces)]
        sums = hands.run(price, [(shard, prices) for shard in shards], clock=clock)

One worker is this process; more are child processes; with ``Limits.cluster`` they are the workers of a Dask cluster.
What comes back does not depend on it: a task is a function of its arguments alone, and answers stand in the order of
the items. A worker that dies costs time, not the result.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol, Self, TypeVar, overload

import numpy.typing as npt

from models.errors import NoCluster
from solvers.giving import NOTHING
from solvers.holdings import Arrays, Holding, tidy
from solvers.interface import Limits
from solvers.stage import Clock

A = TypeVar("A")
R = TypeVar("R")


class Later(Sequence[R]):
    """``make(one)`` for every ``one`` of a sequence, made when it is first asked for: items that go out while the next
    are still to be made keep all hands busy.
    """

    def __init__(self, make: Callable[[A], R], of: Sequence[A]) -> None:
        self._make: Callable[[int], R] = lambda number: make(of[number])
        self._made: dict[int, R] = {}
        self._count = len(of)

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, number: int) -> R: ...

    @overload
    def __getitem__(self, number: slice) -> list[R]: ...

    def __getitem__(self, number: int | slice) -> R | list[R]:
        if isinstance(number, slice):
            return [self[each] for each in range(self._count)[number]]
        number = range(self._count)[number]
        if number not in self._made:
            self._made[number] = self._make(number)
        return self._made[number]


class Crew(Protocol):
    """Hands for tasks; a context manager, at the end of which workers and files are gone.

    A task is a function of a module (not a lambda, not a method of a local class), so that a worker can import it. It
    is pure, and it may be run more than once: what it answers depends on its arguments alone. Floats deserve care: a
    product of matrices may round differently with another number of BLAS threads, and only workers have just one.
    """

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...

    def hold(self, part: int, arrays: Mapping[str, npt.NDArray[Any]]) -> Holding:
        """Keep arrays (of plain values, any shape) that tasks use again and again: they travel to a worker at most
        once, when it first needs them, and not with each task. The caller must not write to them any more.

        ``part`` ≥ 0 is the piece of the work that they belong to, -1 all pieces: see ``Holding``.
        """
        ...

    def drop(self, holding: Holding) -> None:
        """Let go of arrays that no task will be given any more."""
        ...

    def run(
        self,
        task: Callable[..., R],
        items: Sequence[tuple[Any, ...]],
        *,
        clock: Clock | None = None,
        meanwhile: Iterator[object] = NOTHING,
    ) -> list[R] | None:
        """``task(*item)`` for every item, in the order of the items. An argument that is a ``Holding`` arrives as its
        arrays by name, read-only. What is to be done ``meanwhile`` is done here step by step while workers are busy,
        to its end unless the clock says to stop.

        None when the clock says to stop: what is still running is abandoned within 2 seconds. In this process (one
        worker) a task cannot be abandoned; a long one asks ``stopping``.

        Raises
        ------
        SolverFault
            When workers keep dying over the same item, or the cluster is gone.
        Exception
            Whatever a task raises, with its traceback there; of several the first item's. Nothing of the run goes on.
        """
        ...


def crew(limits: Limits) -> Crew:
    """The hands that the limits allow. No process is started before the first ``run``.

    Raises
    ------
    NoCluster
        When the cluster cannot be reached or used; the message says why.
    """
    if limits.cluster is not None:
        return _cluster(limits.cluster)
    if limits.workers > 1:
        from solvers.pool import Pool  # noqa: PLC0415 - one worker needs no processes

        return Pool(limits.workers)
    return Alone()


def insist_on_cluster(limits: Limits) -> None:
    """Find out before long work, and not after it, that the cluster cannot be reached or used: see ``crew``."""
    if limits.cluster is not None:
        with crew(limits):
            pass


def _cluster(address: str) -> Crew:
    try:
        from solvers.cluster import Cluster  # noqa: PLC0415 - only who asks for a cluster needs Dask
    except ModuleNotFoundError as missing:
        if missing.name not in {"dask", "distributed"}:
            raise
        extra = "a cluster needs the extra `cluster`: pip install 'placement-matcher[cluster]'"
        raise NoCluster(extra) from None
    return Cluster(address)


class Alone:
    """One worker: this process."""

    def __init__(self) -> None:
        self._held: dict[Holding, Arrays] = {}
        self._numbers = itertools.count()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._held.clear()

    def hold(self, part: int, arrays: Mapping[str, npt.NDArray[Any]]) -> Holding:
        """Keep the arrays as they are: nothing travels."""
        holding = Holding(str(next(self._numbers)), part)
        self._held[holding] = tidy(arrays)
        return holding

    def drop(self, holding: Holding) -> None:
        """Let go of them."""
        self._held.pop(holding, None)

    def run(
        self,
        task: Callable[..., R],
        items: Sequence[tuple[Any, ...]],
        *,
        clock: Clock | None = None,
        meanwhile: Iterator[object] = NOTHING,
    ) -> list[R] | None:
        """One item after the other; the clock is asked before each."""
        answers = []
        for _ in meanwhile:
            pass
        with listening(_says_stop(clock)) as asked:
            for item in items:
                if _says_stop(clock)():
                    return None
                answers.append(task(*(self._given(argument) for argument in item)))
                if asked.told:
                    return None
        return answers

    def _given(self, argument: object) -> object:
        return dict(self._held[argument]) if isinstance(argument, Holding) else argument


def _says_stop(clock: Clock | None) -> Callable[[], bool]:
    return lambda: clock is not None and clock.stop() is not None


class Asked(threading.local):
    """Whom ``stopping`` asks in this thread, and whether it has said yes: then the task's answer is void."""

    stop: Callable[[], bool] | None = None
    told: bool = False


_ASKED = Asked()


def stopping() -> bool:
    """For use inside a task that takes long: whether nobody waits for its answer any more.

    A task that hears True may return anything at once. A child process always hears False: it is ended instead.
    """
    if _ASKED.stop is not None and _ASKED.stop():
        _ASKED.told = True
    return _ASKED.told


@contextmanager
def listening(stop: Callable[[], bool]) -> Iterator[Asked]:
    """Let ``stopping`` ask ``stop`` in this thread."""
    before = _ASKED.stop, _ASKED.told
    _ASKED.stop, _ASKED.told = stop, False
    try:
        yield _ASKED
    finally:
        _ASKED.stop, _ASKED.told = before
