"""What routes about runs have in common: a run as it is shown, to whom."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Self

from fastapi import Path
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from api.access.roles import Caller, Role
from api.clock import now
from api.runs import queue
from api.runs.states import FailureKind, State
from api.store.schema import Run
from api.web.inputs import AN_ID, ULID

RunPath = Annotated[str, Path(pattern=ULID, description="The run's id.", examples=[AN_ID])]


class GoalInfo(BaseModel):
    """A goal of the policy: while the run is on, the best so far of those that were begun."""

    name: str = Field(examples=["placed"])
    value: int | None = Field(examples=[426])
    bound: int | None = Field(examples=[426], description="The best that any allocation could reach.")
    proven: bool = Field(False, examples=[True], description="Value and bound are known to be equal.")


class FailureInfo(BaseModel):
    """Why there is no result."""

    kind: FailureKind
    detail: str = Field(examples=["The process ended by signal SIGKILL before the work was done."])


class RunInfo(BaseModel):
    """A run: what was asked for, where it stands, what came out."""

    id: str = Field(examples=[AN_ID])
    round_id: str = Field(examples=["intervet-2022"])
    snapshot_id: str = Field(examples=[AN_ID])
    base_run_id: str | None = Field(examples=[None], description="The run that this one changes by hand.")
    name: str = Field(examples=["cheaper"])
    method: str = Field(examples=["auto"], description="What was asked for; `manual`: a change made by hand.")
    time_limit: float | None = Field(examples=[60.0])
    gap: float | None = Field(examples=[None])
    seed: int = Field(examples=[0])
    policy_changes: dict[str, Any] | None = Field(examples=[{"goals": ["placed", "cost"]}])
    state: State
    position: int | None = Field(examples=[None], description="Place in the queue; 1 is next.")
    phase: str | None = Field(examples=["solve"])
    status: str | None = Field(
        examples=["optimal"], description="optimal, feasible, infeasible or no_solution; null: not ended."
    )
    goals: list[GoalInfo]
    conflict: list[str] | None = Field(
        examples=[None],
        description="Why no allocation is possible, a sentence each; coordinators only, as they name learners.",
    )
    solved_by: str | None = Field(examples=["exact"], description="The method that solved it.")
    stopped_by: str | None = Field(
        examples=[None], description="Why it stopped before everything was proven."
    )
    attempts: int = Field(examples=[1], description="How many workers have had it.")
    failure: FailureInfo | None = Field(examples=[None])
    seconds: float | None = Field(examples=[3.2], description="Since a worker first took it; null: it waits.")
    created_by: str = Field(examples=["cora"])
    created_at: datetime = Field(examples=["2026-03-01T09:00:00Z"])
    started_at: datetime | None = Field(examples=["2026-03-01T09:00:01Z"])
    ended_at: datetime | None = Field(examples=["2026-03-01T09:00:04Z"])

    @classmethod
    def of(cls, session: Session, run: Run, caller: Caller) -> Self:
        """Of a run in the store, as the caller may see it."""
        asked, told = run.request, run.progress
        over = (run.ended_at or now()) - run.started_at if run.started_at else None
        return cls(
            id=run.id,
            round_id=run.round_id,
            snapshot_id=run.snapshot_id,
            base_run_id=run.base_run_id,
            name=run.name,
            method=asked["method"],
            time_limit=asked.get("time_limit"),
            gap=asked.get("gap"),
            seed=asked.get("seed", 0),
            policy_changes=asked.get("changes"),
            state=State(run.state),
            position=queue.position(session, run),
            phase=told.get("phase"),
            status=told.get("status"),
            goals=[GoalInfo.model_validate(goal) for goal in told.get("goals", ())],
            conflict=(told.get("conflict") or None) if may_see_people(caller) else None,
            solved_by=told.get("method"),
            stopped_by=told.get("stopped_by"),
            attempts=run.attempts,
            failure=None if run.failure is None else FailureInfo(**failure_for(run.failure, caller)),
            seconds=None if over is None else max(0.0, over.total_seconds()),
            created_by=run.created_by,
            created_at=run.created_at,
            started_at=run.started_at,
            ended_at=run.ended_at,
        )


def may_see_people(caller: Caller) -> bool:
    """Whether the caller may read sentences that name learners by their ids."""
    return caller.role is Role.COORDINATOR


def failure_for(failure: dict[str, Any], caller: Caller) -> dict[str, Any]:
    """A failure as the caller may see it: what the engine says of a round may name learners."""
    if may_see_people(caller):
        return failure
    return failure | {"detail": "Coordinators of the round see why."}
