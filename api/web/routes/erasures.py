"""Erasure of learners' personal data, and whether the figures of runs still follow from what is left."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, status
from pydantic import BaseModel, ConfigDict, Field

from api.access.roles import Caller
from api.rounds import erasing, verifying
from api.rounds.verifying import VerifiedRun
from api.rounds.visibility import the_round
from api.web import problems
from api.web.context import TheCaller, TheStore
from api.web.fields import LINE_PATTERN, Reason, RoundId
from api.web.layers.deadline import LONG
from api.web.runs import may_see_people

KEPT_BACK = "Rules are broken: coordinators of the round see which, and by whom."
"""What analysts are told of broken rules."""

router = APIRouter(prefix="/v1/rounds/{round_id}", tags=["privacy"])


class ErasureWish(BaseModel):
    """Whose personal data are to be erased, and why."""

    model_config = ConfigDict(extra="forbid")
    learner_id: Annotated[str, Field(min_length=1, max_length=64, pattern=LINE_PATTERN, examples=["L0042"])]
    reason: Annotated[Reason, Field(examples=["the learner asked for it"])]


class ErasureInfo(BaseModel):
    """A learner whose personal data were erased."""

    learner_id: str = Field(examples=["L0042"])
    erased_by: str = Field(examples=["ana"])
    erased_at: datetime
    reason: str = Field(examples=["the learner asked for it"])


class FigureCheck(BaseModel):
    """A goal of a run, as its report states it and as it follows from what the store holds."""

    goal: str = Field(examples=["placed"])
    reported: int | None = Field(examples=[426])
    recomputed: int | None = Field(examples=[426])


class RunCheck(BaseModel):
    """A run's figures; `equal` says that all are as reported and every rule holds."""

    run_id: str = Field(examples=["01k8m0c2q5h4v6w8x9y0z1a2b3"])
    snapshot_digest: str = Field(
        examples=["9f86d081884c7d65…"], description="The contract's digest, as the round was frozen."
    )
    equal: bool
    goals: list[FigureCheck]
    placed: int = Field(examples=[426])
    breaches: list[str] = Field(
        examples=[[]], description="For coordinators only: the sentences name learners."
    )

    @classmethod
    def of(cls, run: VerifiedRun, caller: Caller) -> RunCheck:
        """Of a run that was verified; its sentences are for who may see people, as they name learners."""
        found = run.figures
        names = dict.fromkeys([*found.reported, *found.recomputed])
        return cls(
            run_id=run.run_id,
            snapshot_digest=run.snapshot_digest,
            equal=found.is_equal,
            goals=[
                FigureCheck(
                    goal=name, reported=found.reported.get(name), recomputed=found.recomputed.get(name)
                )
                for name in names
            ],
            placed=found.placed,
            breaches=found.breaches if may_see_people(caller) else [KEPT_BACK] * bool(found.breaches),
        )


class Verification(BaseModel):
    """Whether the figures of all runs follow from what the store holds; `erased` learners count as attested."""

    equal: bool
    erased: int = Field(examples=[1])
    runs: list[RunCheck]


@router.post(
    "/erasures",
    operation_id="erase_learner",
    status_code=status.HTTP_201_CREATED,
    openapi_extra=LONG,
    responses=problems.documented(409, 413),
)
def erase_learner(round_id: RoundId, wanted: ErasureWish, caller: TheCaller, store: TheStore) -> ErasureInfo:
    """Erase a learner's personal data from every revision, snapshot and result. It cannot be undone."""
    found = erasing.erase(store, caller, round_id, wanted.learner_id, wanted.reason)
    return ErasureInfo.model_validate(found, from_attributes=True)


@router.get("/erasures", operation_id="list_erasures")
def list_erasures(round_id: RoundId, caller: TheCaller, store: TheStore) -> list[ErasureInfo]:
    """Whose personal data were erased, by id."""
    with store.reading() as session:
        found = erasing.erasures(session, the_round(session, caller, round_id))
        return [ErasureInfo.model_validate(one, from_attributes=True) for one in found]


@router.get(
    "/verification",
    operation_id="verify_figures",
    openapi_extra=LONG,
    responses=problems.documented(409, 413),
)
def verify_figures(round_id: RoundId, caller: TheCaller, store: TheStore) -> Verification:
    """Recompute the figures of every run: from the tables, and for the erased from what was attested."""
    runs = [RunCheck.of(one, caller) for one in verifying.verify_figures(store, caller, round_id)]
    with store.reading() as session:
        erased = len(erasing.erasures(session, the_round(session, caller, round_id)))
    return Verification(equal=all(one.equal for one in runs), erased=erased, runs=runs)
