"""Arrays that many tasks use: written once to a private folder, and mapped, not copied, by every process that reads.

One file per holding, as one mapping takes one file handle: a line of JSON that says where each array lies, then
the arrays. Processes that map the same file share its pages.
"""

from __future__ import annotations

import fcntl
import json
import mmap
import os
import shutil
import tempfile
import uuid
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Arrays = dict[str, npt.NDArray[Any]]

ALIGNMENT = 64
"""Bytes: every array begins at a multiple of this, as numpy's own do, or better."""

MAPPED = 256
"""So many files at most stay mapped in a process; each takes one file handle."""

PREFIX = "matcher-crew-"


@dataclass(frozen=True)
class Holding:
    """Arrays that a crew keeps for the tasks of one part: a task that is given this gets the arrays.

    ``part`` ≥ 0 says which piece of the work they belong to, so that a cluster gives tasks of one part to one worker
    where it can; -1 belongs to all parts. ``key`` is the crew's own name for them.
    """

    key: str
    part: int


def tidy(arrays: Mapping[str, npt.NDArray[Any]]) -> Arrays:
    """The arrays as every task sees them, wherever it runs: rows first in memory, and not to be written to.

    Raises
    ------
    TypeError
        For an array of Python objects or of records: only numbers and text travel.
    """
    ready = {}
    for name, array in arrays.items():
        if array.dtype.hasobject or array.dtype.fields is not None:
            raise TypeError(f"a holding takes arrays of plain values; {name} is of {array.dtype}")
        ready[name] = np.asarray(array, order="C").view()
        ready[name].flags.writeable = False
    return ready


def write(path: Path, arrays: Arrays) -> None:
    """Write tidy arrays to one file."""
    table, offset = [], 0
    for name, array in arrays.items():
        table.append((name, array.dtype.str, array.shape, offset))
        offset += -(-array.nbytes // ALIGNMENT) * ALIGNMENT
    head = json.dumps(table).encode()
    with path.open("wb") as file:
        file.write(head.ljust(_head_size(head) - 1) + b"\n")
        for array in arrays.values():
            if array.size:
                file.write(array.reshape(-1).view(np.uint8).data)
            file.write(bytes(-array.nbytes % ALIGNMENT))


def read(path: str | Path) -> Arrays:
    """Map what ``write`` wrote; the arrays cannot be written to."""
    with Path(path).open("rb") as file:
        content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    head = content.readline()
    arrays = {}
    for name, dtype, shape, offset in json.loads(head):
        count = int(np.prod(shape, dtype=np.int64))
        arrays[name] = np.frombuffer(content, dtype, count, len(head) + offset).reshape(shape)
    return arrays


def _head_size(head: bytes) -> int:
    return (len(head) // ALIGNMENT + 1) * ALIGNMENT


class Mapped:
    """The files that this process has mapped, the least recently used of them let go."""

    def __init__(self) -> None:
        self._arrays: OrderedDict[str, Arrays] = OrderedDict()

    def get(self, key: str) -> Arrays:
        """The arrays of a file, mapped now or before."""
        if key not in self._arrays:
            self._let_go()
            self._arrays[key] = read(key)
        self._arrays.move_to_end(key)
        return dict(self._arrays[key])

    def _let_go(self) -> None:
        """Of files that are gone (their pages live as long as a mapping does), and of the oldest beyond the bound."""
        for key in [key for key in self._arrays if not Path(key).exists()]:
            del self._arrays[key]
        while len(self._arrays) >= MAPPED:
            self._arrays.popitem(last=False)


class Folder:
    """A private temporary folder, removed by ``close``; what a process killed in the middle has left behind is removed
    by the next one.
    """

    def __init__(self) -> None:
        sweep()
        self.path = Path(tempfile.mkdtemp(prefix=PREFIX))
        lock = self.path / "lock.new"
        self._lock = lock.open("w")
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        lock.rename(self.path / "lock")  # only now is the folder one that `sweep` looks at

    def new(self) -> Path:
        """A path in it that nothing has yet."""
        return self.path / uuid.uuid4().hex

    def close(self) -> None:
        """Remove it with all that is in it."""
        shutil.rmtree(self.path, ignore_errors=True)
        self._lock.close()


def sweep() -> None:
    """Remove this user's folders whose process is gone: nobody holds their lock any more."""
    for lock in Path(tempfile.gettempdir()).glob(f"{PREFIX}*/lock"):
        try:
            if lock.stat().st_uid != os.getuid():
                continue
            with lock.open("w") as handle:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(lock.parent, ignore_errors=True)
        except OSError:  # held by a living process, or just removed by its owner or by another sweep
            continue
