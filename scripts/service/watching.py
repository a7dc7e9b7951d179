"""The memory of a process and of everything that it has started, looked at again and again (Linux)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

EVERY: Final = 0.1
"""Seconds between two looks."""


@dataclass
class Memory:
    """The most megabytes at one moment: of the process itself, and of it and all its children together."""

    own_mb: float = 0.0
    all_mb: float = 0.0


@contextmanager
def memory(pid: int) -> Iterator[Memory]:
    """What a process and its children take while the block runs. Pages that they share are counted in each."""
    seen, over = Memory(), threading.Event()

    def look() -> None:
        while not over.wait(EVERY):
            own = resident_mb(pid)
            seen.own_mb = max(seen.own_mb, own)
            seen.all_mb = max(seen.all_mb, own + sum(map(resident_mb, descendants(pid))))

    looking = threading.Thread(target=look, daemon=True)
    looking.start()
    try:
        yield seen
    finally:
        over.set()
        looking.join()


def descendants(pid: int) -> Iterator[int]:
    """The processes that a process has started, and those that they have."""
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = task.read_text(encoding="ascii").split()
        except OSError:
            continue  # it has just ended
        for child in map(int, children):
            yield child
            yield from descendants(child)


def resident_mb(pid: int) -> float:
    """The memory of a process, MB; 0 for one that has ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except OSError:
        return 0.0
    sizes = [int(line.split()[1]) / 1_000 for line in status.splitlines() if line.startswith("VmRSS")]
    return sizes[0] if sizes else 0.0
