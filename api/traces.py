"""Where something went wrong, for logs: never what was there, as messages and values may be personal."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import Any, Final

import structlog

DEEPEST: Final = 20
"""Frames that are told, from the innermost."""


def write_fault(event: str, wrong: BaseException, **about: Any) -> None:
    """Log a fault of ours."""
    structlog.get_logger().error(event, kind=type(wrong).__name__, frames=frames_of(wrong), **about)


def frames_of(wrong: BaseException) -> list[str]:
    """The places that an exception went through."""
    frames = traceback.extract_tb(wrong.__traceback__)
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames[-DEEPEST:]]


def frames_in(path: Path) -> list[str]:
    """The places that stand in what a process has written on stderr, and the kind of its last exception."""
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    places = [line.strip() for line in lines if line.startswith('  File "')][-DEEPEST:]
    kind = lines[-1].partition(":")[0][:100] if lines else ""
    return [*places, kind]
