"""When a request that got no good answer is sent again, and after how long.

Only what can be sent twice without harm is sent twice: reading, and changes that carry an ``Idempotency-Key``, to which
the service gives the first answer again.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

AGAIN: Final = frozenset({429, 502, 503, 504})
"""Answers that say: later. The service gives 429 and 503; those between are of proxies whose service restarts."""


@dataclass(frozen=True)
class Retrying:
    """Up to ``times`` retries within ``seconds``, each wait twice as long as the last and jittered.

    ``Retry-After`` is obeyed where it is given, up to ``longest`` seconds. A service that restarts is back within the
    default. ``sleep`` and ``draw`` (from 0 to 1) are for tests.
    """

    times: int = 8
    seconds: float = 60.0
    first: float = 0.2
    longest: float = 20.0
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)
    draw: Callable[[], float] = field(default=random.random, repr=False)

    def wait(self, tried: int, spent: float, asked: float | None) -> float | None:
        """Seconds until the next try after ``tried`` retries and ``spent`` seconds; None: it is enough."""
        if tried >= self.times:
            return None
        wait = min(self.longest, self.first * 2**tried) * (0.5 + self.draw() / 2)
        if asked is not None:
            wait = max(wait, asked)  # never sooner than the service says
        return wait if wait <= self.longest and spent + wait <= self.seconds else None


NEVER = Retrying(times=0)
"""What went wrong once is told at once."""


def seconds_of(retry_after: str | None) -> float | None:
    """The seconds of a ``Retry-After`` header: a number, or a date (RFC 9110, 10.2.3); None where there is none."""
    if retry_after is None:
        return None
    if retry_after.strip().isdigit():
        return float(retry_after)
    try:
        moment = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
