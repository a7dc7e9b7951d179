"""What is asked of runs: why a learner is where they are, and how two runs differ."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from api.errors import Conflict, Missing, Wrong
from api.rounds import erasing
from api.runs import comparing, measuring, questions, queue, results
from api.web import problems
from api.web.context import TheCaller, TheSettings, TheStore
from api.web.fields import ID_PATTERN
from api.web.inputs import AN_ID, ULID
from api.web.layers.deadline import LONG
from api.web.runs import RunPath, may_see_people
from models.errors import InputProblem, UnknownName

router = APIRouter(prefix="/v1/runs/{run_id}", tags=["results"])

LearnerPath = Annotated[
    str,
    Path(
        min_length=1, max_length=64, pattern=ID_PATTERN, description="The learner's id.", examples=["L0042"]
    ),
]
MOST = 1_000
"""Learners who are elsewhere that a comparison names."""


class Explanation(BaseModel):
    """Where a learner is, or why they have no place and what would help; null: not so."""

    learner_id: str = Field(examples=["L0042"])
    host_id: str | None = Field(None, examples=["h01"])
    company_id: str | None = Field(None, examples=["c017"])
    offer_id: str | None = Field(None, examples=["o017"])
    flow_id: str | None = Field(None, examples=["f03"])
    start: date | None = Field(None, examples=["2022-09-12"])
    end: date | None = Field(None, examples=["2022-10-07"])
    fit: int | None = Field(None, examples=[87])
    cost_eur: int | None = Field(None, examples=[1_983])
    reason: str | None = Field(None, examples=[None])
    detail: str | None = Field(None, examples=[None])
    nearest_fix: str | None = Field(None, examples=[None], description="The smallest change that would help.")
    asked_about: str | None = Field(None, examples=["c020"])
    why_not: str | None = Field(None, examples=["language: it A2 < B1 and en A2 < B1"])


class GoalPair(BaseModel):
    """A goal in both runs; null: not one of that run's goals, or it has no allocation."""

    name: str = Field(examples=["cost"])
    a: int | None = Field(examples=[512_300])
    b: int | None = Field(examples=[498_120])


class Counts(BaseModel):
    """Learners: placed, and where the two runs differ; null: withheld from analysts, as groups are small."""

    placed_a: int = Field(examples=[426])
    placed_b: int = Field(examples=[424])
    same: int | None = Field(examples=[380], description="At the same place in both.")
    moved: int | None = Field(examples=[40], description="Placed in both, elsewhere.")
    only_a: int | None = Field(examples=[6])
    only_b: int | None = Field(examples=[4])


class Share(BaseModel):
    """A partner's part in both runs."""

    id: str = Field(examples=["s02"])
    placed_a: int = Field(examples=[71])
    placed_b: int = Field(examples=[70])
    elsewhere: int | None = Field(
        examples=[9], description="Learners of it, or at it, whose places differ; null: withheld."
    )


class PolicyDifference(BaseModel):
    """Something that the policies say differently; null: not given."""

    key: str = Field(examples=["goals"])
    a: Any = Field(examples=[["placed", "fit", "cost"]])
    b: Any = Field(examples=[["placed", "cost", "fit"]])


class PlaceInfo(BaseModel):
    """A place."""

    host_id: str = Field(examples=["h01"])
    company_id: str = Field(examples=["c017"])
    offer_id: str = Field(examples=["o017"])
    flow_id: str = Field(examples=["f03"])


class Mover(BaseModel):
    """A learner whose places differ; null: none."""

    learner_id: str = Field(examples=["L0042"])
    partner_id: str = Field(examples=["s02"])
    a: PlaceInfo | None
    b: PlaceInfo | None


class ComparisonInfo(BaseModel):
    """Two runs side by side."""

    a: str = Field(examples=[AN_ID])
    b: str = Field(examples=[AN_ID])
    goals: list[GoalPair]
    counts: Counts
    partners: list[Share] | None = Field(
        description="Sending partners; null: withheld from analysts, as groups are small."
    )
    hosts: list[Share] | None = Field(
        description="Hosting partners; null: withheld from analysts, as groups are small."
    )
    policy: list[PolicyDifference]
    learners: list[Mover] | None = Field(
        description="Whose places differ, by learner, at most 1,000 of them; for coordinators only."
    )


@router.get(
    "/learners/{learner}",
    operation_id="explain_learner",
    summary="Explain a learner",
    openapi_extra=LONG,
    responses=problems.documented(409, 413),
)
def explain_learner(
    run_id: RunPath,
    learner: LearnerPath,
    caller: TheCaller,
    store: TheStore,
    settings: TheSettings,
    company: Annotated[
        str | None,
        Query(
            min_length=1,
            max_length=64,
            pattern=ID_PATTERN,
            description="Also say why not at this company.",
            examples=["c020"],
        ),
    ] = None,
) -> Explanation:
    """Where the learner is, or why they have no place and what would help; 409 for one whose data were erased."""
    with store.reading() as session:
        run = queue.the_run(session, caller, run_id)
        results.insist_on_allocation(run)
        if erasing.is_erased(session, run.round_id, learner, caller):
            raise Conflict(f"The data of learner {learner} were erased: nothing can be explained from them.")
    about = {"learner": learner, "company": company}
    try:
        found = questions.ask(store, settings, run, questions.explain, about)
    except UnknownName as unknown:
        problem = InputProblem("request", None, "company", company, str(unknown))
        raise Wrong("There is no such company.", [problem]) from None
    if found is None:
        raise Missing
    return Explanation.model_validate(found)


@router.get(
    "/compare/{other_id}",
    operation_id="compare_runs",
    summary="Compare two runs",
    responses=problems.documented(409),
)
def compare_runs(
    run_id: RunPath,
    other_id: Annotated[str, Path(pattern=ULID, description="The other run's id.", examples=[AN_ID])],
    caller: TheCaller,
    store: TheStore,
) -> ComparisonInfo:
    """Two runs of a round side by side: goals, who is elsewhere, what the policies say differently."""
    with store.reading() as session:
        a, b = queue.the_run(session, caller, run_id), queue.the_run(session, caller, other_id)
        found = comparing.compare(session, a, b)
        if not may_see_people(caller):
            found = measuring.compared(found, results.report_of(session, a), results.report_of(session, b))
    movers = [Mover.model_validate(one, from_attributes=True) for one in found.differences[:MOST]]
    return ComparisonInfo(
        a=a.id,
        b=b.id,
        goals=[GoalPair.model_validate(goal) for goal in found.goals],
        counts=Counts.model_validate(found.counts),
        partners=_shares(found.partners),
        hosts=_shares(found.hosts),
        policy=[PolicyDifference.model_validate(one) for one in found.policy],
        learners=movers if may_see_people(caller) else None,
    )


def _shares(found: list[dict[str, Any]] | None) -> list[Share] | None:
    return None if found is None else [Share.model_validate(share) for share in found]
