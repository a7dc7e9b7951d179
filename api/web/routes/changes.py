"""Changes made by hand: tried out, kept as locks, listed, revoked."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, Self

from fastapi import APIRouter, Path, Response, status
from pydantic import BaseModel, ConfigDict, Field, model_validator
from sqlalchemy import select

from api.errors import Wrong
from api.rounds.life import State, insist_on
from api.rounds.visibility import the_round
from api.runs import changes, questions, queue, results
from api.store.schema import Change
from api.web import problems
from api.web.context import TheCaller, TheOnce, TheSettings, TheStore
from api.web.fields import LINE_PATTERN, Reason, RoundId
from api.web.inputs import AN_ID, ULID
from api.web.layers.deadline import LONG
from api.web.paging import Page, TheWindow, page_by
from api.web.runs import RunPath

router = APIRouter(prefix="/v1", tags=["changes"])

Id = Annotated[str, Field(min_length=1, max_length=64, pattern=LINE_PATTERN)]


class PlaceWish(BaseModel):
    """A place by as many of its ids as are meant, one at least."""

    model_config = ConfigDict(extra="forbid")
    host_id: Id | None = Field(None, examples=[None])
    company_id: Id | None = Field(None, examples=[None])
    offer_id: Id | None = Field(None, examples=["o017"])
    flow_id: Id | None = Field(None, examples=["f03"])


class NewChange(BaseModel):
    """A change to be made by hand.

    `pin`: the learner has a place that agrees with the ids; `forbid`: has none that agrees; `move`: goes to the offer
    in the flow now, while everybody else stays.
    """

    model_config = ConfigDict(extra="forbid")
    kind: Literal["pin", "forbid", "move"]
    learner_id: Annotated[Id, Field(examples=["L0042"])]
    place: PlaceWish
    reason: Annotated[Reason, Field(examples=["agreed with the company by telephone"])]

    @model_validator(mode="after")
    def _has_a_place(self) -> Self:
        given = self.given
        if not given:
            raise ValueError("place: name at least one of host_id, company_id, offer_id, flow_id")
        if self.kind == "move" and set(given) != {"offer_id", "flow_id"}:
            raise ValueError("place: a move names offer_id and flow_id, and nothing else")
        return self

    @property
    def given(self) -> dict[str, str]:
        """The ids that are given."""
        found: dict[str, str] = self.place.model_dump(exclude_none=True)
        return found

    @property
    def wish(self) -> changes.Wish:
        """For the domain."""
        return changes.Wish(self.kind, self.learner_id, self.given, self.reason)


class ChangeInfo(BaseModel):
    """A change that was made by hand: it holds as a lock for later runs until it is revoked."""

    id: str = Field(examples=[AN_ID])
    round_id: str = Field(examples=["intervet-spring-2022"])
    run_id: str = Field(examples=[AN_ID], description="The run on whose result it was tried out.")
    kind: Literal["pin", "forbid", "move"]
    learner_id: str = Field(examples=["L0042"])
    place: PlaceWish
    reason: str = Field(examples=["agreed with the company by telephone"])
    made_by: str = Field(examples=["cora"])
    made_at: datetime = Field(examples=["2026-03-01T09:00:00Z"])
    revoked_at: datetime | None = Field(examples=[None])

    @classmethod
    def of(cls, change: Change) -> Self:
        """Of a change in the store."""
        return cls.model_validate(change, from_attributes=True)


class MadeChange(ChangeInfo):
    """A change that has just been made."""

    honoured: bool = Field(
        examples=[True], description="Whether the run's allocation agrees with it; else run the round again."
    )
    new_run_id: str | None = Field(
        examples=[AN_ID], description="For a move: the run that has it applied, queued to write its files."
    )


@router.post(
    "/runs/{run_id}/changes",
    operation_id="create_change",
    summary="Change a result by hand",
    status_code=status.HTTP_201_CREATED,
    response_model=MadeChange,
    openapi_extra=LONG,
    responses=problems.documented(409, 413),
)
def create_change(
    run_id: RunPath,
    wanted: NewChange,
    caller: TheCaller,
    store: TheStore,
    settings: TheSettings,
    once: TheOnce,
) -> Response:
    """Try a change out on an allocation, by a full audit; keep it, or answer 422 with everything that it breaks."""
    with store.reading() as session:
        run = queue.the_run(session, caller, run_id)
        insist_on(the_round(session, caller, run.round_id), State.FROZEN)
        results.insist_on_allocation(run)
        beside = changes.locks_beside(session, run.round_id, wanted.wish)
    about = {"kind": wanted.kind, "lock": wanted.wish.lock, "job": {"locks": beside}}
    found = questions.ask(store, settings, run, questions.attempt, about)
    if found["problems"]:
        raise Wrong(f"{len(found['problems'])} things are wrong with the change.", found["problems"])
    with once.writing() as session:
        record = the_round(session, caller, run.round_id, lock=True)
        queue.insist_on_snapshot(record, run)
        change, derived = changes.make(session, caller, record, run, wanted.wish, beside)
        session.flush()
        made = MadeChange(
            **ChangeInfo.of(change).model_dump(),
            honoured=found["honoured"],
            new_run_id=None if derived is None else derived.id,
        )
        where = {} if derived is None else {"Location": f"/v1/runs/{derived.id}"}
        return once.answer(session, made, status.HTTP_201_CREATED, where, learners_of=record.id)


@router.get("/rounds/{round_id}/changes", operation_id="list_changes", summary="List changes made by hand")
def list_changes(
    round_id: RoundId, caller: TheCaller, store: TheStore, window: TheWindow
) -> Page[ChangeInfo]:
    """The changes of a round, newest first; those that were revoked too."""
    with store.reading() as session:
        record = the_round(session, caller, round_id)
        query = select(Change).where(Change.round_id == record.id)
        return page_by(session, query, Change.id, window, ChangeInfo.of, newest_first=True)


@router.delete(
    "/rounds/{round_id}/changes/{change_id}",
    operation_id="revoke_change",
    summary="Revoke a change",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems.documented(409),
)
def revoke_change(
    round_id: RoundId,
    change_id: Annotated[str, Path(pattern=ULID, description="The change's id.", examples=[AN_ID])],
    caller: TheCaller,
    store: TheStore,
) -> None:
    """Later runs need not keep the change any more; runs that have kept it stay as they are."""
    with store.writing() as session:
        record = the_round(session, caller, round_id, lock=True)
        insist_on(record, State.FROZEN)
        changes.revoke(session, caller, record, change_id)
