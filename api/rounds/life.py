"""The life of a round: draft → collecting → frozen → published → closed, every step checked and logged.

Going back is explicit: it needs a reason, which the log keeps. So does giving a round up before it was published, for
retention counts from a round's end. Freezing and publishing are more than a change of the state and have modules of
their own; they too come through here.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Final

from sqlalchemy.orm import Session

from api.access.roles import Caller
from api.clock import now
from api.errors import Conflict, Wrong
from api.store import chain
from api.store.schema import RoundRecord


class State(StrEnum):
    """Where a round is in its life."""

    DRAFT = "draft"
    """Being set up; partners may already load."""
    COLLECTING = "collecting"
    """Partners load their tables."""
    FROZEN = "frozen"
    """A snapshot holds; coordinators run."""
    PUBLISHED = "published"
    """One run's result is shown to those whom it concerns."""
    CLOSED = "closed"
    """Over; retention counts from here."""


D, C, F, P, X = State.DRAFT, State.COLLECTING, State.FROZEN, State.PUBLISHED, State.CLOSED

FORWARD: Final = frozenset({(D, C), (C, F), (F, P), (P, X)})
"""The steps of an ordinary life."""

WITH_REASON: Final = frozenset({(C, D), (F, C), (P, F), (X, C), (X, F), (X, P), (D, X), (C, X), (F, X)})
"""The steps that need a reason: back, or to the end before the time."""

BY_PUBLICATION: Final = frozenset({(F, P), (P, F)})
"""The steps that are made by publishing a run, and by taking that back."""

LOADING: Final = frozenset({D, C})
"""The states in which tables, settings and participants may change."""


def insist_on(record: RoundRecord, *states: State) -> None:
    """Raise ``Conflict`` unless the round is in one of the states."""
    if record.state not in states:
        wanted = " or ".join(states)
        raise Conflict(f"The round is {record.state}; this is possible while it is {wanted}.")


def insist_on_loading(record: RoundRecord) -> None:
    """Raise ``Conflict`` unless tables may change."""
    insist_on(record, *sorted(LOADING, reverse=True))


def check_step(record: RoundRecord, to: State, reason: str | None) -> None:
    """Raise ``Conflict`` for a step that there is not, or not now; ``Wrong`` where the reason is missing."""
    step = (State(record.state), to)
    if step not in FORWARD | WITH_REASON:
        raise Conflict(f"A round that is {record.state} does not become {to}.")
    if step in WITH_REASON and not reason:
        raise Wrong(f"From {record.state} to {to} only with a reason, which the log keeps.")
    if record.state == State.CLOSED:
        _check_reopening(record, to)


def _check_reopening(record: RoundRecord, to: State) -> None:
    """A closed round reopens where it was, so that what was published stays so, and its snapshot counts."""
    if record.purged_at is not None:
        raise Conflict("The round's tables were deleted when its retention ended; it stays closed.")
    left = State.COLLECTING
    if record.published_run_id is not None:
        left = State.PUBLISHED
    elif record.snapshot_id is not None:
        left = State.FROZEN
    if to != left:
        raise Conflict(f"This round reopens as {left}, where it was.")


def step(
    session: Session,
    caller: Caller,
    record: RoundRecord,
    to: State,
    reason: str | None = None,
    **details: Any,
) -> None:
    """Take a step that ``check_step`` allows, within the caller's transaction and with the log's entry."""
    check_step(record, to, reason)
    since = record.state
    record.state = to.value
    record.revision += 1
    record.closed_at = now() if to is State.CLOSED else None
    if to in LOADING:
        record.snapshot_id = None
    chain.record(
        session,
        caller.login,
        f"round.{to.value}",
        record.id,
        round_id=record.id,
        since=since,
        **({"reason": reason} if reason else {}),
        **details,
    )
