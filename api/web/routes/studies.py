"""Studies of a run's allocation: asked for here, followed and fetched like any run."""

from __future__ import annotations

from fastapi import APIRouter, status

from api.rounds.life import State, insist_on
from api.rounds.visibility import the_round
from api.runs import queue, studies
from api.runs.studies import NewStudy
from api.web import problems
from api.web.context import TheCaller, TheOnce, TheSettings
from api.web.runs import RunInfo, RunPath

router = APIRouter(prefix="/v1/runs/{run_id}", tags=["runs"])


@router.post(
    "/studies",
    operation_id="create_study",
    summary="Study a run's allocation",
    status_code=status.HTTP_202_ACCEPTED,
    response_model=RunInfo,
    responses=problems.documented(409),
)
def create_study(
    run_id: RunPath, wanted: NewStudy, caller: TheCaller, settings: TheSettings, once: TheOnce
) -> object:
    """Queue a study of the allocation: a run of its own, whose files are the answer.

    Follow it at the address in `Location`; fetch what it found from its files. It changes nothing of the round.
    """
    with once.writing() as session:
        run = queue.the_run(session, caller, run_id)
        record = the_round(session, caller, run.round_id, lock=True)
        insist_on(record, State.FROZEN)
        made = studies.order(session, caller, record, run, wanted, settings)
        where = {"Location": f"/v1/runs/{made.id}"}
        return once.answer(session, RunInfo.of(session, made, caller), status.HTTP_202_ACCEPTED, where)
