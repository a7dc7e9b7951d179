"""The service from Python: typed calls, data frames in and out, waits with progress.

from matcher.client import Client
"""

from __future__ import annotations

from matcher.client.client import Client
from matcher.client.refusals import (
    Conflict,
    Forbidden,
    Missing,
    NoPrecondition,
    NoSuchFormat,
    Refused,
    RunFailed,
    ServiceError,
    ServiceFault,
    Stale,
    TooLarge,
    TooMany,
    Unauthenticated,
    Unreachable,
    Wrong,
)
from matcher.client.retrying import Retrying

__all__ = [
    "Client",
    "Conflict",
    "Forbidden",
    "Missing",
    "NoPrecondition",
    "NoSuchFormat",
    "Refused",
    "Retrying",
    "RunFailed",
    "ServiceError",
    "ServiceFault",
    "Stale",
    "TooLarge",
    "TooMany",
    "Unauthenticated",
    "Unreachable",
    "Wrong",
]
