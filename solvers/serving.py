"""What a worker of a Dask cluster does with a task that it is sent, and the arrays that it keeps for the next."""

from __future__ import annotations

import pickle
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import distributed

from models.version import VERSION
from solvers.crew import listening
from solvers.holdings import Arrays, Holding, tidy

SHARE = 0.4
"""Of the memory that a worker may use, what the arrays that it keeps may take."""

UNLIMITED = 2**31
"""Bytes: what they may take on a worker without a limit."""

KEPT = 300.0
"""Seconds: arrays that nobody has used for so long are let go. Their owner may have been killed, or be done."""


@dataclass(frozen=True)
class Call:
    """A task on its way: which ``version`` of this package sends it; the pickled ``task`` with its arguments; by key
    the pickled arrays that go with it; the ``seconds`` after which nobody waits any more (None: no end).
    """

    version: str
    task: bytes
    arrays: dict[str, bytes] = field(default_factory=dict)
    seconds: float | None = None


@dataclass(frozen=True)
class Answer:
    """What the task answered, pickled."""

    content: bytes


@dataclass(frozen=True)
class Missing:
    """The worker does not have the arrays with these keys."""

    keys: tuple[str, ...]


@dataclass(frozen=True)
class Unfinished:
    """The task stopped early, as nobody waited any more."""


@dataclass(frozen=True)
class Stranger:
    """The worker has another version of this package."""

    version: str


def serve(call: Call) -> Answer | Missing | Unfinished | Stranger:
    """Carry out a task on a worker of the cluster."""
    if call.version != VERSION:
        return Stranger(VERSION)
    deadline = None if call.seconds is None else time.monotonic() + call.seconds
    brought = {key: tidy(pickle.loads(content)) for key, content in call.arrays.items()}  # noqa: S301 - from our client
    for key, arrays in brought.items():
        SHELF.put(key, arrays, _room())
    task, arguments = pickle.loads(call.task)  # noqa: S301 - from our client
    keys = dict.fromkeys(one.key for one in arguments if isinstance(one, Holding))
    found = {key: brought[key] if key in brought else SHELF.get(key) for key in keys}
    if missing := tuple(key for key, arrays in found.items() if arrays is None):
        return Missing(missing)
    return _carry_out(task, arguments, {key: arrays or {} for key, arrays in found.items()}, deadline)


def _carry_out(
    task: Callable[..., Any],
    arguments: tuple[Any, ...],
    arrays: Mapping[str, Arrays],
    deadline: float | None,
) -> Answer | Unfinished:
    stop = _unwanted(deadline)
    with listening(stop) as asked:
        answer = task(*(dict(arrays[one.key]) if isinstance(one, Holding) else one for one in arguments))
        return Unfinished() if asked.told else Answer(pickle.dumps(answer, protocol=5))


def _unwanted(deadline: float | None) -> Callable[[], bool]:
    """Asks whether time is up, or the client has withdrawn the task that this thread is at."""
    worker = distributed.get_worker()
    key = worker.get_current_task()

    def unwanted() -> bool:
        state = worker.state.tasks.get(key)
        withdrawn = state is None or state.state == "cancelled"
        return withdrawn or (deadline is not None and time.monotonic() >= deadline)

    return unwanted


def _room() -> int:
    limit = distributed.get_worker().memory_manager.memory_limit
    return int(SHARE * limit) if limit else UNLIMITED


class Shelf:
    """Arrays by key, within a bound of bytes: the least recently used go first. A worker's threads share it."""

    def __init__(self, kept: float = KEPT) -> None:
        self._kept = kept
        self._lock = threading.Lock()
        self._arrays: OrderedDict[str, tuple[Arrays, float]] = OrderedDict()
        self._timer: threading.Timer | None = None

    def get(self, key: str) -> Arrays | None:
        """The arrays, if they are there."""
        with self._lock:
            if key not in self._arrays:
                return None
            arrays, _ = self._arrays.pop(key)
            self._arrays[key] = arrays, time.monotonic()
            return arrays

    def put(self, key: str, arrays: Arrays, room: int) -> None:
        """Keep arrays, if they fit into ``room`` bytes at all, in place of what has not been used for longest."""
        with self._lock:
            self._arrays[key] = arrays, time.monotonic()
            sizes = {key: sum(map(_size, held.values())) for key, (held, _) in self._arrays.items()}
            total = sum(sizes.values())
            while total > room:
                oldest, _ = self._arrays.popitem(last=False)
                total -= sizes[oldest]
            self._look_later()

    def keys(self) -> list[str]:
        """Whose arrays are there, the longest unused first."""
        with self._lock:
            return list(self._arrays)

    def _look_later(self) -> None:
        if self._timer is None and self._arrays:
            self._timer = threading.Timer(self._kept, self._let_go)
            self._timer.daemon = True
            self._timer.start()

    def _let_go(self) -> None:
        """Of what nobody has used for long; then look again later."""
        with self._lock:
            before = time.monotonic() - self._kept
            for key in [key for key, (_, used) in self._arrays.items() if used <= before]:
                del self._arrays[key]
            self._timer = None
            self._look_later()


def _size(array: Any) -> int:
    return int(array.nbytes)


SHELF = Shelf()
