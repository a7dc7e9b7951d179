"""How far an upload or a run is: told to a function, or shown as a bar in a terminal or a notebook."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TransferSpeedColumn,
)

Advance = Callable[[int, int], None]
"""Told the bytes that have gone out, and how many there are."""


def silent(_done: int, _total: int) -> None:
    """Tell nobody."""


@contextmanager
def sending(shown: bool | Advance, what: str) -> Iterator[Advance]:
    """Where an upload tells how far it is: a function of the caller's, a bar (``True``), or nobody (``False``)."""
    if not isinstance(shown, bool):
        yield shown
    elif not shown:
        yield silent
    else:
        columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
        with Progress(*columns, TimeElapsedColumn(), console=console()) as bar:
            task = bar.add_task(what, total=None)

            def advance(done: int, total: int) -> None:
                # all bytes are out: what is left is the service's work, of which only the time is known
                said = f"{what}: checked by the service" if done == total else what
                bar.update(task, completed=done, total=total, description=said)

            yield advance


@contextmanager
def waiting(shown: bool | Callable[[Any], object], what: str) -> Iterator[Callable[[Any], object]]:
    """Where something that is waited for tells how far it is: a function, a turning line (``True``), or nobody."""
    if not isinstance(shown, bool):
        yield shown
    elif not shown:
        yield lambda _state: None
    else:
        columns: tuple[Any, ...] = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
        with Progress(*columns, console=console()) as line:
            task = line.add_task(what, total=None)
            yield lambda state: line.update(task, description=str(state))


def console() -> Console:
    """Standard error, so that bars are never mixed with results; in a notebook rich shows them below the cell."""
    return Console(stderr=True)
