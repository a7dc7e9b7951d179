"""Writing a set of files into a folder, whole or not at all.

Everything is written and forced to disk in a hidden folder beside the files' places before the first of them is
touched. A disk that fills up, or a process that is killed while it writes, leaves what was there. A folder that did
not exist appears whole, in one step. In one that did, what replaces the old files is one rename each: whoever is
killed between two of these (microseconds) leaves some new and some old files, which the digests in
``report.json``, the last one renamed, then show. An error between them is undone.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

HIDDEN = ".matcher-writing-"
"""How the hidden folders' names begin; one that a killed process left is removed by the next that writes there."""


def write_all(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write ``files`` (name to content) into ``folder``, which is made if it is missing.

    Files of other names in it are left alone. Raises ``OSError`` with the folder as it was.
    """
    if folder.exists():
        with _staged(folder, files) as new, _locked(folder):
            _exchange(folder, new, list(files))
            _sync(folder)
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _staged(folder.parent, files) as new:
        new.rename(folder)
        _sync(folder.parent)


@contextmanager
def _staged(place: Path, files: Mapping[str, bytes]) -> Iterator[Path]:
    """A folder within a hidden one in ``place`` that holds the files, safely on disk; removed at the end."""
    _clean(place)
    hidden = Path(tempfile.mkdtemp(prefix=HIDDEN, dir=place))
    try:
        with _locked(hidden):
            new = hidden / "new"
            new.mkdir()
            for name, content in files.items():
                _write(new / name, content)
            _sync(new)
            yield new
    finally:
        shutil.rmtree(hidden, ignore_errors=True)


def _clean(place: Path) -> None:
    """Remove hidden folders whose writers are gone: a lock ends with the process that holds it."""
    for left in place.glob(f"{HIDDEN}*"):
        try:
            with _locked(left, fcntl.LOCK_NB):
                shutil.rmtree(left, ignore_errors=True)
        except OSError:
            continue  # somebody is writing, or has just finished


def _write(path: Path, content: bytes) -> None:
    with path.open("xb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _exchange(folder: Path, new: Path, names: list[str]) -> None:
    """Move the files over the old ones; after an error, put the old ones back."""
    old = new.parent / "old"
    old.mkdir()
    kept = [name for name in names if (folder / name).exists()]
    for name in kept:
        shutil.copy2(folder / name, old / name)
    done: list[str] = []
    try:
        for name in names:
            (new / name).replace(folder / name)
            done.append(name)
    except OSError:
        for name in done:
            if name in kept:
                (old / name).replace(folder / name)
            else:
                (folder / name).unlink()
        raise


@contextmanager
def _locked(folder: Path, flags: int = 0) -> Iterator[None]:
    """Keep other writers away from a folder for a while."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | flags)
        yield
    finally:
        os.close(handle)


def _sync(folder: Path) -> None:
    """Force a folder's entries to disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
