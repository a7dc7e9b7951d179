"""A crew of the workers of a Dask cluster, through ``concurrent.futures``.

Nothing is put into the cluster beforehand. A task is sent with the names of its holdings; a worker that does not have
one says so, and the item is sent again with the data. So a worker that has just been started, in place of one that
died, serves as well as any other.
"""

from __future__ import annotations

import logging
import pickle
import re
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from typing import Any, Self, TypeVar

import dask
import distributed
import numpy.typing as npt

from models.errors import NoCluster, SolverFault
from models.version import VERSION
from solvers.giving import NOTHING, Again, Void, give_out
from solvers.holdings import Arrays, Holding, tidy
from solvers.serving import Answer, Call, Missing, Stranger, Unfinished, serve
from solvers.stage import Clock

R = TypeVar("R")

CONNECTING = 10.0
"""Seconds that the scheduler gets to answer."""

HIRING = 30.0
"""Seconds to wait for a first worker."""

LOOK = 1.0
"""Seconds between two looks at which workers there are."""

SETTINGS = {
    # A holding travels as part of a task, and Dask would advise against that.
    "distributed.admin.large-graph-warning-threshold": "1 TiB",
    # The caller's source code is no business of the scheduler's.
    "distributed.diagnostics.computations.nframes": 0,
}

LOG = logging.getLogger("distributed.client")
"""Where Dask would show tracebacks of what `Workers` says in a sentence."""


def shown(address: str) -> str:
    """An address as it may be shown: without user, password and query."""
    return re.sub(r"//[^/]*@", "//", address).partition("?")[0]


class Cluster:
    """See ``Crew``. ``address`` is the scheduler's."""

    def __init__(self, address: str) -> None:
        self.workers = Workers(address)
        self.held: dict[str, Arrays] = {}
        self.sent: set[str] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.held.clear()
        self.workers.close()

    def hold(self, part: int, arrays: Mapping[str, npt.NDArray[Any]]) -> Holding:
        """Keep the arrays here until a worker needs them."""
        holding = Holding(uuid.uuid4().hex, part)
        self.held[holding.key] = tidy(arrays)
        return holding

    def drop(self, holding: Holding) -> None:
        """Let go of them here; workers do so when they need the room, or after a while."""
        self.held.pop(holding.key, None)

    def run(
        self,
        task: Callable[..., R],
        items: Sequence[tuple[Any, ...]],
        *,
        clock: Clock | None = None,
        meanwhile: Iterator[object] = NOTHING,
    ) -> list[R] | None:
        """Give the items to the workers. What a worker had that died, Dask gives to another by itself."""
        return give_out(_Errands(self, task, items, clock), len(items), clock, meanwhile)


class _Errands:
    """One run's items as calls; see ``Hands``."""

    deaths = (distributed.KilledWorker,)

    def __init__(
        self,
        cluster: Cluster,
        task: Callable[..., Any],
        items: Sequence[tuple[Any, ...]],
        clock: Clock | None,
    ) -> None:
        self._cluster, self._task, self._items, self._clock = cluster, task, items, clock
        self._missed: dict[int, tuple[str, ...]] = {}

    def room(self) -> int:
        """Some for every thread of every worker: the next shall be there before the last answer is back here."""
        return 4 * max(1, sum(self._cluster.workers.threads().values()))

    def give(self, number: int) -> Future[Any]:
        holdings = [one for one in self._items[number] if isinstance(one, Holding)]
        left = None if self._clock is None else self._clock.left()
        task = pickle.dumps((self._task, self._items[number]), protocol=5)
        call = Call(VERSION, task, self._along(number, holdings), left)
        part = next((holding.part for holding in holdings if holding.part >= 0), None)
        return self._cluster.workers.submit(serve, call, part=part)

    def _along(self, number: int, holdings: Sequence[Holding]) -> dict[str, bytes]:
        """The data to send along: what no worker can have yet, and what the last one did not have."""
        missed, sent = self._missed.get(number, ()), self._cluster.sent
        keys = [one.key for one in holdings if one.key in missed or one.key not in sent]
        sent.update(keys)
        return {key: pickle.dumps(self._cluster.held[key], protocol=5) for key in keys}

    def taken(self, number: int, answer: Answer | Missing | Unfinished | Stranger) -> Any:
        match answer:
            case Answer(content):
                return pickle.loads(content)  # noqa: S301 - from the workers that the caller chose
            case Missing(keys):
                self._missed[number] = keys
                raise Again
            case Unfinished():
                raise Void
            case Stranger(version):
                where = self._cluster.workers.address
                raise NoCluster(
                    f"a worker of {where} has version {version} of this package, here is {VERSION}"
                )

    def begun(self, number: int) -> bool:
        return True  # Dask says it only of these

    def lost(self) -> SolverFault:
        return self._cluster.workers.gone()

    def abandon(self, out: Sequence[Future[Any]]) -> None:
        for future in out:
            future.cancel()


class _Client(distributed.Client):
    """A client that could not connect just goes: Dask's would wait for an answer once more, and complain."""

    def __del__(self) -> None:
        if self.status == "running":
            super().__del__()  # type: ignore[no-untyped-call]  # not typed in Dask


class Workers:
    """The workers of a cluster, as one executor for each: tasks of a part prefer one worker, which has its data."""

    def __init__(self, address: str) -> None:
        self.address = shown(address)
        self._threads: dict[str, int] = {}
        self._looked = 0.0
        self._executors: dict[str, Executor] = {}
        self._client = self._connect(address)
        self._settings = dask.config.set(SETTINGS)
        self._level = LOG.level
        LOG.setLevel(logging.CRITICAL + 1)

    def _connect(self, address: str) -> _Client:
        try:
            client = _Client(address, timeout=CONNECTING, set_as_default=False, name="matcher")
        except (OSError, ValueError) as failure:  # what Dask says of it may hold the address as it was given
            raise NoCluster(
                f"no Dask scheduler answers at {self.address} ({type(failure).__name__})"
            ) from None
        try:
            client.wait_for_workers(1, timeout=HIRING)
        except TimeoutError:
            client.close()
            message = (
                f"the Dask scheduler at {self.address} has no workers; start one: dask worker {self.address}"
            )
            raise NoCluster(message) from None
        return client

    def threads(self) -> dict[str, int]:
        """How many threads each worker has, by address, in the order of the addresses."""
        if time.monotonic() - self._looked > LOOK:
            try:
                self._threads = dict(sorted(self._client.nthreads(callback_timeout=LOOK).items()))
            except (OSError, TimeoutError):
                if self._client.status != "running":
                    raise self.gone() from None
            self._looked = time.monotonic()
        return self._threads

    def submit(self, function: Callable[..., Any], *arguments: object, part: int | None) -> Future[Any]:
        """Give out a task; another worker takes it where the preferred one has too much to do, or is gone."""
        if self._client.status != "running":
            raise self.gone()
        addresses = list(self.threads())
        preferred = "" if part is None or not addresses else addresses[part % len(addresses)]
        return self._executor(preferred).submit(function, *arguments)

    def _executor(self, preferred: str) -> Executor:
        if preferred not in self._executors:
            where = {"workers": [preferred], "allow_other_workers": True} if preferred else {}
            self._executors[preferred] = self._client.get_executor(pure=False, **where)
        return self._executors[preferred]

    def gone(self) -> SolverFault:
        """What to say when the scheduler has gone, and everything that was out with it."""
        return SolverFault(f"the connection to the Dask scheduler at {self.address} was lost")

    def close(self) -> None:
        """Leave the cluster; it goes on."""
        with self._settings:
            self._client.close(timeout=2)
        LOG.setLevel(self._level)
