"""Every refusal as problem details (RFC 9457), and no stack trace ever."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil
from typing import Any, Final

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection
from starlette.exceptions import HTTPException

from api.errors import Missing, Refused, TooMany, Unavailable, Wrong
from api.traces import frames_of
from api.web.idempotency import Replayed
from models.errors import InputProblem

MEDIA_TYPE: Final = "application/problem+json"
log = structlog.get_logger()


class Fault(BaseModel):
    """One thing wrong with what was sent: where, and what would be right."""

    file: str | None = Field(None, examples=["learners.csv"])
    row: int | None = Field(None, examples=[17], description="As a spreadsheet counts: the header is row 1.")
    column: str | None = Field(None, examples=["languages"])
    value: str | None = Field(None, examples=["en:B7"])
    message: str = Field(examples=["there is no such level"])
    nearest: str | None = Field(None, examples=["en:B1"])

    @classmethod
    def of(cls, problem: InputProblem) -> Fault:
        """As intake reports it."""
        return cls.model_validate(problem, from_attributes=True)


class Problem(BaseModel):
    """Problem details (RFC 9457); ``errors`` lists everything that is wrong with the content."""

    type: str = Field(examples=["urn:matcher:problem:wrong"])
    title: str = Field(examples=["The content is wrong"])
    status: int = Field(examples=[422])
    detail: str = Field(examples=["1 error in learners."])
    errors: list[Fault] | None = None
    warnings: list[Fault] | None = None


def install(app: FastAPI) -> None:
    """Make the application answer every error in this form; what nobody expects ends in the outermost layer."""
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Replayed, _replayed)
    for kind in (OperationalError, InterfaceError, NoConnection):
        app.add_exception_handler(kind, _no_database)


def answer(problem: Problem, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """The response to a problem."""
    body = problem.model_dump(mode="json", exclude_none=True)
    return JSONResponse(body, problem.status, dict(headers or {}), MEDIA_TYPE)


def of(wrong: Refused) -> JSONResponse:
    """The response to something that the service refuses."""
    problem = Problem(
        type=f"urn:matcher:problem:{wrong.kind}", title=wrong.title, status=wrong.status, detail=wrong.detail
    )
    headers = {}
    if isinstance(wrong, Wrong):
        problem.errors = [Fault.of(one) for one in wrong.problems] or None
        problem.warnings = [Fault.of(one) for one in wrong.warnings] or None
    if isinstance(wrong, TooMany | Unavailable):
        headers["Retry-After"] = str(max(1, ceil(wrong.seconds)))
    if wrong.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return answer(problem, headers)


async def _refused(_request: Request, wrong: Exception) -> Response:
    assert isinstance(wrong, Refused)
    return of(wrong)


async def _replayed(_request: Request, found: Exception) -> Response:
    assert isinstance(found, Replayed)
    return found.response


async def _invalid(_request: Request, wrong: Exception) -> Response:
    """What FastAPI finds wrong with parameters and bodies; values that may be secret are not repeated."""
    assert isinstance(wrong, RequestValidationError)
    faults = [
        Fault(column=".".join(str(part) for part in found["loc"]), message=str(found["msg"]))
        for found in wrong.errors()
    ]
    detail = f"{len(faults)} error{'s' if len(faults) > 1 else ''} in the request."
    kind = "urn:matcher:problem:wrong"
    return answer(Problem(type=kind, title=Wrong.title, status=422, detail=detail, errors=faults))


async def _http(_request: Request, wrong: Exception) -> Response:
    """What the framework refuses by itself: no such path, no such method, a body that it cannot read."""
    assert isinstance(wrong, HTTPException)
    if isinstance(wrong.__cause__, Refused):  # raised while the framework read the body
        return of(wrong.__cause__)
    if wrong.status_code == 400:
        return of(Wrong("The body cannot be read."))
    if wrong.status_code == 404:
        return of(Missing())
    kind, text = "urn:matcher:problem:http", str(wrong.detail)
    return answer(Problem(type=kind, title=text, status=wrong.status_code, detail=text), wrong.headers)


async def _no_database(_request: Request, wrong: Exception) -> Response:
    """The database does not answer, or not in time; logged with where it was asked."""
    log.error("no_database", kind=type(wrong).__name__, frames=frames_of(wrong))
    return of(Unavailable("The database does not answer."))


def our_fault(request_id: str) -> JSONResponse:
    """Our fault, told without its trace, which the log has under the request's id."""
    text = f"This should not have happened, and it is not your request. Please report it as {request_id}."
    return answer(Problem(type="urn:matcher:problem:our-fault", title="Our fault", status=500, detail=text))


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The responses of these statuses as OpenAPI describes them."""
    return {status: {"model": Problem, "description": TITLES[status]} for status in statuses}


def _titles() -> dict[int, str]:
    found, left = {}, [Refused]
    while left:
        kind = left.pop()
        left += kind.__subclasses__()
        found[kind.status] = kind.title
    return found


TITLES: Final = _titles()
"""What each status means here."""
