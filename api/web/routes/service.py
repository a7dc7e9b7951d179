"""The service itself: whether it lives and can serve, what it offers, its figures."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field
from sqlalchemy.exc import SQLAlchemyError

from api.errors import Unavailable
from api.store.migrate import is_current
from api.web import openapi as description
from api.web.context import TheStore

router = APIRouter(tags=["service"])


class Health(BaseModel):
    """All is well; what is not answers with a problem."""

    status: str = Field("ok", examples=["ok"])


@router.get("/livez", operation_id="livez", summary="Whether the process lives")
async def livez() -> Health:
    """The process lives; the database is not asked. What fails this is to be restarted."""
    # Asked without a thread: they may all be waiting for slow work, and that is no reason to be restarted.
    return Health()


@router.get("/readyz", operation_id="readyz", summary="Whether the service can serve")
def readyz(store: TheStore) -> Health:
    """The database answers and has the form that this version needs. What fails this gets no requests (503)."""
    try:
        is_ready = is_current(store)
    except SQLAlchemyError:
        raise Unavailable("The database does not answer.") from None
    if not is_ready:
        raise Unavailable("The database does not have the form that this version needs.")
    return Health()


@router.get(
    "/v1/openapi.json",
    operation_id="openapi",
    summary="The description of the interface",
    responses={
        200: {
            "content": {"application/json": {"schema": {"type": "object"}, "example": {"openapi": "3.1.0"}}}
        }
    },
)
def openapi(request: Request) -> dict[str, Any]:
    """What you read here, in OpenAPI 3.1: every operation with examples and every status that it answers with."""
    return description.described(request.app)


@router.get(
    "/metrics",
    operation_id="metrics",
    summary="Figures for Prometheus",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"example": 'matcher_runs{state="queued"} 2.0\n'}}}},
)
def metrics(request: Request) -> Response:
    """Figures in Prometheus' text format; for the key of an admin, or the token in `MATCHER_METRICS_TOKEN`."""
    text: bytes = request.app.state.metrics.shown()
    return Response(text, media_type="text/plain; version=0.0.4; charset=utf-8")
