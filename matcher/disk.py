"""What the disk refused, told so that a person can do something about it: where, what for, how much, what next."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})
"""How systems say that there is no room: of the disk itself, or of what one user may have of it."""

ADVICE: Final = {
    **dict.fromkeys(FULL, "make room there, or name another folder"),
    errno.EROFS: "name another folder, or have this disk mounted for writing",
    errno.EACCES: "name another folder, or have its permissions changed",
    errno.EPERM: "name another folder, or have its permissions changed",
    errno.ENOTDIR: "a file is where a folder should be: name another folder, or move the file away",
    errno.EEXIST: "a file is where a folder should be: name another folder, or move the file away",
    errno.EISDIR: "a folder is where a file should be: name another folder, or move it away",
}
"""What to do about what the disk says, by its number."""


@contextmanager
def writing(place: Path, what: str, needed: int | None = None) -> Iterator[None]:
    """Tell where an error of the disk happened within: ``what`` was to be written to ``place``, a folder or a file.

    ``needed`` are the bytes that it takes at least (None: not known). Raises the ``OSError`` again, of the same kind
    and number, with a message that is a sentence and with ``place`` as its file.
    """
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, _sentence(error, place, what, needed), str(place)) from error


@contextmanager
def staged(folder: Path) -> Iterator[Path]:
    """A hidden folder within one that is made if it is missing; what is written there takes its place at the end.

    Each file replaces the one of its name. After an error nothing of it is left, and nothing else was touched.
    """
    made = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    hidden = Path(tempfile.mkdtemp(prefix=".matcher-", dir=folder))
    try:
        yield hidden
        for path in sorted(hidden.iterdir()):
            path.replace(folder / path.name)
    except BaseException:
        shutil.rmtree(hidden, ignore_errors=True)
        if made:
            with suppress(OSError):  # somebody else has put something there
                folder.rmdir()
        raise
    hidden.rmdir()


def insist_on_folder(folder: Path, what: str, least: int = 0) -> None:
    """Find out before long work, and not after it, that ``what`` cannot be written into a folder.

    The folder need not exist yet. ``least`` are the bytes that it takes in any case. Raises ``OSError`` as ``writing``
    does.
    """
    with writing(folder, what, least or None):
        nearest = next(path for path in (folder, *folder.absolute().parents) if path.exists())
        if not nearest.is_dir():
            raise _refusal(errno.ENOTDIR)
        if os.statvfs(nearest).f_flag & os.ST_RDONLY:
            raise _refusal(errno.EROFS)
        if not os.access(nearest, os.W_OK | os.X_OK):
            raise _refusal(errno.EACCES)
        room = shutil.disk_usage(nearest)
        if room.total and room.free < least:  # some that are no disks say 0 of 0
            raise _refusal(errno.ENOSPC)


def _refusal(number: int) -> OSError:
    return OSError(number, os.strerror(number))


def _sentence(error: OSError, place: Path, what: str, needed: int | None) -> str:
    said = error.strerror or type(error).__name__
    advice = ADVICE.get(error.errno or 0)
    room = _room(place, needed) if error.errno in FULL else ""
    return f"{said}: {what} cannot be written to {place}{room}{f'; {advice}' if advice else ''}"


def _room(place: Path, needed: int | None) -> str:
    """How much was needed, and how much there is."""
    found = []
    if needed is not None:
        found.append(f"at least {needed:,} bytes are needed")
    try:
        nearest = next(path for path in (place, *place.absolute().parents) if path.exists())
        found.append(f"{shutil.disk_usage(nearest).free:,} are free")
    except OSError:  # what says how much is free may be what is out of order
        pass
    return f" ({', '.join(found)})" if found else ""
