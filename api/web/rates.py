"""How many requests a minute may bring: counted per key, or per address where there is none, in this process.

The headers are those of the IETF draft "RateLimit header fields for HTTP": what is allowed, what is left, when it
starts anew.
"""

from __future__ import annotations

import time
from math import ceil
from typing import Final

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from api.access.logins import network_of
from api.errors import TooMany
from api.settings import Settings
from api.web.trace import Trace

WINDOW: Final = 60
"""Seconds."""


class Rates:
    """The counters of one process."""

    def __init__(self, settings: Settings) -> None:
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._requests = RateLimitItemPerMinute(settings.requests_per_minute)
        self._logins = RateLimitItemPerMinute(settings.logins_per_minute)

    def of_key(self, trace: Trace, key_id: str) -> None:
        """Count a request of a key. Raises ``TooMany``."""
        self._count(trace, self._requests, "key", key_id)

    def of_address(self, trace: Trace, address: str) -> None:
        """Count a request that came without a key, or with one that is not valid. Raises ``TooMany``."""
        self._count(trace, self._requests, "address", network_of(address))

    def of_logins(self, trace: Trace, address: str) -> None:
        """Count an attempt to log in. Raises ``TooMany``."""
        self._count(trace, self._logins, "login", network_of(address))

    def is_over(self, address: str) -> bool:
        """Whether an address has used up what is allowed without a key: then its keys are not even looked up."""
        return not self._limiter.test(self._requests, "address", network_of(address))

    def _count(self, trace: Trace, limit: RateLimitItem, *names: str) -> None:
        is_allowed = self._limiter.hit(limit, *names)
        now = self._limiter.get_window_stats(limit, *names)
        seconds = max(1, ceil(now.reset_time - time.time()))
        trace.rates = {
            "RateLimit-Policy": f'"minute";q={limit.amount};w={WINDOW}',
            "RateLimit": f'"minute";r={max(0, now.remaining)};t={seconds}',
        }
        if not is_allowed:
            raise TooMany(f"{limit.amount} of these requests a minute are taken, and no more.", seconds)
