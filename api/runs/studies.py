"""Studies: questions about a run's allocation that take long. Each is answered by a run of its own, with the queue,
the workers, the events and the limits of any run; its files are the answer.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from api.access.roles import Caller
from api.runs import queue, results
from api.settings import Settings
from api.store.schema import RoundRecord, Run

TASK = "study"
LINE = r"^[^\x00-\x1f\x7f]*$"
Id = Annotated[str, Field(min_length=1, max_length=64, pattern=LINE)]
Ids = Annotated[list[Id], Field(max_length=1_000)]
Seconds = Annotated[float, Field(strict=True, ge=0.1, le=1e6, allow_inf_nan=False)]


class _Study(BaseModel):
    """What every study may be told."""

    model_config = ConfigDict(extra="forbid")
    time_limit: Seconds | None = Field(
        None,
        examples=[60],
        description="Seconds for each solve in it; the service's own limit if none is given.",
    )


class MovedFlow(BaseModel):
    """A flow with its new dates, both included."""

    model_config = ConfigDict(extra="forbid")
    flow_id: Id = Field(examples=["f03"])
    start: date = Field(examples=["2022-09-19"])
    end: date = Field(examples=["2022-10-14"])


class Rematch(_Study):
    """What happened after people were placed, and the fewest changed placements that mend it."""

    kind: Literal["rematch"]
    drop_outs: Ids = Field([], examples=[["L0042"]], description="Learners who do not come.")
    companies: Ids = Field([], examples=[[]], description="Companies that withdraw all their offers.")
    offers: Ids = Field([], examples=[[]], description="Offers that are withdrawn.")
    moved: Annotated[list[MovedFlow], Field(max_length=1_000)] = Field([], examples=[[]])
    changes: Annotated[int, Field(strict=True, ge=0, le=20)] = Field(
        0, examples=[0], description="The best alternative with up to so many changed placements is taken."
    )
    most_changes: Annotated[int, Field(strict=True, ge=0, le=20)] = Field(
        2, examples=[2], description="What up to so many changes would buy is asked, too."
    )


NewStudy = Rematch


def order(
    session: Session, caller: Caller, record: RoundRecord, run: Run, wanted: NewStudy, settings: Settings
) -> Run:
    """Queue a study of a run's allocation; the round's row is locked by the caller.

    Raises ``Conflict`` for a run without an allocation, or of an earlier state of the round.
    """
    results.insist_on_allocation(run)
    queue.insist_on_snapshot(record, run)
    wish: dict[str, Any] = wanted.model_dump(mode="json")
    wish["time_limit"] = min(wanted.time_limit or settings.run_seconds, float(settings.run_seconds))
    request = {
        "task": TASK,
        "method": wanted.kind,
        "policy": run.request.get("policy"),
        "locks": run.request.get("locks") or [],
        "study": wish,
    }
    name = f"{wanted.kind} of {run.name or run.id}"
    return queue.add(session, caller, record, name[:200], request, run.id)
