"""What is seen of others without seeing them: demand as counts, pseudonymised tables, the places that there are."""

from __future__ import annotations

import io
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, Field

from api.errors import Stale
from api.rounds import analysing, catalogue, views
from api.rounds.formats import CSV, JSON
from api.web import problems
from api.web.context import TheCaller, TheStore
from api.web.fields import RoundId
from api.web.layers.deadline import LONG
from api.web.paging import Page, TheWindow, Window, encode
from matcher.spreadsheets import write_csv

router = APIRouter(prefix="/v1/rounds/{round_id}", tags=["views"])

AnalystTable = Annotated[
    str,
    Path(
        pattern=f"^({'|'.join(analysing.TABLES)})$",
        json_schema_extra={"enum": list(analysing.TABLES)},
        description="A table of the contract, of those that analysts may see.",
        examples=["learners"],
    ),
]
PlaceTable = Annotated[
    str,
    Path(
        pattern=f"^({'|'.join(catalogue.COLUMNS)})$",
        json_schema_extra={"enum": list(catalogue.COLUMNS)},
        description="A table of the contract, of those that say where learners can go.",
        examples=["companies"],
    ),
]
TABLE: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "model": Page[dict[str, Any]],
        "description": "A page of rows, or the whole table as CSV.",
        "content": {CSV: {"schema": {"type": "string"}, "example": "id,field\nbologna,0713\n"}},
    }
}


class DemandCell(BaseModel):
    """So many learners of a field and level."""

    field: str = Field(examples=["071"], description="ISCED-F 2013, three digits.")
    eqf_level: int = Field(examples=[4])
    learners: int = Field(ge=5, examples=[12])


class DemandMonth(BaseModel):
    """The learners of one stay who can be away in a month; what would single anybody out is not listed."""

    stay: str = Field(examples=["short"])
    month: str = Field(examples=["2022-09"])
    at_least: int = Field(ge=5, examples=[40], description="So many there are, or a few more.")
    cells: list[DemandCell]


@router.get("/demand", operation_id="get_demand", openapi_extra=LONG, responses=problems.documented(413))
def get_demand(round_id: RoundId, caller: TheCaller, store: TheStore) -> list[DemandMonth]:
    """How many learners there are by field, level, stay and month, of those that are loaded so far."""
    return [
        DemandMonth(
            stay=one.stay,
            month=one.month,
            at_least=one.at_least,
            cells=[
                DemandCell(field=cell.field, eqf_level=cell.eqf_level, learners=count)
                for cell, count in one.cells.items()
            ],
        )
        for one in views.demand_in(store, caller, round_id)
    ]


@router.get(
    "/catalogue/{kind}",
    operation_id="get_catalogue",
    openapi_extra=LONG,
    responses=TABLE | problems.documented(412),
)
def get_catalogue(
    round_id: RoundId,
    kind: PlaceTable,
    caller: TheCaller,
    store: TheStore,
    window: TheWindow,
    wanted: Annotated[
        Literal["json", "csv"],
        Query(alias="format", description="CSV is the whole table at once.", examples=["csv"]),
    ] = "json",
) -> Response:
    """The places that all hosts have loaded so far, whose ids preferences can name: no seats, beds, money or demand."""
    with store.reading() as session:
        found = catalogue.catalogue(session, caller, round_id, kind)
    if wanted == "csv":
        return Response(_csv(catalogue.shown(found, 0, found.rows)), media_type=CSV)
    first, last = _between(found.stamp, window)
    return _answered(catalogue.shown(found, first, last), found.stamp, last, found.rows)


@router.get(
    "/pseudonymised/{table}",
    operation_id="get_pseudonymised_table",
    openapi_extra=LONG,
    responses=TABLE | problems.documented(409, 412, 413),
)
def get_pseudonymised_table(
    round_id: RoundId,
    table: AnalystTable,
    caller: TheCaller,
    store: TheStore,
    window: TheWindow,
    wanted: Annotated[
        Literal["json", "csv"],
        Query(alias="format", description="A page as JSON, or the whole table as CSV.", examples=["csv"]),
    ] = "json",
) -> Response:
    """A table of the frozen round without names, free text, needs and birth dates, in which nobody stands alone."""
    rows, stamp = views.pseudonymised(store, caller, round_id, table)
    if wanted == "csv":
        return Response(_csv(rows), media_type=CSV)
    first, last = _between(stamp, window)
    return _answered(rows[first:last], stamp, last, len(rows))


def _between(stamp: int, window: Window) -> tuple[int, int]:
    """The first row of a page, and the one after its last. Raises ``Stale`` where the cursor is of other rows."""
    seen, first = window.place(int, int) or (stamp, 0)
    if seen != stamp:
        raise Stale("The table was changed while it was being read: begin again without a cursor.")
    return first, first + window.limit


def _answered(rows: list[dict[str, Any]], stamp: int, last: int, count: int) -> Response:
    following = encode((stamp, last)) if last < count else None
    return Response(Page[dict[str, Any]](items=rows, next=following).model_dump_json(), media_type=JSON)


def _csv(rows: list[dict[str, Any]]) -> str:
    stream = io.StringIO()
    write_csv(stream, rows[0] if rows else (), (map(_cell, row.values()) for row in rows))
    return stream.getvalue()


def _cell(value: object) -> object:
    match value:
        case bool():
            return "yes" if value else "no"
        case list():
            return ";".join(map(str, value))
        case _:
            return value
