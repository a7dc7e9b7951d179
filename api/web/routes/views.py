"""What may be seen of learners without seeing them: the demand as counts, pseudonymised tables."""

from __future__ import annotations

import io
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, Field

from api.errors import Stale
from api.rounds import analysing, views
from api.rounds.formats import CSV, JSON
from api.web import problems
from api.web.context import TheCaller, TheStore
from api.web.fields import RoundId
from api.web.paging import Page, TheWindow, encode
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


@router.get("/demand", operation_id="get_demand", responses=problems.documented(413))
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
    "/pseudonymised/{table}",
    operation_id="get_pseudonymised_table",
    responses=TABLE | problems.documented(409, 412, 413),
)
def get_pseudonymised_table(
    round_id: RoundId,
    table: AnalystTable,
    caller: TheCaller,
    store: TheStore,
    window: TheWindow,
    wanted: Annotated[
        Literal["json", "csv"], Query(alias="format", description="A page of rows, or all.", examples=["csv"])
    ] = "json",
) -> Response:
    """A table of the frozen round without names, free text, needs and birth dates, in which nobody stands alone."""
    rows, stamp = views.pseudonymised(store, caller, round_id, table)
    if wanted == "csv":
        return Response(_csv(rows), media_type=CSV)
    seen, first = window.place(int, int) or (stamp, 0)
    if seen != stamp:
        raise Stale("The table was changed while it was being read: begin again without a cursor.")
    last = first + window.limit
    following = encode((stamp, last)) if last < len(rows) else None
    page = Page[dict[str, Any]](items=rows[first:last], next=following)
    return Response(page.model_dump_json(), media_type=JSON)


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
