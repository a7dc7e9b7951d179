"""Writing a set of files into a folder, whole or not at all.

Everything is written and forced to disk in a hidden folder beside the files' places before the first of them is
touched. A disk that fills up, or a process that is killed while it writes, leaves what was there. A folder that did
not exist appears whole, in one step. In one that did, what replaces the old files is one rename each: whoever is
killed between two of these (microseconds) leaves some new and some old files, which the digests in
``report.json``, the last one renamed, then show. An error between them is undone.

Several may write into one folder at once: each exchanges all its files before the next does, so that the folder holds
one writer's files whenever none is exchanging, those of the last in the end.
"""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

HIDDEN = ".matcher-writing-"
"""How the hidden folders' names begin; one that a killed process left is removed by the next that writes there."""


OVERTAKEN = frozenset({errno.ENOTEMPTY, errno.EEXIST})
"""How a rename says that another writer has made the folder meanwhile."""

BLOCK = 4096
"""Bytes that disks usually give out at once."""


def write_all(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write ``files`` (name to content) into ``folder``, which is made if it is missing.

    Files of other names in it are left alone. Raises ``OSError`` with the folder as it was.
    """
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with _staged(folder.parent, files) as new:
            if _appears(new, folder):
                return
    with _staged(folder, files) as new, _locked(folder):
        _exchange(folder, new, list(files))
        _sync(folder)


def needed(folder: Path, files: Mapping[str, bytes]) -> int:
    """How many bytes of disk it takes to write the files, those that are to be replaced kept meanwhile."""
    old = [(folder / name).stat().st_size for name in files if (folder / name).is_file()]
    return sum(-(-size // BLOCK) * BLOCK for size in (*map(len, files.values()), *old))


def _appears(new: Path, folder: Path) -> bool:
    """Give the files their folder, in one step; False where another writer has been faster."""
    try:
        new.rename(folder)
    except OSError as error:
        if error.errno in OVERTAKEN:
            return False
        raise
    _sync(folder.parent)
    return True


@contextmanager
def _staged(place: Path, files: Mapping[str, bytes]) -> Iterator[Path]:
    """A folder within a hidden one in ``place`` that holds the files, safely on disk; removed at the end."""
    _clean(place)
    with _hidden(place) as hidden:
        new = hidden / "new"
        new.mkdir()
        for name, content in files.items():
            _write(new / name, content)
        _sync(new)
        yield new


@contextmanager
def _hidden(place: Path) -> Iterator[Path]:
    """A hidden folder, locked as long as it is in use; removed at the end."""
    hidden, handle = _made(place)
    try:
        yield hidden
    finally:
        os.close(handle)
        shutil.rmtree(hidden, ignore_errors=True)


def _made(place: Path) -> tuple[Path, int]:
    """A new hidden folder, and the handle that locks it.

    Another writer may take it for one that a dead writer left, between its making and its locking: then it is gone, and
    one is made anew.
    """
    while True:
        hidden = Path(tempfile.mkdtemp(prefix=HIDDEN, dir=place))
        try:
            handle = os.open(hidden, os.O_RDONLY)
        except FileNotFoundError:
            continue
        fcntl.flock(handle, fcntl.LOCK_EX)
        if _is_there(hidden, handle):
            return hidden, handle
        os.close(handle)


def _is_there(folder: Path, handle: int) -> bool:
    """Whether a folder that has been opened is still the one of its name."""
    try:
        return os.path.samestat(folder.stat(), os.fstat(handle))
    except FileNotFoundError:
        return False


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
