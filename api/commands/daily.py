"""What `matcher serve` does once a day: rounds whose retention has ended are purged of what they hold of learners, and
what is kept for a day only is forgotten.
"""

from __future__ import annotations

import threading
from typing import Final, Self

import structlog

from api.commands.tidying import tidy
from api.rounds.retention import purge_expired
from api.settings import Settings
from api.store.engine import Store
from api.traces import write_fault

log = structlog.get_logger()

DAY: Final = 24 * 3_600.0
"""Seconds between two looks."""


class Daily(threading.Thread):
    """A thread that looks at once and then every day; a context manager, at the end of which it is gone.

    Of several processes on one database, each looks; a round is purged once.
    """

    def __init__(self, store: Store, settings: Settings, every: float = DAY) -> None:
        super().__init__(name="daily", daemon=True)
        self._store, self._settings, self._every = store, settings, every
        self._leaving = threading.Event()

    def run(self) -> None:
        """Look until asked to leave; what goes wrong one day is tried again the next."""
        while True:
            try:
                tidy(self._store)
                for round_id in purge_expired(self._store, self._settings):
                    log.info("round.purge", round=round_id)
            except Exception as wrong:  # noqa: BLE001 - the service goes on, and this thread with it
                write_fault("daily.fault", wrong)
            if self._leaving.wait(self._every):
                return

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._leaving.set()
        self.join()
