"""Frozen rounds for tests, put into the store directly."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient
from sqlalchemy import select

from api.access.roles import OF_AN_ORGANISATION, Role
from api.clock import new_id, now
from api.rounds.snapshots import pack
from api.store.engine import Store
from api.store.schema import Member, Organisation, Participant, RoundRecord, Snapshot, User
from matcher import load
from models.round import Round
from tests.api.conftest import Service

TINY = Path(__file__).parents[2] / "sample_data" / "tiny"


@cache  # the walks over all routes freeze the same round hundreds of times
def packed(folder: Path) -> tuple[Round, bytes]:
    """The round in a folder, and what a snapshot of it holds."""
    rnd = load(folder)
    return rnd, pack(rnd)


def frozen(store: Store, rnd: Round | Path = TINY, round_id: str | None = None) -> str:
    """Put a round into the store as if it had been frozen; its id."""
    made, content = packed(rnd) if isinstance(rnd, Path) else (rnd, pack(rnd))
    key = round_id or made.id
    with store.writing() as session:
        record = RoundRecord(
            id=key,
            name=made.name,
            state="frozen",
            settings="",
            rates=None,
            revision=1,
            created_by="test",
            created_at=now(),
            closed_at=None,
            retention_days=None,
            snapshot_id=None,
            published_run_id=None,
        )
        session.add(record)
        session.flush()
        snapshot = Snapshot(
            id=new_id(),
            round_id=key,
            digest=made.digest,
            counts={"learners": len(made.learners)},
            content=content,
            made_by="test",
            made_at=now(),
        )
        session.add(snapshot)
        record.snapshot_id = snapshot.id
    return key


def member(
    service: Service, login: str, role: Role, round_id: str, organisation: str | None = None
) -> TestClient:
    """A client of somebody who has to do with a round: a member, or one whose organisation takes part."""
    client = service.person(login, role, organisation)
    with service.store.writing() as session:
        if role in OF_AN_ORGANISATION:
            assert session.get(Organisation, organisation) is not None
            session.merge(Participant(round_id=round_id, organisation_id=organisation))
        elif role is not Role.ADMIN:
            user = session.scalars(select(User).where(User.login == login)).one()
            session.merge(Member(round_id=round_id, user_id=user.id))
    return client


def until(found: Callable[[], Any], seconds: float = 90.0, every: float = 0.1) -> Any:
    """What ``found`` gives as soon as it gives something true; fails when that takes longer than so many seconds."""
    end = time.monotonic() + seconds
    while not (value := found()):
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(every)
    return value


def ended(client: TestClient, run_id: str, seconds: float = 90.0) -> dict[str, Any]:
    """A run once it has ended."""

    def look() -> dict[str, Any] | None:
        run: dict[str, Any] = client.get(f"/v1/runs/{run_id}").json()
        return run if run["state"] in {"done", "failed", "cancelled"} else None

    run: dict[str, Any] = until(look, seconds, 0.25)
    return run
