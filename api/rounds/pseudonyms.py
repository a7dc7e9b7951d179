"""Pseudonyms of learners: keyed by the round, so that nobody without the key can make or try them.

The same learner has the same pseudonym for the same readers of a round, another one for others, and another one in
every other round: what one analyst sees and what a host sees cannot be joined. Source: ENISA, Pseudonymisation
techniques and best practices (2019), section 5.1.4 (HMAC).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Final

from api.errors import Conflict
from api.store.schema import RoundRecord

ANALYSTS: Final = "analysts"
"""The readers for whom analysts' tables are made."""

LENGTH: Final = 16
"""Characters of a pseudonym: 80 bits."""


def host_readers(host: str) -> str:
    """The readers at one hosting partner."""
    return f"host:{host}"


def key_of(record: RoundRecord) -> bytes:
    """The key of a round's pseudonyms. Raises ``Conflict`` once it has been forgotten."""
    if record.pseudonym_key is None:
        raise Conflict("The round's retention has ended: its learners have no pseudonyms any more.")
    return record.pseudonym_key


def pseudonym(key: bytes, readers: str, learner_id: str) -> str:
    """A learner's pseudonym for some readers: ``p`` and 16 letters and digits."""
    made = hmac.new(key, f"{readers}\x00{learner_id}".encode(), hashlib.sha256).digest()
    return "p" + base64.b32encode(made).decode().lower()[:LENGTH]
