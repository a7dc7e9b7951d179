"""Publishing one run of a round, and what partners learn from it."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Self

from fastapi import APIRouter, Query, status
from pydantic import BaseModel, ConfigDict, Field

from api.rounds.visibility import the_round
from api.runs import outcomes, publishing
from api.web import problems
from api.web.context import TheCaller, TheStore
from api.web.fields import LINE_PATTERN, RoundId
from api.web.inputs import AN_ID, ULID
from api.web.paging import Page, TheWindow, page

router = APIRouter(prefix="/v1/rounds/{round_id}", tags=["publication"])


class Publication(BaseModel):
    """Which run's result is shown."""

    model_config = ConfigDict(extra="forbid")
    run_id: Annotated[str, Field(pattern=ULID, examples=[AN_ID])]


class ArrivalInfo(BaseModel):
    """A learner who comes: nothing that says who it is."""

    pseudonym: str = Field(examples=["pmfrggzdfmztwq2lk"], description="The same throughout the round.")
    company_id: str = Field(examples=["c017"])
    offer_id: str = Field(examples=["o017"])
    flow_id: str = Field(examples=["f03"])
    start: date = Field(examples=["2022-09-12"])
    end: date = Field(examples=["2022-10-07"])
    field: str = Field(examples=["0713"], description="ISCED-F; blank: erased.")
    eqf_level: int | None = Field(examples=[4])
    languages: list[str] = Field(examples=[["en:B1", "it:A2"]])
    needs: list[str] = Field(
        examples=[["stay:ground_floor"]], description="Derived needs of lodging or work."
    )

    @classmethod
    def of(cls, arrival: outcomes.Arrival) -> Self:
        """Of what is known of an arrival."""
        row, learner = arrival.placement, arrival.learner
        return cls(
            pseudonym=arrival.pseudonym,
            company_id=row["company_id"],
            offer_id=row["offer_id"],
            flow_id=row["flow_id"],
            start=date.fromisoformat(row["start"]),
            end=date.fromisoformat(row["end"]),
            field=learner["field"],
            eqf_level=int(learner["eqf_level"]) if learner["eqf_level"] else None,
            languages=_listed(learner["languages"]),
            needs=_listed(learner["needs"]),
        )


class OutcomeInfo(BaseModel):
    """What became of a learner: a place, or why there is none."""

    learner_id: str = Field(examples=["L0042"])
    is_placed: bool = Field(examples=[True])
    host_id: str | None = Field(examples=["h01"])
    company_id: str | None = Field(examples=["c017"])
    offer_id: str | None = Field(examples=["o017"])
    flow_id: str | None = Field(examples=["f03"])
    start: date | None = Field(examples=["2022-09-12"])
    end: date | None = Field(examples=["2022-10-07"])
    fit: int | None = Field(examples=[87])
    cost_eur: int | None = Field(examples=[1_983])
    reason: str | None = Field(examples=[None])
    detail: str | None = Field(examples=[None])
    nearest_fix: str | None = Field(examples=[None], description="The smallest change that would help.")

    @classmethod
    def of(cls, fate: outcomes.Fate) -> Self:
        """Of what became of a learner."""
        places = ("host_id", "company_id", "offer_id", "flow_id", "start", "end", "fit", "cost_eur")
        return cls.model_validate(
            {name: (fate.placement or {}).get(name) for name in places}
            | {"learner_id": fate.learner_id, "is_placed": fate.placement is not None}
            | {"reason": fate.reason, "detail": fate.detail, "nearest_fix": fate.nearest_fix}
        )


def _listed(cell: str) -> list[str]:
    return cell.split(";") if cell else []


@router.put(
    "/publication", operation_id="publish", summary="Publish a run", responses=problems.documented(409)
)
def publish(round_id: RoundId, wanted: Publication, caller: TheCaller, store: TheStore) -> Publication:
    """Show a run's result to those whom it concerns. Changes made by hand have to be kept by it."""
    with store.writing() as session:
        record = the_round(session, caller, round_id, lock=True)
        publishing.publish(session, caller, record, wanted.run_id)
        return wanted


@router.delete(
    "/publication",
    operation_id="unpublish",
    summary="Take a publication back",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems.documented(409),
)
def unpublish(
    round_id: RoundId,
    caller: TheCaller,
    store: TheStore,
    reason: Annotated[
        str,
        Query(
            min_length=1,
            max_length=1_000,
            pattern=LINE_PATTERN,
            description="Why; the log keeps it.",
            examples=["a company has withdrawn"],
        ),
    ],
) -> None:
    """Nobody but coordinators and analysts sees the result any more."""
    with store.writing() as session:
        record = the_round(session, caller, round_id, lock=True)
        publishing.unpublish(session, caller, record, reason)


@router.get(
    "/arrivals", operation_id="list_arrivals", summary="See who comes", responses=problems.documented(409)
)
def list_arrivals(
    round_id: RoundId, caller: TheCaller, store: TheStore, window: TheWindow
) -> Page[ArrivalInfo]:
    """The learners who come to the caller's organisation, by pseudonym, once the round is published."""
    after = window.place(str)
    with store.reading() as session:
        found = outcomes.arrivals(session, the_round(session, caller, round_id), caller.owner)
    rest = [one for one in found if after is None or one.pseudonym > after[0]]
    part = [ArrivalInfo.of(one) for one in rest[: window.limit + 1]]
    return page(part, window, lambda item: [item.pseudonym])


@router.get(
    "/outcomes",
    operation_id="list_outcomes",
    summary="See what became of one's learners",
    responses=problems.documented(409),
)
def list_outcomes(
    round_id: RoundId, caller: TheCaller, store: TheStore, window: TheWindow
) -> Page[OutcomeInfo]:
    """The caller's own learners: their places, or why they have none, once the round is published."""
    after = window.place(str)
    with store.reading() as session:
        found = list(outcomes.fates(session, the_round(session, caller, round_id), caller.owner))
    rest = [one for one in found if after is None or one.learner_id > after[0]]
    part = [OutcomeInfo.of(one) for one in rest[: window.limit + 1]]
    return page(part, window, lambda item: [item.learner_id])
