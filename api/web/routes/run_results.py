"""What a run has brought: its files, its report, its placements, the whole of it as a workbook."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Self

from fastapi import APIRouter, Header, Path, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from api.runs import measuring, questions, queue, results
from api.runs.results import Row
from api.store.schema import ResultFile
from api.web import problems
from api.web.context import TheCaller, TheSettings, TheStore
from api.web.layers.deadline import LONG
from api.web.paging import Page, TheWindow, page
from api.web.runs import RunPath, may_see_people

router = APIRouter(prefix="/v1/runs/{run_id}", tags=["results"])

FileName = Annotated[
    str,
    Path(
        max_length=64,
        pattern=r"^[a-z_]+\.(csv|json|html)$",
        description="A file that `matcher solve` or a study has written; see the list of the run's files.",
        examples=["placements.csv"],
    ),
]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SANDBOX = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'"
"""What the page of a report may do: be looked at."""

BYTES: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}, "example": "learner_id,host_id,…"}


class FileInfo(BaseModel):
    """A file of a result."""

    name: str = Field(examples=["placements.csv"])
    media_type: str = Field(examples=["text/csv; charset=utf-8"])
    size: int = Field(examples=[23_114], description="Bytes.")
    digest: str = Field(examples=["9f86d081884c7d65…"], description="SHA-256 of the content.")

    @classmethod
    def of(cls, file: ResultFile) -> Self:
        """Of a file in the store."""
        return cls(
            name=file.name, media_type=results.media_type(file.name), size=file.size, digest=file.digest
        )


class PlacementInfo(BaseModel):
    """A learner's place."""

    learner_id: str = Field(examples=["L0042"])
    host_id: str = Field(examples=["h01"])
    company_id: str = Field(examples=["c017"])
    offer_id: str = Field(examples=["o017"])
    flow_id: str = Field(examples=["f03"])
    start: date = Field(examples=["2022-09-12"])
    end: date = Field(examples=["2022-10-07"])
    fit: int = Field(examples=[87], description="Fit points, 0 to 100.")
    cost_eur: int = Field(examples=[1_983], description="Whole euros.")

    @classmethod
    def of(cls, row: Row) -> Self:
        """Of a row of the file."""
        return cls.model_validate(row)


@router.get(
    "/files", operation_id="list_files", summary="List a run's files", responses=problems.documented(409)
)
def list_files(run_id: RunPath, caller: TheCaller, store: TheStore) -> list[FileInfo]:
    """The files that the run has written, by name: five, the same that `matcher solve` writes; a study has its own."""
    with store.reading() as session:
        run = queue.the_run(session, caller, run_id)
        results.insist_on_end(run)
        return [FileInfo.of(file) for file in results.listed(session, run)]


@router.get(
    "/files/{name}",
    operation_id="get_file",
    summary="Get a file",
    response_class=Response,
    responses={
        200: {"description": "The file.", "content": {"application/octet-stream": BYTES}},
        304: {"description": "The caller has it."},
        **problems.documented(409),
    },
)
def get_file(
    run_id: RunPath,
    name: FileName,
    caller: TheCaller,
    store: TheStore,
    if_none_match: Annotated[
        str | None,
        Header(max_length=1_000, description="The ETag of what the caller has.", examples=['"9f86d0"']),
    ] = None,
) -> Response:
    """A file, byte for byte as the engine wrote it."""
    with store.reading() as session:
        run = queue.the_run(session, caller, run_id)
        results.insist_on_end(run)
        file = results.the_file(session, run, name)
    tag = f'"{file.digest}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if {tag, "*"} & {one.strip().removeprefix("W/") for one in (if_none_match or "").split(",")}:
        return Response(status_code=304, headers=headers)
    is_page = name.endswith(".html")
    shown = "inline" if is_page else "attachment"
    headers |= {"Content-Disposition": f'{shown}; filename="{name}"'}
    if is_page:
        headers |= {"Content-Security-Policy": SANDBOX}
    return Response(file.content, media_type=results.media_type(name), headers=headers)


@router.get(
    "/report",
    operation_id="get_report",
    summary="Get the report",
    response_class=JSONResponse,
    responses={
        200: {"content": {"application/json": {"example": {"status": "optimal", "goals": [], "counts": {}}}}},
        **problems.documented(409),
    },
)
def get_report(run_id: RunPath, caller: TheCaller, store: TheStore) -> JSONResponse:
    """The figures of the run, as in `report.json`.

    Sentences that name learners are for coordinators only. From analysts, parts are withheld in which a count of
    learners is below 5 (`partners`, `hosts`, `unplaced`, `fairness`), and empty seats by offer (`vacancies`): they are
    null then, and `withheld` names them.
    """
    with store.reading() as session:
        run = queue.the_run(session, caller, run_id)
        results.insist_on_end(run)
        report = results.report_of(session, run)
    return JSONResponse(report if may_see_people(caller) else measuring.measured(report))


@router.get(
    "/placements",
    operation_id="list_placements",
    summary="List placements",
    responses=problems.documented(409),
)
def list_placements(
    run_id: RunPath, caller: TheCaller, store: TheStore, window: TheWindow
) -> Page[PlacementInfo]:
    """Who is placed where, by learner."""
    after = window.place(str)
    with store.reading() as session:
        run = queue.the_run(session, caller, run_id)
        results.insist_on_end(run)
        rows = results.rows_of(session, run, "placements.csv")
    found = rows.after(None if after is None else after[0], window.limit + 1)
    return page([PlacementInfo.of(row) for row in found], window, lambda item: [item.learner_id])


@router.get(
    "/result.xlsx",
    operation_id="get_workbook",
    openapi_extra=LONG,
    summary="Get the result as a workbook",
    response_class=Response,
    responses={
        200: {"description": "The workbook.", "content": {XLSX: BYTES}},
        **problems.documented(409, 413),
    },
)
def get_workbook(run_id: RunPath, caller: TheCaller, store: TheStore, settings: TheSettings) -> Response:
    """Placements, escorts and who is left out as one workbook. No cell of it is a formula."""
    with store.reading() as session:
        run = queue.the_run(session, caller, run_id)
        results.insist_on_end(run)
        names = [file.name for file in results.listed(session, run) if file.name.endswith(".csv")]
        files = {name: results.the_file(session, run, name).content for name in names}
    content = questions.ask_about_files(settings, files, questions.workbook)
    headers = {"Content-Disposition": f'attachment; filename="{run_id}.xlsx"'}
    return Response(content, media_type=XLSX, headers=headers)
