"""Runs: asked for, listed, looked at, cancelled."""

from __future__ import annotations

from fastapi import APIRouter, status
from sqlalchemy import select

from api.rounds.visibility import the_round
from api.runs import queue
from api.runs.wishes import NewRun
from api.store.schema import Run
from api.web import problems
from api.web.context import TheCaller, TheOnce, TheSettings, TheStore
from api.web.fields import RoundId
from api.web.paging import Page, TheWindow, page_by
from api.web.runs import RunInfo, RunPath

router = APIRouter(prefix="/v1", tags=["runs"])


@router.post(
    "/rounds/{round_id}/runs",
    operation_id="create_run",
    summary="Run a frozen round",
    status_code=status.HTTP_202_ACCEPTED,
    response_model=RunInfo,
    responses=problems.documented(409),
)
def create_run(
    round_id: RoundId,
    wanted: NewRun,
    caller: TheCaller,
    settings: TheSettings,
    once: TheOnce,
) -> object:
    """Queue a run of the engine on the round as it was frozen. Follow it at the address in `Location`."""
    with once.writing() as session:
        record = the_round(session, caller, round_id, lock=True)
        run = queue.enqueue(session, caller, record, wanted, settings)
        where = {"Location": f"/v1/runs/{run.id}"}
        return once.answer(session, RunInfo.of(session, run, caller), status.HTTP_202_ACCEPTED, where)


@router.get("/rounds/{round_id}/runs", operation_id="list_runs", summary="List a round's runs")
def list_runs(round_id: RoundId, caller: TheCaller, store: TheStore, window: TheWindow) -> Page[RunInfo]:
    """The runs of a round, newest first."""
    with store.reading() as session:
        record = the_round(session, caller, round_id)
        query = select(Run).where(Run.round_id == record.id)
        return page_by(
            session, query, Run.id, window, lambda run: RunInfo.of(session, run, caller), newest_first=True
        )


@router.get("/runs/{run_id}", operation_id="get_run", summary="See a run")
def get_run(run_id: RunPath, caller: TheCaller, store: TheStore) -> RunInfo:
    """What was asked for, where the run stands, what came out."""
    with store.reading() as session:
        return RunInfo.of(session, queue.the_run(session, caller, run_id), caller)


@router.delete(
    "/runs/{run_id}", operation_id="cancel_run", summary="Cancel a run", responses=problems.documented(409)
)
def cancel_run(run_id: RunPath, caller: TheCaller, store: TheStore) -> RunInfo:
    """End a run without a result: one that waits at once, one that is solved within two seconds."""
    with store.writing() as session:
        run = queue.the_run(session, caller, run_id, lock=True)
        queue.cancel(session, caller, run)
        return RunInfo.of(session, run, caller)
