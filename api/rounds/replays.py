"""Answers that are remembered for retries, as far as they speak of learners: forgotten with them.

The answer to an upload holds cells that were read otherwise than written; that to a change by hand holds its reason.
What is forgotten is the answer, not that the request was carried out: a retry is not carried out again.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from api.store.schema import Replay, RoundRecord

KEPT: Final = timedelta(hours=24)
"""How long an answer is remembered."""

FORGOTTEN: Final = 0
"""The status of an answer that is not known any more."""


def forget(session: Session, record: RoundRecord) -> None:
    """Forget the answers that speak of learners of a round."""
    about = Replay.round_id == record.id
    session.execute(update(Replay).where(about).values(status=FORGOTTEN, headers={}, body=b""))


def drop_old(session: Session, at: datetime) -> None:
    """Delete what is remembered for longer than answers are, whoever's it is."""
    session.execute(delete(Replay).where(Replay.at < at - KEPT))
