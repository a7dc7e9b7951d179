"""Studies: questions about a run's allocation that take long. Each is answered by a run of its own, with the queue,
the workers, the events and the limits of any run; its files are the answer.
"""

from __future__ import annotations

import tomllib
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator
from sqlalchemy.orm import Session

from api.access.roles import Caller
from api.errors import Conflict
from api.rounds import erasing
from api.runs import queue, results, wishes
from api.settings import Settings
from api.store.schema import RoundRecord, Run

TASK = "study"
MOST_SCENARIOS = 50
ANEW = frozenset({"scenarios", "frontier"})
"""Kinds that solve the round anew; the others stand on the allocation, with the data of all whom it places."""
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


class Shortages(_Study):
    """Who competes for too few places, what one more of anything is worth, where to win places."""

    kind: Literal["shortages"]
    top: Annotated[int, Field(strict=True, ge=0, le=200)] = Field(
        8, examples=[8], description="So many prices are made exact by solving the changed round."
    )
    places: Annotated[int, Field(strict=True, ge=0, le=1_000)] = Field(
        10, examples=[10], description="The best set of so many added places is looked for."
    )
    euros: Annotated[int, Field(strict=True, ge=1, le=10**9)] = Field(
        1_000, examples=[1_000], description="Euros that count as one unit of a budget."
    )


class Scenarios(_Study):
    """The round as it is, and with named sets of changes, side by side."""

    kind: Literal["scenarios"]
    scenarios: Annotated[str, Field(min_length=1, max_length=100_000)] = Field(
        examples=['[scenarios.cheaper]\npolicy = { goals = ["placed", "cost"] }\n'],
        description="What `matcher scenario` reads from its file (TOML), without files of rates.",
    )

    @field_validator("scenarios")
    @classmethod
    def _is_toml(cls, text: str) -> str:
        try:
            found = tomllib.loads(text)
        except (tomllib.TOMLDecodeError, RecursionError) as wrong:
            raise ValueError(f"this is no TOML: {wrong}") from None
        if not isinstance(found.get("scenarios"), dict) or not found["scenarios"]:
            raise ValueError("there is no scenario: begin one with [scenarios.NAME]")
        if len(found["scenarios"]) > MOST_SCENARIOS:
            raise ValueError(f"at most {MOST_SCENARIOS} scenarios")
        return text


class Frontier(_Study):
    """One goal traded for another: points that nothing beats, and what one more costs."""

    kind: Literal["frontier"]
    first: wishes.Name = Field(examples=["placed"])
    second: wishes.Name = Field(examples=["cost"])
    points: Annotated[int, Field(strict=True, ge=2, le=50)] = Field(9, examples=[9])


class Metrics(_Study):
    """Who is served how well by the run's allocation, beside what other methods give."""

    kind: Literal["metrics"]
    by: Literal["partner", "school", "country", "trade", "reason"] = "partner"
    against: Annotated[
        list[Literal["best", "first_come", "stable", "random_serial"]], Field(max_length=4)
    ] = Field(["best", "first_come"], examples=[["best", "first_come"]])
    seeds: Annotated[int, Field(strict=True, ge=1, le=1_000)] = Field(
        20, examples=[20], description="Random orders tried for random_serial."
    )


class Why(_Study):
    """Why a learner is there and nowhere else, or why seats stay empty; the smallest change that would help."""

    kind: Literal["why"]
    about: Literal["learner", "offer", "company", "host"] = Field(examples=["learner"])
    id: Id = Field(examples=["L0042"])
    for_partner: Id | None = Field(
        None, examples=[None], description="As this sending partner may read it: nothing of others' learners."
    )
    resolve: Annotated[int, Field(strict=True, ge=0, le=100)] = Field(
        3, examples=[3], description="So many places of a learner are solved again, to be exact."
    )


NewStudy = Annotated[Rematch | Shortages | Scenarios | Frontier | Metrics | Why, Field(discriminator="kind")]
"""What may be asked: the answer is in the files of the run that it makes."""


def order(
    session: Session, caller: Caller, record: RoundRecord, run: Run, wanted: NewStudy, settings: Settings
) -> Run:
    """Queue a study of a run's allocation; the round's row is locked by the caller.

    Raises ``Conflict`` for a run without an allocation, or of an earlier state of the round.
    """
    results.insist_on_allocation(run)
    queue.insist_on_snapshot(record, run)
    if wanted.kind not in ANEW and erasing.attested_of(erasing.erasures(session, record), run.id):
        raise Conflict(f"Data of learners placed by run {run.id} were erased since: run the round again.")
    if isinstance(wanted, Why) and erasing.is_erased(session, record.id, wanted.id, caller):
        raise Conflict("The learner's data were erased: nothing is explained of them any more.")
    wish: dict[str, Any] = wanted.model_dump(mode="json")
    if isinstance(wanted, Frontier):
        wishes.insist_on_goals(wanted.first, wanted.second)
    wish["time_limit"] = min(wanted.time_limit or settings.run_seconds, float(settings.run_seconds))
    request = {
        "task": TASK,
        "method": wanted.kind,
        "policy": run.request.get("policy"),
        "locks": run.request.get("locks") or [],
        "study": wish | {"workers": settings.run_workers},
    }
    name = f"{wanted.kind} of {run.name or run.id}"
    return queue.add(session, caller, record, name[:200], request, run.id)
