"""Leaving when asked to: SIGTERM and Ctrl-C set an event instead of ending the process where it stands."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from types import FrameType


@contextmanager
def until_asked() -> Iterator[Event]:
    """The event that is set when somebody asks this process to end; what is in the block cleans up after itself."""
    asked = Event()

    def handle(_number: int, _frame: FrameType | None) -> None:
        asked.set()

    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
