"""Reads a file's bytes with care: only regular files of bounded size, and what they hold is looked at, not
their name.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final

from matcher.intake import limits
from matcher.intake.findings import Unreadable

ZIP: Final = b"PK\x03\x04"

_BEGINNINGS: Final = (
    (ZIP, "a workbook or another packed file"),
    (b"PK\x05\x06", "an empty packed file"),
    (b"\xd0\xcf\x11\xe0", "an old Excel file (.xls) or a workbook with a password"),
    (b"%PDF", "a PDF"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"{\\rtf", "an RTF document"),
    (b"<!DOCTYPE", "a web page"),
    (b"<html", "a web page"),
    (b"<?xml", "an XML file"),
)


def label(path: Path) -> str:
    """The name of a file as it stands in messages; bytes that are no text are written as escapes."""
    return os.fsencode(path.name).decode("utf-8", "backslashreplace")


def read_bytes(path: Path) -> bytes:
    """The bytes of a regular file; raises ``Unreadable``."""
    try:
        found = path.stat()
        _insist_on_regular(found.st_mode)
        if found.st_size > limits.FILE_BYTES:
            size = f"{found.st_size:,} bytes"
            raise Unreadable(f"the file has {size}; the limit is {limits.FILE_BYTES:,}")
        with path.open("rb") as stream:
            return stream.read(limits.FILE_BYTES)
    except OSError as error:
        raise Unreadable(f"the file cannot be read: {reason(error)}") from error


def reason(error: OSError) -> str:
    """Why the system refused, in its words and without the path."""
    return (error.strerror or type(error).__name__).lower()


def what_it_is(data: bytes) -> str | None:
    """What kind of file it is, when its beginning tells and it is not plain text."""
    start = data[:16].lstrip()
    return next((what for beginning, what in _BEGINNINGS if start.startswith(beginning)), None)


def _insist_on_regular(mode: int) -> None:
    if stat.S_ISDIR(mode):
        raise Unreadable("this is a folder, a file is expected")
    if not stat.S_ISREG(mode):
        raise Unreadable("this is not a regular file")
