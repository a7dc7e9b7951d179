"""What the service keeps for a day only, gone after it: remembered answers, which may tell of learners, and failed
log-ins, which tell of addresses.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete

from api.access.logins import FORGOTTEN
from api.clock import now
from api.rounds.replays import KEPT
from api.store.engine import Store
from api.store.schema import Failure, Replay


def tidy(store: Store, at: datetime | None = None) -> None:
    """Forget what is over, whoever it was of: they may never come back."""
    moment = now() if at is None else at
    with store.writing() as session:
        session.execute(delete(Replay).where(Replay.at < moment - KEPT))
        session.execute(delete(Failure).where(Failure.last_at < moment - FORGOTTEN))
