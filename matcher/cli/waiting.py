"""Waiting for a solve: progress on stderr, and a Ctrl-C that asks the search to stop and keeps its result.

The search runs in a thread of its own. Python hands a signal to the main thread only, and only between two of
its own steps: a main thread inside a solver would not notice Ctrl-C before the solver is done.
"""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, contextmanager, nullcontext
from types import FrameType
from typing import TypeVar

from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from matcher.cli.console import amount, err, remark
from solvers.interface import Cancel, Report, silent
from solvers.interface import Progress as Step

T = TypeVar("T")

GLANCE = 0.1
"""Seconds between two looks at whether a signal has come or the search is done."""


def wait_for(
    work: Callable[[Report, Cancel], T], *, seconds: float | None, shown: bool | None, quiet: bool
) -> T:
    """Run ``work`` with a progress display and an interruptible cancel; its result, or its exception.

    ``seconds`` is the time limit that the bar fills towards (None: it only turns). ``shown`` forces it
    on or off; by default it is shown on a terminal, and never when ``quiet``.
    """
    stopping = threading.Event()
    with first_signal_asks(stopping), display(seconds, shown, quiet) as report, ThreadPoolExecutor(1) as pool:
        running = pool.submit(work, report, stopping.is_set)
        while not wait([running], timeout=GLANCE).done:
            pass
        return running.result()


@contextmanager
def first_signal_asks(stopping: threading.Event) -> Iterator[None]:
    """The first Ctrl-C (or polite kill) sets ``stopping``; the second ends the process at once."""

    def handle(_number: int, _frame: FrameType | None) -> None:
        if stopping.is_set():
            os._exit(130)
        stopping.set()
        remark("Stopping; the best allocation so far will be written. Press Ctrl-C again to leave at once.")

    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def display(seconds: float | None, shown: bool | None, quiet: bool) -> AbstractContextManager[Report]:
    """Where progress goes: a bar on a terminal, lines where it was asked for without one, else nowhere."""
    if shown is False or quiet:
        return nullcontext(silent)
    if sys.stderr.isatty():
        return bar(seconds)
    return nullcontext(lines()) if shown else nullcontext(silent)


@contextmanager
def bar(seconds: float | None) -> Iterator[Report]:
    """A live line on stderr that is gone when the search is done."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True) as progress:
        task, began = progress.add_task("starting", total=seconds), time.monotonic()

        def report(step: Step) -> None:
            progress.update(task, description=sentence(step), completed=time.monotonic() - began)

        yield report


def lines(now: Callable[[], float] = time.monotonic) -> Report:
    """One plain line whenever there is something new to say, with the seconds since the beginning."""
    last, began = "", now()

    def report(step: Step) -> None:
        nonlocal last
        if (text := sentence(step)) != last:
            last = text
            remark(f"{now() - began:7.1f} s  {text}")

    return report


def sentence(step: Step) -> str:
    """Where the search is, in a few words."""
    if step.goal is None:
        return step.phase
    bound = "" if step.bound is None else f", bound {amount(step.bound)}"
    return f"{step.phase}: {step.goal} {amount(step.value)}{bound}"
