"""Whether two tables hold the same rows, on whatever database and in whatever order."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True)
class Likeness:
    """How many rows, and the sum of their SHA-256 digests (modulo 2²⁵⁶), which no order changes."""

    rows: int
    digest: str

    @staticmethod
    def sha256(content: bytes) -> str:
        """The digest of bytes."""
        return hashlib.sha256(content).hexdigest()


def likeness_of(rows: Iterable[Iterable[Any]]) -> Likeness:
    """Of rows as values in the order of their columns."""
    count, total = 0, 0
    for row in rows:
        text = json.dumps(list(row), default=_plain, sort_keys=True, ensure_ascii=False)
        total += int.from_bytes(hashlib.sha256(text.encode()).digest())
        count += 1
    return Likeness(count, f"{total % 2**256:064x}")


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    assert isinstance(value, bytes | memoryview), f"a column of a type that is not expected: {type(value)}"
    return Likeness.sha256(bytes(value))
