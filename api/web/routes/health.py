"""Whether the process lives, and whether it can serve."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, Field
from sqlalchemy import text

from api.web import problems
from api.web.context import TheStore

router = APIRouter(tags=["service"])


class Health(BaseModel):
    """All is well; what is not answers with a problem."""

    status: str = Field("ok", examples=["ok"])


@router.get("/livez", operation_id="livez")
def livez() -> Health:
    """The process lives; the database is not asked."""
    return Health()


@router.get("/readyz", operation_id="readyz", responses=problems.documented(503))
def readyz(store: TheStore) -> Health:
    """The database answers."""
    with store.reading() as session:
        session.execute(text("SELECT 1"))
    return Health()
