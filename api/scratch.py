"""Private folders for what a child process reads and writes; what a killed process leaves is removed by the next."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

PREFIX: Final = "matcher-work-"
"""How the folders' names begin."""

YOUNG: Final = 60.0
"""Seconds for which nobody takes a folder for left behind: its maker may not have locked it yet."""


@contextmanager
def folder(place: Path | None) -> Iterator[Path]:
    """A folder that only this user can read, gone at the end. Locked as long as this process lives."""
    tidy(place)
    made = Path(tempfile.mkdtemp(prefix=PREFIX, dir=place))
    handle = os.open(made, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)
        os.close(handle)


def tidy(place: Path | None) -> None:
    """Remove the folders whose makers are gone: a lock ends with the process that holds it."""
    for left in Path(place or tempfile.gettempdir()).glob(f"{PREFIX}*"):
        try:
            if time.time() - left.stat().st_mtime > YOUNG:
                _remove_unlocked(left)
        except OSError:
            continue  # somebody works in it, or has just removed it, or it is another user's


def _remove_unlocked(left: Path) -> None:
    handle = os.open(left, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(left, ignore_errors=True)
    finally:
        os.close(handle)
