"""Passwords: kept as argon2id hashes, compared in the same time whether or not there is one."""

from __future__ import annotations

import threading
from functools import cache
from typing import Final

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

SHORTEST: Final = 12
"""Characters of a password, at least: length is what makes guessing hopeless, classes of characters do not."""

LONGEST: Final = 256
"""Characters of a password, at most: what is hashed is bounded."""

_HASHING: Final = PasswordHash((Argon2Hasher(),))
_AT_ONCE: Final = threading.BoundedSemaphore(4)
"""One hash takes 64 MB: many log-ins at a time wait for each other instead of taking all memory."""


def hash_of(password: str) -> str:
    """What is kept of a password."""
    with _AT_ONCE:
        return _HASHING.hash(password)


def is_right(password: str, hashed: str | None) -> bool:
    """Whether it is the password; where there is none, the same work is done for nothing."""
    with _AT_ONCE:
        return _HASHING.verify(password, hashed or _nobodys()) and hashed is not None


@cache
def _nobodys() -> str:
    """The hash of a password that nobody has."""
    return _HASHING.hash("")
