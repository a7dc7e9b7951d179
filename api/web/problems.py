"""Every refusal as problem details (RFC 9457), and no stack trace ever."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from api.errors import Refused, TooMany, Wrong
from models.errors import InputProblem

MEDIA_TYPE = "application/problem+json"
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
    """Make the application answer every error in this form."""
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _our_fault)


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
    if isinstance(wrong, TooMany):
        headers["Retry-After"] = str(max(1, round(wrong.seconds)))
    if wrong.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return answer(problem, headers)


async def _refused(_request: Request, wrong: Exception) -> JSONResponse:
    assert isinstance(wrong, Refused)
    return of(wrong)


async def _invalid(_request: Request, wrong: Exception) -> JSONResponse:
    """What FastAPI finds wrong with parameters and bodies; values that may be secret are not repeated."""
    assert isinstance(wrong, RequestValidationError)
    faults = [
        Fault(column=".".join(str(part) for part in found["loc"]), message=str(found["msg"]))
        for found in wrong.errors()
    ]
    detail = f"{len(faults)} error{'s' if len(faults) > 1 else ''} in the request."
    kind = "urn:matcher:problem:wrong"
    return answer(Problem(type=kind, title=Wrong.title, status=422, detail=detail, errors=faults))


async def _http(_request: Request, wrong: Exception) -> JSONResponse:
    """What the framework refuses by itself: no such path, no such method."""
    assert isinstance(wrong, HTTPException)
    problem = Problem(
        type="about:blank", title=str(wrong.detail), status=wrong.status_code, detail=str(wrong.detail)
    )
    return answer(problem, wrong.headers)


async def _our_fault(request: Request, wrong: Exception) -> JSONResponse:
    """Our fault: logged with its trace, told without it."""
    log.error("fault", path=request.scope.get("route_path", ""), kind=type(wrong).__name__, exc_info=wrong)
    text = "This should not have happened, and it is not your request."
    return answer(Problem(type="urn:matcher:problem:our-fault", title="Our fault", status=500, detail=text))


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The responses of these statuses as OpenAPI describes them."""
    return {
        status: {
            "model": Problem,
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status in statuses
    }
