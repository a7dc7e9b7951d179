"""The tables of a round: read, replaced, cleared, with their history."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query, Request, Response, status
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from api.errors import Stale
from api.rounds import reading, uploads
from api.rounds.formats import CSV, JSON, XLSX, Format
from api.rounds.jobs import Examined
from api.rounds.preconditions import Precondition, tag_of
from api.rounds.reading import Reading
from api.rounds.rows import rows_between
from api.rounds.uploads import Stored, Target
from api.rounds.visibility import the_round
from api.store.schema import Sheet, Upload
from api.web import problems
from api.web.bodies import TheBody, documented_table
from api.web.context import TheCaller, TheOnce, TheStore
from api.web.fields import A_DIGEST, ID_PATTERN, RoundId, TableName, TheMatch, ThePrecondition
from api.web.idempotency import Once
from api.web.layers.bodies import UPLOAD
from api.web.layers.deadline import LONG
from api.web.paging import Page, TheWindow, Window, encode
from api.web.problems import Fault

router = APIRouter(prefix="/v1/rounds/{round_id}/tables", tags=["tables"])

Owner = Annotated[
    str | None,
    Query(
        max_length=64,
        pattern=ID_PATTERN,
        description="The partner whose rows are meant; only coordinators name another than their own.",
        examples=["ccis"],
    ),
]
Revision = Annotated[
    int, Path(ge=1, le=2_000_000_000, description="Counts uploads of these rows, from 1.", examples=[1])
]
AsFormat = Annotated[
    Format | None,
    Query(alias="format", description="Goes before the header `Accept`; usually JSON.", examples=["csv"]),
]
STALE: Final = "The table was changed while it was being read: begin again without a cursor."


class SheetInfo(BaseModel):
    """An owner's rows of a table."""

    table: str = Field(examples=["learners"])
    owner: str = Field(examples=["ccis"], description="Empty for rows that no partner owns.")
    rows: int = Field(examples=[40])
    revision: int = Field(examples=[2])
    etag: str = Field(examples=['"2"'])
    digest: str = Field(examples=[A_DIGEST], description="SHA-256 of the CSV, as it was uploaded.")
    uploaded_by: str = Field(examples=["ana"])
    uploaded_at: datetime

    @classmethod
    def of(cls, sheet: Sheet, upload: Upload) -> SheetInfo:
        """Of a sheet and the upload that counts."""
        return cls(
            table=sheet.table,
            owner=sheet.owner,
            rows=upload.rows,
            revision=sheet.revision,
            etag=tag_of(sheet.version),
            digest=upload.digest,
            uploaded_by=upload.uploaded_by,
            uploaded_at=upload.uploaded_at,
        )


class UploadInfo(BaseModel):
    """One revision of an owner's rows of a table."""

    table: str = Field(examples=["learners"])
    owner: str = Field(examples=["ccis"])
    revision: int = Field(examples=[2])
    rows: int = Field(examples=[40])
    digest: str = Field(examples=[A_DIGEST])
    source: str = Field(examples=[CSV], description="The format that was sent; `restored`, `cleared`.")
    restored_from: int | None = Field(examples=[1])
    uploaded_by: str = Field(examples=["ana"])
    uploaded_at: datetime


class UploadReport(BaseModel):
    """What became of an upload; `upload` is null where it was only checked."""

    rows: int = Field(examples=[40])
    digest: str = Field(examples=[A_DIGEST])
    warnings: list[Fault]
    upload: UploadInfo | None


CHANGES: Final = problems.documented(409, 412, 413, 415, 428)
TABLE: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "model": Page[dict[str, Any]],
        "description": "A page of rows, or the whole table as CSV or workbook.",
        "content": {
            CSV: {"schema": {"type": "string"}, "example": "id,host_id,stay\nf1,zni,short\n"},
            XLSX: {"schema": {"type": "string", "format": "binary"}, "example": "(a workbook)"},
        },
    }
}


@router.get("", operation_id="list_tables")
def list_tables(round_id: RoundId, caller: TheCaller, store: TheStore) -> list[SheetInfo]:
    """What is loaded: the caller's own rows, or for coordinators everybody's, by table and owner."""
    with store.reading() as session:
        record = the_round(session, caller, round_id)
        return [SheetInfo.of(*pair) for pair in reading.overview(session, caller, record)]


@router.get(
    "/{table}", operation_id="get_table", openapi_extra=LONG, responses=TABLE | problems.documented(412, 413)
)
def get_table(
    request: Request,
    round_id: RoundId,
    table: TableName,
    caller: TheCaller,
    store: TheStore,
    window: TheWindow,
    owner: Owner = None,
    wanted: AsFormat = None,
) -> Response:
    """The caller's own rows of a table; for coordinators one owner's, or all that there are."""
    with store.reading() as session:
        found = reading.read(session, caller, round_id, table, owner)
    return answered(found, _format(request, wanted), window)


@router.put(
    "/{table}",
    operation_id="put_table",
    response_model=UploadReport,
    openapi_extra=UPLOAD | LONG | documented_table(),
    responses=CHANGES | {201: {"model": UploadReport, "description": "The first rows of this table."}},
)
def put_table(
    round_id: RoundId,
    table: TableName,
    caller: TheCaller,
    store: TheStore,
    once: TheOnce,
    body: TheBody,
    precondition: ThePrecondition,
    owner: Owner = None,
    dry_run: Annotated[bool, Query(description="Only check; nothing is stored.", examples=[True])] = False,
) -> object:
    """Replace the owner's rows of a table, whole or not at all."""
    once.look()
    target = Target(round_id, table, owner)
    if dry_run:
        precondition = Precondition(precondition.if_match, precondition.if_none_match, is_needed=False)
    try:
        found = uploads.examine(store, caller, target, precondition, body.path)
    except Stale:
        once.look()  # a retry that came while the first was being stored finds the version that the first has made
        raise
    if dry_run:
        return _report(found)
    assert found.packed is not None, "what has no errors is packed"
    with once.writing() as session:
        stored = uploads.keep(session, caller, target, precondition, found.packed, body.media_type)
        return _answered(once, session, found, stored)


@router.delete(
    "/{table}",
    operation_id="clear_table",
    response_model=UploadInfo,
    responses=problems.documented(409, 412, 428),
)
def clear_table(
    round_id: RoundId,
    table: TableName,
    precondition: TheMatch,
    caller: TheCaller,
    once: TheOnce,
    owner: Owner = None,
) -> object:
    """Take all of the owner's rows out of a table: a revision without rows, which can be rolled back."""
    with once.writing() as session:
        stored = uploads.clear(session, caller, Target(round_id, table, owner), precondition)
        return once.answer(session, _info(stored), headers={"ETag": tag_of(stored.version)})


@router.get("/{table}/uploads", operation_id="list_uploads")
def list_uploads(
    round_id: RoundId, table: TableName, caller: TheCaller, store: TheStore, owner: Owner = None
) -> list[UploadInfo]:
    """Every revision of an owner's rows of a table, newest first."""
    with store.reading() as session:
        record = the_round(session, caller, round_id)
        whose = reading.readable_owner(session, caller, record, table, owner)
        found = uploads.history(session, record, table, whose)
        return [UploadInfo.model_validate(one, from_attributes=True) for one in found]


@router.get(
    "/{table}/uploads/{revision}",
    operation_id="get_upload",
    openapi_extra=LONG,
    responses=TABLE | problems.documented(412, 413),
)
def get_upload(
    request: Request,
    round_id: RoundId,
    table: TableName,
    revision: Revision,
    caller: TheCaller,
    store: TheStore,
    window: TheWindow,
    owner: Owner = None,
    wanted: AsFormat = None,
) -> Response:
    """The rows of one revision."""
    with store.reading() as session:
        found = reading.read_revision(session, caller, round_id, table, owner, revision)
    return answered(found, _format(request, wanted), window)


@router.post(
    "/{table}/uploads/{revision}/restore",
    operation_id="restore_upload",
    openapi_extra=LONG,
    response_model=UploadReport,
    responses=problems.documented(409, 412, 413, 428),
)
def restore_upload(
    round_id: RoundId,
    table: TableName,
    revision: Revision,
    precondition: TheMatch,
    caller: TheCaller,
    store: TheStore,
    once: TheOnce,
    owner: Owner = None,
) -> object:
    """Make the rows of an old revision count again, as a new revision; they are examined as any upload is."""
    target = Target(round_id, table, owner)
    try:
        found = uploads.examine_revision(store, caller, target, precondition, revision)
    except Stale:
        once.look()
        raise
    assert found.packed is not None, "what has no errors is packed"
    with once.writing() as session:
        stored = uploads.keep(session, caller, target, precondition, found.packed, "restored", revision)
        return _answered(once, session, found, stored)


def answered(found: Reading, wanted: Format, window: Window) -> Response:
    """Rows in the format that is wanted, with their ETag where they are one owner's."""
    headers = {} if found.version is None else {"ETag": tag_of(found.version)}
    headers["Vary"] = "Accept"
    if wanted is Format.JSON:
        return Response(_page(found, window).model_dump_json(), 200, headers, JSON)
    headers["Content-Disposition"] = f'attachment; filename="{found.table}.{wanted}"'
    if wanted is Format.CSV:
        return Response(found.csv, 200, headers, CSV)
    return Response(found.xlsx, 200, headers, XLSX)


def _page(found: Reading, window: Window) -> Page[dict[str, Any]]:
    """A page of rows; the cursor holds what was read, so that rows never come from two versions."""
    stamp, first = window.place(int, int) or (found.stamp, 0)
    if stamp != found.stamp:
        raise Stale(STALE)
    last = first + window.limit
    following = encode((found.stamp, last)) if last < found.rows else None
    return Page[dict[str, Any]](items=rows_between(found.parts, first, last), next=following)


def _format(request: Request, wanted: Format | None) -> Format:
    """What the client asks for; the first of what it accepts that we have."""
    if wanted is not None:
        return wanted
    known = {CSV: Format.CSV, XLSX: Format.XLSX, JSON: Format.JSON}
    accepted = [part.partition(";")[0].strip() for part in request.headers.get("accept", "").split(",")]
    return next((known[one] for one in accepted if one in known), Format.JSON)


def _report(found: Examined, upload: UploadInfo | None = None) -> UploadReport:
    """What was found, and what was stored of it."""
    assert found.packed is not None, "what has no errors is packed"
    return UploadReport(
        rows=found.packed.rows,
        digest=found.packed.digest,
        warnings=[Fault.of(one) for one in found.warnings],
        upload=upload,
    )


def _answered(once: Once, session: Session, found: Examined, stored: Stored) -> Response:
    """What became of an upload, as the answer that retries get too."""
    report = _report(found, _info(stored))
    status_code = status.HTTP_201_CREATED if stored.is_first else status.HTTP_200_OK
    return once.answer(
        session, report, status_code, {"ETag": tag_of(stored.version)}, learners_of=stored.upload.round_id
    )


def _info(stored: Stored) -> UploadInfo:
    """The revision that was stored."""
    return UploadInfo.model_validate(stored.upload, from_attributes=True)
