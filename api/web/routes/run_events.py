"""What happens to a run, as it happens."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request
from fastapi.responses import StreamingResponse
from fastapi.security import HTTPAuthorizationCredentials

from api.access import keys
from api.runs import queue
from api.runs.states import EventKind
from api.web.context import TheCaller, TheStore, bearer
from api.web.runs import RunPath, failure_for
from api.web.streaming import Feeds, Told

router = APIRouter(prefix="/v1", tags=["runs"])

EXAMPLE = 'id: 3\nevent: progress\ndata: {"phase": "solve", "goals": [{"name": "placed", "value": 4, "bound": 5}]}\n\n'


def known_run(run_id: RunPath, caller: TheCaller, store: TheStore) -> str:
    """A run that the caller may know of, found out in a thread."""
    with store.reading() as session:
        return queue.the_run(session, caller, run_id).id


async def feeds_of(request: Request) -> Feeds:
    """The application's feeds."""
    feeds: Feeds = request.app.state.feeds
    return feeds


@router.get(
    "/runs/{run_id}/events",
    operation_id="run_events",
    summary="Follow a run",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}, "example": EXAMPLE}}}},
)
async def run_events(
    run_id: Annotated[str, Depends(known_run)],
    caller: TheCaller,
    store: TheStore,
    feeds: Annotated[Feeds, Depends(feeds_of)],
    given: Annotated[HTTPAuthorizationCredentials, Depends(bearer)],
    last_event_id: Annotated[
        int, Header(ge=0, le=2**31 - 1, description="The last event that was received.", examples=[3])
    ] = 0,
) -> StreamingResponse:
    """Server-sent events, numbered from 1: queued, started, progress, returned, and at last done, failed or cancelled.

    The stream ends with the run. It may break off before; come back with `Last-Event-ID`.
    """

    def allowed() -> None:
        with store.reading() as session:
            keys.caller_of(session, given.credentials)
            queue.the_run(session, caller, run_id)

    def shown(told: Told) -> Told:
        return replace(told, data=failure_for(told.data, caller)) if told.kind == EventKind.FAILED else told

    text = feeds.stream(run_id, last_event_id, shown, allowed)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(text, media_type="text/event-stream", headers=headers)
