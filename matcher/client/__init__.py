"""The service from Python: typed calls, data frames in and out, waits with progress.

from matcher.client import Client

with Client("https://matcher.example.org", "mk_your_key") as service:
    service.tables.get("spring", "learners", owner="p1")
    service.tables.put("spring", "learners", "learners.csv", owner="p1", progress=True)
    print(service.rounds.check("spring").frame())
    service.rounds.freeze("spring")
    run = service.runs.wait(service.runs.create("spring", "first try"))
    print(run.status, [(goal.name, goal.value) for goal in run.goals])
    print(service.runs.placements(run).head())
    service.runs.save(run, "out")
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
