"""The words for where a run stands, and for why one failed."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class State(StrEnum):
    """Where a run stands."""

    QUEUED = "queued"
    """Waits for a worker."""
    RUNNING = "running"
    """A worker has it, until its lease ends."""
    DONE = "done"
    """Ended by itself: with an allocation, or with the proof that there is none (``infeasible``)."""
    FAILED = "failed"
    """Ended without a result; ``failure`` says why."""
    CANCELLED = "cancelled"
    """Somebody did not want it any more."""


ENDED: Final = frozenset({State.DONE, State.FAILED, State.CANCELLED})
"""The states that a run never leaves."""


class FailureKind(StrEnum):
    """Why a run failed. It is not tried again: it would most likely fail again."""

    OUT_OF_MEMORY = "out_of_memory"
    """It needed more memory than it may have, or than the machine has."""
    CRASHED = "crashed"
    """Its process ended in the middle of the work."""
    INPUT = "input"
    """The round does not allow what was asked for: a method that does not take it, an allocation that breaks a rule."""
    OUR_FAULT = "our_fault"
    """A fault of the engine or of this service."""
    LOST = "lost"
    """Every worker that had it died."""


class EventKind(StrEnum):
    """What happens to a run."""

    QUEUED = "queued"
    STARTED = "started"
    PROGRESS = "progress"
    RETURNED = "returned"
    """Its worker was asked to stop, and put it back."""
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
